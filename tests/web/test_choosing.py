"""Where a form asks for somebody: of very many people those who are near, everybody on request, and who was chosen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from hoshin.model.people import Person, Role
from hoshin.web import choosing
from tests import factories
from tests.planting import Planted, plant
from tests.web.conftest import Arrange

SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def planted(arrange: Arrange, monkeypatch: pytest.MonkeyPatch) -> Planted:
    monkeypatch.setattr(choosing, "MOST_OFFERED", 3)

    def work(session: Session) -> Planted:
        made = plant(session)
        far = factories.unit(session, "Far away")
        factories.person(session, "Farida Far", Role.STAFF, far)
        factories.cycle(session, 2027)
        return made

    return arrange(work)


def _offered(client: FlaskClient, address: str) -> list[str]:
    page = client.get(address).get_data(as_text=True)
    select = page.split('name="owner_id"')[1].split("</select>")[0]
    return re.findall(r"<option[^>]*>([^<]*)</option>", select)


def _address(planted: Planted) -> str:
    return f"/units/{planted.operations.id}/priorities/new"


def test_those_near_are_offered_and_everybody_on_request(planted: Planted, client_for: SignIn) -> None:
    client, address = client_for(planted.head), _address(planted)
    near = _offered(client, address)
    assert planted.head.name in near
    assert "Farida Far" not in near
    assert "Somebody further away" in client.get(address).get_data(as_text=True)
    everybody = _offered(client, f"{address}?everybody=yes")
    assert set(near) < set(everybody)
    assert "Farida Far" in everybody


def test_who_was_chosen_among_everybody_is_taken(planted: Planted, client_for: SignIn, look: Arrange) -> None:
    far = look(lambda session: session.query(Person).filter_by(name="Farida Far").one().id)
    client, address = client_for(planted.head), _address(planted)
    sent = client.post(address, data={"name": "Reach further", "owner_id": str(far)})
    assert sent.status_code == 303, sent.get_data(as_text=True)
    assert "Farida Far" in client.get(sent.location).get_data(as_text=True)


def test_few_people_are_all_offered(planted: Planted, client_for: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "MOST_OFFERED", 500)
    client, address = client_for(planted.head), _address(planted)
    assert "Farida Far" in _offered(client, address)
    assert "Somebody further away" not in client.get(address).get_data(as_text=True)

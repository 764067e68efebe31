"""Blind scoring: alone until the round is closed, then together, then settled as the links of the matrix."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.model.items import Item
from hoshin.model.journal import JournalLine
from hoshin.model.links import Correlation
from hoshin.model.people import Person
from hoshin.model.scorings import Score
from tests.planting import Planted, plant
from tests.web.conftest import Arrange

SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def planted(arrange: Arrange) -> Planted:
    """Two actions, priorities and KPIs in Operations."""
    return arrange(lambda session: plant(session, more=2))


@pytest.fixture
def address(planted: Planted) -> str:
    """The page of the round."""
    return f"/units/{planted.operations.id}/scoring"


def _pair(session: Session) -> tuple[int, int]:
    ids = {one.name: one.id for one in session.scalars(select(Item))}
    return ids["Priority 0"], ids["Action 1"]


def test_a_round_from_beginning_to_end(
    planted: Planted, client_for: SignIn, look: Arrange, address: str
) -> None:
    upper, lower = look(_pair)
    field = f"s{upper}x{lower}"
    head, staff = client_for(planted.head), client_for(planted.staff)
    assert "Open a round" in head.get(address).text
    assert "Open a round" not in staff.get(address).text
    assert head.post(f"{address}/open").status_code == 303
    assert head.post(address, data={field: "9"}).status_code == 303
    page = staff.get(address).text
    assert "1 person has scored so far: Bo Head" in page
    assert "selected" not in page.split("<tbody>")[1], "nobody sees what the others think"
    assert staff.post(address, data={field: "1"}).status_code == 303
    assert staff.post(address, data={field: "0"}).status_code == 303, "one may come back"
    assert '<option value="0" selected>' in staff.get(address).text
    assert head.post(f"{address}/close").status_code == 303
    page = head.get(address).text
    assert "as far apart as can be" in page
    assert "● 1 · – 1" in page
    assert staff.post(address, data={field: "3"}).status_code == 303
    assert "this round is closed" in staff.get(address).text
    assert head.post(f"{address}/settle", data={field: "3", f"v{upper}x{lower}": "0"}).status_code == 303

    def check(session: Session) -> None:
        link = session.scalars(
            select(Correlation).where(Correlation.upper_id == upper, Correlation.lower_id == lower)
        ).one()
        assert link.strength == 3
        lines = session.scalars(select(JournalLine).where(JournalLine.subject == "scoring")).all()
        assert [one.verb for one in lines] == ["created", "scored", "scored", "scored", "closed"]
        assert not any("strength" in str((one.before, one.after)) for one in lines), "the journal does not tell"

    look(check)
    assert head.post(f"{address}/open").status_code == 303
    assert "Nobody has scored yet" in head.get(address).text


def test_a_link_that_was_changed_meanwhile_is_not_written_over(
    planted: Planted, client_for: SignIn, look: Arrange, arrange: Arrange, address: str
) -> None:
    upper, lower = look(_pair)
    head = client_for(planted.head)
    head.post(f"{address}/open")
    head.post(address, data={f"s{upper}x{lower}": "9"})
    head.post(f"{address}/close")
    arrange(lambda session: session.add(Correlation(upper_id=upper, lower_id=lower, strength=1)))
    head.post(f"{address}/settle", data={f"s{upper}x{lower}": "9", f"v{upper}x{lower}": "0"})
    assert "changed a link meanwhile" in head.get(address).text
    wanted = select(Correlation.strength).where(Correlation.lower_id == lower)
    assert sorted(look(lambda session: session.scalars(wanted).all())) == [1, 3]


def test_a_score_can_be_taken_back_and_must_be_one(
    planted: Planted, client_for: SignIn, look: Arrange, address: str
) -> None:
    upper, lower = look(_pair)
    head, field = client_for(planted.head), f"s{upper}x{lower}"
    head.post(f"{address}/open")
    head.post(address, data={field: "3"})
    head.post(address, data={field: "5"})
    assert look(lambda session: session.scalars(select(Score.strength)).all()) == [3]
    head.post(address, data={field: ""})
    assert look(lambda session: session.scalars(select(Score.strength)).all()) == []
    head.post(f"{address}/open")
    assert "a round is open already" in head.get(address).text


def test_who_may(planted: Planted, client_for: SignIn, address: str) -> None:
    """Members score; heads and facilitators run the round; others are told nothing of it."""
    staff, auditor, executive = (client_for(one) for one in (planted.staff, planted.auditor, planted.executive))
    assert staff.get(address).status_code == 200
    for ending in ("/open", "/close", "/settle"):
        assert staff.post(f"{address}{ending}").status_code == 403
    assert auditor.get(address).status_code == 403
    assert executive.get(address).status_code == 403, "reads the plan, but belongs to another unit"
    assert executive.get(f"/units/{planted.secret.id}/scoring").status_code == 403
    assert staff.get(f"/units/{planted.secret.id}/scoring").status_code == 404
    assert staff.post(address, data={}).status_code == 404, "no round yet"

"""A change that a proxy sends again, because the answer to it got lost, is made once and answered as made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hoshin.commands import deeds
from hoshin.db import Database
from hoshin.model.deeds import Deed
from hoshin.model.jobs import Job
from hoshin.model.kpis import Reading, Revision
from hoshin.model.people import SignIn
from hoshin.web import repeats
from tests import factories, statements
from tests.web.conftest import Arrange, Clock
from tests.web.readings_house import House, SignedIn, build, cell

NUMBER = "0123456789abcdef0123456789abcdef"
SENT = {"X-Request-ID": NUMBER}
LONG_ENOUGH = 0.5  # seconds for the second to come as far as the first lets it


@pytest.fixture
def house(arrange: Arrange) -> House:
    """The company of these tests."""
    return arrange(build)


@pytest.fixture
def trusted(app: Flask) -> Iterator[Flask]:
    """The application behind a proxy that numbers each request and may send it again."""
    app.config[repeats.TRUSTED] = True
    yield app
    app.config[repeats.TRUSTED] = False


def counted(look: Arrange, model: Any) -> int:
    """How many rows the table has."""
    return look(lambda session: session.scalar(select(func.count()).select_from(model)) or 0)


def typed(
    client: FlaskClient, house: House, figure: str = "8", *, number: str = NUMBER, version: int = 0
) -> TestResponse:
    """Lead time of April, sent to the grid."""
    sheet, seen = f"/units/{house.unit.id}/actuals?period=2026-04", "8" if version else ""
    sent = cell("actual", house.lead_time, 4, figure, seen=seen, version=version)
    return client.post(sheet, data=sent, headers={"X-Request-ID": number})


@pytest.mark.usefixtures("trusted")
def test_what_is_sent_again_is_made_once_and_answered_as_made(
    client_for: SignedIn, house: House, look: Arrange
) -> None:
    client = client_for(house.head)
    assert typed(client, house).status_code == 303
    again = typed(client, house, "9")
    assert (again.status_code, again.location) == (303, f"/units/{house.unit.id}/actuals?period=2026-04")
    assert repeats.TOLD in client.get(again.location).text
    assert counted(look, Revision) == 1, "not even another figure under the same number"
    assert typed(client, house, "9", number="another", version=1).status_code == 303
    assert counted(look, Revision) == 2


@pytest.mark.usefixtures("trusted")
def test_a_button_without_a_page_of_its_own_leads_back_to_where_the_reader_came_from(
    client_for: SignedIn, house: House
) -> None:
    client, sheet = client_for(house.head), f"/units/{house.unit.id}/scoring"
    begun = client.post(f"{sheet}/open", headers=SENT, data={})
    assert begun.status_code == 303
    closing = {"X-Request-ID": "closing"}
    assert client.post(f"{sheet}/close", headers=closing).status_code == 303
    again = client.post(f"{sheet}/close", headers=closing | {"Referer": f"http://localhost{sheet}?cycle=FY2026"})
    assert (again.status_code, again.location) == (303, f"{sheet}?cycle=FY2026"), "where the reader came from"
    strange = client.post(f"{sheet}/close", headers=closing | {"Referer": "http://elsewhere.example/x"})
    assert strange.location == "/"


@pytest.mark.usefixtures("trusted")
def test_an_answer_that_leads_elsewhere_is_given_again(client_for: SignedIn, house: House, look: Arrange) -> None:
    client, sheet = client_for(house.head), f"/units/{house.unit.id}/bowling.pdf"
    first = client.post(sheet, headers=SENT)
    again = client.post(sheet, headers=SENT)
    assert "/jobs/" in first.location
    assert (again.status_code, again.location) == (303, first.location)
    assert counted(look, Job) == 1


@pytest.mark.usefixtures("trusted")
def test_what_was_refused_leaves_no_number(client_for: SignedIn, house: House, look: Arrange) -> None:
    client = client_for(house.head)
    assert typed(client, house, "no figure").status_code == 422
    assert counted(look, Deed) == 0
    assert typed(client, house).status_code == 303
    assert counted(look, Reading) == 1


@pytest.mark.usefixtures("trusted")
def test_a_number_belongs_to_one_browser(client_for: SignedIn, house: House, look: Arrange) -> None:
    assert typed(client_for(house.head), house).status_code == 303
    assert typed(client_for(house.facilitator), house, "9", version=1).status_code == 303
    assert typed(client_for(house.head), house, "7", version=2).status_code == 303
    assert (counted(look, Revision), counted(look, Deed)) == (3, 3)


@pytest.mark.usefixtures("trusted")
def test_what_a_script_sends_says_what_was_and_changes_nothing_when_it_comes_again(
    client_for: SignedIn, house: House, look: Arrange
) -> None:
    client, address = client_for(house.head), f"/units/{house.unit.id}/bowling/cells"
    wish = {
        "kpi": house.lead_time.id, "period": "2026-04-01", "name": "actual", "text": "8", "version": 0, "seen": "",
    }  # fmt: skip
    sent: dict[str, Any] = {"cells": [wish]}
    first, again = (client.post(address, json=sent, headers=SENT) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200), first.text
    assert json.loads(first.text)["cells"] == json.loads(again.text)["cells"]
    assert (counted(look, Revision), counted(look, Deed)) == (1, 0)


def test_without_such_a_proxy_nothing_is_noted_and_nothing_more_is_asked(
    app: Flask, client_for: SignedIn, house: House, look: Arrange
) -> None:
    client = client_for(house.head)
    with statements.counted(app.extensions["hoshin_database"].engine) as asked:
        assert typed(client, house).status_code == 303
        assert typed(client, house, "9", version=1).status_code == 303
    assert (counted(look, Revision), counted(look, Deed)) == (2, 0)
    assert asked
    assert not any("deeds" in one for one in asked)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_second_waits_for_the_first_and_does_what_that_takes_back(
    app: Flask, client_for: SignedIn, house: House, look: Arrange, *, kept: bool
) -> None:
    """Two servers have the same request in hand: the first one is at it, and commits or is killed."""
    client, database = client_for(house.head), app.extensions["hoshin_database"]
    sign_in = look(lambda session: session.scalar(select(func.max(SignIn.id)))) or 0
    came: list[TestResponse] = []
    with database.writing() as first:
        assert deeds.note(
            session=first, sign_in_id=sign_in, request_id=NUMBER, at=factories.NOW
        )
        second = Thread(target=lambda: came.append(typed(client, house)))
        second.start()
        second.join(LONG_ENOUGH)
        assert not came, "the second waits"
        if kept:
            first.commit()
    second.join(timeout=60)
    assert came[0].status_code == 303
    assert counted(look, Revision) == (0 if kept else 1)


@pytest.mark.usefixtures("trusted")
def test_numbers_are_forgotten_after_a_day(
    client_for: SignedIn, house: House, look: Arrange, clock: Clock, app: Flask
) -> None:
    typed(client_for(house.head), house)
    database: Database = app.extensions["hoshin_database"]
    for hours, left in ((23, 1), (25, 0)):
        with database.writing() as session:
            deeds.forget_old(session=session, at=clock.now + timedelta(hours=hours))
            session.commit()
        assert counted(look, Deed) == left

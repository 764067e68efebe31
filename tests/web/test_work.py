"""The week's work in the browser: check-ins, roadblocks, the board, schedules, notices and the link in a mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.exchange.signed import sign_person
from hoshin.model.actions import Action, Status
from hoshin.model.checkins import CheckIn
from hoshin.model.news import Rhythm
from hoshin.model.people import Person, Role
from hoshin.model.roadblocks import Roadblock
from hoshin.model.units import Unit
from hoshin.queries.notices import rhythm_of
from hoshin.queries.units import top_unit
from tests import factories
from tests.statements import statements_again
from tests.web.conftest import Arrange, Clock

SignedIn = Callable[[Person], FlaskClient]


@dataclass
class House:
    """Operations with a head and a member, the company's chief, an auditor, and the member's overdue action."""

    unit: Unit
    chief: Person
    head: Person
    staff: Person
    auditor: Person
    action: Action


def build(session: Session) -> House:
    """The house as rows."""
    factories.organisation(session)
    unit = factories.unit(session)
    staff = factories.person(session, "Di Staff", Role.STAFF, unit)
    return House(
        unit=unit,
        chief=factories.person(session, "Ada Chief", Role.EXECUTIVE, top_unit(session=session)),
        head=factories.person(session, "Bo Head", Role.HEAD, unit),
        staff=staff,
        auditor=factories.person(session, "Ed Auditor", Role.AUDITOR, unit),
        action=factories.action(session, "Map the flow", unit, owner_id=staff.id, due_on=date(2026, 5, 1)),
    )


@pytest.fixture
def house(arrange: Arrange) -> House:
    """The company of these tests."""
    return arrange(build)


def test_a_check_in_takes_one_form_and_shows_who_is_missing(
    client_for: SignedIn, house: House, look: Arrange
) -> None:
    client = client_for(house.staff)
    assert client.get("/check-in").location == f"/units/{house.unit.id}/check-in"
    page = client.get(f"/units/{house.unit.id}/check-in").text
    assert "Check-in, 18 to 24 May 2026" in page
    assert "Map the flow (due 1 May 2026)" in page
    saved = client.post(f"/units/{house.unit.id}/check-in", data={"progress": "half", "next": "the rest"})
    assert saved.status_code == 303
    row = look(lambda session: session.scalars(select(CheckIn)).one())
    assert (row.progress, row.next, row.person_id, row.week) == ("half", "the rest", house.staff.id, date(2026, 5, 18))
    week = client.get(f"/units/{house.unit.id}/check-ins").text
    assert "1 of 2 checked in" in week
    assert "Bo Head" in week
    again = client.post(f"/units/{house.unit.id}/check-in", data={"progress": "other words"})
    assert again.status_code == 409
    assert "other words" in again.text
    assert client_for(house.chief).get(f"/units/{top(look)}/check-ins").text.count("1 of 2 checked in") == 1


def top(look: Arrange) -> int:
    """The key of the top unit."""
    return look(lambda session: top_unit(session=session).id)


def test_nothing_written_is_refused_and_kept(client_for: SignedIn, house: House) -> None:
    answer = client_for(house.staff).post(f"/units/{house.unit.id}/check-in", data={"progress": "  "})
    assert answer.status_code == 422
    assert "at least one of the three lines" in answer.text


def test_the_head_lets_the_team_check_in_as_one(client_for: SignedIn, house: House) -> None:
    address = f"/units/{house.unit.id}/check-ins"
    assert client_for(house.staff).post(address, data={"by": "team"}).status_code == 403
    assert client_for(house.head).post(address, data={"by": "team"}).status_code == 303
    assert client_for(house.head).post(address, data={"by": "nobody"}).status_code == 400
    assert "0 of 1 checked in" in client_for(house.staff).get(address).text
    assert "For the team of Operations" in client_for(house.staff).get(f"/units/{house.unit.id}/check-in").text


@pytest.mark.parametrize("week", ["2026-05-04", "0001-01-01", "x"])
def test_a_week_in_the_address_is_checked(client_for: SignedIn, house: House, week: str) -> None:
    client = client_for(house.staff)
    answer = client.get(f"/units/{house.unit.id}/check-ins?week={week}")
    assert answer.status_code == (200 if week.startswith("2026") else 400)
    posted = client.post(f"/units/{house.unit.id}/check-in?week={week}", data={"next": "x"})
    assert posted.status_code == (422 if week.startswith("2026") else 400)


def test_a_roadblock_from_its_raising_to_its_end(client_for: SignedIn, house: House, look: Arrange) -> None:
    client = client_for(house.staff)
    form = f"/units/{house.unit.id}/roadblocks/new"
    assert "Action: Map the flow" in client.get(f"{form}?item={house.action.id}").text
    assert client.post(form, data={"name": ""}).status_code == 422
    raised = client.post(form, data={"name": "No spare parts", "item_id": str(house.action.id)})
    assert raised.status_code == 303
    row: Roadblock = look(lambda session: session.scalars(select(Roadblock)).one())
    assert "No spare parts" in client.get("/actions/" + str(house.action.id)).text
    assert "No spare parts" in client_for(house.head).get("/").text
    page = f"/roadblocks/{row.id}"
    refused = client.post(f"{page}/escalate", data={"version": "1", "line": ""})
    assert refused.status_code == 422
    assert "say why it cannot be removed here" in refused.text
    assert client.post(f"{page}/escalate", data={"version": "1", "line": "too dear"}).status_code == 303
    listed = client.get(f"/roadblocks?unit={top(look)}").text
    assert "escalated here" in listed
    assert "Ada Chief" in client.get(page).text
    assert client_for(house.auditor).post(f"{page}/resolve", data={"line": "x"}).status_code == 403
    assert client.post(f"{page}/resolve", data={"version": "1", "line": "x"}).status_code == 409
    assert client.post(f"{page}/resolve", data={"version": "2", "line": "bought"}).status_code == 303
    assert client.post(f"{page}/dance", data={}).status_code == 404
    csv = client.get("/roadblocks?format=csv").text
    assert "No spare parts,resolved,0,Di Staff,20 May 2026" in csv
    assert "Operations → " in csv
    assert "No spare parts" not in client.get("/roadblocks?state=open").text


def test_days_are_counted_in_the_open(client_for: SignedIn, house: House, clock: Clock) -> None:
    client = client_for(house.staff)
    client.post(f"/units/{house.unit.id}/roadblocks/new", data={"name": "=cmd|x"})
    clock.now += timedelta(days=12)
    assert "open for 12 days" in client_for(house.head).get("/").text
    assert "'=cmd|x" in client.get("/roadblocks?format=csv").text


def test_a_card_is_moved_by_a_button(client_for: SignedIn, house: House, look: Arrange) -> None:
    client = client_for(house.staff)
    assert "Map the flow" in client.get(f"/actions/board?owner={house.staff.id}").text
    assert "Map the flow" not in client.get(f"/actions/board?owner={house.head.id}").text
    moved = client.post(
        f"/actions/{house.action.id}/status?unit={house.unit.id}",
        data={"status": "in progress", "progress": "0", "version": "1"},
    )
    assert moved.location == f"/actions/board?unit={house.unit.id}"
    assert look(lambda session: session.get_one(Action, house.action.id).status) is Status.IN_PROGRESS
    stale = client.post(f"/actions/{house.action.id}/status", data={"status": "done", "version": "1"})
    assert stale.status_code == 409
    assert client_for(house.auditor).post(f"/actions/{house.action.id}/status", data={}).status_code == 403
    assert 'name="status"' not in client_for(house.auditor).get("/actions/board").text.partition("board-column")[2]


def test_the_timeline_names_every_action_and_its_lateness(client_for: SignedIn, house: House) -> None:
    page = client_for(house.auditor).get("/actions/timeline").text
    assert "Map the flow: open, 0 % done, due 1 May 2026, overdue, Di Staff" in page
    assert "No actions here" in client_for(house.auditor).get("/actions/timeline?status=done").text


def test_the_schedule_of_an_action(client_for: SignedIn, house: House, arrange: Arrange) -> None:
    other = arrange(lambda session: factories.action(session, "Buy chalk", session.get(Unit, house.unit.id)))
    address, head = f"/actions/{house.action.id}/schedule", client_for(house.head)
    assert client_for(house.staff).get(address).status_code == 403
    typed = {"blockers": [str(other.id)], "step": "week", "every": "2", "version": "1"}
    assert head.post(address, data=typed).status_code == 303
    page = head.get(f"/actions/{house.action.id}").text
    assert "Buy chalk" in page
    assert "every 2 weeks" in page
    assert "waits for Buy chalk" in head.get("/actions/board").text
    assert "Map the flow waits for Buy chalk" in head.get("/actions/timeline").text
    circle = head.post(f"/actions/{other.id}/schedule", data={"blockers": [str(house.action.id)], "every": "1"})
    assert circle.status_code == 422
    assert "circle" in circle.text


def test_notices_are_read_quietened_and_heard_again(client_for: SignedIn, house: House) -> None:
    client = client_for(house.staff)
    page = client.get("/notices").text
    assert "2 unread" in page
    assert f'href="/actions/{house.action.id}"' in page
    key = f"action:{house.action.id}:2026-05-01"
    assert client.post("/notices/read", data={"key": key}).status_code == 303
    assert "1 unread" in client.get("/notices").text
    client.post("/notices/read", data={})
    assert "nothing unread" in client.get("/notices").text
    client.post("/notices/quiet", data={"kind": "action", "quiet": "yes"})
    quiet = client.get("/notices").text
    assert "Map the flow" not in quiet
    assert "Hear of it again" in quiet
    client.post("/notices/quiet", data={"kind": "action", "quiet": "no"})
    assert "Map the flow" in client.get("/notices").text
    assert client.post("/notices/quiet", data={"kind": "weather", "quiet": "yes"}).status_code == 404


def test_a_notice_leaves_when_the_thing_is_done(client_for: SignedIn, house: House) -> None:
    client = client_for(house.staff)
    client.post(f"/units/{house.unit.id}/check-in", data={"next": "x"})
    client.post(f"/actions/{house.action.id}/status", data={"status": "done", "progress": "100", "version": "1"})
    assert "Nothing waits for you" in client.get("/notices").text


def test_the_link_in_a_mail_works_signed_out_and_only_by_a_click(
    app: Flask, client: FlaskClient, house: House, look: Arrange
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    address = "/news/quieten/" + sign_person(secret="only for tests", person_id=house.staff.id)

    def rhythm() -> Rhythm:
        return look(lambda session: rhythm_of(session=session, person_id=house.staff.id))

    assert "di.staff@example.org" in client.get(address).text
    assert rhythm() is Rhythm.WEEKLY, "mail programs look ahead: looking changes nothing"
    assert client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert rhythm() is Rhythm.NEVER
    forged = "/news/quieten/" + sign_person(secret="guessed", person_id=house.head.id)
    for wrong in (forged, "/news/quieten/1-", "/news/quieten/99999999999-x", address[:-1]):
        assert client.get(wrong).status_code == 404
        assert client.post(wrong).status_code == 404


def test_the_mail_is_chosen_on_the_page(client_for: SignedIn, house: House, look: Arrange) -> None:
    client = client_for(house.staff)
    assert client.post("/notices/mail", data={"rhythm": "never"}).status_code == 303
    assert look(lambda session: rhythm_of(session=session, person_id=house.staff.id)) is Rhythm.NEVER
    assert client.post("/notices/mail", data={"rhythm": "hourly"}).status_code == 400


def test_the_number_of_statements_does_not_grow(client_for: SignedIn, house: House, arrange: Arrange) -> None:
    client = client_for(house.head)
    pages = (
        "/actions/board", "/actions/timeline", "/roadblocks", "/notices", f"/units/{house.unit.id}/check-ins",
        f"/units/{house.unit.id}/check-in",
    )  # fmt: skip

    def grow(session: Session) -> None:
        unit = session.get_one(Unit, house.unit.id)
        for number in range(5):
            person = factories.person(session, f"Person {number}", Role.STAFF, unit)
            factories.action(session, f"Action {number}", unit, owner_id=house.head.id, due_on=date(2026, 4, 1))
            session.add(CheckIn(
                unit_id=unit.id, person_id=person.id, week=date(2026, 5, 18), next="x", at=factories.NOW, by_name="P"
            ))  # fmt: skip

    def roadblock(name: str) -> None:
        client.post(f"/units/{house.unit.id}/roadblocks/new", data={"name": name})

    roadblock("first")
    before = [statements_again(client, one) for one in pages]
    arrange(grow)
    for number in range(4):
        roadblock(f"another {number}")
    assert [statements_again(client, one) for one in pages] == before

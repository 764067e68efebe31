"""The vision in the browser: who reads it, who writes it, and what a text may not do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.model.journal import JournalLine
from hoshin.model.people import Person, Role
from hoshin.model.units import Organisation
from hoshin.queries.units import top_unit
from tests import factories
from tests.web.conftest import Arrange

SignedIn = Callable[[Person], FlaskClient]


@dataclass
class Cast:
    """Who plays."""

    executive: Person
    staff: Person
    admin: Person


@pytest.fixture
def cast(arrange: Arrange) -> Cast:
    """An executive, staff and an administrator."""

    def work(session: Session) -> Cast:
        factories.organisation(session)
        return Cast(
            factories.person(session, "Eva Executive", Role.EXECUTIVE),
            factories.person(session, "Stan Staff", Role.STAFF),
            factories.person(session, "Zoë Admin", Role.ADMINISTRATOR),
        )

    return arrange(work)


def _typed(north: str, version: int = 1, **more: str) -> dict[str, str]:
    return {"true_north": north, "current_state": "Late.", "version": str(version), **more}


def test_only_executives_write_and_administrators_do_not_even_read(client_for: SignedIn, cast: Cast) -> None:
    assert client_for(cast.executive).post("/vision/edit", data=_typed("Every ship home.")).status_code == 303
    assert "Every ship home." in client_for(cast.staff).get("/vision").text
    assert client_for(cast.staff).post("/vision/edit", data=_typed("Mine")).status_code == 403
    assert client_for(cast.staff).get("/vision/edit").status_code == 403
    assert client_for(cast.admin).get("/vision").status_code == 403


def test_earlier_versions_stay_readable(client_for: SignedIn, cast: Cast, look: Arrange) -> None:
    client = client_for(cast.executive)
    client.post("/vision/edit", data=_typed("First north"))
    client.post("/vision/edit", data=_typed("Second north", 2, why="Too small"))
    page = client.get("/vision").text
    assert page.index("Second north") < page.index("Too small") < page.index("First north")
    units = look(lambda session: session.scalars(select(JournalLine.unit_id)).all())
    assert set(units) == {look(lambda session: top_unit(session=session).id)}


def test_the_journal_tells_executives_how_it_changed_and_administrators_nothing(
    client_for: SignedIn, cast: Cast, arrange: Arrange
) -> None:
    def label_the_arms(session: Session) -> None:
        session.get_one(Organisation, 1).arm_labels = {"objectives": "Breakthroughs"}

    arrange(label_the_arms)
    executive, admin = client_for(cast.executive), client_for(cast.admin)
    executive.post("/vision/edit", data=_typed("First north"))
    executive.post("/vision/edit", data=_typed("Second north", 2, why="Too small"))
    told = executive.get("/journal?format=csv&subject=organisation").text
    assert "True north: First north → Second north" in told
    assert "north" not in admin.get("/journal?format=csv").text.lower()


def test_a_stale_vision_keeps_both_texts(client_for: SignedIn, cast: Cast) -> None:
    client = client_for(cast.executive)
    client.post("/vision/edit", data=_typed("Theirs"))
    answer = client.post("/vision/edit", data=_typed("Mine"))
    assert answer.status_code == 409
    assert "Theirs" in answer.text
    assert "Mine" in answer.text


def test_a_text_cannot_run_or_fetch_anything(client_for: SignedIn, cast: Cast) -> None:
    client = client_for(cast.executive)
    evil = "# Big\n\n<script>alert(1)</script> [x](javascript:alert(1)) ![y](http://evil.example/p.png) **bold**"
    client.post("/vision/edit", data=_typed(evil))
    page = client.get("/vision").text
    assert "<strong>bold</strong>" in page
    assert "<h3>Big</h3>" in page
    for bad in ("<script>alert", 'href="javascript', "<img src"):
        assert bad not in page


@pytest.mark.parametrize("value", ["x" * 10_001, "a\0b"])
def test_hostile_text_names_its_field(client_for: SignedIn, cast: Cast, value: str) -> None:
    answer = client_for(cast.executive).post("/vision/edit", data=_typed(value))
    assert answer.status_code == 422
    assert 'id="true_north-errors"' in answer.text

"""The seven steps of the year in the browser, and the line about them at home."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from hoshin.engine.plans import State
from hoshin.model.people import Person, Role
from tests import factories
from tests.planting import Planted, plant
from tests.statements import statements_of
from tests.web.conftest import Arrange

SignedIn = Callable[[Person], FlaskClient]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Pages like these are the same on every database."""
    return sqlite_url


@pytest.fixture
def planted(arrange: Arrange) -> Planted:
    """The small plan; April is due and nothing is reviewed."""
    return arrange(plant)


def test_the_page_says_where_the_year_stands_and_leads_to_what_is_missing(
    client_for: SignedIn, planted: Planted
) -> None:
    text = client_for(planted.executive).get("/year").text
    assert "Step 5 of 7, execution: behind." in text
    assert f'<a href="/kpis/{planted.kpis["Audits done"].id}">“Audits done” has no reading for Apr 2026.</a>' in text
    assert "“Grow” has no sponsor." in text
    assert "Nobody has described the current state yet." in text
    assert "Y. Akao (ed.)" in text


def test_home_says_it_in_one_line(client_for: SignedIn, planted: Planted) -> None:
    text = client_for(planted.executive).get("/").text
    assert '<a href="/year?cycle=FY2026">Step 5 of 7, execution</a>' in text


def test_a_unit_has_its_own_year_and_hidden_things_keep_their_names(
    client_for: SignedIn, planted: Planted
) -> None:
    text = client_for(planted.staff).get(f"/year?unit_id={planted.operations.id}").text
    assert "No objective is in force yet." in text
    assert "Nothing to hand down: no unit stands below." in text
    assert client_for(planted.staff).get(f"/year?unit_id={planted.secret.id}").status_code == 404
    assert client_for(planted.staff).get("/year?unit_id=abc").status_code == 404
    assert client_for(planted.staff).get("/year?cycle=FY1999").status_code == 404
    assert client_for(planted.administrator).get("/year").status_code == 403


def test_the_table_has_a_row_for_each_lack(client_for: SignedIn, planted: Planted) -> None:
    lines = client_for(planted.auditor).get("/year?format=csv").text.splitlines()
    assert lines[0] == "step,name,state,said,missing"
    assert {line[0] for line in lines[1:]} == set("1234567")


def test_without_a_cycle_the_page_leads_to_the_first_one(client_for: SignedIn, arrange: Arrange) -> None:
    def work(session: Session) -> Person:
        factories.organisation(session)
        return factories.person(session, "Ada", Role.EXECUTIVE)

    assert "Open the first year" in client_for(arrange(work)).get("/year").text


def test_the_number_of_statements_does_not_grow_with_the_plan(
    client_for: SignedIn, arrange: Arrange, planted: Planted
) -> None:
    client = client_for(planted.executive)
    few = statements_of(client, "/year")

    def more(session: Session) -> None:
        for number in range(6):
            unit = factories.unit(session, f"Team {number}")
            priority = factories.priority(session, f"Priority {number}")
            factories.deployment(session, priority, factories.objective(session, f"Answer {number}", unit))
            factories.action(session, f"Action {number}", unit, due_on=date(2026, 5, 1))
            factories.objective(session, f"Draft {number}", state=State.DRAFT)

    arrange(more)
    assert statements_of(client, "/year") == few

"""The pages of people, units, cycles and vision ask the database a fixed number of times, however long they get."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from hoshin.model.cycles import Cycle
from hoshin.model.people import Person, Role
from tests import factories
from tests.statements import statements_of
from tests.web.conftest import Arrange

PAGES = [
    "/people", "/people/1", "/units", "/units/2", "/units/2/deputies", "/vision", "/cycles", "/cycles/FY2026/locks",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_the_number_of_statements_does_not_grow(
    client_for: Callable[[Person], FlaskClient], arrange: Arrange, page: str
) -> None:
    def few(session: Session) -> Person:
        factories.organisation(session)
        session.add(Cycle(name="FY2026", first_day=date(2026, 1, 1), last_day=date(2026, 12, 31)))
        unit = factories.unit(session)
        boss = factories.person(session, "Boss", Role.ADMINISTRATOR)
        factories.grant(session, boss, Role.EXECUTIVE, unit)
        return boss

    def many(session: Session) -> None:
        for number in range(12):
            unit = factories.unit(session, f"Unit {number}")
            for other in range(3):
                factories.person(session, f"Person {number} {other}", Role.HEAD, unit)

    client = client_for(arrange(few))
    before = statements_of(client, page)
    arrange(many)
    assert statements_of(client, page) == before
    assert before < 28

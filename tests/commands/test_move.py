"""An organisation moved from SQLite to PostgreSQL and back is the same one: every row, every figure, every sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hoshin.access.actors import system_actor
from hoshin.commands.move import move_all
from hoshin.commands.passwords import token_hash
from hoshin.commands.units import UnitWish, create_unit
from hoshin.db import Database, upgrade
from hoshin.errors import Refused
from hoshin.model.base import Base
from hoshin.model.people import Person
from hoshin.model.units import Unit
from hoshin.queries.attainment import Question, load
from hoshin.queries.people import find_sign_in
from hoshin.reports.attainment import make_sheet
from hoshin.reports.attainment_text import as_text
from tests import databases, factories


@pytest.fixture
def laptop(sqlite_example: Path, tmp_path: Path) -> Iterator[Database]:
    """The example organisation on SQLite."""
    database = Database(url=databases.copy_sqlite(template=sqlite_example, folder=tmp_path))
    yield database
    database.dispose()


def test_there_and_back_nothing_changes(laptop: Database, postgresql_url: str, tmp_path: Path) -> None:
    with laptop.writing() as session:
        token = factories.sign_in(session, session.scalars(select(Person).order_by(Person.id)).all()[0])
        session.commit()
    company, back = Database(url=postgresql_url), Database(url=f"sqlite:///{tmp_path / 'back.sqlite'}")
    upgrade(engine=back.engine)
    for old, new in ((laptop, company), (company, back)):
        with old.writing() as source, new.writing() as target:
            move_all(source=source, target=target)
            target.commit()
    before = _everything(laptop)
    assert before["journal"]
    assert before["units"]
    for moved in (company, back):
        assert _everything(moved) == before
        assert _attainment(moved) == _attainment(laptop)
        with moved.reading() as session:
            assert find_sign_in(session=session, token_hash=token_hash(token=token), seen_since=factories.NOW)
    _is_written_on(company)
    company.dispose()
    back.dispose()


def _everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All rows but the counts of changes: moving is a change too."""
    with database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
            for table in Base.metadata.sorted_tables
            if table.name != "versions"
        }


def _attainment(database: Database) -> str:
    with database.reading() as session:
        found = load(session=session, question=Question(), now=datetime.now(UTC))
        return as_text(sheet=make_sheet(plan=found.plan, report=found.report, known_at=found.known_at))


def _is_written_on(database: Database) -> None:
    """The next unit gets a number of its own."""
    with database.writing() as session:
        highest = session.scalar(select(func.max(Unit.id))) or 0
        made = create_unit(
            session=session, parent_id=1, wish=UnitWish(name="New"), by=system_actor(name="test"), at=factories.NOW
        )
        assert made.id == highest + 1
        session.commit()


def test_a_database_that_holds_something_is_left_alone(laptop: Database, postgresql_url: str) -> None:
    company = Database(url=postgresql_url)
    with company.writing() as session:
        factories.organisation(session)
        session.commit()
    with laptop.writing() as source, company.writing() as target, pytest.raises(Refused, match="not empty: it has"):
        move_all(source=source, target=target)
    assert len(_everything(company)["organisation"]) == 1
    assert _everything(company)["people"] == []
    company.dispose()

"""Every test gets a migrated, empty database of its own, whatever the test before it left behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.orm import Session

from hoshin.db import is_current, make_engine
from hoshin.model.units import Unit
from tests import databases, factories


def test_is_built_by_the_migrations_and_empty(engine: Engine) -> None:
    """Head of the migrations, at least one table, and no row in any of them."""
    assert is_current(engine=engine)
    tables = set(inspect(engine).get_table_names()) - {"alembic_version"}
    assert tables
    with engine.connect() as connection:
        assert {table for table in tables if connection.scalar(text(f'SELECT count(*) FROM "{table}"'))} == set()


def test_postgresql_is_real(postgresql_url: str) -> None:
    """The server says so itself."""
    engine = make_engine(url=postgresql_url)
    with engine.connect() as connection:
        assert str(connection.scalar(text("SELECT version()"))).startswith("PostgreSQL 18")
    engine.dispose()


def test_postgresql_is_emptied_past_an_open_transaction(
    postgresql_url: str, empty_postgresql: Callable[[], None]
) -> None:
    """A row that somebody left, and a connection that still holds its table, do not reach the next test."""
    engine = make_engine(url=postgresql_url)
    assert _found(engine) == 2
    with engine.connect() as forgotten:
        forgotten.execute(select(Unit.id))
        empty_postgresql()
        forgotten.invalidate()
    assert _found(engine) == 2, "numbered from the beginning"
    engine.dispose()


def _found(engine: Engine) -> int:
    """The number of the first unit below the top one in an organisation that is founded now."""
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        factories.organisation(session)
        made = factories.unit(session, "Left behind").id
        assert session.scalar(select(func.count(Unit.id))) == 2
        session.commit()
    return made


def test_sqlite_is_a_copy(sqlite_template: Path, tmp_path: Path) -> None:
    """What one test writes does not reach the template."""
    before = sqlite_template.read_bytes()
    engine = make_engine(url=databases.copy_sqlite(template=sqlite_template, folder=tmp_path))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (id integer PRIMARY KEY)"))
    engine.dispose()
    assert sqlite_template.read_bytes() == before

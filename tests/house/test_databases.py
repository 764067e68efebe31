"""Every test gets a migrated, empty database of its own, whatever the test before it left behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from hoshin.db import is_current, make_engine
from tests import databases


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
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY)"))
        connection.execute(text("INSERT INTO left_behind DEFAULT VALUES"))
    with engine.connect() as forgotten:
        forgotten.execute(text("SELECT * FROM left_behind"))
        empty_postgresql()
        forgotten.invalidate()
    with engine.begin() as connection:
        assert connection.scalar(text("INSERT INTO left_behind DEFAULT VALUES RETURNING id")) == 1
        assert connection.scalar(text("SELECT count(*) FROM left_behind")) == 1
        connection.execute(text("DROP TABLE left_behind"))
    engine.dispose()


def test_sqlite_is_a_copy(sqlite_template: Path, tmp_path: Path) -> None:
    """What one test writes does not reach the template."""
    before = sqlite_template.read_bytes()
    engine = make_engine(url=databases.copy_sqlite(template=sqlite_template, folder=tmp_path))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (id integer PRIMARY KEY)"))
    engine.dispose()
    assert sqlite_template.read_bytes() == before

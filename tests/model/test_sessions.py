"""What a session begins with, told by PostgreSQL itself, and what becomes of it when the server has hung up."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from hoshin.beginnings import ask_first
from hoshin.config import Limits
from hoshin.db import Database
from tests.statements import counted


def _told(connection: Connection, *names: str) -> list[str]:
    return [str(connection.scalar(text(f"SHOW {name}"))) for name in names]


def test_a_reader_sees_one_snapshot_and_a_writer_what_others_have_written(postgresql_url: str) -> None:
    database = Database(url=postgresql_url, limits=Limits(statement_seconds=7, lock_seconds=3))
    names = ("transaction_isolation", "jit", "statement_timeout", "lock_timeout")
    with database.reading() as session:
        assert _told(session.connection(), *names) == ["repeatable read", "off", "7s", "3s"]
    with database.writing() as session:
        assert _told(session.connection(), *names) == ["read committed", "off", "7s", "3s"]
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert _told(connection, *names[2:]) == ["0", "0"], "behind pgbouncer it would be somebody else's"
    database.dispose()


def _hang_up(url: str) -> None:
    """Have PostgreSQL close every other connection to the database, as a restart does."""
    other = Database(url=url)
    with other.writing() as session:
        session.execute(text(HANG_UP))
    other.dispose()


HANG_UP = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def _used(database: Database, many: int) -> None:
    """Leave so many connections in the pool."""
    sessions = [database.reading() for _ in range(many)]
    for one in sessions:
        one.execute(text("SELECT 1"))
    for one in sessions:
        one.close()


def test_whoever_begins_when_the_server_has_hung_up_does_not_notice(postgresql_url: str) -> None:
    database = Database(url=postgresql_url)
    for _ in range(2):
        _used(database, 3)
        _hang_up(postgresql_url)
        with database.reading() as session:
            assert _told(session.connection(), "transaction_isolation") == ["repeatable read"]
        _hang_up(postgresql_url)
        with database.writing() as session:
            assert _told(session.connection(), "transaction_isolation") == ["read committed"]
        _hang_up(postgresql_url)
        assert database.state() == database.state()
        _hang_up(postgresql_url)
        with database.reading() as session:
            assert [tuple(one) for one in ask_first(session=session, statement="SELECT 1, 2")] == [(1, 2)]
    database.dispose()


def test_what_has_begun_is_not_begun_again_when_the_server_hangs_up(postgresql_url: str) -> None:
    database = Database(url=postgresql_url)
    with database.writing() as session:
        session.execute(text("SELECT 1"))
        _hang_up(postgresql_url)
        with pytest.raises(OperationalError):
            session.execute(text("SELECT 2"))
    with database.reading() as session:
        assert session.scalar(text("SELECT 3")) == 3
    database.dispose()


def test_what_is_asked_first_comes_with_the_beginning(postgresql_url: str) -> None:
    database = Database(url=postgresql_url)
    asked = "SELECT subject, number FROM versions WHERE subject = 'rest'"
    with database.reading() as session:
        expected = session.execute(text(asked)).all()
    with database.reading() as session, counted(database.engine) as seen:
        assert ask_first(session=session, statement=asked) == expected
        assert seen == [], "what is said with the beginning is no statement of its own"
        assert _told(session.connection(), "transaction_isolation") == ["repeatable read"]
        assert session.execute(text("SELECT 4 UNION ALL SELECT 5")).scalars().all() == [4, 5]
    database.dispose()


def test_what_is_asked_first_may_be_asked_later_too(engine: Engine) -> None:
    with Session(engine) as session:
        for many in (2, 1):
            with counted(engine) as seen:
                assert [tuple(one) for one in ask_first(session=session, statement="SELECT 1")] == [(1,)]
            assert len(seen) <= many
    with engine.connect() as connection, connection.begin(), Session(connection) as session:
        assert [tuple(one) for one in ask_first(session=session, statement="SELECT 1")] == [(1,)]
    with Session(engine) as session, pytest.raises(SQLAlchemyError):
        ask_first(session=session, statement="SELECT nothing FROM nowhere")

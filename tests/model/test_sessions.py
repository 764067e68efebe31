"""What a session on PostgreSQL begins with, told by PostgreSQL itself; nothing of it outlives its transaction."""

from __future__ import annotations

from sqlalchemy import Connection, text

from hoshin.config import Limits
from hoshin.db import Database


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

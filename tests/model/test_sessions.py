"""What a session begins and ends with, told by PostgreSQL itself, and what becomes of it when the server hangs up."""

from __future__ import annotations

import gc
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from hoshin.bare import ask
from hoshin.config import Limits
from hoshin.db import Database
from hoshin.readers import Reader, ask_first, engine_of, snapshot_of
from hoshin.transactions import say_last
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
            assert [int(one) for one in ask_first(session=session, statement="SELECT 1, 2")[0]] == [1, 2]
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
    asked = "SELECT subject, CAST(number AS text) FROM versions ORDER BY subject"
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
                assert [int(one) for (one,) in ask_first(session=session, statement="SELECT 1")] == [1]
            assert len(seen) <= many
    with engine.connect() as connection, connection.begin(), Session(connection) as session:
        assert [tuple(one) for one in ask_first(session=session, statement="SELECT 1")] == [(1,)]
    with Session(engine) as session, pytest.raises(SQLAlchemyError):
        ask_first(session=session, statement="SELECT nothing FROM nowhere")


def test_nobody_waits_for_the_end_of_what_was_only_looked_at(postgresql_url: str) -> None:
    database = Database(url=postgresql_url)
    with database.reading() as session:
        driver = _driver(session)
        session.execute(text("SELECT 1"))
    assert driver.info.transaction_status is TransactionStatus.ACTIVE, "its answer is still to be read"
    with database.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        for _ in range(2):
            connection.rollback()
        assert connection.scalar(text("SELECT 2")) == 2
    assert database.state() == database.state()
    with database.reading() as session:
        assert _driver(session) is driver
        open_ones = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        assert session.scalar(text(open_ones)) == 0
    raw = database.engine.raw_connection()
    cursor = raw.cursor()
    cursor.execute("SELECT 3")
    assert cursor.fetchone() == (3,)
    raw.close()
    database.dispose()


def _driver(session: Session) -> Any:
    return session.connection().connection.driver_connection


def test_whoever_was_interrupted_is_not_taken_for_ended(postgresql_url: str) -> None:
    database = Database(url=postgresql_url)
    with database.engine.connect() as connection:
        for _ in range(2):
            connection.execute(text("SELECT 1"))
            connection.rollback()
    raw = database.engine.raw_connection()
    driver: Any = raw.driver_connection
    driver.cursor()
    driver.pgconn.send_query(b"SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        driver.rollback()
    raw.invalidate()
    database.dispose()


def _told_first(session: Session, statement: str) -> list[int]:
    return [int(one) for one in ask_first(session=session, statement=statement)[0]]


BEATS = "SELECT count(*) FROM heartbeats"


def test_who_asks_more_than_the_first_question_goes_on_in_the_same_snapshot(postgresql_url: str) -> None:
    database = Database(url=postgresql_url)
    with database.reading() as session:
        who, many = _told_first(session, f"SELECT pg_backend_pid(), ({BEATS})")
        assert (many, session.in_transaction()) == (0, False)
        snapshot = snapshot_of(session=session)
        with database.writing() as writing:
            writing.execute(text(BEAT.format("later")))
            writing.commit()
        assert session.scalar(text(BEATS)) == 0
        assert _told_first(session, BEATS) == [0]
        assert session.scalar(text("SELECT pg_backend_pid()")) == who
        assert _told(session.connection(), "transaction_isolation", "jit") == ["repeatable read", "off"]
        assert snapshot_of(session=session) is snapshot
        assert engine_of(session=session) is database.engine
    with database.reading() as session:
        assert session.scalar(text(BEATS)) == 1
    database.dispose()


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
@pytest.mark.parametrize("more", [False, True])
def test_what_was_held_for_the_first_question_is_given_back(engine: Engine, end: str, *, more: bool) -> None:
    session, pool = Reader(engine=engine), engine.pool
    assert isinstance(pool, QueuePool)
    for many in range(3):
        assert _told_first(session, BEATS) == [many]
        first = snapshot_of(session=session)
        assert not more or session.scalar(text(BEATS)) == many
        assert pool.checkedout() == 1
        getattr(session, end)()
        assert pool.checkedout() == 0
        assert snapshot_of(session=session) is not first
        assert not session.in_transaction()
        with _writing(engine) as writing:
            writing.execute(text(BEAT.format(many)))
            writing.commit()


def test_who_is_left_without_an_end_gives_back_what_was_held(postgresql_url: str) -> None:
    database = Database(url=postgresql_url)
    assert _told_first(database.reading(), "SELECT 1") == [1]
    gc.collect()
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined] # it is a QueuePool
    with database.reading() as session, pytest.raises(ProgrammingError):
        ask_first(session=session, statement="SELECT nothing FROM nowhere")
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined] # as above
    database.dispose()


def test_what_a_held_connection_is_asked_when_the_server_hangs_up_goes_wrong_in_the_usual_way(
    postgresql_url: str,
) -> None:
    database = Database(url=postgresql_url)
    with database.reading() as session:
        assert _told_first(session, "SELECT 1") == [1]
        _hang_up(postgresql_url)
        with pytest.raises(OperationalError):
            session.execute(text("SELECT 2"))
        session.rollback()
        assert session.scalar(text("SELECT 3")) == 3
    with database.reading() as session:
        assert _told_first(session, "SELECT 1") == [1]
        _hang_up(postgresql_url)
    with database.reading() as session:
        assert _told_first(session, "SELECT 4") == [4]
    database.dispose()


BEAT = "INSERT INTO heartbeats (name, beaten_at) VALUES ('{0}', '2026-01-02 09:00:00')"


def _beats(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return sorted(session.execute(text("SELECT name FROM heartbeats")).scalars())


def _writing(engine: Engine) -> Session:
    return Session(engine.execution_options(hoshin_writes=True))


def test_what_is_said_last_stands_with_the_rest_or_not_at_all(engine: Engine) -> None:
    with _writing(engine) as session:
        session.execute(text(BEAT.format("kept")))
        say_last(session=session, statement=BEAT.format("last"))
        session.commit()
        assert not session.in_transaction()
        session.execute(text(BEAT.format("dropped")))
        say_last(session=session, statement=BEAT.format("dropped too"))
        session.rollback()
        session.execute(text(BEAT.format("alone")))
        session.commit()
    assert _beats(engine) == ["alone", "kept", "last"]


def _say_last_and_commit(session: Session, statement: str) -> None:
    say_last(session=session, statement=statement)
    session.commit()


def test_what_goes_wrong_at_the_very_end_takes_all_of_it_back(engine: Engine) -> None:
    with _writing(engine) as session:
        session.execute(text(BEAT.format("one")))
        with pytest.raises(IntegrityError):
            _say_last_and_commit(session, BEAT.format("one"))
        session.rollback()
        session.execute(text(BEAT.format("two")))
        session.commit()
    assert _beats(engine) == ["two"]


def test_what_is_said_last_comes_with_the_commit(postgresql_url: str) -> None:
    database = Database(url=postgresql_url)
    with database.writing() as session, counted(database.engine) as seen:
        say_last(session=session, statement="SELECT nothing FROM nowhere")
        assert seen == []
        with pytest.raises(ProgrammingError):
            session.commit()
    with (
        database.engine.connect() as connection,
        Session(connection) as session,  # the commit is not its own
        pytest.raises(ProgrammingError),
    ):
        say_last(session=session, statement="SELECT nothing FROM nowhere")
    database.dispose()


def test_a_server_that_hangs_up_at_the_very_end_is_told_of(postgresql_url: str) -> None:
    database = Database(url=postgresql_url)
    with database.writing() as session:
        session.execute(text(BEAT.format("lost")))
        say_last(session=session, statement=BEAT.format("lost too"))
        _hang_up(postgresql_url)
        with pytest.raises(OperationalError) as raised:
            session.commit()
        assert raised.value.connection_invalidated
        session.rollback()
        session.execute(text(BEAT.format("kept")))
        session.commit()
    assert _beats(database.engine) == ["kept"]
    database.dispose()


def test_what_is_asked_past_sqlalchemy_goes_wrong_in_its_way(postgresql_url: str) -> None:
    database = Database(url=postgresql_url)
    with database.engine.connect() as connection:
        assert ask(connection=connection, words="SELECT %(one)s::int + 1", values={"one": 1}) == [(2,)]
        with pytest.raises(ProgrammingError, match="nowhere") as wrong:
            ask(connection=connection, words="SELECT nothing FROM nowhere")
        assert not wrong.value.connection_invalidated
    with database.engine.connect() as connection:
        ask(connection=connection, words="SELECT 1")
        _hang_up(postgresql_url)
        with pytest.raises(OperationalError) as gone:
            ask(connection=connection, words="SELECT 1")
        assert gone.value.connection_invalidated
        connection.rollback()
        assert ask(connection=connection, words="SELECT 2") == [(2,)]
    database.dispose()

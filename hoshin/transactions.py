"""How a transaction begins and ends on each kind of database, with what is asked first and said last in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hoshin import bare
from hoshin.config import Limits

Answer = TypeVar("Answer")
FIRST, LAST = "hoshin_first", "hoshin_last"
FOR_READING = "hoshin_for_reading"
"""The option of an engine on PostgreSQL that holds the words with which a transaction for looking begins."""
BEGUN = "hoshin_begun"
"""The option of a connection whose transaction has begun without SQLAlchemy."""


@dataclass(slots=True)
class _First:
    """What a session asks as it begins, and the rows once they are known."""

    statement: str
    rows: Sequence[Any] | None = None


def ask_beginning(*, session: Session, statement: str) -> Sequence[Any]:
    """The rows of a statement without values; it shares one round trip with the beginning that it causes, if it does.

    On SQLite, and in a session that has begun, it is asked by itself. Numbers may come as texts.
    """
    first = _First(statement)
    if session.in_transaction() or session.get_bind().dialect.name != "postgresql":
        connection = session.connection()
    else:
        connection = session.connection(execution_options={FIRST: first})
    return connection.exec_driver_sql(statement).all() if first.rows is None else first.rows


def say_last(*, session: Session, statement: str) -> None:
    """Have a statement without values carried out as the last one of the session's transaction, just before its commit.

    On PostgreSQL it shares one round trip with the commit. On SQLite, and where the commit is not the session's own, it
    is carried out at once.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql" and isinstance(session.get_bind(), Engine):
        connection.execution_options(**{LAST: statement})
    else:
        connection.exec_driver_sql(statement)


def begin_on_sqlite(*, engine: Engine) -> None:
    """Have each transaction of the engine begin when it says so; whoever will write takes the lock at once."""
    event.listen(engine, "begin", _begin_sqlite)


def begin_on_postgresql(*, engine: Engine, limits: Limits) -> None:
    """Have each transaction of the engine begin with its settings and what is asked first, and end with the last."""
    for_reading, for_writing = _beginnings(limits)
    engine.update_execution_options(**{FOR_READING: for_reading})
    event.listen(engine, "begin", _postgresql_beginner(for_reading, for_writing))
    event.listen(engine, "commit", _commit_with_last)


def asked_anew(*, ask: Callable[[], Answer]) -> Answer:
    """The answer to what a transaction asks first, asked once more where the server had gone since the last one.

    A pool cannot know that before it asks; this saves it from asking each time whether the server is there. Only what
    begins may be asked twice: later there is a snapshot to lose, or something half done.
    """
    try:
        return ask()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return ask()  # all that the pool held has been thrown away, so this is a new connection


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("hoshin_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _beginnings(limits: Limits) -> tuple[str, str]:
    """With what words a transaction for looking begins, and one for changes.

    Nothing is compiled just in time: there are many ways in which a reader may see something, PostgreSQL takes them all
    for dear, and spent a fifth of a second on compiling a question that takes some milliseconds.
    """
    waits = [
        f"SET LOCAL {name} = '{seconds}s'"
        for name, seconds in (("statement_timeout", limits.statement_seconds), ("lock_timeout", limits.lock_seconds))
        if seconds
    ]
    for_reading = "; ".join(["BEGIN ISOLATION LEVEL REPEATABLE READ", "SET LOCAL jit = off", *waits])
    for_writing = "; ".join(["BEGIN", "SET LOCAL jit = off", *waits])
    return for_reading, for_writing


def _postgresql_beginner(for_reading: str, for_writing: str) -> Callable[[Connection], None]:
    """How each transaction begins; one round trip for all of it."""

    def begin(connection: Connection) -> None:
        asked = connection.get_execution_options()
        if asked.get("isolation_level") == "AUTOCOMMIT" or BEGUN in asked:
            return
        words = for_writing if asked.get("hoshin_writes") else for_reading
        first: _First | None = asked.get(FIRST)
        if first is None:
            _say(connection, words)
        else:
            first.rows = _say(connection, words, first.statement)

    return begin


def _say(connection: Connection, words: str, question: str | None = None) -> Sequence[Any]:
    """Begin, past SQLAlchemy, which takes a quarter of the time; and again in SQLAlchemy's way if that goes wrong.

    So errors are SQLAlchemy's, and nobody notices a server that had gone since the last transaction.
    """
    both = f"{words}; {question}" if question else words
    told = bare.say(connection=connection.connection, dialect=connection.dialect, words=both)
    if told is not None:
        return told
    driver: Any = connection.connection
    if not driver.driver_connection.closed:
        driver.rollback()
    # a closed one fails at once, and SQLAlchemy then throws away all that the pool held: nobody waits for another such
    asked_anew(ask=lambda: connection.exec_driver_sql(words))
    return connection.exec_driver_sql(question).all() if question else ()


def _commit_with_last(connection: Connection) -> None:
    """Commit together with what is to come last, if something is; the driver then finds nothing left to commit."""
    statement = connection.get_execution_options().get(LAST)
    if statement is not None:
        bare.ask(connection=connection, words=f"{statement}; COMMIT")

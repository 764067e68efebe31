"""How a transaction begins on each kind of database, with what is asked first of all in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hoshin.config import Limits

Answer = TypeVar("Answer")
FIRST = "hoshin_first"


@dataclass(slots=True)
class _First:
    """What a session asks as it begins, and the rows once they are known."""

    statement: str
    rows: Sequence[Any] | None = None


def ask_first(*, session: Session, statement: str) -> Sequence[Any]:
    """The rows of a statement without values; it shares one round trip with the beginning that it causes, if it does.

    On SQLite, and in a session that has begun, it is asked by itself.
    """
    first = _First(statement)
    if session.in_transaction() or session.get_bind().dialect.name != "postgresql":
        connection = session.connection()
    else:
        connection = session.connection(execution_options={FIRST: first})
    return connection.exec_driver_sql(statement).all() if first.rows is None else first.rows


def begin_on_sqlite(*, engine: Engine) -> None:
    """Have each transaction of the engine begin when it says so; whoever will write takes the lock at once."""
    event.listen(engine, "begin", _begin_sqlite)


def begin_on_postgresql(*, engine: Engine, limits: Limits) -> None:
    """Have each transaction of the engine begin with its settings and with what is asked first of all."""
    event.listen(engine, "begin", _postgresql_beginner(limits))


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


def _postgresql_beginner(limits: Limits) -> Callable[[Connection], None]:
    """How each transaction begins; one round trip for all of it.

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

    def begin(connection: Connection) -> None:
        asked = connection.get_execution_options()
        if asked.get("isolation_level") == "AUTOCOMMIT":
            return
        words = for_writing if asked.get("hoshin_writes") else for_reading
        first: _First | None = asked.get(FIRST)
        if first is None:
            _say(connection, words)
        else:
            first.rows = _say(connection, words, first.statement)

    return begin


def _say(connection: Connection, words: str, question: str | None = None) -> Sequence[Any]:
    """Begin, over the bare connection, which takes half the time; and again in SQLAlchemy's way if that goes wrong.

    So errors are SQLAlchemy's, and nobody notices a server that had gone since the last transaction.
    """
    bare: Any = connection.connection
    try:
        with bare.cursor() as cursor:
            cursor.execute(f"{words}; {question}" if question else words)
            while cursor.nextset():  # of several statements sent as one, the answer is that of the last
                pass
            return cursor.fetchall() if question else ()
    except connection.dialect.loaded_dbapi.Error:
        if not bare.driver_connection.closed:
            bare.rollback()
    # a closed one fails at once, and SQLAlchemy then throws away all that the pool held: nobody waits for another such
    asked_anew(ask=lambda: connection.exec_driver_sql(words))
    return connection.exec_driver_sql(question).all() if question else ()

"""What is asked of PostgreSQL over the driver itself, past SQLAlchemy, where that would take most of the time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection

CARRIED_OUT = (1, 2)
"""How libpq says that a statement went well, without and with rows (PGRES_COMMAND_OK, PGRES_TUPLES_OK)."""


def ask(*, connection: Connection, words: str, values: object = None) -> Sequence[tuple[Any, ...]]:
    """The rows of a statement as the driver has them, none if it gives none; errors are those of SQLAlchemy.

    Without values it may be several statements: the rows are those of the first.
    """
    driver: Any = connection.connection
    try:
        with driver.cursor() as cursor:
            cursor.execute(words, values)
            found: Sequence[tuple[Any, ...]] = cursor.fetchall() if cursor.pgresult.nfields else ()
            return found
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy(connection, words, error) from error


def say(*, connection: PoolProxiedConnection, dialect: Dialect, words: str) -> Sequence[tuple[str | None, ...]] | None:
    """Several statements without values in one message: the rows of the last as texts, or None if anything went wrong.

    It takes a quarter of what the driver's cursor takes.
    """
    driver: Any = connection.driver_connection
    try:
        told = driver.pgconn.exec_(words.encode())
    except dialect.loaded_dbapi.Error:
        return None
    if told.status not in CARRIED_OUT:
        return None
    columns = range(told.nfields)
    found = ([told.get_value(row, place) for place in columns] for row in range(told.ntuples))
    return [tuple(one if one is None else one.decode() for one in row) for row in found]


def _as_sqlalchemy(connection: Connection, words: str, error: Exception) -> Exception:
    """The error as SQLAlchemy says it, which throws a connection away whose server has gone."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection, None)  # type: ignore[arg-type] # it is one of the driver's
    if gone:
        connection.invalidate(error)
    kind = dialect.loaded_dbapi.Error
    return DBAPIError.instance(words, None, error, kind, True, connection_invalidated=gone, dialect=dialect)

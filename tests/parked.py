"""Connections to PostgreSQL that are kept when a test's engine closes them, for the next engine that asks for the like.

A process of PostgreSQL that has read the catalogue answers a test's first questions in half the time that a new one
takes, and most tests ask little more. Nothing of a test stays in a connection: the product leaves nothing there that
outlives a transaction, and one that is in the middle of something is closed.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Hashable
from typing import Any
from weakref import WeakKeyDictionary

from psycopg import Connection, OperationalError
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from hoshin.dialect import PromptConnection

MOST = 4
"""How many of a kind are kept."""

_KINDS: WeakKeyDictionary[Connection[Any], Hashable] = WeakKeyDictionary()
_PARKED: dict[Hashable, list[Connection[Any]]] = defaultdict(list)


def share() -> None:
    """From now on each engine that is disposed of leaves its connections to the next one of this process."""
    event.listen(Engine, "do_connect", _connect)
    PGDialect_psycopg.do_close = _close  # type: ignore[method-assign] # no event is asked whether to close


def processes() -> list[int]:
    """The server's processes that wait behind the connections kept here."""
    return [connection.info.backend_pid for waiting in _PARKED.values() for connection in waiting]


def close_all() -> None:
    """The server is about to end."""
    while _PARKED:
        for connection in _PARKED.popitem()[1]:
            connection.close()


def _connect(dialect: object, _record: object, places: list[Any], names: dict[str, Any]) -> Connection[Any] | None:
    """A kept connection of that kind that still answers, else a new one; None on another database."""
    if not isinstance(dialect, PGDialect_psycopg):
        return None
    asked = {name: value for name, value in names.items() if name != "context"}  # the engine's own, though alike in all
    kind = (os.getpid(), repr(places), repr(sorted(asked.items())))
    waiting = _PARKED[kind]
    while waiting:
        connection = waiting.pop()
        if _answers(connection):
            return connection
        _KINDS.pop(connection, None)
    opened: Any = dialect.connect(*places, **names)
    made: Connection[Any] = opened
    _KINDS[made] = kind
    return made


def _answers(connection: Connection[Any]) -> bool:
    try:
        connection.execute("SELECT 1")
    except OperationalError:
        connection.close()
        return False
    return True


def _close(_dialect: object, connection: Connection[Any]) -> None:
    kind = _KINDS.get(connection)
    if isinstance(connection, PromptConnection):
        connection.settle()
    idle = not connection.closed and connection.info.transaction_status is TransactionStatus.IDLE
    if kind is not None and idle and connection.autocommit and len(_PARKED[kind]) < MOST:
        _PARKED[kind].append(connection)
        return
    _KINDS.pop(connection, None)
    connection.close()

"""Statements compiled once in a process for all engines of a kind.

Every test has an engine of its own, and an engine compiles for itself alone: the product's statements, compiled anew
for each of some thousand tests, took a good part of the tests' time.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

_STATEMENTS: dict[Any, Any] = {}


def share() -> None:
    """From now on each engine looks among the statements of all others with the same kind of database."""
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__eq__ = _are_alike  # type: ignore[method-assign] # the dialect is part of a statement's key
        kind.__hash__ = _hash  # type: ignore[method-assign]
    event.listen(Engine, "engine_connect", _look_among_all)


def _look_among_all(connection: Connection) -> None:
    connection.engine._compiled_cache = _STATEMENTS  # noqa: SLF001 - the public option is lost with other options


def _are_alike(self: object, other: object) -> bool:
    return type(self) is type(other)


def _hash(self: object) -> int:
    return hash(type(self))

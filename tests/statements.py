"""Counts what a page asks of the database: the number may not grow with the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event

from hoshin import bare


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that run inside the block, also those past SQLAlchemy; a beginning is none."""
    seen: list[str] = []
    ask = bare.ask

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    def note_asked(*, connection: Connection, words: str, values: object = None) -> Sequence[tuple[Any, ...]]:
        if connection.engine.pool is engine.pool:
            seen.append(words)
        return ask(connection=connection, words=words, values=values)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with mock.patch.object(bare, "ask", note_asked):
            yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def statements_of(client: FlaskClient, address: str) -> int:
    """How many statements a page takes; it has to be found."""
    engine: Engine = client.application.extensions["hoshin_database"].engine
    with counted(engine) as seen:
        answer = client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return len(seen)


def statements_again(client: FlaskClient, address: str) -> int:
    """How many a page takes that was looked at just before: what a process keeps of the plan is there already.

    For comparing a page before and after a change, of which either may be the first to read the plan anew.
    """
    client.get(address)
    return statements_of(client, address)

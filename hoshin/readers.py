"""Sessions for looking only, and what a session asks as it begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection

from hoshin import bare
from hoshin.transactions import BEGUN, FOR_READING, ask_beginning


class Reader(Session):
    """One consistent snapshot, no lock that could starve a writer.

    What it asks first on PostgreSQL takes a connection out of the pool and nothing of SQLAlchemy besides, which would
    take longer than the answer. Many ask no more. Who does goes on in the same transaction, which the session then
    takes over.
    """

    def __init__(self, *, engine: Engine) -> None:
        super().__init__(engine, autoflush=False)
        self.engine = engine
        self._held: PoolProxiedConnection | None = None
        self._taken: Connection | None = None

    def first(self, *, statement: str) -> Sequence[Any] | None:
        """The rows of what is asked first, numbers as texts; None where it has to be asked in the ordinary way."""
        words = self.engine.get_execution_options().get(FOR_READING)
        if words is None or self._held is not None or self.in_transaction():
            return None
        held = self.engine.raw_connection()
        told = bare.say(connection=held, dialect=self.engine.dialect, words=f"{words}; {statement}")
        if told is not None:
            self._held = held
        elif held.driver_connection.closed:  # type: ignore[union-attr] # it is one of the driver's
            held.invalidate()
        else:
            held.close()
        return told

    @property
    def snapshot(self) -> object:
        """The same for as long as the session sees the same."""
        return self.get_transaction() if self._held is None else self._held

    def get_bind(self, *args: Any, **names: Any) -> Engine | Connection:
        """What is asked now is asked by the session, on the connection that is held if one is."""
        if self._held is not None and self._taken is None:
            self._taken = Connection(self.engine, self._held).execution_options(**{BEGUN: True})
            self._taken.begin()
            self.bind = self._taken
        return super().get_bind(*args, **names)

    def commit(self) -> None:
        """As any session; what only looks has nothing to commit, and begins anew after it."""
        super().commit()
        self._let_go()

    def rollback(self) -> None:
        """As any session, which begins anew after it."""
        super().rollback()
        self._let_go()

    def close(self) -> None:
        """As any session."""
        super().close()
        self._let_go()

    def _let_go(self) -> None:
        held, taken = self._held, self._taken
        if held is not None:
            self._held = self._taken = None
            self.bind = self.engine
            (taken or held).close()


def ask_first(*, session: Session, statement: str) -> Sequence[Any]:
    """The rows of a statement without values; it shares one round trip with the beginning that it causes, if it does.

    On SQLite, and in a session that has begun, it is asked by itself. Numbers may come as texts.
    """
    told = session.first(statement=statement) if isinstance(session, Reader) else None
    return ask_beginning(session=session, statement=statement) if told is None else told


def bind_of(*, session: Session) -> Engine | Connection:
    """What a session stands on, without its taking over the connection that it holds."""
    return session.get_bind() if session.bind is None else session.bind


def engine_of(*, session: Session) -> Engine | None:
    """The engine of a session whose transactions are its own, None for one on somebody else's connection."""
    if isinstance(session, Reader):
        return session.engine
    return session.bind if isinstance(session.bind, Engine) else None


def snapshot_of(*, session: Session) -> object:
    """The same for as long as a session that only looks sees the same; None before it has begun."""
    return session.snapshot if isinstance(session, Reader) else session.get_transaction()

"""PostgreSQL as SQLAlchemy and psycopg speak to it, but that nobody waits until what was only looked at has ended."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import DBAPIConnection

OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


class PromptConnection(psycopg.Connection[Any]):
    """Sends ROLLBACK and does not wait: the answer is read before anything else is asked, since nothing rests on it.

    A transaction that begins over libpq (see hoshin.bare) reads it by itself. That the server has gone is noticed when
    it is asked again.
    """

    _ending = False
    """Whether the answer to a ROLLBACK may still be to read."""

    def rollback(self) -> None:
        """End the transaction, if there is one; raises as the driver does where the server is known to have gone."""
        status = self.pgconn.transaction_status
        if status == TransactionStatus.IDLE or (self._ending and status == TransactionStatus.ACTIVE):
            return
        if status not in OPEN:
            super().rollback()
            return
        self.pgconn.send_query(b"ROLLBACK")
        self._ending = True
        if self.pgconn.flush():  # not all of it could be sent at once
            self.settle()

    def settle(self) -> None:
        """Read what is still to be read; a server that has gone meanwhile is left for the next question to find."""
        if self._ending:
            self._ending = False
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                with suppress(psycopg.Error):
                    self.pgconn.exec_(b"")  # libpq reads what is left of the last message before it sends another

    def cursor(self, *args: Any, **names: Any) -> Any:
        """As the driver's, once nothing is to be read."""
        self.settle()
        return super().cursor(*args, **names)


class Dialect(PGDialect_psycopg):
    """That of psycopg with connections of our own, known to SQLAlchemy as postgresql+hoshin."""

    supports_statement_cache = True

    def connect(self, *places: Any, **names: Any) -> DBAPIConnection:
        """A new connection."""
        opened: Any = PromptConnection.connect(*places, **names)
        made: DBAPIConnection = opened
        return made

    def set_isolation_level(self, dbapi_connection: DBAPIConnection, level: str) -> None:
        """Nothing: no connection begins anything by itself, and each transaction says how it begins."""

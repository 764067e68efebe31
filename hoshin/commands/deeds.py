"""A request that a proxy sends a second time is carried out once: what was done is noted in the deed's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from importlib import import_module

from sqlalchemy import UpdateBase, delete, select, update
from sqlalchemy.orm import Session

from hoshin.model.base import table_of
from hoshin.model.deeds import Deed

KEPT = timedelta(days=1)
"""No proxy asks again after so long."""


def note(*, session: Session, sign_in_id: int, request_id: str, at: datetime) -> bool:
    """Note that this transaction does what the request asks for; False where another one has done it.

    On PostgreSQL whoever comes second waits here until the first one has ended: when that is taken back, so is its
    note, and the second one does it.
    """
    told = {"sign_in_id": sign_in_id, "request_id": request_id, "done_at": at, "place": ""}
    return session.execute(_noting(session.get_bind().dialect.name), told).first() is not None


@cache
def _noting(database: str) -> UpdateBase:
    """The statement in the words of this kind of database, which alone knows ON CONFLICT; made once."""
    dialect = import_module(f"sqlalchemy.dialects.{database}")  # slow to import, and only one of them is needed
    deed = table_of(model=Deed)
    noting: UpdateBase = dialect.insert(deed).on_conflict_do_nothing().returning(deed.c.sign_in_id)
    return noting


def place_of(*, session: Session, sign_in_id: int, request_id: str) -> str:
    """Where the answer to the request led, or nothing."""
    mine = (Deed.sign_in_id == sign_in_id, Deed.request_id == request_id)
    return session.scalar(select(Deed.place).where(*mine)) or ""


def note_place(*, session: Session, sign_in_id: int, request_id: str, place: str) -> None:
    """Note where the answer to the request leads."""
    mine = (Deed.sign_in_id == sign_in_id, Deed.request_id == request_id)
    session.execute(update(Deed).where(*mine).values(place=place))


def forget_old(*, session: Session, at: datetime) -> int:
    """Forget what was done a day ago; returns how many requests that were."""
    gone = session.execute(delete(Deed).where(Deed.done_at <= at - KEPT))
    return int(getattr(gone, "rowcount", 0))

"""A process that works beside the servers says that it is alive."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from hoshin.model.heartbeats import Heartbeat

EVERY = timedelta(seconds=15)
"""No more often than that is a sign of life written."""


def is_beat_due(*, session: Session, name: str, at: datetime) -> bool:
    """Whether the last sign of life is old enough for a new one (for reading sessions: most rounds write nothing)."""
    last = session.scalar(select(Heartbeat.beaten_at).where(Heartbeat.name == name))
    return last is None or at - last >= EVERY


def beat(*, session: Session, name: str, at: datetime) -> None:
    """Write the sign of life. Two processes may do so at once: the later one stands."""
    older = update(Heartbeat).where(Heartbeat.name == name, Heartbeat.beaten_at < at).values(beaten_at=at)
    if getattr(session.execute(older), "rowcount", 0):
        return
    if session.scalar(select(Heartbeat.name).where(Heartbeat.name == name)) is None:
        session.execute(insert(Heartbeat).values(name=name, beaten_at=at))

"""A process that works beside the servers says that it is alive."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from hoshin.model.heartbeats import Heartbeat


def beat(*, session: Session, name: str, at: datetime) -> None:
    """Write the sign of life. Two processes may do so at once: the later one stands."""
    older = update(Heartbeat).where(Heartbeat.name == name, Heartbeat.beaten_at < at).values(beaten_at=at)
    if getattr(session.execute(older), "rowcount", 0):
        return
    if session.scalar(select(Heartbeat.name).where(Heartbeat.name == name)) is None:
        session.execute(insert(Heartbeat).values(name=name, beaten_at=at))

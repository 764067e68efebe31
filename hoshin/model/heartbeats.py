"""The sign of life of a process that works beside the servers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import UTCInstant
from hoshin.model.base import Base

JOBS = "jobs"


class Heartbeat(Base):
    """When a process of this name was last seen working."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    beaten_at: Mapped[datetime] = mapped_column(UTCInstant)

"""The journal: who changed what, when and why, written in the same transaction as the change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import UTCInstant
from hoshin.model.base import TITLE, Base


class JournalLine(Base):
    """One change. `before` is None for something new, `after` None for something taken away; no foreign keys."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_subject", "subject", "subject_id"),
        Index("ix_journal_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCInstant)
    by_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(String(TITLE))
    on_behalf_of: Mapped[str] = mapped_column(String(TITLE), default="")
    verb: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(60))
    subject_name: Mapped[str] = mapped_column(String(TITLE), default="")
    unit_id: Mapped[int | None] = mapped_column(index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    why: Mapped[str] = mapped_column(Text, default="")

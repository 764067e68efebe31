"""Weekly check-ins: three lines per person, or per team where the unit has chosen so."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import UTCInstant
from hoshin.model.base import TITLE, Base


class CheckIn(Base):
    """What one person says of one week, or one team (`person_id` None); `week` is its Monday."""

    __tablename__ = "checkins"
    __table_args__ = (
        UniqueConstraint("week", "person_id", "unit_id"),
        Index(
            "uq_checkins_team", "week", "unit_id", unique=True,
            sqlite_where=text("person_id IS NULL"), postgresql_where=text("person_id IS NULL"),
        ),
        CheckConstraint("progress <> '' OR roadblocks <> '' OR next <> ''", name="says_something"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    week: Mapped[date]
    progress: Mapped[str] = mapped_column(Text, default="")
    roadblocks: Mapped[str] = mapped_column(Text, default="")
    next: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UTCInstant)
    by_name: Mapped[str] = mapped_column(String(TITLE))
    version: Mapped[int] = mapped_column(default=1)

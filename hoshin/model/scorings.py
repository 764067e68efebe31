"""Blind scoring: several people score the correlations of a matrix alone before the strength is settled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import UTCInstant
from hoshin.model.base import Base


class Scoring(Base):
    """One round of blind scoring of a unit's matrix; while it is open nobody sees anybody else's scores."""

    __tablename__ = "scorings"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    opened_at: Mapped[datetime] = mapped_column(UTCInstant)
    closed_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    version: Mapped[int] = mapped_column(default=1)


class Score(Base):
    """What one person thinks of one pair of items: 9, 3, 1 or 0 for none."""

    __tablename__ = "scores"
    __table_args__ = (
        UniqueConstraint("scoring_id", "person_id", "upper_id", "lower_id"),
        CheckConstraint("strength IN (0, 1, 3, 9)", name="strength"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scoring_id: Mapped[int] = mapped_column(ForeignKey("scorings.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    upper_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    lower_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    strength: Mapped[int]

"""Roadblocks: what is in the way, who has it, how far up it went and how it was removed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import UTCInstant
from hoshin.model.base import TITLE, Base, stored


class RoadblockState(StrEnum):
    """Where a roadblock stands."""

    OPEN = "open"
    RESOLVED = "resolved"


class Roadblock(Base):
    """One thing that is in the way.

    `raised_in_id` is the unit it was raised in and stays; `unit_id` is the unit that has it now, after escalations.
    `item_id` names what it stands in the way of, if anything.
    """

    __tablename__ = "roadblocks"
    __table_args__ = (CheckConstraint("(state = 'resolved') = (resolved_at IS NOT NULL)", name="resolved"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(TITLE))
    description: Mapped[str] = mapped_column(Text, default="")
    raised_in_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"), index=True)
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    raised_by: Mapped[str] = mapped_column(String(TITLE))
    raised_at: Mapped[datetime] = mapped_column(UTCInstant)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    state: Mapped[RoadblockState] = mapped_column(
        stored(words=RoadblockState, name="roadblock_state"), default=RoadblockState.OPEN
    )
    resolved_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    resolved_by: Mapped[str] = mapped_column(String(TITLE), default="")
    resolution: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

    @property
    def is_open(self) -> bool:
        """Whether it still is in the way."""
        return self.state is RoadblockState.OPEN


class RoadblockLevel(Base):
    """One unit that has or had a roadblock, from when and why; place 0 is where it was raised."""

    __tablename__ = "roadblock_levels"
    __table_args__ = (UniqueConstraint("roadblock_id", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    roadblock_id: Mapped[int] = mapped_column(ForeignKey("roadblocks.id"))
    place: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    since: Mapped[datetime] = mapped_column(UTCInstant)
    by_name: Mapped[str] = mapped_column(String(TITLE))
    reason: Mapped[str] = mapped_column(Text, default="")

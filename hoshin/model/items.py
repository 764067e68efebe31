"""What stands on an X-matrix: objectives and priorities here, with all that the four kinds of item share."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import UTCInstant
from hoshin.engine.plans import Kind, Life, State
from hoshin.model.base import TITLE, Base, stored


class Item(Base):
    """One line of a plan. Unique by kind, unit, cycle and name; archived ones keep their name.

    `cycle_id` is set for priorities and actions, which belong to one cycle; objectives and KPIs outlive cycles.
    """

    __tablename__ = "items"
    __table_args__ = (
        Index("uq_items_name", "kind", "unit_id", text("coalesce(cycle_id, 0)"), "name", unique=True),
        Index("ix_items_unit_kind", "unit_id", "kind"),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="dates"),
        CheckConstraint("(cycle_id IS NOT NULL) = (kind IN ('priority', 'action'))", name="cycle"),
    )
    __mapper_args__ = {"polymorphic_on": "kind", "with_polymorphic": None}

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(stored(words=Kind, name="kind"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycles.id"), index=True)
    name: Mapped[str] = mapped_column(String(TITLE))
    description: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    state: Mapped[State] = mapped_column(stored(words=State, name="state"), default=State.DRAFT)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    end_reason: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)
    archived_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def life(self) -> Life:
        """State and validity as the engine sees them."""
        return Life(self.state, self.valid_from, self.valid_to)


class Objective(Item):
    """A strategic objective of the top unit, or a lower unit's answer to another unit's priority."""

    __tablename__ = "objectives"
    __mapper_args__ = {"polymorphic_identity": Kind.OBJECTIVE}

    id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    horizon_from: Mapped[int | None]
    horizon_to: Mapped[int | None]


class Priority(Item):
    """An annual priority: the year's answer to an objective."""

    __tablename__ = "priorities"
    __mapper_args__ = {"polymorphic_identity": Kind.PRIORITY}

    id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)

"""What closing a cycle decides of each item that stood on its plan, saved as it is chosen and kept for good."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import ExactDecimal, UTCInstant
from hoshin.engine.closing import Fate, TargetRule
from hoshin.model.base import TITLE, Base, stored


class ClosingChoice(Base):
    """Keep, change or end one item of one cycle, and why.

    `wording` is what it is called from the next cycle on, empty for the same; `targets` and `ramp_to` say how a KPI
    gets its next targets. `carried_id` is the item of the next cycle that it became when the cycle was closed.
    """

    __tablename__ = "closing_choices"
    __table_args__ = (
        UniqueConstraint("cycle_id", "item_id"),
        CheckConstraint("(targets = 'ramp') = (ramp_to IS NOT NULL)", name="ramp"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    fate: Mapped[Fate] = mapped_column(stored(words=Fate, name="fate"))
    reason: Mapped[str] = mapped_column(Text)
    wording: Mapped[str] = mapped_column(String(TITLE), default="")
    targets: Mapped[TargetRule] = mapped_column(stored(words=TargetRule, name="target_rule"), default=TargetRule.EMPTY)
    ramp_to: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    chosen_by: Mapped[str] = mapped_column(String(TITLE))
    chosen_at: Mapped[datetime] = mapped_column(UTCInstant)
    carried_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    version: Mapped[int] = mapped_column(default=1)

"""The links of the plan: correlations inside a matrix, deployments from one unit's matrix to another's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import ExactDecimal
from hoshin.engine.plans import Life, State
from hoshin.model.base import Base, stored


class Correlation(Base):
    """How strongly a lower item serves an upper one: 9 strong, 3 medium, 1 weak, and why.

    From an action to a KPI it may carry the expected effect, in the KPI's unit, and the first month that feels it.
    """

    __tablename__ = "correlations"
    __table_args__ = (
        UniqueConstraint("upper_id", "lower_id"),
        CheckConstraint("strength IN (1, 3, 9)", name="strength"),
        CheckConstraint("upper_id <> lower_id", name="two_items"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    upper_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    lower_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    strength: Mapped[int] = mapped_column(default=3)
    rationale: Mapped[str] = mapped_column(Text, default="")
    effect: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    effect_from: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)


class Deployment(Base):
    """A priority (or action) of one unit and the objective of another unit that answers it: live, never a copy."""

    __tablename__ = "deployments"
    __table_args__ = (UniqueConstraint("source_id", "objective_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    objective_id: Mapped[int] = mapped_column(ForeignKey("objectives.id"), index=True)
    state: Mapped[State] = mapped_column(stored(words=State, name="deployment_state"), default=State.ACTIVE)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def life(self) -> Life:
        """State and validity as the engine sees them."""
        return Life(self.state, self.valid_from, self.valid_to)

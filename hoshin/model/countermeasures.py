"""The written answer to a miss: four lines at first, root causes and actions when it grows, one open for each KPI."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import ExactDecimal, UTCInstant
from hoshin.engine.misses import Occasion
from hoshin.model.base import TITLE, Base, stored


class AnswerState(StrEnum):
    """Where a countermeasure stands; a reopened one is open again after a relapse."""

    OPEN = "open"
    REOPENED = "reopened"
    CLOSED = "closed"


class Worked(StrEnum):
    """Whether the action worked, said when the countermeasure is closed."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Countermeasure(Base):
    """What is done about one KPI's misses, or why it lies far above plan.

    `opened_for` is the first day of the period that asked for it, `reopened_for` that of the relapse. The short form
    is gap, cause, action, and who (`doer_id`) and when (`due_on`); the rest is the A3.
    """

    __tablename__ = "countermeasures"
    __table_args__ = (
        Index(
            "uq_countermeasures_open", "kpi_id", "occasion", unique=True,
            sqlite_where=text("state <> 'closed'"), postgresql_where=text("state <> 'closed'"),
        ),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpis.id"), index=True)
    occasion: Mapped[Occasion] = mapped_column(stored(words=Occasion, name="occasion"))
    state: Mapped[AnswerState] = mapped_column(stored(words=AnswerState, name="answer_state"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    opened_for: Mapped[date]
    opened_at: Mapped[datetime] = mapped_column(UTCInstant)
    reopened_for: Mapped[date | None]
    closed_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    closed_by: Mapped[str] = mapped_column(String(TITLE), default="")
    gap: Mapped[str] = mapped_column(Text, default="")
    cause: Mapped[str] = mapped_column(Text, default="")
    action: Mapped[str] = mapped_column(Text, default="")
    doer_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    due_on: Mapped[date | None]
    title: Mapped[str] = mapped_column(String(TITLE), default="")
    background: Mapped[str] = mapped_column(Text, default="")
    current_condition: Mapped[str] = mapped_column(Text, default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    target_condition: Mapped[str] = mapped_column(Text, default="")
    follow_up: Mapped[str] = mapped_column(Text, default="")
    worked: Mapped[Worked | None] = mapped_column(stored(words=Worked, name="worked"))
    outcome: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its end."""
        return self.state is not AnswerState.CLOSED

    @property
    def is_written(self) -> bool:
        """Whether the short form says all it should: cause, action, who and when (and the gap, which is prefilled)."""
        return bool(self.gap and self.cause and self.action and self.doer_id is not None and self.due_on)


class RootCause(Base):
    """One cause with its share of the gap in per cent; the shares of one countermeasure never exceed 100."""

    __tablename__ = "root_causes"
    __table_args__ = (CheckConstraint("share >= 0 AND share <= 1000000", name="share"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    countermeasure_id: Mapped[int] = mapped_column(ForeignKey("countermeasures.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    share: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    position: Mapped[int] = mapped_column(default=0)


class CountermeasureAction(Base):
    """One step of the plan: who, by when, and the effect it is expected to have, in the KPI's unit.

    `action_id` names the action on the matrix once the step has been promoted to one.
    """

    __tablename__ = "countermeasure_actions"
    __table_args__ = (UniqueConstraint("action_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    countermeasure_id: Mapped[int] = mapped_column(ForeignKey("countermeasures.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    due_on: Mapped[date | None]
    effect: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    done_on: Mapped[date | None]
    action_id: Mapped[int | None] = mapped_column(ForeignKey("actions.id"))
    position: Mapped[int] = mapped_column(default=0)

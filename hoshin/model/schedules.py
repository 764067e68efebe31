"""When actions come and what they wait for: blockers, and the rules by which an action comes again."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.engine.recurrence import Step
from hoshin.model.base import TITLE, Base, stored


class ActionBlocker(Base):
    """An action that has to be finished before another one can go on; never in a circle."""

    __tablename__ = "action_blockers"
    __table_args__ = (CheckConstraint("action_id <> blocker_id", name="another_one"),)

    action_id: Mapped[int] = mapped_column(ForeignKey("actions.id"), primary_key=True)
    blocker_id: Mapped[int] = mapped_column(ForeignKey("actions.id"), primary_key=True, index=True)


class Recurrence(Base):
    """A rule: every so many weeks or months from the first due day, until a day (included) or for ever.

    `name` is what all its actions are called, apart from their due day. A stopped rule opens nothing more.
    """

    __tablename__ = "recurrences"
    __table_args__ = (
        CheckConstraint("every BETWEEN 1 AND 52", name="every"),
        CheckConstraint("until IS NULL OR first_due <= until", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(TITLE))
    every: Mapped[int]
    step: Mapped[Step] = mapped_column(stored(words=Step, name="step"))
    first_due: Mapped[date]
    until: Mapped[date | None]
    stopped: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class Occurrence(Base):
    """One action of a recurrence; its number is unique there, so that two who open the next one open one."""

    __tablename__ = "occurrences"
    __table_args__ = (UniqueConstraint("recurrence_id", "number"),)

    action_id: Mapped[int] = mapped_column(ForeignKey("actions.id"), primary_key=True)
    recurrence_id: Mapped[int] = mapped_column(ForeignKey("recurrences.id"))
    number: Mapped[int]

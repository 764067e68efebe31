"""Team action items: who does what by when, and how far it is."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.engine.plans import Kind
from hoshin.model.base import Base, stored
from hoshin.model.items import Item


class Status(StrEnum):
    """How an action stands; never a metric."""

    OPEN = "open"
    IN_PROGRESS = "in progress"
    DONE = "done"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"


class Action(Item):
    """A team action item on the matrix."""

    __tablename__ = "actions"
    __mapper_args__ = {"polymorphic_identity": Kind.ACTION}

    id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    due_on: Mapped[date | None]
    status: Mapped[Status] = mapped_column(stored(words=Status, name="status"), default=Status.OPEN)
    progress: Mapped[int] = mapped_column(CheckConstraint("progress BETWEEN 0 AND 100", name="progress"), default=0)


class ActionHelper(Base):
    """Somebody who supports an action without being responsible for it."""

    __tablename__ = "action_helpers"

    action_id: Mapped[int] = mapped_column(ForeignKey("actions.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)

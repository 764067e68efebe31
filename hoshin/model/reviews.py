"""Reviews: when a unit meets, who was there, what was written and decided, and the report as it was seen that day."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from hoshin.db import UTCInstant
from hoshin.engine.cadence import ReviewKind
from hoshin.model.base import TITLE, Base, stored


class ReviewState(StrEnum):
    """Where a review stands."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Presence(StrEnum):
    """Whether somebody who was expected came."""

    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"


class Review(Base):
    """One meeting of one unit about one period; `first_day` and `last_day` are the ends of that period.

    `generated_on` is the day that the cadence gave, `planned_on` the day it stands at now. Without `begins` (a time in
    the organisation's zone) it takes no hour of the day. `uid` and `sequence` are what calendars know it by; the
    sequence grows whenever a calendar must show something else.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("unit_id", "kind", "first_day"),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("lasts BETWEEN 5 AND 1440", name="lasts"),
        CheckConstraint("(state = 'held') = (held_at IS NOT NULL)", name="held"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"), index=True)
    kind: Mapped[ReviewKind] = mapped_column(stored(words=ReviewKind, name="review_kind"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    generated_on: Mapped[date]
    planned_on: Mapped[date] = mapped_column(index=True)
    begins: Mapped[time | None]
    lasts: Mapped[int] = mapped_column(default=60)
    place: Mapped[str] = mapped_column(String(TITLE), default="")
    state: Mapped[ReviewState] = mapped_column(
        stored(words=ReviewState, name="review_state"), default=ReviewState.PLANNED
    )
    minutes: Mapped[str] = mapped_column(Text, default="")
    held_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    held_by: Mapped[str] = mapped_column(String(TITLE), default="")
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    announced_at: Mapped[datetime] = mapped_column(UTCInstant)
    version: Mapped[int] = mapped_column(default=1)


class ReviewMove(Base):
    """One change of a review's day, with the reason; place 1 is the first."""

    __tablename__ = "review_moves"
    __table_args__ = (UniqueConstraint("review_id", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"))
    place: Mapped[int]
    from_day: Mapped[date]
    to_day: Mapped[date]
    at: Mapped[datetime] = mapped_column(UTCInstant)
    by_name: Mapped[str] = mapped_column(String(TITLE))
    reason: Mapped[str] = mapped_column(Text, default="")


class Attendance(Base):
    """Whether one person was at one review."""

    __tablename__ = "attendances"

    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    presence: Mapped[Presence] = mapped_column(stored(words=Presence, name="presence"))


class Decision(Base):
    """One thing a review decided, and the day on which it had been carried out."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    done_on: Mapped[date | None]
    position: Mapped[int] = mapped_column(default=0)


class ReviewAction(Base):
    """One thing somebody took on in a review; `action_id` names the action on the matrix once it was promoted."""

    __tablename__ = "review_actions"
    __table_args__ = (UniqueConstraint("action_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]
    action_id: Mapped[int | None] = mapped_column(ForeignKey("actions.id"))
    position: Mapped[int] = mapped_column(default=0)


class Pack(Base):
    """The report as it was seen when the review was held: never changed afterwards.

    `content` is what the sheet is made from; `printed` the paper itself, made once, None while no machine has printed.
    """

    __tablename__ = "review_packs"

    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"), primary_key=True)
    frozen_at: Mapped[datetime] = mapped_column(UTCInstant)
    frozen_by: Mapped[str] = mapped_column(String(TITLE))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    printed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))


class CalendarFeed(Base):
    """One secret address of one person's calendar, known by its hash, until it is revoked."""

    __tablename__ = "calendar_feeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UTCInstant)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCInstant)

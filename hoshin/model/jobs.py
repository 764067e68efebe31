"""Work that waits for the job process, and the mail among it.

Huey's consumer takes them from here (`hoshin/jobs/table.py`) rather than from a queue of Huey's (DESIGN §7), for three
things that none of its storages can do: it takes a message off its queue before the work runs, so that a kill in
between loses it; its queue lies outside the transaction that makes the message, so that one can stand without the
other; and its word "done" lies outside the transaction of the work, so that a kill between the two does the work twice.
Here a job is written in the same transaction as what it is about, is leased instead of taken, comes back when the lease
runs out, and is done in the transaction of its effect. It needs no further server, on either database.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import UTCInstant
from hoshin.model.base import TITLE, Base, stored


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """One piece of work: `name` says what and which, and is unique, so that nothing is asked for twice.

    A claimed job carries the token of who claimed it and until when; only that claim may end it.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("name"),
        Index("ix_jobs_state_due_at_id", "state", "due_at", "id"),
        Index("ix_jobs_kind_state_due_at", "kind", "state", "due_at"),
        CheckConstraint("(state = 'claimed') = (claim IS NOT NULL AND leased_until IS NOT NULL)", name="claimed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[JobState] = mapped_column(stored(words=JobState, name="job_state"), default=JobState.WAITING)
    due_at: Mapped[datetime] = mapped_column(UTCInstant)
    claim: Mapped[str | None] = mapped_column(String(40))
    leased_until: Mapped[datetime | None] = mapped_column(UTCInstant)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None] = mapped_column(UTCInstant)


class Order(Base):
    """Whose job it is, where somebody waits for one at a page: how far it is, and what came of it.

    `doing` is a word for the person, `done` and `of` count it (0: not known); `result` holds what the page shows.
    """

    __tablename__ = "job_orders"

    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    title: Mapped[str] = mapped_column(String(TITLE))
    asked_at: Mapped[datetime] = mapped_column(UTCInstant)
    doing: Mapped[str] = mapped_column(String(40), default="")
    done: Mapped[int] = mapped_column(default=0)
    of: Mapped[int] = mapped_column(default=0)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class JobFile(Base):
    """A file that a job works on, or that it made; in the database, so that any server may do the job."""

    __tablename__ = "job_files"
    __table_args__ = (UniqueConstraint("job_id", "is_result"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"))
    is_result: Mapped[bool]
    name: Mapped[str] = mapped_column(String(TITLE))
    mime: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Mail(Base):
    """One weekly digest for one person, written once; `message_id` stays the same however often it is tried."""

    __tablename__ = "mails"
    __table_args__ = (UniqueConstraint("person_id", "week"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    week: Mapped[date]
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(TITLE))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    message_id: Mapped[str] = mapped_column(String(120))
    written_at: Mapped[datetime] = mapped_column(UTCInstant)
    sent_at: Mapped[datetime | None] = mapped_column(UTCInstant)

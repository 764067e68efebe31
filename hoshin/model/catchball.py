"""Balls, what was offered in each round, who signed which offer, and everything that was said about it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import UTCInstant
from hoshin.engine.catchball import BallState, Side
from hoshin.model.base import TITLE, Base, stored


class Ball(Base):
    """The negotiation of one deployment.

    `number` is the offer on the table, `last` the highest number there was, `agreed` the one that was agreed last
    (0: none). `withdraws` is the side that may take the ball back.
    """

    __tablename__ = "balls"
    __table_args__ = (
        UniqueConstraint("deployment_id"),
        CheckConstraint("(holder IS NOT NULL) = (held_since IS NOT NULL)", name="held"),
        CheckConstraint(
            "(holder IS NOT NULL) = (state IN ('thrown', 'returned', 'escalated', 'reopened'))", name="in_a_hand"
        ),
        CheckConstraint("(state <> 'agreed') OR (agreed = number AND agreed > 0)", name="agreed_offer"),
        CheckConstraint("number <= last AND agreed <= last", name="numbers"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    state: Mapped[BallState] = mapped_column(stored(words=BallState, name="ball_state"), default=BallState.DRAFT)
    holder: Mapped[Side | None] = mapped_column(stored(words=Side, name="holder"))
    withdraws: Mapped[Side] = mapped_column(stored(words=Side, name="withdraws"), default=Side.THROWER)
    round: Mapped[int] = mapped_column(default=0)
    number: Mapped[int] = mapped_column(default=0)
    last: Mapped[int] = mapped_column(default=0)
    agreed: Mapped[int] = mapped_column(default=0)
    thrown_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    held_since: Mapped[datetime | None] = mapped_column(UTCInstant)
    reminded_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    agreed_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    version: Mapped[int] = mapped_column(default=1)


class Offer(Base):
    """What one side offered: never altered. `source` is the thrown item as it read then, `package` the answering
    unit's plan as it stood then, `changes` what is to become of items that were agreed before.
    """

    __tablename__ = "offers"
    __table_args__ = (UniqueConstraint("ball_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ball_id: Mapped[int] = mapped_column(ForeignKey("balls.id"))
    number: Mapped[int]
    round: Mapped[int]
    side: Mapped[Side] = mapped_column(stored(words=Side, name="side"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    person_name: Mapped[str] = mapped_column(String(TITLE))
    on_behalf_of: Mapped[str] = mapped_column(String(TITLE), default="")
    at: Mapped[datetime] = mapped_column(UTCInstant)
    in_conversation: Mapped[bool] = mapped_column(default=False)
    wording: Mapped[str] = mapped_column(String(TITLE))
    rationale: Mapped[str] = mapped_column(Text, default="")
    target: Mapped[str] = mapped_column(Text, default="")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    resources: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[dict[str, Any]] = mapped_column(JSON)
    package: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class Signature(Base):
    """One side's signature on one offer; a deputy signs for her head, whom `principal_id` names."""

    __tablename__ = "signatures"
    __table_args__ = (UniqueConstraint("offer_id", "side"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    side: Mapped[Side] = mapped_column(stored(words=Side, name="side"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    principal_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    person_name: Mapped[str] = mapped_column(String(TITLE))
    on_behalf_of: Mapped[str] = mapped_column(String(TITLE), default="")
    at: Mapped[datetime] = mapped_column(UTCInstant)


class Message(Base):
    """One line of a ball's thread: a move or a comment, numbered so that there is one history only."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("ball_id", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ball_id: Mapped[int] = mapped_column(ForeignKey("balls.id"))
    place: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCInstant)
    side: Mapped[Side | None] = mapped_column(stored(words=Side, name="side"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    person_name: Mapped[str] = mapped_column(String(TITLE))
    on_behalf_of: Mapped[str] = mapped_column(String(TITLE), default="")
    verb: Mapped[str] = mapped_column(String(20))
    round: Mapped[int]
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text, default="")

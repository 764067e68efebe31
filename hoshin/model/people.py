"""People, what they may do where and when, and how they sign in."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, validates

from hoshin.db import UTCInstant
from hoshin.model.base import TITLE, Base, stored
from hoshin.model.folded import fold, place

FOLDED = Text().with_variant(Text(collation="C"), "postgresql")
"""Put in order letter by letter: the same order on both databases."""


class Role(StrEnum):
    """What a person may be, on a unit and for a time."""

    EXECUTIVE = "executive"
    HEAD = "head"
    STAFF = "staff"
    FACILITATOR = "facilitator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Person(Base):
    """Somebody with a name; who has an e-mail address and a password can sign in. Names need not be unique.

    `placed` and `sought` repeat name, address and title as they are put in order and searched, since no database folds
    every letter and the two do it differently.
    """

    __tablename__ = "people"
    __table_args__ = (Index("uq_people_email", "email", unique=True), Index("ix_people_placed_id", "placed", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(TITLE))
    email: Mapped[str | None] = mapped_column(String(254))
    title: Mapped[str] = mapped_column(String(TITLE), default="")
    home_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    deactivated_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    version: Mapped[int] = mapped_column(default=1)
    placed: Mapped[str] = mapped_column(FOLDED, default="", server_default="")
    sought: Mapped[str] = mapped_column(FOLDED, default="", server_default="")

    @validates("name", "email", "title")
    def _fold(self, key: str, value: str | None) -> str | None:
        said = {"name": self.name, "email": self.email, "title": self.title, key: value}
        self.placed = place(name=said["name"] or "")
        self.sought = fold(text=" ".join(said[one] or "" for one in ("name", "email", "title")))
        return value


class Grant(Base):
    """One role of one person on one unit, from a day to a day (ends included, None being open)."""

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[Role] = mapped_column(stored(words=Role, name="role"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]

    def holds(self, *, today: date) -> bool:
        """Whether the grant is valid today."""
        return (self.valid_from is None or self.valid_from <= today) and (
            self.valid_to is None or today <= self.valid_to
        )


class Deputy(Base):
    """Somebody who acts for a head in her unit, from a day to a day; the journal names both."""

    __tablename__ = "deputies"
    __table_args__ = (
        CheckConstraint("valid_from <= valid_to", name="dates"),
        CheckConstraint("head_id <> deputy_id", name="somebody_else"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    head_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date]


class SignIn(Base):
    """One browser of one person; ended at log-out, password change, deactivation or from another browser."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    agent: Mapped[str] = mapped_column(String(200), default="")
    begun_at: Mapped[datetime] = mapped_column(UTCInstant)
    seen_at: Mapped[datetime] = mapped_column(UTCInstant)
    ended_at: Mapped[datetime | None] = mapped_column(UTCInstant)


class PasswordReset(Base):
    """A link that lets one person choose a new password once, until it expires."""

    __tablename__ = "password_resets"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UTCInstant)
    used_at: Mapped[datetime | None] = mapped_column(UTCInstant)


class FailedSignIn(Base):
    """A refused sign-in, kept so that guessing gets slow for an address and not for the organisation."""

    __tablename__ = "failed_sign_ins"
    __table_args__ = (Index("ix_failed_sign_ins_email_at", "email", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    at: Mapped[datetime] = mapped_column(UTCInstant)

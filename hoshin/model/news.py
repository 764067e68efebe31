"""What each person wants to hear and has heard: notices read, mailed and quietened, and how often mail comes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import UTCInstant
from hoshin.model.base import Base, stored


class Rhythm(StrEnum):
    """How often somebody wants mail."""

    WEEKLY = "weekly"
    NEVER = "never"


class NewsWish(Base):
    """How often one person wants mail; without a row, weekly."""

    __tablename__ = "news_wishes"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    rhythm: Mapped[Rhythm] = mapped_column(stored(words=Rhythm, name="rhythm"))


class Quiet(Base):
    """A kind of notice that one person does not want to hear of, on the page or in the mail."""

    __tablename__ = "quiet_kinds"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)


class NoticeMark(Base):
    """That one person has read a notice, or had it in a mail; notices themselves are derived and not kept."""

    __tablename__ = "notice_marks"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    read_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    mailed_at: Mapped[datetime | None] = mapped_column(UTCInstant)

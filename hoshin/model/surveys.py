"""Self-assessments: a campaign, who is asked together, who has answered, and what all of it came to.

Answers given without a name cannot be joined to whoever gave them. They carry neither a person nor a time nor a key:
those of one panel lie together in one bag that is shaken with each answer, and the list of who has answered is a table
of its own. A panel is never smaller than five people who were asked. When the campaign closes, bags and list are
emptied and only sums stay.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import UTCInstant
from hoshin.model.base import Base


class Survey(Base):
    """One campaign: one for each fiscal quarter, `quarter` being its first day; it never opens again."""

    __tablename__ = "surveys"
    __table_args__ = (CheckConstraint("closed_at IS NULL OR closed_at >= opened_at", name="closed"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    quarter: Mapped[date] = mapped_column(unique=True)
    is_anonymous: Mapped[bool] = mapped_column(default=True)
    opened_at: Mapped[datetime] = mapped_column(UTCInstant)
    last_day: Mapped[date]
    closed_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    version: Mapped[int] = mapped_column(default=1)


class SurveyPanel(Base):
    """The people who are asked about one unit's plan: that unit's, and those of units below with too few people.

    `bag` holds their answers in no order; with names only where the campaign said so.
    """

    __tablename__ = "survey_panels"

    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True, index=True)
    invited: Mapped[int]
    bag: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class SurveyParticipation(Base):
    """That one person has answered one campaign, so that nobody answers twice and nobody is asked again."""

    __tablename__ = "survey_participations"
    __table_args__ = ({"sqlite_with_rowid": False},)  # a hidden row number would tell the order

    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class SurveyResult(Base):
    """What the answers of one unit and all below came to, counted once; units that are not shown have none."""

    __tablename__ = "survey_results"

    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True, index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)

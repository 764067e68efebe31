"""The president's diagnosis: the areas of its template, and what was found in each of them at one review."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import UTCInstant
from hoshin.model.base import TITLE, Base


class DiagnosisArea(Base):
    """One area of the template; an archived one is asked no more and keeps its history."""

    __tablename__ = "diagnosis_areas"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(TITLE))
    question: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)
    archived_at: Mapped[datetime | None] = mapped_column(UTCInstant)


class Finding(Base):
    """One area as found at one diagnosis: a score from 1 to 5 for each phase, and a remark.

    `area_name` is what the area was called then; renaming it later changes no diagnosis of the past.
    """

    __tablename__ = "findings"
    __table_args__ = tuple(
        CheckConstraint(f"{phase}_score BETWEEN 1 AND 5", name=f"{phase}_score")
        for phase in ("scan", "plan", "do", "check", "act")
    )

    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("diagnosis_areas.id"), primary_key=True)
    area_name: Mapped[str] = mapped_column(String(TITLE))
    position: Mapped[int] = mapped_column(default=0)
    scan_score: Mapped[int | None]
    plan_score: Mapped[int | None]
    do_score: Mapped[int | None]
    check_score: Mapped[int | None]
    act_score: Mapped[int | None]
    remark: Mapped[str] = mapped_column(Text, default="")

"""Resources that were promised for an objective, and whether they were given."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.model.base import TITLE, Base


class Promise(Base):
    """People, money or time that somebody promised for an objective; withdrawn ones say why."""

    __tablename__ = "promises"
    __table_args__ = (CheckConstraint("given_on IS NULL OR withdrawn_on IS NULL", name="one_end"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    objective_id: Mapped[int] = mapped_column(ForeignKey("objectives.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    text: Mapped[str] = mapped_column(String(TITLE))
    promised_on: Mapped[date]
    due_on: Mapped[date | None]
    given_on: Mapped[date | None]
    withdrawn_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

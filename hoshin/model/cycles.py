"""Planning years, the KPIs that stand on each year's plan, and the months that are locked unit by unit."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import ExactDecimal, UTCInstant
from hoshin.engine.calendars import CycleSpan
from hoshin.engine.plans import Rotation
from hoshin.model.base import TITLE, Base, stored


class CycleState(StrEnum):
    """Where a planning year stands."""

    PLANNING = "planning"
    OPEN = "open"
    CLOSED = "closed"


class Cycle(Base):
    """A planning year, named FY and the year; its dates come from the fiscal calendar.

    With `catchball`, what a unit answers comes into force when both sides have agreed, not when one says so.
    A cycle that was closed with its items decided keeps when and by whom: its figures are read as known just before.
    """

    __tablename__ = "cycles"
    __table_args__ = (CheckConstraint("first_day < last_day", name="days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    first_day: Mapped[date] = mapped_column(unique=True)
    last_day: Mapped[date]
    state: Mapped[CycleState] = mapped_column(stored(words=CycleState, name="cycle_state"), default=CycleState.OPEN)
    rotation: Mapped[Rotation] = mapped_column(stored(words=Rotation, name="rotation"), default=Rotation.PRIORITY)
    catchball: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    closed_by: Mapped[str] = mapped_column(String(TITLE), default="")
    version: Mapped[int] = mapped_column(default=1)

    @property
    def span(self) -> CycleSpan:
        """The cycle as the engine sees it."""
        return CycleSpan(self.name, self.first_day, self.last_day)


class YearCell(StrEnum):
    """A figure of a KPI's whole year that can have a note beside it."""

    LAST_YEAR = "last_year"
    BASE = "base"
    YTD = "ytd"
    YTD_PLAN = "ytd_plan"
    YEAR_TARGET = "year_target"
    FORECAST = "forecast"


class CycleKPI(Base):
    """A KPI that belongs to a cycle: it has a reading in it (even an empty imported row) or was put on its plan.

    `forecast` is where its owner expects it to end the year; it never decides anything. `notes` has the line beside a
    figure of the whole year, by the name of its YearCell.
    """

    __tablename__ = "cycle_kpis"

    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"), primary_key=True)
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpis.id"), primary_key=True, index=True)
    forecast: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    notes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    recorded_at: Mapped[datetime] = mapped_column(UTCInstant)


class MonthLock(Base):
    """One month of one unit that is closed: it changes only by an audited revision."""

    __tablename__ = "month_locks"
    __table_args__ = (UniqueConstraint("unit_id", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    month: Mapped[date] = mapped_column(index=True)
    locked_at: Mapped[datetime] = mapped_column(UTCInstant)
    locked_by: Mapped[str] = mapped_column(String(TITLE))

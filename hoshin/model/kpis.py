"""KPIs, and their plan and actual for each period with every revision of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, Text, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from hoshin.db import ExactDecimal, UTCInstant
from hoshin.engine.calendars import Frequency
from hoshin.engine.metrics import Aggregation, KPIClass, Reading as EngineReading
from hoshin.engine.plans import Kind
from hoshin.engine.statuses import status_of
from hoshin.engine.verdicts import Band, Direction
from hoshin.model.base import TITLE, Base, stored
from hoshin.model.items import Item


class KPIKind(StrEnum):
    """Whether a KPI tells of the result or of the process that leads to it."""

    RESULT = "result"
    PROCESS = "process"


class KPI(Item):
    """A metric with one home unit; `name` is what the tables call it, `kpi_kind` its kind on the Jackson matrix."""

    __tablename__ = "kpis"
    __mapper_args__ = {"polymorphic_identity": Kind.KPI}

    id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    uom: Mapped[str] = mapped_column(String(80), default="")
    direction: Mapped[Direction | None] = mapped_column(stored(words=Direction, name="direction"))
    tolerance: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    frequency: Mapped[Frequency] = mapped_column(stored(words=Frequency, name="frequency"), default=Frequency.MONTH)
    aggregation: Mapped[Aggregation] = mapped_column(
        stored(words=Aggregation, name="aggregation"), default=Aggregation.LAST
    )
    baseline: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    kpi_kind: Mapped[KPIKind] = mapped_column(stored(words=KPIKind, name="kpi_kind"), default=KPIKind.RESULT)
    kpi_class: Mapped[KPIClass | None] = mapped_column(
        stored(words=KPIClass, name="kpi_class"), default=KPIClass.BREAKTHROUGH
    )


class Figures:
    """Plan and actual of one period as typed, and the bands they mean.

    `band_*` is what decides a hit now, `first_*` what was first agreed, and so for a typed year to date; all stay as
    they were when the KPI's direction or tolerance changes later. `status` is the verdict these make, in the letters
    of engine.statuses; it is written with every row and never set by hand.
    """

    target: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    low: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    high: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    stretch: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    actual: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    ytd_target: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    ytd_low: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    ytd_high: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    ytd_actual: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    band_low: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    band_high: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    first_low: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    first_high: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    ytd_band_low: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    ytd_band_high: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    ytd_first_low: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    ytd_first_high: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    note: Mapped[str] = mapped_column(Text, default="")
    plan_note: Mapped[str] = mapped_column(Text, default="", server_default="")
    status: Mapped[str] = mapped_column(String(2), default="tt")

    def as_reading(self) -> EngineReading:
        """The figures as the engine judges them."""
        return EngineReading(
            band=_band(self.band_low, self.band_high),
            actual=self.actual,
            first_band=_band(self.first_low, self.first_high),
            ytd_band=_band(self.ytd_band_low, self.ytd_band_high),
            ytd_actual=self.ytd_actual,
            ytd_first_band=_band(self.ytd_first_low, self.ytd_first_high),
        )

    def verdicts(self) -> str:
        """What `status` has to say: the period's verdict and that against the target first agreed, as letters."""
        now, first = (self.band_low, self.band_high), (self.first_low, self.first_high)
        band = _band(*now)
        same = now == first
        known = EngineReading(band=band, actual=self.actual, first_band=band if same else _band(*first))
        return status_of(reading=known)


class Reading(Figures, Base):
    """The figures of one KPI for one period as they stand now; the key leads with the period, as a report scans it."""

    __tablename__ = "readings"
    __table_args__ = (
        Index("ix_readings_kpi", "kpi_id"),
        Index("ix_readings_status", "period", "kpi_id", "status"),
    )

    period: Mapped[date] = mapped_column(primary_key=True)
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpis.id"), primary_key=True)
    amended: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime] = mapped_column(UTCInstant)
    version: Mapped[int] = mapped_column(default=1)


class Revision(Figures, Base):
    """The figures of one KPI for one period after one change: never altered, so that any past day can be read again.

    `agreed_by` is whoever agreed to the amendment that `recorded_by` had proposed.
    """

    __tablename__ = "revisions"
    __table_args__ = (
        Index("ix_revisions_recorded", "recorded_at"),
        Index("ix_revisions_reading", "kpi_id", "period"),
        Index("ix_revisions_known", "period", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[date]
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpis.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCInstant)
    recorded_by: Mapped[str] = mapped_column(String(TITLE))
    journal_id: Mapped[int] = mapped_column(index=True)
    amendment: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    agreed_by: Mapped[str] = mapped_column(String(TITLE), default="")


class PlainReading(Figures):
    """A reading past the session: a row as it stands, or one that is to be; `version` 0 says that it is not there yet.

    `changes` tells its columns that say something else than when it was read.
    """

    period: date
    kpi_id: int
    amended: bool
    recorded_at: datetime
    version: int

    def __init__(self, *, known: Mapping[str, Any]) -> None:
        self.__dict__.update(known)
        self._known = known

    @classmethod
    def new(cls, *, kpi_id: int, period: date) -> PlainReading:
        """An empty one, of which nothing is stored."""
        made = cls(known=_EMPTY)
        made.kpi_id, made.period = kpi_id, period
        return made

    def settle(self) -> None:
        """As it stands now it has been stored."""
        self._known = {name: self.__dict__[name] for name in self._known}

    def changes(self) -> dict[str, Any]:
        """The columns that changed, with what they say now."""
        now = self.__dict__
        return {name: now[name] for name, value in self._known.items() if now[name] != value}


_EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(name for name in Figures.__annotations__),
    "note": "",
    "plan_note": "",
    "status": "tt",
    "amended": False,
    "version": 0,
}


@event.listens_for(Figures, "before_insert", propagate=True)
@event.listens_for(Figures, "before_update", propagate=True)
def _keep_status(_mapper: Mapper[Figures], _connection: Connection, figures: Figures) -> None:
    figures.status = figures.verdicts()


def _band(low: Decimal | None, high: Decimal | None) -> Band | None:
    return Band(low, high) if low is not None or high is not None else None

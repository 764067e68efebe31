"""What the grids of targets and actuals need: KPIs, their readings, the locked months; a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
from hoshin.engine.calendars import FiscalCalendar, Period
from hoshin.model.cycles import MonthLock
from hoshin.model.kpis import KPI, Reading
from hoshin.model.units import Unit
from hoshin.queries.home import kpis_of
from hoshin.queries.kpis import list_readings
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_organisation


@dataclass(frozen=True, slots=True)
class GridFacts:
    """The KPIs of a grid with all that stands in it between two days; locks are (unit, first of the month)."""

    calendar: FiscalCalendar
    kpis: Sequence[KPI]
    readings: Mapping[tuple[int, date], Reading]
    locks: frozenset[tuple[int, date]]
    people: Mapping[int, str]
    units: Mapping[int, str]

    def reading(self, *, kpi: KPI, period: Period) -> Reading | None:
        """What stands for the KPI and period, or None."""
        return self.readings.get((kpi.id, period.first))

    def is_locked(self, *, kpi: KPI, period: Period) -> bool:
        """Whether the period has been closed: it is locked with its last month."""
        return (kpi.unit_id, period.last.replace(day=1)) in self.locks


def unit_grid(*, session: Session, actor: Actor, unit_id: int, first: date, last: date) -> GridFacts:
    """The KPIs at home in the unit that live between the two days."""
    return _load(session, actor, KPI.unit_id == unit_id, first, last)


def kpi_grid(*, session: Session, actor: Actor, kpi_id: int, first: date, last: date) -> GridFacts:
    """One KPI, when it lives between the two days."""
    return _load(session, actor, KPI.id == kpi_id, first, last)


def own_grid(*, session: Session, actor: Actor, first: date, last: date) -> GridFacts:
    """The KPIs that the actor owns or reports, whatever their unit, that live between the two days."""
    mine = KPI.id.in_(kpis_of(person_id=actor.person or 0))
    return _load(session, actor, mine, first, last)


def _load(session: Session, actor: Actor, which: ColumnElement[bool], first: date, last: date) -> GridFacts:
    living = (
        or_(KPI.valid_from.is_(None), KPI.valid_from <= last),
        or_(KPI.valid_to.is_(None), KPI.valid_to >= first),
        KPI.archived_at.is_(None),
    )
    query = select(KPI).where(which, readable_items(actor=actor), *living)
    kpis = session.scalars(query.order_by(KPI.unit_id, KPI.position, KPI.id)).all()
    found = list_readings(session=session, kpi_ids=[one.id for one in kpis], first=first, last=last)
    locks = session.execute(
        select(MonthLock.unit_id, MonthLock.month).where(MonthLock.month >= first, MonthLock.month <= last)
    )
    return GridFacts(
        calendar=get_organisation(session=session).calendar,
        kpis=kpis,
        readings={(one.kpi_id, one.period): one for one in found},
        locks=frozenset((unit, month) for unit, month in locks),
        people=people_names(session=session),
        units=dict(session.execute(select(Unit.id, Unit.name)).all()),
    )

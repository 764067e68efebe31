"""What a bowling chart is made from: KPIs, two years of readings, forecasts, locks and what is open about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
from hoshin.engine.calendars import CycleSpan, FiscalCalendar
from hoshin.engine.plans import State
from hoshin.engine.serving import serving
from hoshin.engine.signals import Scheme
from hoshin.model.cycles import Cycle, CycleKPI, MonthLock
from hoshin.model.items import Item
from hoshin.model.kpis import KPI, Reading
from hoshin.model.units import Unit
from hoshin.queries.attainment import Attainment, load_unit
from hoshin.queries.countermeasures import open_by_kpi
from hoshin.queries.kpis import list_readings
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_organisation, get_unit


@dataclass(frozen=True, slots=True)
class ChartFacts:
    """The KPIs of a chart with all that stands in its rows.

    `readings` go back to the cycle before; `open_answers` holds the open countermeasure of a KPI, `locks` are
    (unit, first of the month).
    """

    cycle: CycleSpan
    before: CycleSpan
    calendar: FiscalCalendar
    scheme: Scheme
    amber_percent: int
    kpis: Sequence[KPI]
    readings: Mapping[int, Mapping[date, Reading]]
    forecasts: Mapping[int, CycleKPI]
    open_answers: Mapping[int, int]
    locks: frozenset[tuple[int, date]]
    people: Mapping[int, str]


def unit_chart(*, session: Session, actor: Actor, unit_id: int, shared: Iterable[int], cycle: Cycle) -> ChartFacts:
    """The readable KPIs of the unit and those shared with it, drafts left out, in a fixed number of statements."""
    key = Item.__table__.c.id  # in the table of the unit: across two tables no index would help with an OR
    query = (
        select(KPI)
        .where(readable_items(actor=actor), or_(KPI.unit_id == unit_id, key.in_(list(shared))))
        .where(KPI.state != State.DRAFT, or_(KPI.valid_to.is_(None), KPI.valid_to >= cycle.first_day))
    )
    kpis = session.scalars(query.order_by(KPI.unit_id, KPI.position, KPI.id)).all()
    return chart_of(session=session, kpis=kpis, cycle=cycle)


def named_chart(*, session: Session, actor: Actor, kpi_ids: Iterable[int], cycle: Cycle) -> ChartFacts:
    """The same of the KPIs that are named, as far as the actor may read them."""
    query = select(KPI).where(readable_items(actor=actor), KPI.id.in_(list(kpi_ids)), KPI.state != State.DRAFT)
    return chart_of(session=session, kpis=session.scalars(query.order_by(KPI.id)).all(), cycle=cycle)


def chart_of(*, session: Session, kpis: Sequence[KPI], cycle: Cycle) -> ChartFacts:
    """Everything about these KPIs that a chart of the cycle says."""
    known, span = get_organisation(session=session), cycle.span
    before = known.calendar.cycle_of(day=span.first - timedelta(days=1))
    keys = [one.id for one in kpis]
    readings: dict[int, dict[date, Reading]] = {key: {} for key in keys}
    for one in list_readings(session=session, kpi_ids=keys, first=before.first, last=span.last):
        readings[one.kpi_id][one.period] = one
    on_plan = select(CycleKPI).where(CycleKPI.cycle_id == cycle.id, CycleKPI.kpi_id.in_(keys))
    locks = select(MonthLock.unit_id, MonthLock.month).where(
        MonthLock.month >= span.first, MonthLock.month <= span.last
    )
    return ChartFacts(
        cycle=span,
        before=before,
        calendar=known.calendar,
        scheme=known.scheme,
        amber_percent=known.amber_percent,
        kpis=kpis,
        readings=readings,
        forecasts={one.kpi_id: one for one in session.scalars(on_plan)},
        open_answers=open_by_kpi(session=session, kpi_ids=keys),
        locks=frozenset((unit, month) for unit, month in session.execute(locks)),
        people=people_names(session=session),
    )


@dataclass(frozen=True, slots=True)
class ChartSource:
    """What a unit's chart is drawn from."""

    unit: Unit
    cycle: Cycle
    attainment: Attainment
    facts: ChartFacts


def chart_source(*, session: Session, actor: Actor, unit_id: int, cycle: Cycle, now: datetime) -> ChartSource:
    """What the reader may see of the unit's KPIs and of those that serve it; Missing for a unit that is hidden."""
    unit = get_unit(session=session, actor=actor, unit_id=unit_id)
    attainment = load_unit(session=session, cycle=cycle, unit_id=unit_id, now=now)
    below = serving(plan=attainment.plan, asked=attainment.asked, unit_id=unit_id)
    linked = [key for keys in below.values() for key in keys]
    facts = unit_chart(session=session, actor=actor, unit_id=unit_id, shared=linked, cycle=cycle)
    return ChartSource(unit, cycle, attainment, facts)

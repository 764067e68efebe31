"""KPIs are written and rewritten; what decides their hits changes only with a signature and a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import bands, items, journal
from hoshin.commands.cycles import put_on_plan
from hoshin.commands.proposing import Change, Desk
from hoshin.commands.readings import rederive
from hoshin.engine.calendars import Frequency
from hoshin.engine.metrics import Aggregation, KPIClass
from hoshin.engine.plans import Kind, State
from hoshin.engine.verdicts import Direction
from hoshin.errors import Problem, Refused
from hoshin.model.cycles import CycleKPI
from hoshin.model.kpis import KPI, KPIKind
from hoshin.model.people import Person
from hoshin.queries.attainment import today_in
from hoshin.queries.items import subject_for
from hoshin.queries.kpis import list_readings
from hoshin.queries.units import get_organisation

UOM = 80
DECIDING = ("direction", "tolerance", "aggregation")
"""What decides whether the same figures hit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KPIWish(items.ItemWish):
    """A KPI; `cycle_id` is the cycle on whose plan it is put, None for none."""

    reporter_id: int | None = None
    uom: str = ""
    direction: Direction | None = None
    tolerance: Decimal | None = None
    frequency: Frequency = Frequency.MONTH
    aggregation: Aggregation = Aggregation.LAST
    baseline: Decimal | None = None
    kpi_kind: KPIKind = KPIKind.RESULT
    kpi_class: KPIClass | None = KPIClass.BREAKTHROUGH
    cycle_id: int | None = None


def create_kpi(*, session: Session, wish: KPIWish, by: Actor, at: datetime) -> KPI:
    """A new draft KPI at the end of the unit's list, valid from its cycle's first day unless the wish names another."""
    require(actor=by, act=Act.WRITE_PLAN, subject=Subject(unit=wish.unit_id))
    problems = _problems(session, wish, None)
    if wish.cycle_id is not None:
        problems += items.check_cycle(session=session, cycle_id=wish.cycle_id)
    if problems:
        raise Refused.because(problems)
    kpi = KPI(kind=Kind.KPI, unit_id=wish.unit_id)
    _assign(kpi, wish)
    dated = items.from_cycle(session=session, wish=wish, cycle_id=wish.cycle_id)
    items.add(session=session, item=kpi, wish=dated, by=by, at=at)
    if wish.cycle_id is not None:
        put_on_plan(session=session, cycle_id=wish.cycle_id, kpi_id=kpi.id, at=at)
    return kpi


def edit_kpi(*, session: Session, item_id: int, wish: KPIWish, by: Actor, at: datetime) -> KPI:
    """Rewrite a KPI; raises Stale when somebody else saved it first.

    What decides its hits changes for open periods only, once it is in force with the head's signature and a reason.
    Once targets were agreed, another aggregation only waits for the level above, as other targets do: it stays.
    """
    kpi = items.writable(session=session, item_id=item_id, by=by, kind=KPI)
    items.refuse_stale(item=kpi, version=wish.version)
    problems = items.check_edit(session=session, by=by, item=kpi, wish=wish, cycle_id=None)
    problems += _problems(session, wish, kpi)
    problems += _deciding_problems(session, kpi, wish, by)
    if wish.cycle_id is not None and session.get(CycleKPI, (wish.cycle_id, kpi.id)) is None:
        problems += items.check_cycle(session=session, cycle_id=wish.cycle_id)
    if problems:
        raise Refused.because(problems)
    kept = _put_before_the_level_above(session, kpi, wish, by, at)
    band_changes = (kpi.direction, kpi.tolerance) != (wish.direction, wish.tolerance)
    with journal.changing(session=session, by=by, at=at, thing=kpi, why=wish.reason):
        items.assign(item=kpi, wish=kept)
        _assign(kpi, kept)
    if band_changes:
        rederive(session=session, kpi=kpi, reason=wish.reason, by=by, at=at)
    if wish.cycle_id is not None:
        put_on_plan(session=session, cycle_id=wish.cycle_id, kpi_id=kpi.id, at=at)
    return kpi


def _put_before_the_level_above(session: Session, kpi: KPI, wish: KPIWish, by: Actor, at: datetime) -> KPIWish:
    """What of the wish may stand at once: how the year is taken together decides whether it hit what was agreed."""
    readings = list_readings(session=session, kpi_ids=[kpi.id])
    is_agreed = kpi.state is not State.DRAFT and any(bands.is_agreed(reading=one) for one in readings)
    if wish.aggregation is kpi.aggregation or not is_agreed:
        return wish
    today = today_in(organisation=get_organisation(session=session), now=at)
    desk = Desk(session=session, kpis={kpi.id: kpi}, by=by, today=today)
    if not desk.is_asked(kpi):
        return wish
    if wrong := desk.refuses(kpi):
        raise Refused(Problem(wrong, field="aggregation"))
    before, after = {"aggregation": kpi.aggregation.value}, {"aggregation": wish.aggregation.value}
    desk.put[kpi.id].append(Change(period=None, before=before, after=after))
    desk.write(reason=wish.reason.strip(), revises=False, at=at)
    return replace(wish, aggregation=kpi.aggregation)


def _assign(kpi: KPI, wish: KPIWish) -> None:
    kpi.reporter_id, kpi.uom = wish.reporter_id, wish.uom
    kpi.direction, kpi.tolerance = wish.direction, wish.tolerance
    kpi.frequency, kpi.aggregation = wish.frequency, wish.aggregation
    kpi.baseline, kpi.kpi_kind, kpi.kpi_class = wish.baseline, wish.kpi_kind, wish.kpi_class


def _problems(session: Session, wish: KPIWish, kpi: KPI | None) -> list[Problem]:
    problems = items.check_wish(session=session, wish=wish, kind=Kind.KPI, cycle_id=None, item=kpi)
    if wish.reporter_id is not None and session.get(Person, wish.reporter_id) is None:
        problems.append(Problem("there is no such person", field="reporter_id"))
    if len(wish.uom) > UOM:
        problems.append(Problem(f"at most {UOM} characters", field="uom"))
    if wish.tolerance is not None and wish.tolerance < 0:
        problems.append(Problem("a tolerance is not negative", field="tolerance"))
    return problems


def _deciding_problems(session: Session, kpi: KPI, wish: KPIWish, by: Actor) -> list[Problem]:
    """What the edit changes of what decides hits; raises Forbidden when the actor may not amend targets."""
    problems = []
    if wish.frequency is not kpi.frequency and list_readings(session=session, kpi_ids=[kpi.id]):
        problems.append(Problem("there are readings already: end this KPI and begin another one", field="frequency"))
    decides = any(getattr(wish, name) != getattr(kpi, name) for name in DECIDING)
    if decides and kpi.state is not State.DRAFT:
        require(actor=by, act=Act.AMEND_TARGETS, subject=subject_for(session=session, item=kpi))
        if not wish.reason.strip():
            problems.append(Problem("this changes what hits: say why", field="reason"))
    return problems

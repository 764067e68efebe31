"""Planning cycles come into being, and KPIs are put on their plans."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import journal
from hoshin.engine.calendars import CycleSpan
from hoshin.model.cycles import Cycle, CycleKPI
from hoshin.queries.cycles import find_cycle


def ensure_cycle(*, session: Session, span: CycleSpan, by: Actor, at: datetime) -> Cycle:
    """The cycle of that fiscal year, created when it does not exist; the caller has asked for the right."""
    found = find_cycle(session=session, name=span.name)
    if found is None:
        found = Cycle(name=span.name, first_day=span.first, last_day=span.last)
        journal.created(session=session, by=by, at=at, thing=found)
    return found


def put_on_plan(*, session: Session, cycle_id: int, kpi_id: int, at: datetime) -> bool:
    """Let the KPI belong to the cycle; False when it did already."""
    if session.get(CycleKPI, (cycle_id, kpi_id)) is not None:
        return False
    session.add(CycleKPI(cycle_id=cycle_id, kpi_id=kpi_id, recorded_at=at))
    session.flush()
    return True


def whole_cycle(*, cycle: Cycle) -> tuple[date, date]:
    """First and last day: the validity of what belongs to the cycle unless somebody says otherwise."""
    return cycle.first_day, cycle.last_day

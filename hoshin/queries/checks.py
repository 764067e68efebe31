"""What the lint of the plan needs to know of it, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.calendars import Frequency
from hoshin.engine.checks import Facts, Finding, check_plan
from hoshin.engine.metrics import Asked, Mode
from hoshin.engine.plans import Kind, Plan
from hoshin.errors import Missing
from hoshin.model.actions import Action, Status
from hoshin.model.cycles import Cycle
from hoshin.model.kpis import KPI
from hoshin.queries.attainment import today_in
from hoshin.queries.cycles import get_cycle, nearest_cycle
from hoshin.queries.plans import load_plan
from hoshin.queries.units import get_organisation

CLOSED = (Status.DONE, Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of one cycle's plan, and the plan they were made on."""

    cycle: str
    plan: Plan
    findings: tuple[Finding, ...]


def load_facts(*, session: Session, plan: Plan | None = None) -> Facts:
    """What the rules ask beyond the plan, of everything or of a part of the plan; two statements."""
    kpis, actions = KPI.__table__.c, Action.__table__.c
    directed = select(kpis.id).where(kpis.direction.is_not(None))
    closed = select(actions.id).where(actions.status.in_(CLOSED))
    if plan is not None:
        directed = directed.where(kpis.id.in_([one.key for one in plan.items if one.kind is Kind.KPI]))
        closed = closed.where(actions.id.in_([one.key for one in plan.items if one.kind is Kind.ACTION]))
    return Facts(
        with_direction=frozenset(session.scalars(directed)), closed_actions=frozenset(session.scalars(closed))
    )


def load_check(*, session: Session, now: datetime, cycle: str | None = None) -> Checked:
    """Check the plan of a cycle (default: the one that holds today, or the nearest) as it stands today.

    Raises Missing when there is no such cycle.
    """
    organisation = get_organisation(session=session)
    today = today_in(organisation=organisation, now=now)
    found = get_cycle(session=session, name=cycle) if cycle else nearest_cycle(session=session, day=today)
    if found is None:
        raise Missing("there is no cycle yet")
    plan = load_plan(session=session, cycle=found)
    return Checked(found.name, plan, check_today(session=session, plan=plan, cycle=found, today=today))


def check_today(
    *, session: Session, plan: Plan, cycle: Cycle, today: date, is_part: bool = False
) -> tuple[Finding, ...]:
    """What the rules find in a cycle's plan, or in a part of it, as it stands today; two statements."""
    day = min(max(today, cycle.first_day), cycle.last_day)
    month = plan.calendar.period_of(day=day, frequency=Frequency.MONTH)
    asked = Asked(cycle.span, month, Mode.PERIOD, today)
    return tuple(check_plan(plan=plan, asked=asked, facts=load_facts(session=session, plan=plan if is_part else None)))

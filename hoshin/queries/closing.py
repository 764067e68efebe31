"""What has to be decided before a cycle can be closed, what has been, and what goes on with it into the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, with_polymorphic

from hoshin.engine.closing import Fate
from hoshin.engine.plans import Kind, State
from hoshin.model.actions import Action
from hoshin.model.base import facts
from hoshin.model.closing import ClosingChoice
from hoshin.model.cycles import Cycle, CycleKPI, CycleState
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Reading
from hoshin.model.links import Correlation, Deployment

LIFE = ("state", "valid_to", "end_reason", "archived_at")
"""What closing changes of an item that it ends."""

ORDER = (Kind.OBJECTIVE, Kind.PRIORITY, Kind.ACTION, Kind.KPI)


def list_to_decide(*, session: Session, cycle: Cycle, unit_ids: Collection[int] | None = None) -> list[Item]:
    """Every item of the cycle of which nobody has said yet that it ended, unit by unit, whoever asks; one statement.

    These are the objectives in force, the priorities and actions of the cycle (drafts too), and the KPIs on its plan;
    what has lapsed before the cycle's last day, what was archived, and drafts of objectives are left out.
    """
    whole = with_polymorphic(Item, [Objective, Priority, Action, KPI])
    on_plan = select(CycleKPI.kpi_id).where(CycleKPI.cycle_id == cycle.id)
    query = (
        select(whole)
        .where(whole.archived_at.is_(None), whole.state != State.ENDED)
        .where(
            or_(
                whole.cycle_id == cycle.id,
                (whole.kind == Kind.OBJECTIVE) & (whole.state == State.ACTIVE),
                (whole.kind == Kind.KPI) & whole.id.in_(on_plan),
            )
        )
        .where(or_(whole.valid_from.is_(None), whole.valid_from <= cycle.last_day))
        .where(or_(whole.valid_to.is_(None), whole.valid_to >= cycle.last_day, whole.state == State.DRAFT))
    )
    if unit_ids is not None:
        query = query.where(whole.unit_id.in_(unit_ids))
    found = session.scalars(query).all()
    return sorted(found, key=lambda one: (one.unit_id, ORDER.index(one.kind), one.position, one.id))


def list_choices(*, session: Session, cycle_id: int, lock: bool = False) -> dict[int, ClosingChoice]:
    """What has been chosen for the items of a cycle, by item; `lock` holds the choices until the transaction ends."""
    query = select(ClosingChoice).where(ClosingChoice.cycle_id == cycle_id).order_by(ClosingChoice.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return {one.item_id: one for one in session.scalars(query)}


def count_undecided(*, session: Session, cycle: Cycle, unit_ids: Collection[int]) -> int:
    """How many items of the units wait for a word, in two statements; none once the cycle is closed."""
    if cycle.state is CycleState.CLOSED:
        return 0
    found = list_to_decide(session=session, cycle=cycle, unit_ids=unit_ids)
    chosen = session.scalars(select(ClosingChoice.item_id).where(ClosingChoice.cycle_id == cycle.id))
    return len({one.id for one in found if one.state is not State.DRAFT} - set(chosen))


def list_decided(*, session: Session, cycle_id: int) -> list[tuple[ClosingChoice, Item]]:
    """Every choice of a cycle with its item, unit by unit."""
    whole = with_polymorphic(Item, [Objective, Priority, Action, KPI])
    query = select(ClosingChoice, whole).join(whole, whole.id == ClosingChoice.item_id)
    rows = session.execute(query.where(ClosingChoice.cycle_id == cycle_id))
    found = [(choice, item) for choice, item in rows]
    return sorted(found, key=lambda one: (one[1].unit_id, ORDER.index(one[1].kind), one[1].position, one[1].id))


@dataclass(frozen=True, slots=True)
class EndedByClosing:
    """An item that closing took out of the plan, and the facts of it before that, as the journal keeps them."""

    item: Item
    before: dict[str, Any]


def list_ended_by_closing(*, session: Session, cycle: Cycle) -> list[EndedByClosing]:
    """What closing this closed cycle ended, or archived as a draft, and nobody has decided anew; two statements."""
    if cycle.closed_at is None:
        return []
    query = select(JournalLine).where(JournalLine.at == cycle.closed_at, JournalLine.verb.in_(["ended", "archived"]))
    lines = {one.subject_id: one for one in session.scalars(query) if one.subject in list(Kind)}
    found: list[EndedByClosing] = []
    for choice, item in list_decided(session=session, cycle_id=cycle.id):
        line = lines.get(str(item.id))
        if choice.fate is Fate.END and line is not None and line.before and line.after:
            stands = facts(of=item)
            if all(stands[name] == line.after[name] for name in LIFE):
                found.append(EndedByClosing(item, line.before))
    return found


def last_actuals(*, session: Session, cycle: Cycle, kpi_ids: Iterable[int]) -> dict[int, Decimal]:
    """The latest actual of each KPI within the cycle; those that were never read are left out."""
    query = (
        select(Reading.kpi_id, Reading.actual)
        .where(Reading.kpi_id.in_(list(kpi_ids)), Reading.period.between(cycle.first_day, cycle.last_day))
        .where(Reading.actual.is_not(None))
        .order_by(Reading.period)
    )
    return {kpi: actual for kpi, actual in session.execute(query) if actual is not None}


def readings_in(*, session: Session, cycle: Cycle, kpi_ids: Iterable[int]) -> dict[int, list[Reading]]:
    """The readings of the KPIs for the periods that begin within the cycle, in order."""
    query = select(Reading).where(
        Reading.kpi_id.in_(list(kpi_ids)), Reading.period.between(cycle.first_day, cycle.last_day)
    )
    found: dict[int, list[Reading]] = defaultdict(list)
    for one in session.scalars(query.order_by(Reading.period)):
        found[one.kpi_id].append(one)
    return found


def links_between(*, session: Session, item_ids: Collection[int]) -> Sequence[Correlation]:
    """The correlations of which both ends are among the items."""
    query = select(Correlation).where(Correlation.upper_id.in_(item_ids), Correlation.lower_id.in_(item_ids))
    return session.scalars(query.order_by(Correlation.id)).all()


def answers_to(*, session: Session, source_ids: Collection[int]) -> Sequence[Deployment]:
    """The deployments of these items that have not ended."""
    query = select(Deployment).where(Deployment.source_id.in_(source_ids), Deployment.state != State.ENDED)
    return session.scalars(query.order_by(Deployment.id)).all()

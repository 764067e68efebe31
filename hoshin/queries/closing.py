"""What has to be decided before a cycle can be closed, what has been, and what goes on with it into the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
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
from hoshin.queries.many import among

LIFE = ("state", "valid_to", "end_reason", "archived_at")
"""What closing changes of an item that it ends."""

ORDER = (Kind.OBJECTIVE, Kind.PRIORITY, Kind.ACTION, Kind.KPI)


def list_to_decide(
    *,
    session: Session,
    cycle: Cycle,
    unit_ids: Collection[int] | None = None,
    item_ids: Collection[int] | None = None,
) -> list[Item]:
    """Every item of the cycle of which nobody has said yet that it ended, unit by unit, whoever asks; one statement.

    These are the objectives in force, the priorities and actions of the cycle (drafts too), and the KPIs on its plan;
    what has lapsed before the cycle's last day, what was archived, and drafts of objectives are left out.
    Of these units or items alone where any are named.
    """
    whole = with_polymorphic(Item, [Objective, Priority, Action, KPI])
    query = select(whole).where(*_waits(whole, cycle))
    if unit_ids is not None:
        query = query.where(among(session=session, column=whole.unit_id, keys=unit_ids))
    if item_ids is not None:
        query = query.where(among(session=session, column=whole.id, keys=item_ids))
    found = session.scalars(query).all()
    return sorted(found, key=lambda one: (one.unit_id, ORDER.index(one.kind), one.position, one.id))


def _waits(of: Any, cycle: Cycle) -> Sequence[ColumnElement[bool]]:
    on_plan = select(CycleKPI.kpi_id).where(CycleKPI.cycle_id == cycle.id)
    return (
        of.archived_at.is_(None),
        of.state != State.ENDED,
        or_(
            of.cycle_id == cycle.id,
            (of.kind == Kind.OBJECTIVE) & (of.state == State.ACTIVE),
            (of.kind == Kind.KPI) & of.id.in_(on_plan),
        ),
        or_(of.valid_from.is_(None), of.valid_from <= cycle.last_day),
        or_(of.valid_to.is_(None), of.valid_to >= cycle.last_day, of.state == State.DRAFT),
    )


def count_progress(*, session: Session, cycle: Cycle) -> dict[int, tuple[int, int]]:
    """How many items of each unit wait for a word or have one, and how many have one; drafts need none; one statement.

    Units without such an item are left out.
    """
    chosen = (ClosingChoice.item_id == Item.id) & (ClosingChoice.cycle_id == cycle.id)
    query = (
        select(Item.unit_id, func.count(Item.id), func.count(ClosingChoice.id))
        .join(ClosingChoice, chosen, isouter=True)
        .where(*_waits(Item, cycle), Item.state != State.DRAFT)
        .group_by(Item.unit_id)
    )
    return {unit: (total, decided) for unit, total, decided in session.execute(query)}


def list_choices(*, session: Session, cycle_id: int, lock: bool = False) -> dict[int, ClosingChoice]:
    """What has been chosen for the items of a cycle, by item; `lock` holds the choices until the transaction ends."""
    query = select(ClosingChoice).where(ClosingChoice.cycle_id == cycle_id).order_by(ClosingChoice.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return {one.item_id: one for one in session.scalars(query)}


def count_undecided(*, session: Session, cycle: Cycle, unit_ids: Collection[int]) -> int:
    """How many items of the units wait for a word, in one statement; none once the cycle is closed."""
    if cycle.state is CycleState.CLOSED:
        return 0
    found = count_progress(session=session, cycle=cycle)
    return sum(total - decided for unit, (total, decided) in found.items() if unit in unit_ids)


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
        .where(among(session=session, column=Reading.kpi_id, keys=kpi_ids))
        .where(Reading.period.between(cycle.first_day, cycle.last_day))
        .where(Reading.actual.is_not(None))
        .order_by(Reading.period)
    )
    return {kpi: actual for kpi, actual in session.execute(query) if actual is not None}


def readings_in(*, session: Session, cycle: Cycle, kpi_ids: Iterable[int]) -> dict[int, list[Reading]]:
    """The readings of the KPIs for the periods that begin within the cycle, in order."""
    query = select(Reading).where(
        among(session=session, column=Reading.kpi_id, keys=kpi_ids),
        Reading.period.between(cycle.first_day, cycle.last_day),
    )
    found: dict[int, list[Reading]] = defaultdict(list)
    for one in session.scalars(query.order_by(Reading.period)):
        found[one.kpi_id].append(one)
    return found


def links_between(*, session: Session, item_ids: Collection[int]) -> Sequence[Correlation]:
    """The correlations of which both ends are among the items."""
    query = select(Correlation).where(
        among(session=session, column=Correlation.upper_id, keys=item_ids),
        among(session=session, column=Correlation.lower_id, keys=item_ids),
    )
    return session.scalars(query.order_by(Correlation.id)).all()


def answers_to(*, session: Session, source_ids: Collection[int]) -> Sequence[Deployment]:
    """The deployments of these items that have not ended."""
    mine = among(session=session, column=Deployment.source_id, keys=source_ids)
    query = select(Deployment).where(mine, Deployment.state != State.ENDED)
    return session.scalars(query.order_by(Deployment.id)).all()

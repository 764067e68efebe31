"""The second signature puts everything in force at once: the answer, its objective, the package and its amendments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import items, journal
from hoshin.commands.bands import Values
from hoshin.commands.readings import CellWish, record_cells
from hoshin.engine.plans import State
from hoshin.engine.ramps import ramp
from hoshin.engine.verdicts import Direction
from hoshin.errors import Problem, Refused
from hoshin.model.base import TITLE
from hoshin.model.catchball import Offer
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective
from hoshin.model.kpis import KPI
from hoshin.model.links import Deployment
from hoshin.queries.attainment import today_in
from hoshin.queries.packages import list_package_items
from hoshin.queries.units import get_organisation

WHY = "agreed in catchball"

Target = Decimal | tuple[Decimal, Decimal]
"""A target, or the low and high bound of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What is asked for one item of a package: another name, other targets from a day on, or that it is taken out.

    `target` holds for every period, or leads in even steps to `last` at the year's end; `figures` are one for each
    period. A range is a pair. Taking out the objective itself ends the answer.
    """

    item_id: int
    name: str = ""
    first: date | None = None
    target: Target | None = None
    last: Decimal | None = None
    figures: Sequence[Target] = ()
    out: bool = False


def amended(
    *, session: Session, objective: Item, cycle: Cycle, amendments: Sequence[Amendment]
) -> list[dict[str, Any]]:
    """The amendments as plain facts: per item its name before and after, and each period with its new target.

    Raises Refused with every problem: items outside the package, names that are too long, targets without a month.
    """
    package = list_package_items(session=session, objective=objective, cycle=cycle)
    known = {one.id: one for one in (objective, *package)}
    found, problems = [], []
    for one in amendments:
        item = known.get(one.item_id)
        wrong = _wrong(one, item)
        if wrong or item is None:
            problems.append(Problem(wrong, field=f"i{one.item_id}"))
            continue
        fact = _fact(session, item, cycle, one)
        found += [fact] if len(fact) > 2 else []
    if problems:
        raise Refused.because(problems)
    return found


def _wrong(wish: Amendment, item: Item | None) -> str:
    if item is None:
        return "this is not part of the answering unit’s plan"
    if len(wish.name) > TITLE:
        return f"at most {TITLE} characters"
    wanted = [*wish.figures, *([wish.target] if wish.target is not None else [])]
    if (wish.first is None) != (not wanted):
        return "a new target needs its figure and the month from which it holds"
    if wanted and not isinstance(item, KPI):
        return "only a KPI has targets"
    ranges = isinstance(item, KPI) and item.direction is Direction.BETWEEN
    if any(isinstance(one, tuple) is not ranges for one in wanted) or (ranges and wish.last is not None):
        return "a target between two bounds is written like 10..20" if ranges else "write one figure, not a range"
    return "the low bound lies above the high one" if any(_is_upside_down(one) for one in wanted) else ""


def _is_upside_down(target: Target) -> bool:
    return isinstance(target, tuple) and target[0] > target[1]


def _fact(session: Session, item: Item, cycle: Cycle, wish: Amendment) -> dict[str, Any]:
    fact: dict[str, Any] = {"id": item.id, "was": item.name}
    if wish.name and wish.name != item.name:
        fact["name"] = wish.name
    if wish.out:
        return {"id": item.id, "was": item.name, "out": True}
    if isinstance(item, KPI) and wish.first is not None:
        calendar = get_organisation(session=session).calendar
        first = max(wish.first, cycle.first_day)
        periods = list(calendar.periods(first=first, last=cycle.last_day, frequency=item.frequency))
        targets = _year(wish, len(periods))
        if len(targets) > len(periods):
            said = f"these are {len(targets)} figures, but only {len(periods)} periods are left from then on"
            raise Refused(Problem(said, field=f"i{item.id}"))
        fact["targets"] = [
            [one.first.isoformat(), *_texts(target)] for one, target in zip(periods, targets, strict=False)
        ]
    return fact


def _year(wish: Amendment, count: int) -> Sequence[Target]:
    """One target for each of the periods that are left, or for the first ones of them."""
    if wish.figures or wish.target is None:
        return wish.figures
    if wish.last is not None and isinstance(wish.target, Decimal):
        return ramp(first=wish.target, last=wish.last, count=max(count, 1))
    return [wish.target] * count


def _texts(target: Target) -> list[str]:
    return [f"{one.normalize():f}" for one in (target if isinstance(target, tuple) else (target,))]


def put_agreement_in_force(
    *, session: Session, deployment: Deployment, objective: Objective, offer: Offer, by: Actor, at: datetime
) -> None:
    """Everything that both have signed counts from now on; the journal names whose signature it was.

    Raises Refused, and nothing counts, when an amendment cannot be carried out any more.
    """
    both = replace(by, is_system=True)  # two signatures may do what neither side may do alone
    with journal.changing(session=session, by=by, at=at, thing=objective, verb="agreed", why=offer.reason or WHY):
        objective.name, objective.description = offer.wording, offer.rationale
        objective.valid_from, objective.valid_to = offer.valid_from, offer.valid_to
    out = {one["id"] for one in offer.changes if one.get("out")}
    for item_id in (objective.id, *(one["id"] for one in offer.package)):
        item = session.get(Item, item_id)
        if item is not None and item.state is State.DRAFT and item.archived_at is None and item_id not in out:
            items.put_in_force(session=session, item_id=item_id, by=both, at=at)
    with journal.changing(
        session=session, by=by, at=at, thing=deployment, verb="put in force", unit=objective.unit_id,
        name=objective.name, why=WHY,
    ):  # fmt: skip
        deployment.state = State.ACTIVE
    _amend(session, offer, both, at)
    if objective.id in out:
        _end_answer(session, deployment, objective, offer.reason or WHY, both, at)


def _end_answer(
    session: Session, deployment: Deployment, objective: Objective, why: str, both: Actor, at: datetime
) -> None:
    """Both sides have agreed that the objective answers no longer: earlier periods keep the link."""
    today = today_in(organisation=get_organisation(session=session), now=at)
    with journal.changing(
        session=session, by=both, at=at, thing=deployment, verb="ended", unit=objective.unit_id, name=objective.name,
        why=why,
    ):  # fmt: skip
        deployment.state, deployment.valid_to = State.ENDED, max(today, deployment.valid_from or today)


def _take_out(session: Session, item: Item, why: str, both: Actor, at: datetime) -> None:
    """What both want no longer ends today; a draft of it is only put away."""
    if item.state is State.ACTIVE:
        today = today_in(organisation=get_organisation(session=session), now=at)
        last = max(today, item.valid_from or today)
        items.end(session=session, item_id=item.id, reason=why, on=last, by=both, at=at)
    elif item.archived_at is None:
        items.archive(session=session, item_id=item.id, by=both, at=at)


def _amend(session: Session, offer: Offer, both: Actor, at: datetime) -> None:
    why = offer.reason or WHY
    for change in offer.changes:
        item = session.get(Item, change["id"])
        if item is None:
            continue
        if change.get("out"):
            if not isinstance(item, Objective):
                _take_out(session, item, why, both, at)
            continue
        if change.get("name"):
            with journal.changing(session=session, by=both, at=at, thing=item, verb="renamed", why=why):
                item.name = change["name"]
        cells = [
            CellWish(
                kpi_id=item.id,
                period=date.fromisoformat(period),
                values=_values(target),
                place=Problem("", column=item.name, sheet=period),
            )
            for period, *target in change.get("targets", ())
        ]
        outcome = record_cells(session=session, cells=cells, by=both, at=at, reason=why) if cells else None
        if outcome and outcome.problems:
            raise Refused.because(outcome.problems)


def _values(texts: Sequence[str]) -> Values:
    if len(texts) == 2:
        return {"low": Decimal(texts[0]), "high": Decimal(texts[1])}
    return {"target": Decimal(texts[0])}

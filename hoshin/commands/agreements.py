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
from hoshin.commands.readings import CellWish, record_cells
from hoshin.engine.plans import State
from hoshin.errors import Problem, Refused
from hoshin.model.base import TITLE
from hoshin.model.catchball import Offer
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective
from hoshin.model.kpis import KPI
from hoshin.model.links import Deployment
from hoshin.queries.packages import list_package_items
from hoshin.queries.units import get_organisation

WHY = "agreed in catchball"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What is asked for one item of a package: another name, or another target for every period from a day on."""

    item_id: int
    name: str = ""
    first: date | None = None
    target: Decimal | None = None


def amended(
    *, session: Session, objective: Item, cycle: Cycle, amendments: Sequence[Amendment]
) -> list[dict[str, Any]]:
    """The amendments as plain facts: per item its name before and after, and each period with its new target.

    Raises Refused with every problem: items outside the package, names that are too long, targets without a month.
    """
    known = {one.id: one for one in list_package_items(session=session, objective=objective, cycle=cycle)}
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
    if (wish.first is None) != (wish.target is None):
        return "a new target needs its figure and the month from which it holds"
    return "only a KPI has targets" if wish.target is not None and not isinstance(item, KPI) else ""


def _fact(session: Session, item: Item, cycle: Cycle, wish: Amendment) -> dict[str, Any]:
    fact: dict[str, Any] = {"id": item.id, "was": item.name}
    if wish.name and wish.name != item.name:
        fact["name"] = wish.name
    if isinstance(item, KPI) and wish.first is not None and wish.target is not None:
        calendar = get_organisation(session=session).calendar
        first = max(wish.first, cycle.first_day)
        periods = calendar.periods(first=first, last=cycle.last_day, frequency=item.frequency)
        fact["targets"] = [[one.first.isoformat(), f"{wish.target.normalize():f}"] for one in periods]
    return fact


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
    for item_id in (objective.id, *(one["id"] for one in offer.package)):
        item = session.get(Item, item_id)
        if item is not None and item.state is State.DRAFT and item.archived_at is None:
            items.put_in_force(session=session, item_id=item_id, by=both, at=at)
    with journal.changing(
        session=session, by=by, at=at, thing=deployment, verb="put in force", unit=objective.unit_id,
        name=objective.name, why=WHY,
    ):  # fmt: skip
        deployment.state = State.ACTIVE
    _amend(session, offer, both, at)


def _amend(session: Session, offer: Offer, both: Actor, at: datetime) -> None:
    why = offer.reason or WHY
    for change in offer.changes:
        item = session.get(Item, change["id"])
        if item is None:
            continue
        if change.get("name"):
            with journal.changing(session=session, by=both, at=at, thing=item, verb="renamed", why=why):
                item.name = change["name"]
        cells = [
            CellWish(
                kpi_id=item.id,
                period=date.fromisoformat(period),
                values={"target": Decimal(target)},
                place=Problem("", column=item.name, sheet=period),
            )
            for period, target in change.get("targets", ())
        ]
        outcome = record_cells(session=session, cells=cells, by=both, at=at, reason=why) if cells else None
        if outcome and outcome.problems:
            raise Refused.because(outcome.problems)

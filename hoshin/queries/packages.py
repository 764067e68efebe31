"""What an answering unit offers: the plan below its objective as it stands, and which items an agreement holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, with_polymorphic

from hoshin.engine.catchball import BallState
from hoshin.engine.plans import Kind, State
from hoshin.model.actions import Action
from hoshin.model.catchball import Ball, Offer
from hoshin.model.cycles import Cycle, CycleState
from hoshin.model.items import Item
from hoshin.model.kpis import KPI, Reading
from hoshin.model.links import Correlation, Deployment
from hoshin.queries.kpis import list_readings

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hold:
    """The agreement that holds an item: its ball, and the days of its cycle."""

    ball_id: int
    objective_id: int
    first: date
    last: date


def list_package_items(*, session: Session, objective: Item, cycle: Cycle) -> Sequence[Item]:
    """What stands below the objective in its own unit and in the cycle, in order: priorities, actions, KPIs."""
    edges = session.execute(
        select(Correlation.upper_id, Correlation.lower_id)
        .join(Item, Item.id == Correlation.lower_id)
        .where(Item.unit_id == objective.unit_id)
    ).all()
    found, waiting = set[int](), [objective.id]
    while waiting:
        upper = waiting.pop()
        new = {lower for above, lower in edges if above == upper} - found
        found |= new
        waiting.extend(new)
    whole = with_polymorphic(Item, "*")
    rows = session.scalars(
        select(whole)
        .where(whole.id.in_(found), whole.state != State.ENDED, whole.archived_at.is_(None))
        .where((whole.cycle_id == cycle.id) | whole.cycle_id.is_(None))
        .order_by(whole.position, whole.id)
    ).all()
    return sorted(rows, key=lambda one: list(Kind).index(one.kind))


def snapshot_package(*, session: Session, objective: Item, cycle: Cycle) -> list[Facts]:
    """The package as plain facts that JSON can hold: what an offer keeps and what two signatures are put under."""
    items = list_package_items(session=session, objective=objective, cycle=cycle)
    kpis = [one.id for one in items if isinstance(one, KPI)]
    readings = list_readings(session=session, kpi_ids=kpis, first=cycle.first_day, last=cycle.last_day)
    return [_facts(one, [row for row in readings if row.kpi_id == one.id]) for one in items]


def snapshot_source(*, source: Item) -> Facts:
    """The thrown item as plain facts; an action's due day is one of them."""
    facts = {
        "id": source.id, "name": source.name, "description": source.description,
        "from": _day(source.valid_from), "until": _day(source.valid_to),
    }  # fmt: skip
    return facts | {"due": _day(source.due_on)} if isinstance(source, Action) else facts


def _facts(item: Item, readings: Sequence[Reading]) -> Facts:
    facts: Facts = {
        "id": item.id, "kind": item.kind.value, "name": item.name, "owner": item.owner_id,
        "from": _day(item.valid_from), "until": _day(item.valid_to),
    }  # fmt: skip
    if isinstance(item, Action):
        facts["due"] = _day(item.due_on)
    if isinstance(item, KPI):
        facts |= {
            "uom": item.uom,
            "direction": item.direction.value if item.direction else None,
            "tolerance": _figure(item.tolerance),
            "targets": [target for one in readings if (target := _target(one))],
        }
    return facts


def _target(reading: Reading) -> list[str | None] | None:
    """First day of the period, target, lowest and highest; None where nothing is planned."""
    figures = [_figure(reading.target), _figure(reading.low), _figure(reading.high)]
    return [reading.period.isoformat(), *figures] if any(figures) else None


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _figure(value: Decimal | None) -> str | None:
    return f"{value.normalize():f}" if value is not None else None


def list_holds(*, session: Session, unit_ids: Iterable[int]) -> dict[int, list[Hold]]:
    """The agreements that hold items of these units, by item, in one statement.

    What was agreed stays held while it is reopened, until the answer ends, the cycle is closed or catchball is
    switched off for it.
    """
    source, objective = with_polymorphic(Item, [], aliased=True), with_polymorphic(Item, [], aliased=True)
    rows = session.execute(
        select(Ball.id, objective.id, Cycle.first_day, Cycle.last_day, Offer.package)
        .join(Offer, (Offer.ball_id == Ball.id) & (Offer.number == Ball.agreed))
        .join(Deployment, Deployment.id == Ball.deployment_id)
        .join(source, source.id == Deployment.source_id)
        .join(objective, objective.id == Deployment.objective_id)
        .join(Cycle, Cycle.id == source.cycle_id)
        .where(objective.unit_id.in_(list(unit_ids)), Deployment.state != State.ENDED)
        .where(Cycle.catchball, Cycle.state != CycleState.CLOSED)
    )
    found: dict[int, list[Hold]] = {}
    for ball, objective_id, first, last, package in rows:
        for item in (objective_id, *(one["id"] for one in package)):
            found.setdefault(item, []).append(Hold(ball, objective_id, first, last))
    return found


def list_agreed_balls(*, session: Session, source_id: int) -> Sequence[tuple[Ball, Offer]]:
    """The balls that were thrown with this item and are agreed, each with the offer agreed upon."""
    rows = session.execute(
        select(Ball, Offer)
        .join(Offer, (Offer.ball_id == Ball.id) & (Offer.number == Ball.agreed))
        .join(Deployment, Deployment.id == Ball.deployment_id)
        .where(Deployment.source_id == source_id, Deployment.state != State.ENDED)
        .where(Ball.state == BallState.AGREED)
        .order_by(Ball.id)
    )
    return [(ball, offer) for ball, offer in rows]

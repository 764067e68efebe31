"""What is one person's: actions and KPIs, each with every path up to the vision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
from hoshin.engine.cascade import edges_up, lines_of_sight
from hoshin.model.actions import Action
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.kpis import KPI
from hoshin.queries.action_lists import held_by
from hoshin.queries.attainment import Attainment
from hoshin.queries.home import kpis_of
from hoshin.queries.unit_plans import Far, load_far

MOST_PATHS = 12


@dataclass(frozen=True, slots=True)
class Sight:
    """One item of the person's with its paths: each step an item and the strength of its link to the next one up."""

    item: Item
    paths: tuple[tuple[tuple[Far, int | None], ...], ...]


@dataclass(frozen=True, slots=True)
class Sights:
    """What is the person's in the cycle, as far as the reader may know."""

    actions: tuple[Sight, ...]
    kpis: tuple[Sight, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """A person's actions of the cycle and KPIs."""

    actions: Sequence[Action]
    kpis: Sequence[KPI]

    @property
    def keys(self) -> list[int]:
        """The keys of all of them."""
        return [one.id for one in (*self.actions, *self.kpis)]


def load_own(*, session: Session, actor: Actor, person_id: int, cycle: Cycle) -> Own:
    """What is the person's in the cycle, as far as the reader may know, in two statements."""
    return Own(_actions(session, actor, person_id, cycle.id), _kpis(session, actor, person_id, cycle))


def load_sights(*, session: Session, actor: Actor, own: Own, attainment: Attainment) -> Sights:
    """The same with their paths, in one statement; the attainment is one that knows all they serve."""
    actions, kpis = own.actions, own.kpis
    parents = edges_up(plan=attainment.plan, asked=attainment.asked)
    found = {one.id: lines_of_sight(parents=parents, item=one.id, most=MOST_PATHS) for one in (*actions, *kpis)}
    keys = {step.item for paths in found.values() for path in paths for step in path}
    far = load_far(session=session, actor=actor, item_ids=keys)

    def sights(items: Sequence[Item]) -> tuple[Sight, ...]:
        return tuple(
            Sight(one, tuple(tuple((far[step.item], step.strength) for step in path) for path in found[one.id]))
            for one in items
        )

    return Sights(sights(actions), sights(kpis))


def _actions(session: Session, actor: Actor, person_id: int, cycle_id: int) -> Sequence[Action]:
    query = (
        select(Action)
        .where(readable_items(actor=actor), Action.archived_at.is_(None), Action.cycle_id == cycle_id)
        .where(Action.id.in_(held_by(person_id=person_id)))
    )
    return session.scalars(query.order_by(Action.due_on, Action.id)).all()


def _kpis(session: Session, actor: Actor, person_id: int, cycle: Cycle) -> Sequence[KPI]:
    query = (
        select(KPI)
        .where(readable_items(actor=actor), KPI.archived_at.is_(None))
        .where(KPI.id.in_(kpis_of(person_id=person_id)))
        .where(or_(KPI.valid_from.is_(None), KPI.valid_from <= cycle.last_day))
        .where(or_(KPI.valid_to.is_(None), KPI.valid_to >= cycle.first_day))
    )
    return session.scalars(query.order_by(KPI.unit_id, KPI.position, KPI.id)).all()

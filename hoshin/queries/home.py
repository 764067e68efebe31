"""What the home page shows of one person's own work, and to an administrator instead of the strategy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, CompoundSelect, func, or_, select, union_all
from sqlalchemy.orm import Session

from hoshin.engine.plans import Kind, State
from hoshin.model.actions import Action, Status
from hoshin.model.base import table_of
from hoshin.model.cycles import Cycle, CycleState
from hoshin.model.items import Item
from hoshin.model.kpis import KPI
from hoshin.model.people import Person
from hoshin.model.units import Unit
from hoshin.queries.action_lists import held_by

MOST_ACTIONS = 12


@dataclass(frozen=True, slots=True)
class Administration:
    """What an administrator looks after, in numbers."""

    people: int
    without_sign_in: int
    units: int
    open_cycles: int


def list_my_actions(*, session: Session, person_id: int, today: date) -> Sequence[Action]:
    """The person's unfinished actions in force, as owner or helper, the earliest due first; at most a dozen."""
    return session.scalars(
        select(Action)
        .where(Action.id.in_(held_by(person_id=person_id)), *unfinished_actions(today=today))
        .order_by(Action.due_on.is_(None), Action.due_on, Action.id)
        .limit(MOST_ACTIONS)
    ).all()


def unfinished_actions(*, today: date) -> tuple[ColumnElement[bool], ...]:
    """The conditions for an action in force on that day that is neither done nor given up."""
    return (
        Action.state == State.ACTIVE,
        Action.archived_at.is_(None),
        Action.status.not_in((Status.DONE, Status.CANCELLED)),
        or_(Action.valid_from.is_(None), Action.valid_from <= today),
        or_(Action.valid_to.is_(None), Action.valid_to >= today),
    )


def my_kpis(*, session: Session, person_id: int) -> frozenset[int]:
    """The KPIs that the person owns or reports."""
    return frozenset(session.scalars(kpis_of(person_id=person_id)))


def kpis_of(*, person_id: int) -> CompoundSelect[int]:
    """The keys of the KPIs that the person owns, and of those that she reports: two parts, each by its own index."""
    item, kpi = table_of(model=Item).c, table_of(model=KPI).c
    owned = select(item.id).where(item.kind == Kind.KPI, item.owner_id == person_id)
    return union_all(owned, select(kpi.id).where(kpi.reporter_id == person_id))


def load_administration(*, session: Session) -> Administration:
    """The numbers for an administrator, in three statements."""
    active = Person.deactivated_at.is_(None)
    people, signing_in = session.execute(
        select(func.count(Person.id), func.count(Person.password_hash)).where(active)
    ).one()
    units = session.scalar(select(func.count(Unit.id)).where(Unit.archived_at.is_(None))) or 0
    cycles = session.scalar(select(func.count(Cycle.id)).where(Cycle.state != CycleState.CLOSED)) or 0
    return Administration(people, people - signing_in, units, cycles)

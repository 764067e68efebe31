"""What leaders did for the plan, as facts: objectives sponsored, reviews, roadblocks, resources promised and given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items, readable_roadblocks, readable_units
from hoshin.engine.plans import State
from hoshin.model.cycles import Cycle
from hoshin.model.items import Objective
from hoshin.model.people import Grant, Person, Role
from hoshin.model.promises import Promise
from hoshin.model.reviews import Attendance, Presence, Review, ReviewState
from hoshin.model.roadblocks import Roadblock


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the page of a cycle is made from, as one reader may see it."""

    people: Sequence[Person]
    objectives: Sequence[Objective]
    attendances: Sequence[tuple[int, Presence]]
    roadblocks: Sequence[Roadblock]
    promises: Sequence[tuple[Promise, Objective]]


def load_commitment(*, session: Session, actor: Actor, cycle: Cycle, today: date) -> Facts:
    """The facts of a cycle, in five statements."""
    promises = _promises(session, actor)
    objectives = _objectives(session, actor, cycle)
    named = {one.sponsor_id for one in objectives} | {one.person_id for one, _ in promises}
    return Facts(
        people=_people(session, {one for one in named if one is not None}, today),
        objectives=objectives,
        attendances=_attendances(session, actor, cycle),
        roadblocks=session.scalars(
            select(Roadblock).where(readable_roadblocks(actor=actor), Roadblock.owner_id.is_not(None))
        ).all(),
        promises=promises,
    )


def _people(session: Session, named: set[int], today: date) -> Sequence[Person]:
    """Executives of today and everybody who sponsors or has promised something, by name."""
    executives = select(Grant.person_id).where(
        Grant.role == Role.EXECUTIVE,
        or_(Grant.valid_from.is_(None), Grant.valid_from <= today),
        or_(Grant.valid_to.is_(None), Grant.valid_to >= today),
    )
    query = select(Person).where(or_(Person.id.in_(named), Person.id.in_(executives)))
    return session.scalars(query.where(Person.deactivated_at.is_(None)).order_by(Person.name, Person.id)).all()


def _objectives(session: Session, actor: Actor, cycle: Cycle) -> Sequence[Objective]:
    """The objectives with a sponsor that are in force at some time of the cycle."""
    query = select(Objective).where(
        readable_items(actor=actor),
        Objective.__table__.c.sponsor_id.is_not(None),
        Objective.state == State.ACTIVE,
        Objective.archived_at.is_(None),
        or_(Objective.valid_from.is_(None), Objective.valid_from <= cycle.last_day),
        or_(Objective.valid_to.is_(None), Objective.valid_to >= cycle.first_day),
    )
    return session.scalars(query.order_by(Objective.position, Objective.id)).all()


def _attendances(session: Session, actor: Actor, cycle: Cycle) -> Sequence[tuple[int, Presence]]:
    """Who was noted at the held reviews of the cycle."""
    query = (
        select(Attendance.person_id, Attendance.presence)
        .join(Review, Review.id == Attendance.review_id)
        .where(Review.cycle_id == cycle.id, Review.state == ReviewState.HELD)
        .where(readable_units(actor=actor, unit=Review.unit_id))
    )
    return [(person, presence) for person, presence in session.execute(query)]


def _promises(session: Session, actor: Actor) -> Sequence[tuple[Promise, Objective]]:
    query = (
        select(Promise, Objective)
        .join(Objective, Objective.id == Promise.objective_id)
        .where(readable_items(actor=actor))
        .order_by(Promise.promised_on, Promise.id)
    )
    return [(promise, objective) for promise, objective in session.execute(query)]


def list_promises(*, session: Session, objective_id: int) -> Sequence[Promise]:
    """What was promised for an objective, the earliest first."""
    query = select(Promise).where(Promise.objective_id == objective_id)
    return session.scalars(query.order_by(Promise.promised_on, Promise.id)).all()

"""Reviews: one of them with its minutes, lists of them, who is expected there, and the reviews of one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.access.scope import readable_units
from hoshin.engine.cadence import ReviewKind
from hoshin.errors import Missing
from hoshin.model.people import Grant, Person, Role
from hoshin.model.reviews import (
    Attendance,
    CalendarFeed,
    Decision,
    Pack,
    Presence,
    Review,
    ReviewAction,
    ReviewMove,
    ReviewState,
)
from hoshin.model.units import Unit
from hoshin.queries.many import among

Wanted = TypeVar("Wanted", Decision, ReviewAction)

SHOWN_IN_CALENDAR = timedelta(days=400)
"""How far back a calendar feed reaches."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """What was written in one review: who was there, what was decided and who took on what."""

    presence: dict[int, Presence]
    decisions: Sequence[Decision]
    actions: Sequence[ReviewAction]


@dataclass(frozen=True, slots=True)
class Open:
    """A decision or an action of an earlier review, with that review."""

    review: Review
    thing: Decision | ReviewAction

    @property
    def due_on(self) -> date | None:
        """The day an action is to be done by; a decision has none."""
        return self.thing.due_on if isinstance(self.thing, ReviewAction) else None


def get_review(*, session: Session, actor: Actor, review_id: int, lock: bool = False) -> Review:
    """A review of a unit the actor may read, held until the transaction ends when it is to be changed.

    Raises Missing otherwise.
    """
    query = select(Review).where(Review.id == review_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).first()
    if found is None:
        raise Missing("there is no such review")
    require(actor=actor, act=Act.READ_UNIT, subject=Subject(unit=found.unit_id))
    return found


def list_reviews(
    *,
    session: Session,
    actor: Actor,
    cycle_id: int | None = None,
    unit_ids: Collection[int] | None = None,
    kind: ReviewKind | None = None,
    first: date | None = None,
    last: date | None = None,
) -> Sequence[Review]:
    """The reviews of readable units by day, on a day the units in the order of their keys; one statement."""
    query = select(Review).where(readable_units(actor=actor, unit=Review.unit_id))
    for wanted, clause in (
        (cycle_id, Review.cycle_id == cycle_id),
        (unit_ids, Review.unit_id.in_(unit_ids or ())),
        (kind, Review.kind == kind),
        (first, Review.planned_on >= first if first else None),
        (last, Review.planned_on <= last if last else None),
    ):
        if wanted is not None and clause is not None:
            query = query.where(clause)
    return session.scalars(_by_day(query)).all()


def list_held(*, session: Session, unit_id: int, first: date, last: date) -> list[tuple[Review, list[str]]]:
    """The reviews that a unit held of periods which ended between the days, each with what it decided."""
    query = select(Review).where(Review.unit_id == unit_id, Review.state == ReviewState.HELD)
    found = session.scalars(_by_day(query.where(Review.last_day >= first, Review.last_day <= last))).all()
    decided: dict[int, list[str]] = defaultdict(list)
    rows = select(Decision.review_id, Decision.text).where(Decision.review_id.in_([one.id for one in found]))
    for review, text in session.execute(rows.order_by(Decision.position, Decision.id)):
        decided[review].append(text)
    return [(one, decided[one.id]) for one in found]


def list_slots(*, session: Session, cycle_id: int) -> set[tuple[int, ReviewKind, date]]:
    """Which reviews of a cycle exist already, in whatever state: unit, kind and first day of the period."""
    rows = session.execute(select(Review.unit_id, Review.kind, Review.first_day).where(Review.cycle_id == cycle_id))
    return {(unit, kind, first) for unit, kind, first in rows}


def load_minutes(*, session: Session, review_id: int) -> Minutes:
    """What was written in a review, in three statements."""
    return Minutes(
        presence={one.person_id: one.presence for one in list_attendances(session=session, review_id=review_id)},
        decisions=list_decisions(session=session, review_id=review_id),
        actions=list_actions(session=session, review_id=review_id),
    )


def list_decisions(*, session: Session, review_id: int) -> Sequence[Decision]:
    """What a review decided, in its order."""
    query = select(Decision).where(Decision.review_id == review_id)
    return session.scalars(query.order_by(Decision.position, Decision.id)).all()


def list_actions(*, session: Session, review_id: int) -> Sequence[ReviewAction]:
    """What somebody took on in a review, in its order."""
    query = select(ReviewAction).where(ReviewAction.review_id == review_id)
    return session.scalars(query.order_by(ReviewAction.position, ReviewAction.id)).all()


def list_attendances(*, session: Session, review_id: int) -> Sequence[Attendance]:
    """The rows of who was there."""
    query = select(Attendance).where(Attendance.review_id == review_id)
    return session.scalars(query.order_by(Attendance.person_id)).all()


def list_moves(*, session: Session, review_id: int) -> Sequence[ReviewMove]:
    """How a review was moved, the first time first."""
    return session.scalars(
        select(ReviewMove).where(ReviewMove.review_id == review_id).order_by(ReviewMove.place)
    ).all()


def find_pack(*, session: Session, review_id: int) -> Pack | None:
    """The frozen pack of a review, without its paper, or None while it has not been held."""
    return session.get(Pack, review_id)


def find_previous(*, session: Session, review: Review) -> Review | None:
    """The latest held review of the same unit and kind that was planned for an earlier day or period."""
    query = select(Review).where(
        Review.unit_id == review.unit_id,
        Review.kind == review.kind,
        Review.state == ReviewState.HELD,
        Review.first_day < review.first_day,
    )
    return session.scalars(query.order_by(Review.first_day.desc()).limit(1)).first()


def list_open_decisions(*, session: Session, review: Review, last_id: int | None) -> list[Open]:
    """The unit's decisions of earlier reviews that are not carried out, and all those of the last one."""
    query = select(Review, Decision).join(Decision, Decision.review_id == Review.id)
    query = _earlier(query, review).where(or_(Decision.done_on.is_(None), Review.id == last_id))
    rows = session.execute(query.order_by(Review.planned_on, Review.id, Decision.position, Decision.id))
    return [Open(found, decision) for found, decision in rows]


def list_open_actions(*, session: Session, review: Review, last_id: int | None) -> list[Open]:
    """What was taken on in the unit's earlier reviews and is not done, and all that of the last one."""
    query = select(Review, ReviewAction).join(ReviewAction, ReviewAction.review_id == Review.id)
    query = _earlier(query, review).where(or_(ReviewAction.done_on.is_(None), Review.id == last_id))
    rows = session.execute(query.order_by(Review.planned_on, Review.id, ReviewAction.position, ReviewAction.id))
    return [Open(found, action) for found, action in rows]


def _earlier(query: Select[Review, Wanted], review: Review) -> Select[Review, Wanted]:
    return query.where(
        Review.unit_id == review.unit_id,
        Review.id != review.id,
        Review.state != ReviewState.CANCELLED,
        Review.planned_on <= review.planned_on,
    )


def list_my_tasks(*, session: Session, person_id: int) -> list[Open]:
    """What the person has taken on in reviews and not done, the first due first; what is on the matrix shows there."""
    query = select(Review, ReviewAction).join(ReviewAction, ReviewAction.review_id == Review.id)
    query = query.where(
        ReviewAction.owner_id == person_id, ReviewAction.done_on.is_(None), ReviewAction.action_id.is_(None)
    )
    rows = session.execute(query.order_by(ReviewAction.id))
    return sorted((Open(review, one) for review, one in rows), key=lambda one: one.due_on or date.max)


def list_expected(*, session: Session, unit_id: int, today: date) -> list[Person]:
    """Who belongs to a unit today: at home there or with a role of its own, its heads first, then by name."""
    active = (
        or_(Grant.valid_from.is_(None), Grant.valid_from <= today),
        or_(Grant.valid_to.is_(None), Grant.valid_to >= today),
    )
    roles: dict[int, set[Role]] = defaultdict(set)
    for person, role in session.execute(
        select(Grant.person_id, Grant.role).where(Grant.unit_id == unit_id, Grant.role.in_(_MEETING), *active)
    ):
        roles[person].add(role)
    wanted = or_(Person.home_unit_id == unit_id, Person.id.in_(roles))
    people = session.scalars(select(Person).where(wanted, Person.deactivated_at.is_(None))).all()
    leading = {person for person, held in roles.items() if held & {Role.HEAD, Role.EXECUTIVE}}
    return sorted(people, key=lambda one: (one.id not in leading, one.name.casefold(), one.id))


_MEETING = (Role.HEAD, Role.EXECUTIVE, Role.STAFF)


def count_held(*, session: Session, review_ids: Iterable[int]) -> dict[int, int]:
    """How many people were present at each of the reviews."""
    query = (
        select(Attendance.review_id, func.count(Attendance.person_id))
        .where(among(session=session, column=Attendance.review_id, keys=review_ids))
        .where(Attendance.presence == Presence.PRESENT)
        .group_by(Attendance.review_id)
    )
    return dict(session.execute(query).all())


# ------------------------------------------------------------------ one person's calendar


def list_my_reviews(*, session: Session, actor: Actor, since: date) -> Sequence[Review]:
    """What stands in a person's calendar from that day on, cancelled ones too; one statement.

    The reviews of her own units, the diagnoses of the units below the ones she leads as an executive, and those she
    was noted at; of units that she may read.
    """
    return session.scalars(_by_day(_mine(actor).where(Review.planned_on >= since))).all()


def _mine(actor: Actor) -> Select[Review]:
    own = actor.member_of | actor.heads | actor.leads
    noted = select(Attendance.review_id).where(Attendance.person_id == actor.person)
    diagnoses = (Review.kind == ReviewKind.DIAGNOSIS) & Review.unit_id.in_(actor.leads_above)
    return (
        select(Review)
        .join(Unit, Unit.id == Review.unit_id)
        .where(or_(Review.unit_id.in_(own), diagnoses, Review.id.in_(noted)))
        .where(readable_units(actor=actor, unit=Review.unit_id), Unit.archived_at.is_(None))
    )


def list_my_next(*, session: Session, actor: Actor, today: date, most: int) -> list[tuple[Review, str]]:
    """The next planned reviews of a person with the names of their units; one statement."""
    query = _mine(actor).add_columns(Unit.name).where(Review.state == ReviewState.PLANNED, Review.planned_on >= today)
    rows = session.execute(query.order_by(Review.planned_on, Review.begins, Review.unit_id, Review.id).limit(most))
    return [(review, unit) for review, unit in rows]


def find_feed_owner(*, session: Session, token_hash: str) -> Person | None:
    """The active person behind the secret of a calendar feed that was not revoked, or None."""
    query = (
        select(Person)
        .join(CalendarFeed, CalendarFeed.person_id == Person.id)
        .where(CalendarFeed.token_hash == token_hash, CalendarFeed.revoked_at.is_(None))
        .where(Person.deactivated_at.is_(None))
    )
    return session.scalars(query).first()


def list_feeds(*, session: Session, person_id: int) -> Sequence[CalendarFeed]:
    """The addresses of a person's calendar that still answer."""
    query = select(CalendarFeed).where(CalendarFeed.person_id == person_id, CalendarFeed.revoked_at.is_(None))
    return session.scalars(query.order_by(CalendarFeed.id)).all()


def _by_day(query: Select[Review]) -> Select[Review]:
    return query.order_by(Review.planned_on, Review.begins, Review.unit_id, Review.id)

"""What a review has to speak of, read off the plan: reds, countermeasures, roadblocks, balls, what is late or open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
from hoshin.engine.cadence import FREQUENCIES
from hoshin.engine.calendars import FiscalCalendar
from hoshin.engine.misses import Mark
from hoshin.engine.plans import State
from hoshin.model.actions import Action, Status
from hoshin.model.cycles import Cycle
from hoshin.model.reviews import Review
from hoshin.model.units import Organisation
from hoshin.queries.attainment import Attainment, Question, today_in
from hoshin.queries.catchball import Listed, list_balls
from hoshin.queries.countermeasures import Answer, count_steps, list_open_in, marks_of
from hoshin.queries.drill import Wording, wordings
from hoshin.queries.looked_at import MOST_LISTED, LookedAt, look_at
from hoshin.queries.reviews import Minutes, Open, find_previous, list_open_actions, list_open_decisions, load_minutes
from hoshin.queries.roadblocks import InTheWay, list_roadblocks
from hoshin.queries.unit_lists import UnitLine, list_unit_facts, list_units, paths_of, units_inside
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_organisation

ENDED = (Status.DONE, Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class Agenda:
    """Everything that the report of a review is made of, as one reader may see it, at one instant."""

    review: Review
    unit: UnitLine
    cycle: Cycle
    organisation: Organisation
    today: date
    at: datetime
    inside: frozenset[int]
    looked_at: LookedAt
    words: dict[int, Wording]
    answers: Sequence[Answer]
    more_answers: int
    marks: dict[int, list[Mark]]
    steps: dict[int, tuple[int, int]]
    roadblocks: Sequence[InTheWay]
    balls: Sequence[Listed]
    overdue: Sequence[Action]
    more_overdue: int
    previous: Review | None
    decisions: Sequence[Open]
    tasks: Sequence[Open]
    minutes: Minutes
    people: Mapping[int, str]
    units: dict[int, str]

    @property
    def found(self) -> Attainment:
        """The answer to the question that the review asks, with the plan of the listed metrics."""
        return self.looked_at.found


def load_agenda(*, session: Session, actor: Actor, review: Review, at: datetime) -> Agenda:
    """The agenda of a review at that instant as far as the actor may read it; a fixed number of statements."""
    organisation = get_organisation(session=session)
    today = today_in(organisation=organisation, now=at)
    units = list_units(session=session)
    inside = units_inside(units=units, top=review.unit_id)
    cycle = session.get_one(Cycle, review.cycle_id)
    unit = next(one for one in units if one.id == review.unit_id)
    question = _question(review, cycle, organisation.calendar)
    node = ("organisation", 0) if unit.parent_id is None else ("unit", unit.id)
    looked_at = look_at(session=session, actor=actor, question=question, unit=node, at=at)
    answers, open_answers = list_open_in(session=session, actor=actor, unit_ids=inside, most=MOST_LISTED)
    overdue = list_overdue(session=session, actor=actor, inside=inside, today=today, most=MOST_LISTED)
    late = count_overdue(session=session, actor=actor, inside=inside, today=today)
    previous = find_previous(session=session, review=review)
    last_id = previous.id if previous else None
    return Agenda(
        review=review,
        unit=unit,
        cycle=cycle,
        organisation=organisation,
        today=today,
        at=at,
        inside=inside,
        looked_at=looked_at,
        words=wordings(session=session, kpi_ids=looked_at.listed),
        answers=answers,
        more_answers=open_answers - len(answers),
        marks=marks_of(
            session=session, kpis=[one.kpi for one in answers], calendar=organisation.calendar, today=today
        ),
        steps=count_steps(session=session),
        roadblocks=_roadblocks(session, actor, review),
        balls=_held_too_long(session, actor, inside, at, timedelta(days=organisation.catchball_days)),
        overdue=overdue,
        more_overdue=late - len(overdue),
        previous=previous,
        decisions=list_open_decisions(session=session, review=review, last_id=last_id),
        tasks=list_open_actions(session=session, review=review, last_id=last_id),
        minutes=load_minutes(session=session, review_id=review.id),
        people=people_names(session=session),
        units={key: path or units[0].name for key, path in paths_of(units=units).items()},
    )


def reader_of(*, session: Session, unit_id: int) -> Actor:
    """Somebody who sees exactly what everybody may who may read the unit: for whom a pack is frozen.

    No drafts, no balls, and of restricted units only this one.
    """
    facts = list_unit_facts(session=session)
    restricted = {one.key for one in facts if one.restricted}
    waiting = set(restricted)
    while waiting:
        waiting = {one.key for one in facts if one.parent in waiting} - restricted
        restricted |= waiting
    return Actor(name="a reader of the unit", member_of=frozenset({0}), restricted=frozenset(restricted - {unit_id}))


def _question(review: Review, cycle: Cycle, calendar: FiscalCalendar) -> Question:
    """The period the review looks at; the latest due month of the cycle for a check-in and a diagnosis."""
    if review.kind not in FREQUENCIES:
        return Question(cycle=cycle.name)
    period = calendar.period_of(day=review.first_day, frequency=FREQUENCIES[review.kind])
    return Question(cycle=cycle.name, period=calendar.code(period=period))


def _roadblocks(session: Session, actor: Actor, review: Review) -> list[InTheWay]:
    """The open ones that this very unit has now, raised or escalated here; those that were escalated first."""
    found = list_roadblocks(session=session, actor=actor, unit_ids=[review.unit_id], open_only=True)
    here = [one for one in found if one.roadblock.unit_id == review.unit_id]
    return sorted(here, key=lambda one: not one.is_escalated)


def _held_too_long(
    session: Session, actor: Actor, inside: Collection[int], at: datetime, patience: timedelta
) -> list[Listed]:
    return [
        one
        for one in list_balls(session=session, actor=actor, held_by=at - patience)
        if (one.match.thrower in inside or one.match.catcher in inside)
    ]


def list_overdue(
    *, session: Session, actor: Actor, inside: Collection[int], today: date, most: int | None = None
) -> Sequence[Action]:
    """The actions of the units, in force, that should have been done; the longest overdue first, `most` of them."""
    query = select(Action).where(*_is_overdue(actor, inside, today)).order_by(Action.due_on, Action.id)
    return session.scalars(query.limit(most)).all()


def count_overdue(*, session: Session, actor: Actor, inside: Collection[int], today: date) -> int:
    """How many there are."""
    return session.scalar(select(func.count(Action.id)).where(*_is_overdue(actor, inside, today))) or 0


def _is_overdue(actor: Actor, inside: Collection[int], today: date) -> Sequence[ColumnElement[bool]]:
    return (
        Action.unit_id.in_(inside),
        Action.due_on < today,
        Action.status.not_in(ENDED),
        Action.state == State.ACTIVE,
        Action.archived_at.is_(None),
        readable_items(actor=actor),
        or_(Action.valid_from.is_(None), Action.valid_from <= today),
    )

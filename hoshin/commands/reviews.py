"""Reviews are planned for a year, moved, cancelled and taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import uuid4

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, may, require
from hoshin.commands import journal
from hoshin.commands.diagnosis import ensure_areas
from hoshin.engine.cadence import Meeting, ReviewKind, meetings
from hoshin.errors import Problem, Refused, Stale
from hoshin.model.base import TITLE
from hoshin.model.cycles import Cycle, CycleState
from hoshin.model.reviews import Review, ReviewMove, ReviewState
from hoshin.queries.attainment import today_in
from hoshin.queries.reviews import get_review, list_moves, list_slots
from hoshin.queries.unit_lists import UnitLine, list_units, units_inside
from hoshin.queries.units import get_organisation, get_unit, lock_plan

SHORTEST, LONGEST = 5, 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class YearWish:
    """The kinds of review that a unit, and perhaps those below it, holds in a cycle; when they begin, minutes each.

    With `past`, meetings whose day has gone by are planned too, for a year that was begun elsewhere.
    """

    unit_id: int
    cycle_id: int
    kinds: Sequence[ReviewKind]
    below: bool = False
    past: bool = False
    begins: time | None = None
    lasts: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveWish:
    """Where a review is to stand; `version` is the one the form was read at."""

    planned_on: date
    begins: time | None = None
    lasts: int = 60
    place: str = ""
    reason: str = ""
    version: int | None = None


def plan_year(*, session: Session, wish: YearWish, by: Actor, at: datetime) -> int:
    """Plan the reviews that are still missing; gives how many. What stands already stays, moved or cancelled."""
    require(actor=by, act=Act.PLAN_REVIEWS, subject=Subject(unit=wish.unit_id))
    get_unit(session=session, actor=by, unit_id=wish.unit_id)
    cycle = session.get(Cycle, wish.cycle_id)
    problems = _year_problems(wish, cycle)
    if problems or cycle is None:
        raise Refused.because(problems)
    lock_plan(session=session)
    units = list_units(session=session)
    depths = depths_of(units=units)
    known = list_slots(session=session, cycle_id=cycle.id)
    if ReviewKind.DIAGNOSIS in wish.kinds:
        ensure_areas(session=session, by=by, at=at)
    organisation = get_organisation(session=session)
    today, made = today_in(organisation=organisation, now=at), list[Review]()
    for unit in (one for one in _chosen(units, wish) if may(actor=by, act=Act.PLAN_REVIEWS, subject=_of(one.id))):
        for kind in wish.kinds:
            found = meetings(
                kind=kind, cycle=cycle.span, calendar=organisation.calendar, depth=depths[unit.id],
                deepest=max(depths.values()),
            )  # fmt: skip
            for one in found:
                if (unit.id, kind, one.first) not in known and (wish.past or one.on >= today):
                    made.append(_planned(unit.id, kind, one, wish, at))
    journal.all_created(
        session=session, by=by, at=at, things=made, unit=lambda one: one.unit_id, name=lambda one: name_of(review=one)
    )
    return len(made)


def depths_of(*, units: Sequence[UnitLine]) -> dict[int, int]:
    """How far below the top each unit in use lies; parents come first, as list_units gives them."""
    depths: dict[int | None, int] = {None: -1}
    for unit in units:
        if unit.archived_at is None:
            depths[unit.id] = depths.get(unit.parent_id, -1) + 1
    return {key: depth for key, depth in depths.items() if key is not None}


def name_of(*, review: Review) -> str:
    """What the journal calls a review."""
    return f"{review.kind.value} review of {review.first_day} to {review.last_day}"[:TITLE]


def _of(unit_id: int) -> Subject:
    return Subject(unit=unit_id)


def _chosen(units: Sequence[UnitLine], wish: YearWish) -> list[UnitLine]:
    """The unit, and with `below` everything under it, archived units left out."""
    inside = units_inside(units=units, top=wish.unit_id) if wish.below else {wish.unit_id}
    return [one for one in units if one.id in inside and one.archived_at is None]


def _year_problems(wish: YearWish, cycle: Cycle | None) -> list[Problem]:
    problems = []
    if cycle is None:
        problems.append(Problem("this cycle has not been opened", field="cycle_id"))
    elif cycle.state is CycleState.CLOSED:
        problems.append(Problem(f"{cycle.name} is closed", field="cycle_id"))
    if not wish.kinds:
        problems.append(Problem("choose at least one kind of review", field="kinds"))
    return problems + _length_problems(wish.lasts)


def _length_problems(lasts: int) -> list[Problem]:
    fits = SHORTEST <= lasts <= LONGEST
    return [] if fits else [Problem(f"a review lasts {SHORTEST} to {LONGEST} minutes", field="lasts")]


def _planned(unit_id: int, kind: ReviewKind, meeting: Meeting, wish: YearWish, at: datetime) -> Review:
    return Review(
        unit_id=unit_id, cycle_id=wish.cycle_id, kind=kind, first_day=meeting.first, last_day=meeting.last,
        generated_on=meeting.on, planned_on=meeting.on, begins=wish.begins, lasts=wish.lasts, uid=str(uuid4()),
        sequence=0, announced_at=at, state=ReviewState.PLANNED, minutes="", place="", held_by="",
    )  # fmt: skip


# ------------------------------------------------------------------ one review


def move(*, session: Session, review_id: int, wish: MoveWish, by: Actor, at: datetime) -> Review:
    """Put a review on another day, hour or place; a cancelled one is planned again. Raises Refused once it is held."""
    review = changeable(session=session, review_id=review_id, act=Act.PLAN_REVIEWS, version=wish.version, by=by)
    if review.state is ReviewState.HELD:
        raise Refused(Problem("this review has been held: it stays where it was"))
    if problems := _length_problems(wish.lasts):
        raise Refused.because(problems)
    before = _announced(review)
    if review.planned_on != wish.planned_on:
        _note_move(session, review, wish, by, at)
    with journal.changing(
        session=session, by=by, at=at, thing=review, verb="moved", unit=review.unit_id, why=wish.reason,
        name=name_of(review=review),
    ):  # fmt: skip
        review.planned_on, review.begins, review.lasts, review.place = (
            wish.planned_on, wish.begins, wish.lasts, wish.place,
        )  # fmt: skip
        review.state = ReviewState.PLANNED
        if _announced(review) != before:
            review.sequence, review.announced_at = review.sequence + 1, at
    return review


def cancel(*, session: Session, review_id: int, reason: str, version: int | None, by: Actor, at: datetime) -> Review:
    """Say that a review does not take place, and why; calendars show it as cancelled."""
    review = changeable(session=session, review_id=review_id, act=Act.PLAN_REVIEWS, version=version, by=by)
    if review.state is not ReviewState.PLANNED:
        raise Refused(Problem(f"this review has been {review.state.value} already"))
    if not reason.strip():
        raise Refused(Problem("say why it does not take place", field="reason"))
    with journal.changing(
        session=session, by=by, at=at, thing=review, verb="cancelled", unit=review.unit_id, why=reason,
        name=name_of(review=review),
    ):  # fmt: skip
        review.state, review.sequence, review.announced_at = ReviewState.CANCELLED, review.sequence + 1, at
    return review


def changeable(*, session: Session, review_id: int, act: Act, version: int | None, by: Actor) -> Review:
    """The review, held for a change by somebody who may make it; raises Missing, Forbidden or Stale."""
    review = get_review(session=session, actor=by, review_id=review_id, lock=True)
    require(actor=by, act=act, subject=Subject(unit=review.unit_id))
    if version is not None and version != review.version:
        raise Stale({"Day": str(review.planned_on), "State": review.state.value, "Minutes": review.minutes[:2000]})
    return review


def _announced(review: Review) -> tuple[object, ...]:
    """What a calendar shows of it."""
    return review.planned_on, review.begins, review.lasts, review.place, review.state


def _note_move(session: Session, review: Review, wish: MoveWish, by: Actor, at: datetime) -> None:
    place = len(list_moves(session=session, review_id=review.id)) + 1
    session.add(
        ReviewMove(
            review_id=review.id, place=place, from_day=review.planned_on, to_day=wish.planned_on, at=at,
            by_name=by.name[:TITLE], reason=wish.reason,
        )
    )  # fmt: skip

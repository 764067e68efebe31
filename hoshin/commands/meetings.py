"""A review is held: minutes, attendance, decisions and actions are written, the pack is frozen, the month locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import journal
from hoshin.commands.actions import ActionWish, create_action
from hoshin.commands.reviews import changeable, name_of
from hoshin.engine.cadence import FREQUENCIES
from hoshin.engine.calendars import add_months
from hoshin.errors import Missing, Problem, Refused
from hoshin.model.actions import Action, Status
from hoshin.model.base import TITLE, facts
from hoshin.model.cycles import MonthLock
from hoshin.model.people import Person
from hoshin.model.reviews import Attendance, Decision, Pack, Presence, Review, ReviewAction, ReviewState
from hoshin.queries.attainment import today_in
from hoshin.queries.cycles import find_cycle_on, locked_months
from hoshin.queries.reviews import find_pack, get_review, list_actions, list_attendances, list_decisions
from hoshin.queries.units import get_organisation, get_unit, lock_plan

MOST_DECISIONS, MOST_ACTIONS = 25, 25


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionWish:
    """One decision; `key` is that of one that stands already, `place` its row in the form."""

    text: str
    done_on: date | None = None
    key: int | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWish:
    """One thing taken on: by whom, until when, and when it was done."""

    text: str
    owner_id: int | None = None
    due_on: date | None = None
    done_on: date | None = None
    key: int | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesWish:
    """Everything that is written in a meeting; people without a presence are not noted."""

    minutes: str = ""
    presence: Mapping[int, Presence]
    decisions: Sequence[DecisionWish] = ()
    actions: Sequence[TaskWish] = ()
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldWish:
    """That a review was held, and whether its months are locked for its own unit."""

    lock: bool = False
    version: int | None = None


def keep_minutes(*, session: Session, review_id: int, wish: MinutesWish, by: Actor, at: datetime) -> Review:
    """Write the minutes, attendance, decisions and actions as they are to stand; a frozen pack keeps what it had."""
    review = changeable(session=session, review_id=review_id, act=Act.KEEP_MINUTES, version=wish.version, by=by)
    if review.state is ReviewState.CANCELLED:
        raise Refused(Problem("this review was cancelled: move it to a day first"))
    decisions = {one.id: one for one in list_decisions(session=session, review_id=review_id)}
    actions = {one.id: one for one in list_actions(session=session, review_id=review_id)}
    problems = _row_problems(wish, decisions, actions) + _people_problems(session, wish)
    if problems:
        raise Refused.because(problems)
    with journal.changing(
        session=session, by=by, at=at, thing=review, verb="minutes kept", unit=review.unit_id,
        name=name_of(review=review), beside=lambda: _written(session, review_id),
    ):  # fmt: skip
        review.minutes = wish.minutes
        _put_presence(session, review_id, wish.presence)
        _put_decisions(session, review_id, wish.decisions, decisions)
        _put_actions(session, review_id, wish.actions, actions)
        session.flush()
    return review


def tick_off(*, session: Session, review_id: int, what: str, key: int, by: Actor, at: datetime) -> None:
    """Note that a decision was carried out or an action is done (today); once more takes it back.

    `what` is decision or action. Whoever keeps the minutes may do it, and the owner of an action for her own.
    """
    review = get_review(session=session, actor=by, review_id=review_id, lock=True)
    found = session.get(Decision, key) if what == "decision" else session.get(ReviewAction, key)
    if found is None or found.review_id != review.id:
        raise Missing("there is no such line in these minutes")
    owner = frozenset({found.owner_id or 0}) if isinstance(found, ReviewAction) else frozenset[int]()
    act = Act.REPORT_PROGRESS if by.person in owner else Act.KEEP_MINUTES
    require(actor=by, act=act, subject=Subject(unit=review.unit_id, responsible=owner))
    today = today_in(organisation=get_organisation(session=session), now=at)
    verb = "taken back" if found.done_on else "done"
    with journal.changing(
        session=session, by=by, at=at, thing=found, verb=verb, unit=review.unit_id, name=found.text[:TITLE]
    ):
        found.done_on = None if found.done_on else today
    review.version += 1
    session.flush()


def hold(
    *, session: Session, review_id: int, wish: HoldWish, content: Mapping[str, Any], by: Actor, at: datetime
) -> Review:
    """Say that the review was held and freeze its pack: `content` is the report as it is seen at this moment.

    With `lock` the months it looked at are locked for its own unit. Raises Refused when it has been held already, or
    when there is no ended month to lock.
    """
    review = changeable(session=session, review_id=review_id, act=Act.HOLD_REVIEW, version=wish.version, by=by)
    if review.state is not ReviewState.PLANNED:
        raise Refused(Problem(f"this review has been {review.state.value} already"))
    if wish.lock:
        _lock_months(session, review, by, at)
    pack = Pack(review_id=review.id, frozen_at=at, frozen_by=by.name[:TITLE], content=dict(content), printed=None)
    session.add(pack)
    with journal.changing(
        session=session, by=by, at=at, thing=review, verb="held", unit=review.unit_id, name=name_of(review=review)
    ):
        review.state, review.held_at, review.held_by = ReviewState.HELD, at, by.name[:TITLE]
    return review


def keep_print(*, session: Session, review_id: int, printed: bytes, by: Actor, at: datetime) -> None:
    """Keep the paper of a frozen pack; the first one stays, whoever comes later. `at` is not noted anywhere."""
    review = get_review(session=session, actor=by, review_id=review_id, lock=True)
    require(actor=by, act=Act.HOLD_REVIEW, subject=Subject(unit=review.unit_id))
    pack = find_pack(session=session, review_id=review_id)
    if pack is None:
        raise Missing("this review has no pack yet")
    if pack.printed is None:
        pack.printed = printed
        session.flush()


def months_of(*, review: Review) -> list[date]:
    """The first days of the months a review looks at; none for the weekly check-in and the diagnosis."""
    if review.kind not in FREQUENCIES:
        return []
    months = FREQUENCIES[review.kind].months
    return [add_months(day=review.first_day, months=place) for place in range(months)]


def promote(*, session: Session, review_id: int, action_key: int, by: Actor, at: datetime) -> Action:
    """Put something that was taken on onto the matrix of the unit as a draft action; the two stay tied."""
    review = changeable(session=session, review_id=review_id, act=Act.KEEP_MINUTES, version=None, by=by)
    task = session.get(ReviewAction, action_key)
    if task is None or task.review_id != review.id:
        raise Missing("there is no such action in these minutes")
    if task.action_id is not None:
        raise Refused(Problem("this stands on the matrix already"))
    today = today_in(organisation=get_organisation(session=session), now=at)
    cycle = find_cycle_on(session=session, day=task.due_on or today)
    if cycle is None:
        raise Refused(Problem(f"no cycle that holds {task.due_on or today} has been opened"))
    wish = ActionWish(
        unit_id=review.unit_id, cycle_id=cycle.id, name=" ".join(task.text.split())[:TITLE],
        description=f"Taken on in the {name_of(review=review)}", owner_id=task.owner_id, due_on=task.due_on,
        status=Status.DONE if task.done_on else Status.OPEN, progress=100 if task.done_on else 0,
    )  # fmt: skip
    action = create_action(session=session, wish=wish, by=by, at=at)
    with journal.changing(
        session=session, by=by, at=at, thing=task, verb="promoted", unit=review.unit_id, name=task.text[:TITLE]
    ):
        task.action_id = action.id
    return action


# ------------------------------------------------------------------ what the commands share


def _lock_months(session: Session, review: Review, by: Actor, at: datetime) -> None:
    """Lock the months of the review that are over, for its own unit alone."""
    require(actor=by, act=Act.LOCK_OWN_MONTH, subject=Subject(unit=review.unit_id))
    lock_plan(session=session)
    today = today_in(organisation=get_organisation(session=session), now=at)
    months = [one for one in months_of(review=review) if add_months(day=one, months=1) <= today]
    if not months:
        raise Refused(Problem("this review looks at no month that is over: there is nothing to lock"))
    there = locked_months(session=session, unit_id=review.unit_id, first=months[0], last=months[-1])
    unit = get_unit(session=session, actor=by, unit_id=review.unit_id)
    for month in (one for one in months if one not in there):
        row = MonthLock(unit_id=unit.id, month=month, locked_at=at, locked_by=by.name[:TITLE])
        journal.created(
            session=session, by=by, at=at, thing=row, unit=unit.id, why=f"Locked by the {name_of(review=review)}",
            name=f"{unit.name}, {month:%Y-%m}"[:TITLE],
        )  # fmt: skip


def _written(session: Session, review_id: int) -> dict[str, Any]:
    session.flush()
    return {
        "attendance": {
            str(one.person_id): one.presence.value
            for one in list_attendances(session=session, review_id=review_id)
        },
        "decisions": [facts(of=one) for one in list_decisions(session=session, review_id=review_id)],
        "actions": [facts(of=one) for one in list_actions(session=session, review_id=review_id)],
    }


def _row_problems(
    wish: MinutesWish, decisions: Mapping[int, Decision], actions: Mapping[int, ReviewAction]
) -> list[Problem]:
    """Rows that are of another review raise Missing; the rest is what a person can mend."""
    for keys, there in (([one.key for one in wish.decisions], decisions), ([one.key for one in wish.actions], actions)):
        known = [one for one in keys if one is not None]
        if len(set(known)) < len(known) or set(known) - set(there):
            raise Missing("these lines are not all of this review")
    problems = [Problem("what was decided?", field=f"decision_{one.place}") for one in wish.decisions if not one.text]
    problems += [Problem("say what is to be done", field=f"task_{one.place}") for one in wish.actions if not one.text]
    kept = {one.key for one in wish.actions}
    problems += [
        Problem(f"“{one.text[:80]}” stands on the matrix as an action and stays here too")
        for one in actions.values()
        if one.action_id is not None and one.id not in kept
    ]
    if len(wish.decisions) > MOST_DECISIONS or len(wish.actions) > MOST_ACTIONS:
        problems.append(Problem(f"at most {MOST_DECISIONS} decisions and {MOST_ACTIONS} actions: keep to what matters"))
    return problems


def _people_problems(session: Session, wish: MinutesWish) -> list[Problem]:
    owners = {one.owner_id: f"owner_{one.place}" for one in wish.actions if one.owner_id is not None}
    there = dict.fromkeys(wish.presence, "")
    return [
        Problem("there is no such person", field=field)
        for person, field in (there | owners).items()
        if session.get(Person, person) is None
    ]


def _put_presence(session: Session, review_id: int, wanted: Mapping[int, Presence]) -> None:
    there = {one.person_id: one for one in list_attendances(session=session, review_id=review_id)}
    for person, presence in wanted.items():
        row = there.pop(person, None) or Attendance(review_id=review_id, person_id=person)
        row.presence = presence
        session.add(row)
    for gone in there.values():
        session.delete(gone)


def _put_decisions(
    session: Session, review_id: int, wishes: Sequence[DecisionWish], there: dict[int, Decision]
) -> None:
    for place, wish in enumerate(wishes, start=1):
        row = there.pop(wish.key) if wish.key is not None else Decision(review_id=review_id)
        row.text, row.done_on, row.position = wish.text, wish.done_on, place
        session.add(row)
    for gone in there.values():
        session.delete(gone)


def _put_actions(
    session: Session, review_id: int, wishes: Sequence[TaskWish], there: dict[int, ReviewAction]
) -> None:
    for place, wish in enumerate(wishes, start=1):
        row = there.pop(wish.key) if wish.key is not None else ReviewAction(review_id=review_id)
        row.text, row.owner_id, row.due_on = wish.text, wish.owner_id, wish.due_on
        row.done_on, row.position = wish.done_on, place
        session.add(row)
    for gone in there.values():
        session.delete(gone)

"""What an action waits for, whether it comes again, and the opening of the next one when one is done or falls due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor, system_actor
from hoshin.commands import items, journal
from hoshin.commands.links import AnswerWish, answer, deployed_kind
from hoshin.engine.plans import Kind, State
from hoshin.engine.recurrence import Rule, Step, next_day
from hoshin.errors import Forbidden, Problem, Refused
from hoshin.model.actions import Action, ActionHelper, Status
from hoshin.model.base import TITLE
from hoshin.model.cycles import Cycle, CycleState
from hoshin.model.items import Item, Objective
from hoshin.model.links import Correlation
from hoshin.model.schedules import ActionBlocker, Occurrence, Recurrence
from hoshin.queries.attainment import today_in
from hoshin.queries.cycles import find_cycle_on
from hoshin.queries.items import find_named, get_item, helpers_of, last_position
from hoshin.queries.links import list_correlations, list_deployments
from hoshin.queries.schedules import (
    Coming,
    blocker_ids,
    find_coming,
    last_number,
    list_followed,
    list_upper,
    load_waits,
)
from hoshin.queries.units import get_organisation, lock_plan

THE_CALENDAR = system_actor(name="Hoshin (from the calendar)")
"""Who opens the next action of a rule in the journal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleWish:
    """What an action waits for, and how it comes again (`step` None: not at all); `version` as the form was read."""

    blockers: tuple[int, ...] = ()
    step: Step | None = None
    every: int = 1
    until: date | None = None
    version: int | None = None


def schedule(*, session: Session, item_id: int, wish: ScheduleWish, by: Actor, at: datetime) -> Action:
    """Set what the action waits for and whether it comes again; raises Stale when somebody else saved it first."""
    lock_plan(session=session)
    action = items.writable(session=session, item_id=item_id, by=by, kind=Action)
    items.refuse_stale(item=action, version=wish.version)
    problems = _check_blockers(session, action, wish.blockers, by) + _check_rule(action, wish)
    if problems:
        raise Refused.because(problems)
    with journal.changing(
        session=session, by=by, at=at, thing=action, verb="scheduled", beside=lambda: _beside(session, action)
    ):
        _set_blockers(session, action, wish.blockers)
        _set_rule(session, action, wish, by, at)
    return action


def _check_blockers(session: Session, action: Action, blockers: Sequence[int], by: Actor) -> list[Problem]:
    present = blocker_ids(session=session, action_id=action.id)
    for one in set(blockers) - set(present):
        get_item(session=session, actor=by, item_id=one, kind=Action)
    waits = {**load_waits(session=session), action.id: list(blockers)}
    if any(_reaches(waits, one, action.id) for one in blockers):
        return [Problem("this would close a circle: each would wait for the other", field="blockers")]
    return []


def _reaches(waits: Mapping[int, Sequence[int]], start: int, goal: int) -> bool:
    seen, waiting = set[int](), [start]
    while waiting:
        one = waiting.pop()
        if one == goal:
            return True
        if one not in seen:
            seen.add(one)
            waiting.extend(waits.get(one, ()))
    return False


def _check_rule(action: Action, wish: ScheduleWish) -> list[Problem]:
    if wish.step is None:
        return []
    problems = []
    if not 1 <= wish.every <= 52:
        problems.append(Problem("a whole number from 1 to 52", field="every"))
    if action.due_on is None:
        problems.append(Problem("give the action a due day first: the next ones are counted from it", field="step"))
    elif wish.until is not None and wish.until < action.due_on:
        problems.append(Problem("this lies before the action itself falls due", field="until"))
    return problems


def _beside(session: Session, action: Action) -> dict[str, Any]:
    found = find_coming(session=session, action_id=action.id)
    rule = found.recurrence if found and not found.recurrence.stopped else None
    return {
        "blockers": blocker_ids(session=session, action_id=action.id),
        "repeats": f"every {rule.every} {rule.step.value} until {rule.until or 'stopped'}" if rule else None,
    }


def _set_blockers(session: Session, action: Action, blockers: Sequence[int]) -> None:
    present, wanted = set(blocker_ids(session=session, action_id=action.id)), set(blockers) - {action.id}
    gone = ActionBlocker.blocker_id.in_(present - wanted)
    session.execute(delete(ActionBlocker).where(ActionBlocker.action_id == action.id, gone))
    session.add_all(ActionBlocker(action_id=action.id, blocker_id=one) for one in sorted(wanted - present))
    session.flush()


def _set_rule(session: Session, action: Action, wish: ScheduleWish, by: Actor, at: datetime) -> None:
    found = find_coming(session=session, action_id=action.id, lock=True)
    if found is None and wish.step is not None and action.due_on is not None:
        made = Recurrence(
            name=action.name, every=wish.every, step=wish.step, first_due=action.due_on, until=wish.until
        )
        journal.created(session=session, by=by, at=at, thing=made, unit=action.unit_id)
        session.add(Occurrence(action_id=action.id, recurrence_id=made.id, number=1))
    elif found is not None:
        row = found.recurrence
        with journal.changing(session=session, by=by, at=at, thing=row, unit=action.unit_id):
            row.stopped = wish.step is None
            if wish.step is not None and action.due_on is not None:
                if (row.every, row.step) != (wish.every, wish.step):
                    row.first_due = action.due_on  # counted anew from here
                row.every, row.step, row.until = wish.every, wish.step, wish.until
    session.flush()


# ------------------------------------------------------------------ the next one


def open_next(*, session: Session, by: Actor, at: datetime) -> list[Action]:
    """Open the next action of every rule whose latest one is done or has fallen due.

    Idempotent. Raises Forbidden for anybody but the system.
    """
    if not by.is_system:
        raise Forbidden("the calendar opens what comes again")
    today = today_in(organisation=get_organisation(session=session), now=at)
    made = [
        open_following(session=session, action_id=one, by=by, at=at)
        for one in list_followed(session=session, today=today)
    ]
    return [one for one in made if one is not None]


def open_following(*, session: Session, action_id: int, by: Actor, at: datetime) -> Action | None:
    """The action that comes after this one by its rule; None when there is none, or no cycle for it yet.

    Due days that have passed meanwhile are left out: nobody can do last month's walk.
    """
    found = find_coming(session=session, action_id=action_id, lock=True)
    if found is None or found.recurrence.stopped:
        return None
    if found.occurrence.number != last_number(session=session, recurrence_id=found.recurrence.id):
        return None  # it is there already
    before = session.get_one(Action, action_id)
    if before.state is not State.ACTIVE:
        return None
    due = _due_after(found.rule, before, today_in(organisation=get_organisation(session=session), now=at))
    cycle = find_cycle_on(session=session, day=due) if due is not None else None
    if due is None or cycle is None or cycle.state is CycleState.CLOSED:
        return None
    return _follow(session, found, before, due, cycle, by, at)


def _due_after(rule: Rule, before: Action, today: date) -> date | None:
    """Never before today: who is early gets the next day of the rule, who is late the first that is still to come."""
    return next_day(rule=rule, after=max(before.due_on or today, today))


def _follow(
    session: Session, found: Coming, before: Action, due: date, cycle: Cycle, by: Actor, at: datetime
) -> Action | None:
    new = Action(
        kind=Kind.ACTION, unit_id=before.unit_id, cycle_id=cycle.id, description=before.description,
        owner_id=before.owner_id, state=State.ACTIVE, status=Status.OPEN, progress=0, due_on=due,
        valid_from=cycle.first_day, valid_to=cycle.last_day,
        name=_name(session, found.recurrence.name, before.unit_id, cycle, due),
        position=last_position(session=session, kind=Kind.ACTION, unit_id=before.unit_id) + 1,
    )  # fmt: skip
    number = found.occurrence.number + 1
    try:
        with session.begin_nested():
            journal.created(session=session, by=by, at=at, thing=new, why=f"number {number} of a recurring action")
            session.add(Occurrence(action_id=new.id, recurrence_id=found.recurrence.id, number=number))
            session.flush()
    except IntegrityError as error:
        if "occurrences" not in str(error.orig):
            raise
        return None  # somebody else has just opened it
    helpers = helpers_of(session=session, action_id=before.id)
    session.add_all(ActionHelper(action_id=new.id, person_id=one) for one in helpers)
    _carry_links(session, before, new, by, at)
    _carry_answers(session, before, new, by, at)
    return new


def _name(session: Session, name: str, unit_id: int, cycle: Cycle, due: date) -> str:
    """What all are called, with the due day, and a number where even that is taken."""
    plain = f"{name[: TITLE - 24]} ({due:%Y-%m-%d})"
    found, number = plain, 2
    while find_named(session=session, kind=Kind.ACTION, unit_id=unit_id, name=found, cycle_id=cycle.id) is not None:
        found, number = f"{plain} {number}", number + 1
    return found


def _carry_links(session: Session, before: Action, new: Action, by: Actor, at: datetime) -> None:
    """The next one moves what the one before moved, as far as that belongs to its cycle."""
    links = list_correlations(session=session, item_ids=[before.id])
    ends = {one.upper_id for one in links} | {one.lower_id for one in links}
    far = list_upper(session=session, item_ids=ends - {before.id})
    for one in links:
        other = one.upper_id if one.lower_id == before.id else one.lower_id
        name, cycle = far[other]
        if cycle not in (None, new.cycle_id):
            continue
        upper, lower = (other, new.id) if one.lower_id == before.id else (new.id, other)
        link = Correlation(upper_id=upper, lower_id=lower, strength=one.strength, rationale=one.rationale)
        journal.created(
            session=session, by=by, at=at, thing=link, unit=_unit_of(session, upper), name=f"{name} × {new.name}"
        )


def _carry_answers(session: Session, before: Action, new: Action, by: Actor, at: datetime) -> None:
    """What answers the one before answers the next one too, where its cycle hands actions down."""
    if deployed_kind(session=session, source=new) is not Kind.ACTION:
        return
    for one in list_deployments(session=session, item_ids=[before.id]):
        objective = session.get_one(Objective, one.objective_id)
        if one.source_id == before.id and one.state is State.ACTIVE and objective.archived_at is None:
            wish = AnswerWish(source_id=new.id, objective_id=objective.id)
            answer(session=session, wish=wish, by=by, at=at)


def _unit_of(session: Session, item_id: int) -> int:
    return session.get_one(Item, item_id).unit_id

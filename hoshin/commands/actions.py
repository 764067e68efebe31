"""Team action items are written and rewritten, and their progress is reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import agreed, items, journal
from hoshin.commands.schedules import THE_CALENDAR, open_following
from hoshin.engine.plans import Kind, State
from hoshin.errors import Problem, Refused, Stale
from hoshin.model.actions import Action, ActionHelper, Status
from hoshin.model.base import facts
from hoshin.model.people import Person
from hoshin.queries.items import helpers_of

COMPLETE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionWish(items.ItemWish):
    """An action of one cycle: by when, how far in per cent, and who helps."""

    cycle_id: int
    due_on: date | None = None
    status: Status = Status.OPEN
    progress: int = 0
    helpers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressWish:
    """How an action stands now, with a line about it; `version` is the one the form was read at."""

    status: Status
    progress: int
    version: int | None = None
    note: str = ""


def create_action(*, session: Session, wish: ActionWish, by: Actor, at: datetime) -> Action:
    """A new draft action at the end of the unit's list, valid for its whole cycle unless the wish says otherwise."""
    require(actor=by, act=Act.WRITE_PLAN, subject=Subject(unit=wish.unit_id))
    problems = _problems(session, wish, None) + items.check_cycle(session=session, cycle_id=wish.cycle_id)
    if problems:
        raise Refused.because(problems)
    action = Action(kind=Kind.ACTION, unit_id=wish.unit_id, cycle_id=wish.cycle_id)
    _assign(action, wish)
    items.add(
        session=session, item=action, wish=items.within_cycle(session=session, wish=wish, cycle_id=wish.cycle_id),
        by=by, at=at,
    )  # fmt: skip
    if wish.helpers:
        with journal.changing(
            session=session, by=by, at=at, thing=action, verb="helpers named", beside=lambda: _helpers(session, action)
        ):
            _set_helpers(session, action, wish)
    return action


def edit_action(*, session: Session, item_id: int, wish: ActionWish, by: Actor, at: datetime) -> Action:
    """Rewrite an action; raises Stale when somebody else saved it first."""
    action = items.writable(session=session, item_id=item_id, by=by, kind=Action)
    items.refuse_stale(item=action, version=wish.version)
    wish = items.within_cycle(session=session, wish=wish, cycle_id=action.cycle_id)
    problems = items.check_edit(session=session, by=by, item=action, wish=wish, cycle_id=wish.cycle_id)
    problems += _problems(session, wish, action)
    if problems:
        raise Refused.because(problems)
    with journal.changing(
        session=session, by=by, at=at, thing=action, why=wish.reason, beside=lambda: _helpers(session, action)
    ):
        items.assign(item=action, wish=wish)
        _assign(action, wish)
        _set_helpers(session, action, wish)
    agreed.reopen_changed(session=session, source=action, by=by, at=at)
    return action


def report_progress(*, session: Session, item_id: int, wish: ProgressWish, by: Actor, at: datetime) -> Action:
    """Say how far an action is: for its owner and helpers, the head and the facilitator. Done means complete."""
    action = items.writable(session=session, item_id=item_id, by=by, kind=Action, act=Act.REPORT_PROGRESS)
    if wish.version is not None and wish.version != action.version:
        raise Stale({"Status": action.status.value, "Progress": f"{action.progress} %"})
    problems = _progress_problems(wish.progress)
    if action.state is State.ENDED:
        problems.append(Problem("this action has ended: resume it first"))
    if problems:
        raise Refused.because(problems)
    before = action.version
    with journal.changing(session=session, by=by, at=at, thing=action, verb="progress reported", why=wish.note):
        action.status, action.progress = wish.status, _progress(wish.status, wish.progress)
    if action.version == before and wish.note:
        same = facts(of=action)
        journal.write(
            session=session, by=by, at=at, verb="progress reported", thing=action, before=same, after=same,
            why=wish.note,
        )  # fmt: skip
    if action.status is Status.DONE:
        open_following(session=session, action_id=action.id, by=THE_CALENDAR, at=at)
    return action


def _assign(action: Action, wish: ActionWish) -> None:
    action.due_on, action.status = wish.due_on, wish.status
    action.progress = _progress(wish.status, wish.progress)


def _progress(status: Status, progress: int) -> int:
    return COMPLETE if status is Status.DONE else progress


def _helpers(session: Session, action: Action) -> dict[str, Any]:
    return {"helpers": list(helpers_of(session=session, action_id=action.id))}


def _set_helpers(session: Session, action: Action, wish: ActionWish) -> None:
    """Who is responsible does not also support."""
    wanted = set(wish.helpers) - {wish.owner_id}
    present = set(helpers_of(session=session, action_id=action.id))
    gone = present - wanted
    if gone:
        session.execute(
            delete(ActionHelper).where(ActionHelper.action_id == action.id, ActionHelper.person_id.in_(gone))
        )
    session.add_all(ActionHelper(action_id=action.id, person_id=one) for one in sorted(wanted - present))
    session.flush()


def _problems(session: Session, wish: ActionWish, action: Action | None) -> list[Problem]:
    problems = items.check_wish(session=session, wish=wish, kind=Kind.ACTION, cycle_id=wish.cycle_id, item=action)
    problems += _progress_problems(wish.progress)
    known = set(session.scalars(select(Person.id).where(Person.id.in_(wish.helpers)))) if wish.helpers else set()
    if set(wish.helpers) - known:
        problems.append(Problem("there is no such person", field="helpers"))
    return problems


def _progress_problems(progress: int) -> list[Problem]:
    fits = 0 <= progress <= COMPLETE
    return [] if fits else [Problem("progress is a whole per cent from 0 to 100", field="progress")]

"""Strategic objectives are written and rewritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import items, journal
from hoshin.engine.calendars import FIRST_YEAR, LAST_YEAR
from hoshin.engine.plans import Kind
from hoshin.errors import Problem, Refused
from hoshin.model.items import Objective
from hoshin.model.people import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveWish(items.ItemWish):
    """An objective with the person who backs it and the years it looks ahead to, both ends included."""

    sponsor_id: int | None = None
    horizon_from: int | None = None
    horizon_to: int | None = None


def create_objective(*, session: Session, wish: ObjectiveWish, by: Actor, at: datetime) -> Objective:
    """A new draft objective at the end of the unit's list; raises Refused with every problem."""
    require(actor=by, act=Act.WRITE_PLAN, subject=Subject(unit=wish.unit_id))
    problems = _problems(session, wish, None)
    if problems:
        raise Refused.because(problems)
    objective = Objective(kind=Kind.OBJECTIVE, unit_id=wish.unit_id)
    _assign(objective, wish)
    items.add(session=session, item=objective, wish=wish, by=by, at=at)
    return objective


def edit_objective(*, session: Session, item_id: int, wish: ObjectiveWish, by: Actor, at: datetime) -> Objective:
    """Rewrite an objective; raises Stale when somebody else saved it first."""
    objective = items.writable(session=session, item_id=item_id, by=by, kind=Objective)
    items.refuse_stale(item=objective, version=wish.version)
    problems = items.check_edit(session=session, by=by, item=objective, wish=wish, cycle_id=None)
    problems += _problems(session, wish, objective)
    if problems:
        raise Refused.because(problems)
    with journal.changing(session=session, by=by, at=at, thing=objective, why=wish.reason):
        items.assign(item=objective, wish=wish)
        _assign(objective, wish)
    return objective


def _assign(objective: Objective, wish: ObjectiveWish) -> None:
    objective.sponsor_id = wish.sponsor_id
    objective.horizon_from, objective.horizon_to = wish.horizon_from, wish.horizon_to


def _problems(session: Session, wish: ObjectiveWish, objective: Objective | None) -> list[Problem]:
    problems = items.check_wish(session=session, wish=wish, kind=Kind.OBJECTIVE, cycle_id=None, item=objective)
    if wish.sponsor_id is not None and session.get(Person, wish.sponsor_id) is None:
        problems.append(Problem("there is no such person", field="sponsor_id"))
    for field in ("horizon_from", "horizon_to"):
        year = getattr(wish, field)
        if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
            problems.append(Problem(f"choose a year between {FIRST_YEAR} and {LAST_YEAR}", field=field))
    if wish.horizon_from and wish.horizon_to and wish.horizon_from > wish.horizon_to:
        problems.append(Problem("the horizon ends before it begins", field="horizon_to"))
    return problems

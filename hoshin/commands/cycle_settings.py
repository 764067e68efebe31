"""Planning cycles are opened in their turn, and say how far they are and how matrices rotate in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import journal
from hoshin.commands.cycles import ensure_cycle
from hoshin.commands.people import today_of
from hoshin.engine.calendars import LAST_YEAR
from hoshin.engine.plans import Rotation
from hoshin.errors import Problem, Refused, Stale
from hoshin.model.cycles import Cycle, CycleState
from hoshin.queries.cycles import get_cycle, list_cycles
from hoshin.queries.units import get_organisation, lock_plan

FURTHEST = 2
"""How many years ahead a cycle may be opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleWish:
    """How a cycle should stand; `version` is the one the form was read at."""

    state: CycleState
    rotation: Rotation
    version: int | None
    catchball: bool = False


def open_next_cycle(*, session: Session, name: str, catchball: bool = False, by: Actor, at: datetime) -> Cycle:
    """Open the cycle after the latest one (the first is the one that holds today); `name` is what was offered.

    With `catchball`, what units answer in it comes into force with two signatures.
    """
    require(actor=by, act=Act.MANAGE_CYCLES)
    lock_plan(session=session)
    calendar = get_organisation(session=session).calendar
    today = today_of(session=session, at=at)
    known = list_cycles(session=session)
    span = calendar.next_cycle(cycle=known[0].span) if known else calendar.cycle_of(day=today)
    if name != span.name:
        raise Refused(f"{name[:20]} is not the next cycle; that is {span.name}")
    if span.first.year > min(today.year + FURTHEST, LAST_YEAR - 1):
        raise Refused(f"{span.name} is too far ahead to be planned")
    cycle = ensure_cycle(session=session, span=span, by=by, at=at)
    with journal.changing(session=session, by=by, at=at, thing=cycle):
        cycle.catchball = catchball
        cycle.state = CycleState.PLANNING if span.first > today else cycle.state
    return cycle


def change_cycle(*, session: Session, name: str, wish: CycleWish, by: Actor, at: datetime) -> Cycle:
    """Say how far a cycle is and how its matrices rotate."""
    require(actor=by, act=Act.MANAGE_CYCLES)
    lock_plan(session=session)
    cycle = get_cycle(session=session, name=name)
    if wish.version != cycle.version:
        played = "played" if cycle.catchball else "not played"
        raise Stale(theirs={"State": cycle.state.value, "Rotation": cycle.rotation.value, "Catchball": played})
    if cycle.state is CycleState.CLOSED:
        raise Refused(Problem(f"{cycle.name} is closed: open it again first", field="state"))
    if wish.state is CycleState.CLOSED:
        raise Refused(Problem("a cycle is closed on its own page, where each item is kept, changed or ended", "state"))
    with journal.changing(session=session, by=by, at=at, thing=cycle):
        cycle.state, cycle.rotation, cycle.catchball = wish.state, wish.rotation, wish.catchball
    return cycle

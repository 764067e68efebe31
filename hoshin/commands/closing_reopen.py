"""A cycle closed by mistake is opened again, and what closing ended is resumed where that is wished."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import journal
from hoshin.engine.plans import State
from hoshin.errors import Problem, Refused, Stale
from hoshin.model.cycles import Cycle, CycleState
from hoshin.queries.closing import EndedByClosing, list_ended_by_closing
from hoshin.queries.cycles import get_cycle, list_cycles
from hoshin.queries.units import lock_plan, top_unit


def reopen_cycle(
    *, session: Session, name: str, reason: str, resume: bool, version: int | None, by: Actor, at: datetime
) -> int:
    """Open a cycle that was closed by mistake; gives how many items were resumed that closing had ended.

    With `resume` they stand again as they stood before, drafts in their lists too; what somebody has changed since
    closing is left alone. What closing wrote into the next cycle stays, and closing again goes on from it; so do the
    choices, and its months stay locked: what was wrong is revised. Only the latest closed cycle can be opened again.
    """
    lock_plan(session=session)
    require(actor=by, act=Act.CLOSE_CYCLE, subject=Subject(unit=top_unit(session=session).id))
    cycle = get_cycle(session=session, name=name)
    _refuse(session, cycle, reason, version)
    ended = list_ended_by_closing(session=session, cycle=cycle) if resume else []
    why = f"{cycle.name} was opened again: {reason.strip()}"
    for one in ended:
        _resume(session, one, why, by, at)
    with journal.changing(session=session, by=by, at=at, thing=cycle, verb="opened again", why=reason.strip()):
        cycle.state, cycle.closed_at, cycle.closed_by = CycleState.OPEN, None, ""
    return len(ended)


def _refuse(session: Session, cycle: Cycle, reason: str, version: int | None) -> None:
    if version is not None and version != cycle.version:
        raise Stale({"State": cycle.state.value})
    if cycle.state is not CycleState.CLOSED:
        raise Refused(Problem(f"{cycle.name} is not closed"))
    if not reason.strip():
        raise Refused(Problem("say why it is opened again", field="reason"))
    later = [one for one in list_cycles(session=session) if one.first_day > cycle.first_day]
    if any(one.state is CycleState.CLOSED for one in later):
        raise Refused(Problem("a later cycle is closed: open that one again first"))


def _resume(session: Session, one: EndedByClosing, why: str, by: Actor, at: datetime) -> None:
    """As it stood: a draft back into its list, the rest in force with the last day that it had."""
    item, verb = one.item, "restored" if one.item.state is State.DRAFT else "resumed"
    with journal.changing(session=session, by=by, at=at, thing=item, verb=verb, why=why):
        item.archived_at = None
        if item.state is State.ENDED:
            last = one.before["valid_to"]
            item.state, item.end_reason = State.ACTIVE, ""
            item.valid_to = date.fromisoformat(last) if last else None

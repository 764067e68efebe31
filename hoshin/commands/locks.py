"""Months are locked unit by unit, so that their figures change only by an audited revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import closed, journal
from hoshin.errors import Problem, Refused
from hoshin.model.base import TITLE
from hoshin.model.cycles import CycleState, MonthLock
from hoshin.queries.cycles import list_cycles, list_locks
from hoshin.queries.unit_lists import list_units
from hoshin.queries.units import lock_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class LockWish:
    """The months (first days) of units to lock or to unlock, and why."""

    cells: Sequence[tuple[int, date]]
    lock: bool
    why: str = ""


def set_locks(*, session: Session, wish: LockWish, by: Actor, at: datetime) -> int:
    """Lock or unlock; what stands that way already is left alone. Gives how many changed."""
    require(actor=by, act=Act.LOCK_MONTHS)
    if not wish.cells:
        raise Refused(Problem("choose at least one month", field="cells"))
    if not wish.lock and not wish.why:
        raise Refused(Problem("say why these months are opened again", field="why"))
    lock_plan(session=session)
    _refuse_closed(session, [month for _, month in wish.cells])
    names = {one.id: one.name for one in list_units(session=session)}
    days = [month for _, month in wish.cells]
    known = {(one.unit_id, one.month): one for one in list_locks(session=session, first=min(days), last=max(days))}
    changed = [cell for cell in dict.fromkeys(wish.cells) if (cell in known) is not wish.lock and cell[0] in names]
    for unit, month in changed:
        name = f"{names[unit]}, {month:%Y-%m}"[:TITLE]
        if wish.lock:
            row = MonthLock(unit_id=unit, month=month, locked_at=at, locked_by=by.name[:TITLE])
            journal.created(session=session, by=by, at=at, thing=row, unit=unit, why=wish.why, name=name)
        else:
            journal.removed(
                session=session, by=by, at=at, thing=known[unit, month], unit=unit, why=wish.why, name=name
            )
    return len(changed)


def _refuse_closed(session: Session, months: Sequence[date]) -> None:
    """A closed cycle needs no locks, and none of them is opened."""
    for one in list_cycles(session=session):
        if one.state is CycleState.CLOSED and any(one.first_day <= month <= one.last_day for month in months):
            raise Refused(Problem(closed.sentence(name=one.name), field="cells"))

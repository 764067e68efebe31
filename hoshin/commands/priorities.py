"""Annual priorities are written and rewritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import agreed, items, journal
from hoshin.engine.plans import Kind
from hoshin.errors import Refused
from hoshin.model.items import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityWish(items.ItemWish):
    """A priority of one cycle."""

    cycle_id: int


def create_priority(*, session: Session, wish: PriorityWish, by: Actor, at: datetime) -> Priority:
    """A new draft priority at the end of the unit's list, valid for its whole cycle unless the wish says otherwise."""
    require(actor=by, act=Act.WRITE_PLAN, subject=Subject(unit=wish.unit_id))
    problems = items.check_wish(session=session, wish=wish, kind=Kind.PRIORITY, cycle_id=wish.cycle_id, item=None)
    problems += items.check_cycle(session=session, cycle_id=wish.cycle_id)
    if problems:
        raise Refused.because(problems)
    priority = Priority(kind=Kind.PRIORITY, unit_id=wish.unit_id, cycle_id=wish.cycle_id)
    items.add(
        session=session, item=priority, wish=items.within_cycle(session=session, wish=wish, cycle_id=wish.cycle_id),
        by=by, at=at,
    )  # fmt: skip
    return priority


def edit_priority(*, session: Session, item_id: int, wish: PriorityWish, by: Actor, at: datetime) -> Priority:
    """Rewrite a priority; raises Stale when somebody else saved it first."""
    priority = items.writable(session=session, item_id=item_id, by=by, kind=Priority)
    items.refuse_stale(item=priority, version=wish.version)
    wish = items.within_cycle(session=session, wish=wish, cycle_id=priority.cycle_id)
    problems = items.check_edit(session=session, by=by, item=priority, wish=wish, cycle_id=wish.cycle_id)
    problems += items.check_wish(
        session=session, wish=wish, kind=Kind.PRIORITY, cycle_id=priority.cycle_id, item=priority
    )
    if problems:
        raise Refused.because(problems)
    with journal.changing(session=session, by=by, at=at, thing=priority, why=wish.reason):
        items.assign(item=priority, wish=wish)
    agreed.reopen_changed(session=session, source=priority, by=by, at=at)
    return priority

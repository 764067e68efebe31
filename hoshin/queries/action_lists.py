"""The actions of a cycle, narrowed down and some at a time, so that a long list costs no more than what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, false, func, or_, select, union
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
from hoshin.model.actions import Action, ActionHelper, Status
from hoshin.model.items import Item
from hoshin.queries.schedules import FINISHED


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The actions of a cycle; of a unit, of a person as owner or helper, of a status or of all that are unfinished.

    None and "" stand for any.
    """

    cycle_id: int
    unit: int | None = None
    owner: int | None = None
    status: str = ""


UNFINISHED = "unfinished"


def count_actions(*, session: Session, actor: Actor, wish: Narrowed) -> int:
    """How many there are that the actor may read."""
    return session.scalar(select(func.count(Action.id)).where(*_conditions(actor, wish))) or 0


def list_actions(
    *, session: Session, actor: Actor, wish: Narrowed, by_day: bool = False, offset: int = 0, most: int | None = None
) -> Sequence[Action]:
    """Those that the actor may read in the order of the plan, or the earliest due first; at most so many."""
    order: tuple[Any, ...] = (Action.unit_id, Action.position, Action.id)
    if by_day:
        order = (Action.due_on.is_(None), Action.due_on, Action.id)
    query = select(Action).where(*_conditions(actor, wish)).order_by(*order).offset(offset or None).limit(most)
    return session.scalars(query).all()


def held_by(*, person_id: int, besides: Sequence[Select[int]] = ()) -> CompoundSelect[int]:
    """The keys of the items somebody owns, of the actions she helps with and of whatever is asked for `besides`.

    As a question for others to hold. It goes by the index of each; "owned or helped" would be asked of every item.
    """
    helped = select(ActionHelper.action_id).where(ActionHelper.person_id == person_id)
    return union(select(Item.id).where(Item.owner_id == person_id), helped, *besides)


def _conditions(actor: Actor, wish: Narrowed) -> list[ColumnElement[bool]]:
    found = [
        readable_items(actor=actor),
        Action.archived_at.is_(None),
        or_(Action.cycle_id == wish.cycle_id, Action.cycle_id.is_(None)),
    ]
    if wish.unit is not None:
        found.append(Action.unit_id == wish.unit)
    if wish.owner is not None:
        found.append(Action.id.in_(held_by(person_id=wish.owner)))
    if wish.status == UNFINISHED:
        found.append(Action.status.not_in(FINISHED))
    elif wish.status:
        known = {one.value for one in Status}
        found.append(Action.status == Status(wish.status) if wish.status in known else false())
    return found

"""The boxes of the organisation tree: made, renamed, put in order, archived and restored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import journal
from hoshin.engine.plans import State
from hoshin.errors import Missing, Problem, Refused, Stale
from hoshin.model.items import Item
from hoshin.model.units import Unit
from hoshin.queries.attainment import today_in
from hoshin.queries.units import find_child, get_organisation, list_children, list_items_of, lock_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWish:
    """What a unit is called and what it is; `version` is None for a new one."""

    name: str
    kind: str = "department"
    restricted: bool = False
    version: int | None = None


def create_unit(*, session: Session, parent_id: int, wish: UnitWish, by: Actor, at: datetime) -> Unit:
    """A new unit below another one, after its sisters."""
    require(actor=by, act=Act.MANAGE_UNITS)
    lock_plan(session=session)
    parent = unit_of(session=session, unit_id=parent_id)
    if parent.archived_at is not None:
        raise Refused(Problem(f"{parent.name} is archived; restore it first"))
    refuse_twin(session=session, parent_id=parent_id, name=wish.name, unit=None)
    unit = Unit(
        parent_id=parent_id,
        name=wish.name,
        kind=wish.kind,
        restricted=wish.restricted,
        position=next_place(session=session, parent_id=parent_id),
    )
    journal.created(session=session, by=by, at=at, thing=unit)
    return unit


def change_unit(*, session: Session, unit_id: int, wish: UnitWish, by: Actor, at: datetime) -> Unit:
    """Rename a unit, or change what it is and who may read it."""
    require(actor=by, act=Act.MANAGE_UNITS)
    lock_plan(session=session)
    unit = unit_of(session=session, unit_id=unit_id)
    if wish.version != unit.version:
        raise Stale(theirs={"Name": unit.name, "Kind": unit.kind, "Restricted": "yes" if unit.restricted else "no"})
    refuse_twin(session=session, parent_id=unit.parent_id, name=wish.name, unit=unit)
    with journal.changing(session=session, by=by, at=at, thing=unit):
        unit.name, unit.kind, unit.restricted = wish.name, wish.kind, wish.restricted
    return unit


def unit_of(*, session: Session, unit_id: int) -> Unit:
    """The unit, whoever asks; raises Missing when there is none."""
    found = session.get(Unit, unit_id)
    if found is None:
        raise Missing("there is no such unit")
    return found


def refuse_twin(*, session: Session, parent_id: int | None, name: str, unit: Unit | None) -> None:
    """Sisters have different names; archived ones keep theirs."""
    twin = find_child(session=session, parent_id=parent_id, name=name)
    if twin is not None and twin is not unit:
        where = " (archived: restore it instead)" if twin.archived_at else ""
        raise Refused(Problem(f"there is a unit of that name beside it already{where}", field="name"))


def next_place(*, session: Session, parent_id: int | None) -> int:
    """The place after the last child."""
    return max((one.position for one in list_children(session=session, parent_id=parent_id)), default=-1) + 1


def shift_unit(*, session: Session, unit_id: int, down: bool, by: Actor, at: datetime) -> None:
    """Let a unit and the sister before (or after) it change places; at the end of the row nothing happens."""
    require(actor=by, act=Act.MANAGE_UNITS)
    lock_plan(session=session)
    unit = unit_of(session=session, unit_id=unit_id)
    row = [one for one in list_children(session=session, parent_id=unit.parent_id) if one.archived_at is None]
    if unit not in row:
        raise Refused("an archived unit has no place among the others")
    old = row.index(unit)
    new = min(max(old + (1 if down else -1), 0), len(row) - 1)
    row.insert(new, row.pop(old))
    for place, one in enumerate(row):
        with journal.changing(session=session, by=by, at=at, thing=one, verb="reordered"):
            one.position = place


def archive_unit(*, session: Session, unit_id: int, by: Actor, at: datetime) -> Unit:
    """Take an empty unit out of the tree; it can be restored."""
    require(actor=by, act=Act.MANAGE_UNITS)
    lock_plan(session=session)
    unit = unit_of(session=session, unit_id=unit_id)
    today = today_in(organisation=get_organisation(session=session), now=at)
    problems = _why_not(session, unit, today)
    if problems:
        raise Refused.because(problems)
    with journal.changing(session=session, by=by, at=at, thing=unit, verb="archived"):
        unit.archived_at = unit.archived_at or at
    return unit


def _why_not(session: Session, unit: Unit, today: date) -> list[Problem]:
    if unit.parent_id is None:
        return [Problem("the top unit is the organisation itself and stays")]
    problems = [
        Problem(f"{one.name} below it is active: move, merge or archive it first")
        for one in list_children(session=session, parent_id=unit.id)
        if one.archived_at is None
    ]
    held = [one for one in list_items_of(session=session, unit_id=unit.id) if _still_counts(one, today)]
    if held:
        names = "; ".join(f"{one.kind.value} “{one.name}”" for one in held[:5])
        more = f" and {len(held) - 5} more" if len(held) > 5 else ""
        problems.append(Problem(f"in force here: {names}{more}. End them, or merge the unit into another one"))
    return problems


def _still_counts(item: Item, today: date) -> bool:
    """In force today or still to come."""
    if item.archived_at is not None or item.state is State.DRAFT:
        return False
    return item.valid_to >= today if item.valid_to is not None else item.state is State.ACTIVE


def restore_unit(*, session: Session, unit_id: int, by: Actor, at: datetime) -> Unit:
    """Put an archived unit back where it was."""
    require(actor=by, act=Act.MANAGE_UNITS)
    lock_plan(session=session)
    unit = unit_of(session=session, unit_id=unit_id)
    parent = session.get(Unit, unit.parent_id) if unit.parent_id else None
    if parent is not None and parent.archived_at is not None:
        raise Refused(f"{parent.name} above it is archived; restore that first")
    with journal.changing(session=session, by=by, at=at, thing=unit, verb="restored"):
        unit.archived_at = None
    return unit

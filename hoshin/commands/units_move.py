"""Units are moved below another one, or merged into another one with everything they hold."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import journal
from hoshin.commands.roadblocks import follow_merge
from hoshin.commands.units import next_place, refuse_twin, unit_of
from hoshin.errors import Problem, Refused
from hoshin.model.units import Unit
from hoshin.queries.cycles import list_locks_of
from hoshin.queries.items import last_position
from hoshin.queries.people import list_belongings
from hoshin.queries.units import list_children, list_items_of, lock_plan


def move_unit(*, session: Session, unit_id: int, parent_id: int, by: Actor, at: datetime) -> Unit:
    """Put a unit, with all below it, under another parent; never under itself."""
    require(actor=by, act=Act.MANAGE_UNITS)
    lock_plan(session=session)
    unit, parent = unit_of(session=session, unit_id=unit_id), unit_of(session=session, unit_id=parent_id)
    _check_target(session, unit, parent, "parent_id")
    if unit.parent_id == parent.id:
        return unit
    twin_free(session=session, unit=unit, parent=parent)
    with journal.changing(session=session, by=by, at=at, thing=unit, verb="moved"):
        unit.position = next_place(session=session, parent_id=parent.id)
        unit.parent_id = parent.id
    return unit


def twin_free(*, session: Session, unit: Unit, parent: Unit) -> None:
    """Refused when the new parent has a child of that name."""
    try:
        refuse_twin(session=session, parent_id=parent.id, name=unit.name, unit=unit)
    except Refused as refusal:
        message = f"{parent.name} has a unit called {unit.name} already; rename one of them first"
        raise Refused(Problem(message, field="parent_id")) from refusal


def _check_target(session: Session, unit: Unit, target: Unit, field: str) -> None:
    if unit.parent_id is None:
        raise Refused(Problem("the top unit is the organisation itself and stays where it is", field=field))
    if target.archived_at is not None:
        raise Refused(Problem(f"{target.name} is archived; restore it first", field=field))
    way = _way_up(session, target)
    if unit in way:
        circle = " → ".join(one.name for one in [*reversed(way[: way.index(unit) + 1]), unit])
        raise Refused(Problem(f"that would close a circle: {circle}", field=field))


def _way_up(session: Session, unit: Unit) -> list[Unit]:
    """The unit and all above it, up to the top."""
    way = [unit]
    while way[-1].parent_id is not None:
        way.append(unit_of(session=session, unit_id=way[-1].parent_id))
    return way


def merge_unit(*, session: Session, unit_id: int, into_id: int, by: Actor, at: datetime) -> Unit:
    """Move everything a unit holds into another one and archive it; one journal line for each row that moves."""
    require(actor=by, act=Act.MANAGE_UNITS)
    lock_plan(session=session)
    unit, into = unit_of(session=session, unit_id=unit_id), unit_of(session=session, unit_id=into_id)
    _check_target(session, unit, into, "into_id")
    problems = [*_clashes(session, unit, into), *_differences(session, unit, into)]
    if problems:
        raise Refused.because(problems)
    why = f"{unit.name} merged into {into.name}"
    _move_items(session, unit, into, by, at, why)
    for child in list_children(session=session, parent_id=unit.id):
        with journal.changing(session=session, by=by, at=at, thing=child, verb="moved", why=why):
            child.position = next_place(session=session, parent_id=into.id)
            child.parent_id = into.id
    _move_people(session, unit, into, by, at, why)
    follow_merge(session=session, unit_id=unit.id, into_id=into.id, by=by, at=at, why=why)
    with journal.changing(session=session, by=by, at=at, thing=unit, verb="merged", why=why):
        unit.archived_at = unit.archived_at or at
    return into


def _clashes(session: Session, unit: Unit, into: Unit) -> list[Problem]:
    """Names that both have: those of the same kind and cycle, and those of units below."""
    taken = {(one.kind, one.cycle_id, one.name) for one in list_items_of(session=session, unit_id=into.id)}
    below = {one.name for one in list_children(session=session, parent_id=into.id)}
    twins = [
        f"each has the {one.kind.value} “{one.name}”"
        for one in list_items_of(session=session, unit_id=unit.id)
        if (one.kind, one.cycle_id, one.name) in taken
    ]
    twins += [
        f"each has the unit “{one.name}” below them"
        for one in list_children(session=session, parent_id=unit.id)
        if one.name in below
    ]
    return [Problem(f"{one}; rename one of the two first", field="into_id") for one in twins]


def _differences(session: Session, unit: Unit, into: Unit) -> list[Problem]:
    """What would open to other eyes or other hands by merging."""
    problems = []
    if unit.restricted and not into.restricted:
        problems.append(f"{unit.name} is restricted and {into.name} is not: make them alike first")
    open_there = _locks(session, unit) - _locks(session, into)
    if open_there:
        months = ", ".join(f"{one:%Y-%m}" for one in sorted(open_there)[:6])
        problems.append(f"locked in {unit.name} but open in {into.name}: {months}. Lock them there first")
    return [Problem(one, field="into_id") for one in problems]


def _locks(session: Session, unit: Unit) -> set[date]:
    return {one.month for one in list_locks_of(session=session, unit_id=unit.id)}


def _move_items(session: Session, unit: Unit, into: Unit, by: Actor, at: datetime, why: str) -> None:
    items = list_items_of(session=session, unit_id=unit.id)
    after = {kind: last_position(session=session, kind=kind, unit_id=into.id) for kind in {one.kind for one in items}}
    for item in items:
        with journal.changing(session=session, by=by, at=at, thing=item, verb="moved", unit=into.id, why=why):
            after[item.kind] += 1
            item.unit_id, item.position = into.id, after[item.kind]


def _move_people(session: Session, unit: Unit, into: Unit, by: Actor, at: datetime, why: str) -> None:
    people, grants, deputies = list_belongings(session=session, unit_id=unit.id)
    for person in people:
        with journal.changing(session=session, by=by, at=at, thing=person, verb="moved", why=why):
            person.home_unit_id = into.id
    for grant in grants:
        with journal.changing(session=session, by=by, at=at, thing=grant, verb="moved", why=why):
            grant.unit_id = into.id
    for deputy in deputies:
        with journal.changing(session=session, by=by, at=at, thing=deputy, verb="moved", unit=into.id, why=why):
            deputy.unit_id = into.id

"""Roadblocks are raised, handed over, escalated up the unit tree, resolved, and reopened when they come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import journal
from hoshin.engine.hands import Court
from hoshin.errors import Problem, Refused, Stale
from hoshin.model.items import Item
from hoshin.model.people import Person
from hoshin.model.roadblocks import Roadblock, RoadblockLevel, RoadblockState
from hoshin.queries.attainment import today_in
from hoshin.queries.catchball import load_court
from hoshin.queries.items import get_item
from hoshin.queries.roadblocks import InTheWay, get_roadblock, list_in_unit
from hoshin.queries.units import get_organisation, get_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadblockWish:
    """What is in the way, in one line and more; of which item, and who should remove it (default: the unit's head)."""

    unit_id: int
    name: str
    description: str = ""
    item_id: int | None = None
    owner_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingWish:
    """What is said when a roadblock is handled; `version` is the one the page was read at."""

    version: int | None
    line: str = ""
    owner_id: int | None = None


def raise_roadblock(*, session: Session, wish: RoadblockWish, by: Actor, at: datetime) -> Roadblock:
    """A new roadblock in a unit that the actor may read; without an owner, its head has it."""
    unit = get_unit(session=session, actor=by, unit_id=wish.unit_id)
    require(actor=by, act=Act.RAISE_ROADBLOCK, subject=Subject(unit=unit.id))
    problems = [Problem("please write a line", field="name")] if not wish.name.strip() else []
    problems += [Problem("this unit is archived", field="unit_id")] if unit.archived_at else []
    problems += _wrong_owner(session, wish.owner_id)
    if wish.item_id is not None:
        get_item(session=session, actor=by, item_id=wish.item_id, kind=Item)
    if problems:
        raise Refused.because(problems)
    heads = _court(session, at).heads.get(unit.id, frozenset())
    owner = wish.owner_id or (min(heads) if heads else None)
    made = Roadblock(
        name=wish.name, description=wish.description, raised_in_id=unit.id, unit_id=unit.id, item_id=wish.item_id,
        raised_by_id=by.person, raised_by=by.name, raised_at=at, owner_id=owner, state=RoadblockState.OPEN,
    )  # fmt: skip
    journal.created(session=session, by=by, at=at, thing=made, unit=unit.id)
    _reach(session, made, 0, by, at, "")
    return made


def hand_over(*, session: Session, roadblock_id: int, wish: HandlingWish, by: Actor, at: datetime) -> Roadblock:
    """Give an open roadblock to another owner, in the same unit."""
    found = _handled(session, roadblock_id, wish, by)
    problems = _wrong_owner(session, wish.owner_id)
    if wish.owner_id is None:
        problems.append(Problem("choose who has it from now on", field="owner_id"))
    if problems:
        raise Refused.because(problems)
    row = _open(found)
    with journal.changing(
        session=session, by=by, at=at, thing=row, verb="handed over", unit=row.unit_id, why=wish.line
    ):
        row.owner_id = wish.owner_id
    return row


def escalate(*, session: Session, roadblock_id: int, wish: HandlingWish, by: Actor, at: datetime) -> Roadblock:
    """Send an open roadblock to the next unit above that somebody heads; she owns it from now on. Needs a reason."""
    found = _handled(session, roadblock_id, wish, by)
    row = _open(found)
    if not wish.line.strip():
        raise Refused(Problem("say why it cannot be removed here", field="line"))
    above = _head_above(_court(session, at), row)
    if above is None:
        raise Refused(Problem("nobody heads a unit above this one: it cannot go further up", field="line"))
    with journal.changing(session=session, by=by, at=at, thing=row, verb="escalated", unit=above[0], why=wish.line):
        row.unit_id, row.owner_id = above
    _reach(session, row, len(found.levels), by, at, wish.line)
    return row


def resolve(*, session: Session, roadblock_id: int, wish: HandlingWish, by: Actor, at: datetime) -> Roadblock:
    """Say in a line how it was removed."""
    found = _handled(session, roadblock_id, wish, by)
    row = _open(found)
    if not wish.line.strip():
        raise Refused(Problem("say in a line how it was removed", field="line"))
    with journal.changing(session=session, by=by, at=at, thing=row, verb="resolved", unit=row.unit_id, why=wish.line):
        row.state, row.resolved_at, row.resolution = RoadblockState.RESOLVED, at, wish.line
        row.resolved_by_id, row.resolved_by = by.person, by.name
    return row


def reopen(*, session: Session, roadblock_id: int, wish: HandlingWish, by: Actor, at: datetime) -> Roadblock:
    """It is in the way again; its days are counted from when it was first raised."""
    found = _handled(session, roadblock_id, wish, by)
    row = found.roadblock
    if row.is_open:
        raise Refused(Problem("this roadblock is open already"))
    if not wish.line.strip():
        raise Refused(Problem("say in a line why it is back", field="line"))
    with journal.changing(session=session, by=by, at=at, thing=row, verb="reopened", unit=row.unit_id, why=wish.line):
        row.state, row.resolved_at, row.resolution = RoadblockState.OPEN, None, ""
        row.resolved_by_id, row.resolved_by = None, ""
    return row


def follow_merge(*, session: Session, unit_id: int, into_id: int, by: Actor, at: datetime, why: str) -> None:
    """Where a unit is merged into another one, that one has its open roadblocks from now on; owners stay."""
    for row, levels in list_in_unit(session=session, unit_id=unit_id):
        with journal.changing(session=session, by=by, at=at, thing=row, verb="moved", unit=into_id, why=why):
            row.unit_id = into_id
        _reach(session, row, levels, by, at, why)


def _handled(session: Session, roadblock_id: int, wish: HandlingWish, by: Actor) -> InTheWay:
    """The roadblock, held; raises Missing, Forbidden, or Stale when somebody else handled it first."""
    found = get_roadblock(session=session, actor=by, roadblock_id=roadblock_id, lock=True)
    require(actor=by, act=Act.HANDLE_ROADBLOCK, subject=found.subject)
    if wish.version is not None and wish.version != found.roadblock.version:
        raise Stale({"State": found.roadblock.state.value, "How it was removed": found.roadblock.resolution})
    return found


def _open(found: InTheWay) -> Roadblock:
    if not found.roadblock.is_open:
        raise Refused(Problem("this roadblock has been resolved: reopen it first"))
    return found.roadblock


def _court(session: Session, at: datetime) -> Court:
    today = today_in(organisation=get_organisation(session=session), now=at)
    return load_court(session=session, today=today)


def _head_above(court: Court, row: Roadblock) -> tuple[int, int] | None:
    """The next unit above with a head other than the owner, and that head."""
    for unit in court.upwards(unit=court.parents.get(row.unit_id)):
        heads = court.heads.get(unit, frozenset()) - {row.owner_id}
        if heads:
            return unit, min(heads)
    return None


def _reach(session: Session, row: Roadblock, place: int, by: Actor, at: datetime, reason: str) -> None:
    """Note that the roadblock has reached the unit that has it now."""
    level = RoadblockLevel(
        roadblock_id=row.id, place=place, unit_id=row.unit_id, owner_id=row.owner_id, since=at, by_name=by.name,
        reason=reason,
    )  # fmt: skip
    session.add(level)
    session.flush()


def _wrong_owner(session: Session, owner_id: int | None) -> list[Problem]:
    person = session.get(Person, owner_id) if owner_id is not None else None
    if owner_id is None or (person is not None and person.deactivated_at is None):
        return []
    return [Problem("there is no such person here", field="owner_id")]

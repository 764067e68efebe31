"""The reading rules of the access table as WHERE clauses, for lists that must not load what they may not show."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from hoshin.access.actors import Actor
from hoshin.engine.plans import State
from hoshin.model.items import Item, Objective
from hoshin.model.links import Correlation, Deployment
from hoshin.model.roadblocks import Roadblock, RoadblockLevel

UnitColumn = InstrumentedAttribute[int] | InstrumentedAttribute[int | None] | ColumnElement[int]


def readable_units(*, actor: Actor, unit: UnitColumn) -> ColumnElement[bool]:
    """READ_UNIT: rows whose unit the actor may read."""
    if actor.is_system:
        return true()
    if actor.reads_openly:
        return unit.not_in(_closed_to(actor))
    return unit.in_(actor.reads_always)


def _closed_to(actor: Actor) -> frozenset[int]:
    """The units that the actor may not read though she reads openly: few, where those that she reads may be all."""
    return actor.restricted - actor.reads_always


def readable_items(*, actor: Actor) -> ColumnElement[bool]:
    """READ_ITEM: items the actor may read, drafts only on their own side or the other side of a deployment."""
    if actor.is_system:
        return true()
    openly = actor.reads_openly
    return _readable_items(openly, _closed_to(actor) if openly else actor.reads_always, actor.reads_drafts)


@lru_cache(maxsize=500)
def _readable_items(openly: bool, units: frozenset[int], drafts: frozenset[int]) -> ColumnElement[bool]:
    """The clause for these rights: all units but these, or these alone, and the units whose drafts are read.

    Made once, because making it costs more than most of the statements it stands in.
    """
    open_units = Item.unit_id.not_in(units) if openly else Item.unit_id.in_(units)
    in_force = and_(Item.state != State.DRAFT, open_units)
    own_draft = and_(Item.state == State.DRAFT, Item.unit_id.in_(drafts))
    return or_(in_force, own_draft, and_(Item.state == State.DRAFT, _other_side(drafts)))


def _other_side(drafts: frozenset[int]) -> ColumnElement[bool]:
    other = aliased(Item, flat=True)
    answers = (
        select(Deployment.id)
        .join(other, other.id == Deployment.source_id)
        .where(Deployment.objective_id == Item.id, other.unit_id.in_(drafts))
    )
    answered = (
        select(Deployment.id)
        .join(other, other.id == Deployment.objective_id)
        .where(Deployment.source_id == Item.id, other.unit_id.in_(drafts))
    )
    return or_(answers.exists(), answered.exists())


def readable_balls(
    *, actor: Actor, thrower: UnitColumn, catcher: UnitColumn, source: UnitColumn
) -> ColumnElement[bool]:
    """READ_BALL: balls between units of which one is the actor's to look into, or whose objective she sponsors."""
    if actor.is_system:
        return true()
    allowed = actor.reads_drafts | actor.heads_above | actor.leads_above | actor.audits
    return or_(thrower.in_(allowed), catcher.in_(allowed), _sponsors(actor, source) if actor.reads_openly else false())


def readable_roadblocks(*, actor: Actor) -> ColumnElement[bool]:
    """READ_ROADBLOCK: raised where the actor may read, now or once in a unit of hers, or her own."""
    if actor.is_system:
        return true()
    passed = (
        select(RoadblockLevel.id)
        .where(RoadblockLevel.roadblock_id == Roadblock.id, RoadblockLevel.unit_id.in_(actor.reads_drafts))
        .exists()
    )
    own = or_(Roadblock.owner_id == actor.person, Roadblock.raised_by_id == actor.person)
    raised = readable_units(actor=actor, unit=Roadblock.raised_in_id)
    return or_(raised, passed, own if actor.reads_openly and actor.person is not None else false())


def may_hold(*, actor: Actor, units: Sequence[UnitColumn], source: UnitColumn) -> ColumnElement[bool]:
    """Rows that the actor may have to answer: in or below a unit that she heads, or an objective that she sponsors.

    There is nothing else in her hand, though not all of these are: whose turn it is follows from the heads of that day.
    """
    above = actor.heads_above | actor.leads_above
    return or_(*(one.in_(above) for one in units), _sponsors(actor, source))


def _sponsors(actor: Actor, source: UnitColumn) -> ColumnElement[bool]:
    """Whether the item serves an objective the actor sponsors, directly or through a priority."""
    first, second = aliased(Correlation), aliased(Correlation)
    return (
        select(Objective.id)
        .join(first, true())
        .join(second, second.lower_id == first.upper_id, isouter=True)
        .where(first.lower_id == source, Objective.sponsor_id == actor.person)
        .where(or_(Objective.id == first.upper_id, Objective.id == second.upper_id))
        .exists()
    )


def readable_history(*, actor: Actor, unit: UnitColumn) -> ColumnElement[bool]:
    """READ_JOURNAL: lines of units whose history the actor may read; an administrator, those of no unit."""
    if actor.is_system:
        return true()
    allowed = actor.reads_drafts | actor.heads_above | actor.leads_above | actor.audits
    return or_(unit.in_(allowed), unit.is_(None) if actor.administers else false())

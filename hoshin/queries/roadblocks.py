"""Roadblocks: one of them with its way up, lists of them by unit, and those that wait for somebody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, may, require
from hoshin.access.scope import readable_items, readable_roadblocks
from hoshin.engine.plans import Kind, State
from hoshin.errors import Missing
from hoshin.model.items import Item
from hoshin.model.people import Person
from hoshin.model.roadblocks import Roadblock, RoadblockLevel, RoadblockState

BLOCKABLE = (Kind.ACTION, Kind.KPI, Kind.PRIORITY)
"""What a roadblock can stand in the way of."""


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A roadblock with the units that have or had it, the first one first, and the item it is about, if readable."""

    roadblock: Roadblock
    levels: tuple[RoadblockLevel, ...]
    item: tuple[Kind, int, str] | None

    @property
    def subject(self) -> Subject:
        """What access needs to know for handling it: the unit that has it, its owner and whoever raised it."""
        return Subject(unit=self.roadblock.unit_id, responsible=self._people, other_sides=self._units)

    @property
    def reading(self) -> Subject:
        """What access needs to know for reading it: the unit it was raised in counts, wherever it went."""
        return Subject(unit=self.roadblock.raised_in_id, responsible=self._people, other_sides=self._units)

    @property
    def _people(self) -> frozenset[int]:
        people = (self.roadblock.owner_id, self.roadblock.raised_by_id)
        return frozenset(one for one in people if one is not None)

    @property
    def _units(self) -> frozenset[int]:
        return frozenset(one.unit_id for one in self.levels)

    @property
    def is_escalated(self) -> bool:
        """Whether it has left the unit in which it was raised."""
        return len(self.levels) > 1


def get_roadblock(*, session: Session, actor: Actor, roadblock_id: int, lock: bool = False) -> InTheWay:
    """A roadblock that the actor may read, held when it is to be changed; raises Missing otherwise."""
    query = select(Roadblock).where(Roadblock.id == roadblock_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).first()
    if found is None:
        raise Missing("there is no such roadblock")
    whole = _whole(session, actor, [found])[0]
    require(actor=actor, act=Act.READ_ROADBLOCK, subject=whole.reading)
    return whole


def list_roadblocks(
    *, session: Session, actor: Actor, unit_ids: Iterable[int] | None = None, open_only: bool = False
) -> list[InTheWay]:
    """The readable roadblocks that one of the units has or had, open ones first, the oldest first; three statements."""
    query = select(Roadblock).where(readable_roadblocks(actor=actor))
    if unit_ids is not None:
        passed = select(RoadblockLevel.roadblock_id).where(RoadblockLevel.unit_id.in_(list(unit_ids)))
        query = query.where(Roadblock.id.in_(passed))
    rows = session.scalars(_ordered(query, open_only)).all()
    return sorted(_whole(session, actor, rows), key=lambda one: not one.roadblock.is_open)


def list_waiting(*, session: Session, actor: Actor) -> list[InTheWay]:
    """The open roadblocks that wait for the actor, oldest first.

    They are hers, and those of the units she heads that nobody has or whose owner has left.
    """
    heads = actor.heads | actor.leads
    left = Roadblock.owner_id.in_(select(Person.id).where(Person.deactivated_at.is_not(None)))
    unowned = (Roadblock.owner_id.is_(None) | left) & Roadblock.unit_id.in_(heads)
    query = select(Roadblock).where((Roadblock.owner_id == actor.person) | unowned)
    return _whole(session, actor, session.scalars(_ordered(query, True)).all())


def list_in_unit(*, session: Session, unit_id: int) -> Sequence[tuple[Roadblock, int]]:
    """The open roadblocks that a unit has, with the number of their levels, whoever asks; for keeping the tree."""
    count = func.count(RoadblockLevel.id)
    query = select(Roadblock, count).join(RoadblockLevel, RoadblockLevel.roadblock_id == Roadblock.id)
    query = query.where(Roadblock.unit_id == unit_id, Roadblock.state == RoadblockState.OPEN).group_by(Roadblock.id)
    return [(row, levels) for row, levels in session.execute(query.order_by(Roadblock.id))]


def list_of_item(*, session: Session, actor: Actor, item_id: int) -> list[InTheWay]:
    """The open roadblocks in the way of an item, as far as the actor may read them."""
    query = select(Roadblock).where(Roadblock.item_id == item_id, readable_roadblocks(actor=actor))
    return _whole(session, actor, session.scalars(_ordered(query, True)).all())


def _ordered(query: Select[Roadblock], open_only: bool) -> Select[Roadblock]:
    if open_only:
        query = query.where(Roadblock.state == RoadblockState.OPEN)
    return query.order_by(Roadblock.raised_at, Roadblock.id)


def _whole(session: Session, actor: Actor, rows: Sequence[Roadblock]) -> list[InTheWay]:
    if not rows:
        return []  # as on most people's home pages
    levels: dict[int, list[RoadblockLevel]] = {one.id: [] for one in rows}
    wanted = select(RoadblockLevel).where(RoadblockLevel.roadblock_id.in_(levels))
    for level in session.scalars(wanted.order_by(RoadblockLevel.place)):
        levels[level.roadblock_id].append(level)
    about = [one.item_id for one in rows if one.item_id is not None]
    named = select(Item.id, Item.kind, Item.name).where(Item.id.in_(about), readable_items(actor=actor))
    items = {key: (kind, key, name) for key, kind, name in session.execute(named)}
    return [InTheWay(one, tuple(levels[one.id]), items.get(one.item_id or 0)) for one in rows]


def list_blockable(*, session: Session, actor: Actor, unit_id: int) -> Sequence[Item]:
    """What a roadblock of the unit may stand in the way of: its readable actions, KPIs and priorities in use."""
    query = select(Item).where(Item.unit_id == unit_id, Item.kind.in_(BLOCKABLE), readable_items(actor=actor))
    query = query.where(Item.archived_at.is_(None), Item.state != State.ENDED)
    return session.scalars(query.order_by(Item.kind, Item.position, Item.id)).all()


def may_handle(*, actor: Actor, found: InTheWay) -> bool:
    """Whether the actor may escalate, hand over or resolve it."""
    return may(actor=actor, act=Act.HANDLE_ROADBLOCK, subject=found.subject)

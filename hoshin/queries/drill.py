"""What a list of metrics needs beyond the report: which items a reader may open, and how their figures are worded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Text, cast, func, not_, select, union
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
from hoshin.engine.plans import State
from hoshin.engine.verdicts import Direction
from hoshin.model.items import Item
from hoshin.model.kpis import KPI
from hoshin.queries.beside import keep_with_structure
from hoshin.queries.many import among


@dataclass(frozen=True, slots=True)
class Wording:
    """How the figures of a KPI are said: its unit of measure, and which direction is good."""

    uom: str
    direction: Direction | None


def readable_keys(*, session: Session, actor: Actor) -> frozenset[int]:
    """The keys of all items that the actor may read, archived ones too; one statement, joined to one text there."""
    joined = func.aggregate_strings(cast(Item.id, Text), ",")
    found = session.scalar(select(joined).where(readable_items(actor=actor)))
    return frozenset(map(int, found.split(","))) if found else frozenset()


def readable_among(*, session: Session, actor: Actor, keys: Collection[int]) -> frozenset[int]:
    """Those of the items that the actor may read; one statement, however many."""
    wanted = among(session=session, column=Item.id, keys=keys)
    return frozenset(session.scalars(select(Item.id).where(readable_items(actor=actor), wanted)))


def list_named(*, session: Session, keys: Collection[int], most: int | None = None) -> list[tuple[int, str]]:
    """The keys and names of these items in the order of the plan, whoever asks; one statement, however many.

    The first so many of them where `most` says so.
    """
    wanted = select(Item.id, Item.name).where(among(session=session, column=Item.id, keys=keys))
    return [(key, name) for key, name in session.execute(wanted.order_by(Item.position, Item.id).limit(most))]


@dataclass(frozen=True, slots=True)
class Readable:
    """The items that somebody may read, as those that she may not, which are few in most organisations."""

    hidden: frozenset[int]

    def __contains__(self, key: object) -> bool:
        return key not in self.hidden

    def cut(self, *, keys: Sequence[int]) -> list[int]:
        """Those of the keys that may be read, in their order."""
        return [one for one in keys if one not in self.hidden]


def find_readable(*, session: Session, actor: Actor) -> Readable:
    """What the actor may read of all items there are, archived ones too; one statement.

    To be asked in the session that names are read in: what another snapshot lacks, it cannot know to be hidden.

    Whoever reads openly is kept from drafts and restricted units alone, so nothing else is looked at.
    """
    hidden = select(Item.id).where(not_(readable_items(actor=actor)))
    if not actor.reads_openly:
        return Readable(frozenset(session.scalars(hidden)))
    drafts = hidden.where(among(session=session, column=Item.id, keys=_drafts(session)))
    closed = hidden.where(Item.unit_id.in_(actor.restricted - actor.reads_always))
    return Readable(frozenset(session.scalars(union(drafts, closed))))


def _drafts(session: Session) -> frozenset[int]:
    query = select(Item.id).where(Item.state == State.DRAFT)
    return keep_with_structure(session=session, name="drafts", make=lambda: frozenset(session.scalars(query)))


def wordings(*, session: Session, kpi_ids: Collection[int]) -> dict[int, Wording]:
    """The wording of each of these KPIs; one statement, whatever their number."""
    table = KPI.__table__.c
    query = select(table.id, table.uom, table.direction)
    rows = session.execute(query.where(among(session=session, column=table.id, keys=kpi_ids)))
    return {key: Wording(uom, direction) for key, uom, direction in rows}

"""What a list of metrics needs beyond the report: which items a reader may open, and how their figures are worded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
from hoshin.engine.verdicts import Direction
from hoshin.model.items import Item
from hoshin.model.kpis import KPI


@dataclass(frozen=True, slots=True)
class Wording:
    """How the figures of a KPI are said: its unit of measure, and which direction is good."""

    uom: str
    direction: Direction | None


def readable_keys(*, session: Session, actor: Actor) -> frozenset[int]:
    """The keys of all items that the actor may read, archived ones too; one statement."""
    return frozenset(session.scalars(select(Item.id).where(readable_items(actor=actor))))


def wordings(*, session: Session, kpi_ids: Collection[int]) -> dict[int, Wording]:
    """The wording of each of these KPIs; one statement, whatever their number."""
    wanted = frozenset(kpi_ids)
    table = KPI.__table__.c
    rows = session.execute(select(table.id, table.uom, table.direction))
    return {key: Wording(uom, direction) for key, uom, direction in rows if key in wanted}

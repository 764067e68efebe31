"""What units are called and below which they stand: read once by a process, until one is made, named or moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine import plans
from hoshin.engine.attainment import depth_first
from hoshin.model.units import Unit
from hoshin.queries.beside import keep_with_structure


@dataclass(frozen=True, slots=True)
class Named:
    """A unit by name; `path` is its path below the organisation ("A / B"), of the top unit its own name."""

    id: int
    name: str
    parent_id: int | None
    path: str


def unit_tree(*, session: Session) -> Mapping[int, Named]:
    """All units by key, archived ones too, depth first in their order."""
    return keep_with_structure(session=session, name="units", make=lambda: _read(session))


def archived_units(*, session: Session) -> frozenset[int]:
    """The keys of those that are archived; one statement, as nothing counts how often that changes."""
    return frozenset(session.scalars(select(Unit.id).where(Unit.archived_at.is_not(None))))


def _read(session: Session) -> Mapping[int, Named]:
    rows = session.execute(select(Unit.id, Unit.name, Unit.parent_id).order_by(Unit.position, Unit.id))
    found: dict[int, Named] = {}
    for one in depth_first(units=[plans.Unit(*row) for row in rows]):
        above = found.get(one.parent or 0)
        path = one.name if above is None or above.parent_id is None else f"{above.path} / {one.name}"
        found[one.key] = Named(one.key, one.name, one.parent, path)
    return MappingProxyType(found)

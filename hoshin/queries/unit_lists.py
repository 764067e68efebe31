"""The tree of units as lists, paths and rights need it, kept with the structure: nearly every page shows some of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import UnitFact, UnitTree
from hoshin.engine import plans
from hoshin.engine.attainment import depth_first
from hoshin.errors import Missing
from hoshin.model.units import CheckInBy, Unit
from hoshin.queries.beside import keep_with_structure
from hoshin.queries.plans import UNITS, Facts, Tables


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit in the tree; `path` is its path below the organisation ("A / B"), of the top unit its own name."""

    id: int
    parent_id: int | None
    name: str
    kind: str
    restricted: bool
    archived_at: datetime | None
    checkin_by: CheckInBy
    path: str


AnyUnit = Unit | UnitLine


def unit_tree(*, session: Session) -> Mapping[int, UnitLine]:
    """All units by key, archived ones too, depth first in their order."""
    return keep_with_structure(session=session, name="units", make=lambda: _read(session))


def _read(session: Session) -> Mapping[int, UnitLine]:
    columns = (Unit.id, Unit.parent_id, Unit.name, Unit.kind, Unit.restricted, Unit.archived_at, Unit.checkin_by)
    rows = {row[0]: row for row in session.execute(select(*columns).order_by(Unit.position, Unit.id))}
    found: dict[int, UnitLine] = {}
    for one in depth_first(units=[plans.Unit(key, name, parent) for key, parent, name, *_ in rows.values()]):
        above = found.get(one.parent or 0)
        path = one.name if above is None or above.parent_id is None else f"{above.path} / {one.name}"
        found[one.key] = UnitLine(*rows[one.key], path)
    return MappingProxyType(found)


def with_units(*, session: Session) -> Tables:
    """The tables of a plan with the rows of all units in them, which are kept."""
    rows, units = keep_with_structure(session=session, name="unit rows", make=lambda: _read_rows(session))
    return Tables(defaultdict(dict, unit=dict(rows)), units)


def _read_rows(session: Session) -> tuple[Mapping[int, Facts], Sequence[plans.Unit]]:
    tables = Tables()
    tables.add(session=session, subject="unit", query=UNITS)
    return tables.rows["unit"], tuple(tables.units())


def list_units(*, session: Session) -> list[UnitLine]:
    """The same as a list."""
    return list(unit_tree(session=session).values())


def list_unit_facts(*, session: Session) -> Sequence[UnitFact]:
    """What access needs to know of every unit."""
    return [UnitFact(one.id, one.parent_id, one.restricted) for one in list_units(session=session)]


def rights_tree(*, session: Session) -> UnitTree:
    """The units as access sees them."""
    return keep_with_structure(session=session, name="rights", make=lambda: _rights(session))


def _rights(session: Session) -> UnitTree:
    return UnitTree(units=list_unit_facts(session=session))


def units_inside(*, units: Iterable[AnyUnit], top: int) -> frozenset[int]:
    """The unit with this key and all below it; `units` come parents first, as `list_units` gives them."""
    found = {top}
    for one in units:
        if one.parent_id in found:
            found.add(one.id)
    return frozenset(found)


def paths_of(*, units: Iterable[UnitLine]) -> dict[int, str]:
    """The path of each unit below the organisation ("A / B"); the top unit's path is empty."""
    return {one.id: "" if one.parent_id is None else one.path for one in units}


def names_of(*, units: Iterable[UnitLine], archived: bool = False, keep: int | None = None) -> dict[int, str]:
    """What each unit is called in a list of choices: its path, the top unit by its own name.

    Archived ones are left out unless asked for; `keep` stays in any case, being what is chosen already.
    """
    return {one.id: one.path for one in units if archived or one.archived_at is None or one.id == keep}


def unit_at(*, session: Session, path: str) -> Unit:
    """The unit in use at a path such as "Operations / Assembly"; the top unit for no path or its own name.

    Raises Missing when there is none.
    """
    units = [one for one in list_units(session=session) if one.archived_at is None]
    wanted = " / ".join(part.strip() for part in path.split("/") if part.strip())
    by_path = {name: unit for unit, name in zip(units, paths_of(units=units).values(), strict=True)}
    found = by_path.get(wanted) or next((one for one in units if one.parent_id is None and one.name == wanted), None)
    if found is None:
        raise Missing(f"there is no unit {wanted[:200]}")
    return session.get_one(Unit, found.id)

"""Which cycle a page is about, and the switches to the same page for another cycle or unit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask import request, url_for

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.errors import Missing
from hoshin.model.cycles import Cycle
from hoshin.queries.attainment import Attainment, Question, load_items, load_part, load_unit
from hoshin.queries.cycles import find_cycle, nearest_cycle
from hoshin.queries.unit_lists import AnyUnit
from hoshin.web import door


def chosen_cycle() -> Cycle | None:
    """The cycle of `?cycle=`, by default the one that holds today or the nearest; None while there is none at all."""
    name = door.text_arg("cycle", most=20)
    if not name:
        return nearest_cycle(session=door.session(), day=door.today())
    found = find_cycle(session=door.session(), name=name)
    if found is None:
        raise Missing("there is no such cycle")
    return found


def attainment_in(cycle: Cycle) -> Attainment:
    """Attainment of the organisation and its units in that cycle at its latest due period; see queries.attainment."""
    return load_part(session=door.session(), question=Question(cycle=cycle.name), now=door.now())


def unit_attainment(unit_id: int, cycle: Cycle) -> Attainment:
    """The same for the sheets of one unit; see queries.parts for what of the plan that holds."""
    return load_unit(session=door.session(), cycle=cycle, unit_id=unit_id, now=door.now())


def item_attainment(item_ids: Collection[int], cycle: Cycle) -> Attainment:
    """The same for some items and everything that they serve."""
    return load_items(session=door.session(), cycle=cycle, item_ids=item_ids, now=door.now())


def cycle_switch(cycles: Sequence[Cycle], cycle: Cycle) -> list[dict[str, Any]]:
    """This page for each cycle."""
    kept = {**(request.view_args or {}), **{name: value for name, value in request.args.items() if name != "cycle"}}
    return [
        {"label": one.name, "href": _here(kept | {"cycle": one.name}), "current": one.id == cycle.id} for one in cycles
    ]


MOST_UNITS = 100
"""An organisation with more units shows, where one changes to another, only those around the unit that is open."""


def unit_switch(units: Sequence[AnyUnit], unit: AnyUnit, cycle: Cycle | None) -> list[dict[str, Any]]:
    """This page for each unit that may be read, indented by depth.

    Of more than MOST_UNITS only the units above this one, its sisters and those right below it, and the way to all.
    """
    depths: dict[int | None, int] = {None: -1}
    for one in units:
        depths[one.id] = depths.get(one.parent_id, -1) + 1
    shown = units if len(units) <= MOST_UNITS else _around(units, unit)
    entries = [
        {
            "label": one.name, "href": _here({"unit_id": one.id, **({"cycle": cycle.name} if cycle else {})}),
            "current": one.id == unit.id, "depth": min(depths[one.id], 3),
        }
        for one in shown
        if door.can(Act.READ_UNIT, Subject(unit=one.id)) and (one.archived_at is None or one.id == unit.id)
    ]  # fmt: skip
    if len(shown) < len(units) and door.can(Act.READ_UNITS):
        entries.append({"label": "All units …", "href": url_for("units.show_list"), "current": False, "depth": 0})
    return entries


def _around(units: Sequence[AnyUnit], unit: AnyUnit) -> list[AnyUnit]:
    parents = {one.id: one.parent_id for one in units}
    above: set[int | None] = {unit.id}
    at = unit.parent_id
    while at is not None:
        above.add(at)
        at = parents.get(at)
    near = {unit.id, *((unit.parent_id,) if unit.parent_id is not None else ())}
    return [one for one in units if one.id in above or one.parent_id in near]


def _here(values: dict[str, Any]) -> str:
    return url_for(request.endpoint or "", **values)

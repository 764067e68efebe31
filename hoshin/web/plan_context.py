"""Which cycle a page is about, and the switches to the same page for another cycle or unit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask import request, url_for

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.errors import Missing
from hoshin.model.cycles import Cycle
from hoshin.model.units import Unit
from hoshin.queries.attainment import Attainment, Question, load, load_items, load_unit
from hoshin.queries.cycles import find_cycle, nearest_cycle
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
    """Attainment in that cycle at its latest due period."""
    return load(session=door.session(), question=Question(cycle=cycle.name), now=door.now())


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


def unit_switch(units: Sequence[Unit], unit: Unit, cycle: Cycle | None) -> list[dict[str, Any]]:
    """This page for each unit that may be read, indented by depth."""
    depths: dict[int | None, int] = {None: -1}
    entries = []
    for one in units:
        depths[one.id] = depths.get(one.parent_id, -1) + 1
        may_read = door.can(Act.READ_UNIT, Subject(unit=one.id))
        if may_read and (one.archived_at is None or one.id == unit.id):
            href = _here({"unit_id": one.id, **({"cycle": cycle.name} if cycle else {})})
            entries.append(
                {"label": one.name, "href": href, "current": one.id == unit.id, "depth": min(depths[one.id], 3)}
            )
    return entries


def _here(values: dict[str, Any]) -> str:
    return url_for(request.endpoint or "", **values)

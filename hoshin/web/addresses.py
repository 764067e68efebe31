"""Where the page of a thing is."""

from __future__ import annotations

from flask import request, url_for

from hoshin.engine.plans import Kind

ROOMS = {Kind.OBJECTIVE: "objectives", Kind.PRIORITY: "priorities", Kind.ACTION: "actions", Kind.KPI: "kpis"}
WORDS = {Kind.OBJECTIVE: "Objective", Kind.PRIORITY: "Priority", Kind.ACTION: "Action", Kind.KPI: "KPI"}


def item_address(kind: Kind, item_id: int) -> str:
    """The page of an item."""
    return f"{request.script_root}/{ROOMS[kind]}/{item_id}"


def new_address(kind: Kind, unit_id: int, cycle: str) -> str:
    """The form for a new item of the unit in a cycle."""
    return url_for(f"{_FORMS[kind]}.new", unit_id=unit_id, cycle=cycle)


def edit_address(kind: Kind, item_id: int) -> str:
    """The form for an item."""
    return url_for(f"{_FORMS[kind]}.edit", item_id=item_id)


_FORMS = {**ROOMS, Kind.KPI: "kpi_forms"}


def metrics_address(kind: str, key: int | str, cycle: str) -> str:
    """The list of metrics behind a figure of the cycle."""
    return f"{request.script_root}/attainment/metrics?node={kind}:{key}&cycle={cycle}"

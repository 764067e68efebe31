"""The main menu: where it leads and who sees what."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from hoshin.access.actions import Act
from hoshin.web import door


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the menu."""

    label: str
    endpoint: str
    act: Act


PLACES = (
    Place("Home", "home.show", Act.READ_HOME),
    Place("Year", "year.show", Act.READ_STRATEGY),
    Place("Vision", "vision.show", Act.READ_STRATEGY),
    Place("Plan", "plans.show_mine", Act.READ_STRATEGY),
    Place("Cascade", "cascade.show", Act.READ_STRATEGY),
    Place("Attainment", "attainment.show", Act.READ_STRATEGY),
    Place("My line of sight", "line_of_sight.show_mine", Act.READ_STRATEGY),
    Place("Notices", "notices.show", Act.READ_NOTICES),
    Place("Misses", "countermeasures.show_list", Act.READ_STRATEGY),
    Place("Reviews", "reviews.show_list", Act.READ_STRATEGY),
    Place("Check", "checks.show", Act.READ_STRATEGY),
    Place("Journal", "journal.show", Act.READ_JOURNAL),
    Place("People", "people.show_list", Act.READ_PEOPLE),
    Place("Units", "units.show_list", Act.READ_UNITS),
    Place("Cycles", "cycles.show_list", Act.READ_CYCLES),
    Place("Settings", "settings.edit", Act.OPEN_SETTINGS),
)

PARTS = {
    "plans": (
        "objectives", "priorities", "kpis", "kpi_forms", "actions", "schedules", "items", "links", "deployments",
        "throws", "commitment", "matrix", "matrix_edit", "matrix_paste", "matrix_import", "unit_sheets",
        "bowling", "bowling_edit", "bowling_import", "targets", "proposals", "actuals",
    ),
    "countermeasures": ("countermeasure_forms",),
    "people": ("people_roles",),
    "settings": ("imports",),
    "units": ("deputies",),
    "year": ("closings",),
    "cycles": ("locks",),
    "reviews": ("meetings", "diagnosis", "surveys"),
}  # fmt: skip
"""Which other modules a place of the menu stands for."""

PLACE_OF = {part: place for place, parts in PARTS.items() for part in parts}


def entries() -> list[dict[str, object]]:
    """The places this actor may go to, the current one marked."""
    module = (request.endpoint or "").partition(".")[0]
    here = PLACE_OF.get(module, module)
    return [
        {"label": one.label, "href": url_for(one.endpoint), "current": one.endpoint.partition(".")[0] == here}
        for one in PLACES
        if door.can(one.act) and one.endpoint in current_app.view_functions
    ]

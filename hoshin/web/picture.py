"""Home's picture of the organisation: which node of which icicle this address opens."""

from __future__ import annotations

from typing import Any

from flask import url_for

from hoshin.errors import Missing
from hoshin.queries.attainment import Standing, month_by_month
from hoshin.queries.behind import objectives_down
from hoshin.reports.attainment import ITEM_KINDS, Sheet
from hoshin.reports.picture import ROOT, By, Outline, month_chart, outline, picture, units_below
from hoshin.web import door
from hoshin.web.attainment import Told

TABS = ((By.UNITS, "Units"), (By.OBJECTIVES, "Objectives"))


def asked_by() -> By:
    """What the picture is made of."""
    asked = door.text_arg("by", By.UNITS.value, most=20)
    if asked not in {one.value for one in By}:
        raise Missing("there is no such picture")
    return By(asked)


def outline_of(standing: Standing, by: By, found: Told | None = None) -> Outline:
    """Which nodes the picture shows; that of units needs the units by name. Missing for a node that is none."""
    if found is not None and by is By.UNITS:
        below = units_below(plan=found.found.plan, report=found.found.report)
    else:
        below = objectives_down(session=door.report_session(), standing=standing)
    outlined = outline(below=below, opened=door.text_arg("open", ROOT, most=40))
    if outlined is None:
        raise Missing("there is no such node here")
    return outlined


def items_in(outlined: Outline) -> list[int]:
    """The items that the picture names."""
    return [int(key) for kind, key in outlined.shown() if kind in ITEM_KINDS]


def picture_of(found: Told, standing: Standing, sheet: Sheet, by: By, outlined: Outline) -> dict[str, Any]:
    """The picture and what stands beside it."""
    words = found.words

    def address(**named: str) -> str:
        if "list" in named:
            return found.metrics_address(named["list"])
        return url_for("home.show", by=by.value, open=named["open"], _anchor="picture-panel", **words)

    months = month_by_month(session=door.report_session(), standing=standing)
    return {
        "picture": picture(outlined=outlined, report=found.found.report, sheet=sheet, by=by, address=address),
        "picture_tabs": [
            (one.value, label, url_for("home.show", by=one.value, open=ROOT, _anchor="picture-panel", **words))
            for one, label in TABS
        ],
        "months": month_chart(cycle=standing.asked.cycle.name, months_of=months, asked=standing.asked.period),
    }

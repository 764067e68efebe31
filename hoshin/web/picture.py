"""Home's picture of the organisation: which node of which icicle this address opens."""

from __future__ import annotations

from typing import Any

from flask import url_for

from hoshin.errors import Missing
from hoshin.reports.attainment import Sheet
from hoshin.reports.picture import ROOT, By, month_chart, picture
from hoshin.web import door
from hoshin.web.attainment import Answer

TABS = ((By.UNITS, "Units"), (By.OBJECTIVES, "Objectives"))


def picture_of(found: Answer, sheet: Sheet) -> dict[str, Any]:
    """The picture and what stands beside it; Missing for a node that is none."""
    asked = door.text_arg("by", By.UNITS.value, most=20)
    if asked not in {one.value for one in By}:
        raise Missing("there is no such picture")
    words = found.words

    def address(**named: str) -> str:
        if "list" in named:
            return found.metrics_address(named["list"])
        return url_for("home.show", by=asked, open=named["open"], _anchor="picture-panel", **words)

    plan, report = found.found.plan, found.found.report
    drawn = picture(
        plan=plan, report=report, sheet=sheet, by=By(asked), opened=door.text_arg("open", ROOT, most=40),
        address=address,
    )  # fmt: skip
    if drawn is None:
        raise Missing("there is no such node here")
    return {
        "picture": drawn,
        "picture_tabs": [
            (one.value, label, url_for("home.show", by=one.value, open=ROOT, _anchor="picture-panel", **words))
            for one, label in TABS
        ],
        "months": month_chart(plan=plan, report=report),
    }

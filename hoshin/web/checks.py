"""The lint of the plan, rule by rule, with the way to mend what it found."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.engine.plans import Kind
from hoshin.exchange.tables import to_csv
from hoshin.queries.checks import Checked, load_check
from hoshin.queries.cycles import list_cycles
from hoshin.queries.drill import readable_keys
from hoshin.queries.weak_spots import choose_spots, load_weak, name_findings
from hoshin.reports.checks import CSV_HEAD, CheckSheet, check_sheet, csv_rows, weak_sheet
from hoshin.web import door
from hoshin.web.addresses import item_address
from hoshin.web.paging import here_with

bp = Blueprint("checks", __name__)

MOST_LINES = 200
"""So many findings of one rule stand on a page; the CSV has all."""


@bp.get("/check")
@door.allow(read=Act.READ_STRATEGY)
def show() -> Response | tuple[str, int]:
    """What is weak in the plan, as far as the reader may see it."""
    cycles = list_cycles(session=door.session())
    if not cycles:
        return door.page("attainment/no_cycle.html")
    chosen = door.text_arg("cycle", most=20)
    as_csv = request.args.get("format") == "csv"
    sheet = _large_sheet(chosen or None, None if as_csv else MOST_LINES)
    if sheet is None:
        sheet = _sheet(load_check(session=door.session(), now=door.now(), cycle=chosen or None))
    if as_csv:
        rows = csv_rows(sheet=sheet)
        return door.download(to_csv(head=CSV_HEAD, rows=rows), name=f"check-{sheet.cycle}.csv", mime="text/csv")
    return door.page(
        "checks/show.html",
        sheet=sheet,
        cycles=[
            {"label": one.name, "href": url_for("checks.show", cycle=one.name), "current": one.name == sheet.cycle}
            for one in cycles
        ],
        address=_address,
        csv=here_with(format="csv"),
    )


def _large_sheet(cycle: str | None, most: int | None) -> CheckSheet | None:
    """The findings from the columns of the plan; None where only the plan itself can tell."""
    weak = load_weak(session=door.session(), now=door.now(), cycle=cycle)
    if weak is None:
        return None
    spots, more, outside = choose_spots(session=door.session(), actor=door.actor(), weak=weak, most=most)
    findings = name_findings(session=door.session(), weak=weak, spots=spots)
    return weak_sheet(weak=weak, findings=findings, more=more, outside=outside)


def _sheet(checked: Checked) -> CheckSheet:
    readable = readable_keys(session=door.session(), actor=door.actor())
    units = {one.key for one in checked.plan.units if door.can(Act.READ_UNIT, Subject(unit=one.key))}
    return check_sheet(
        cycle=checked.cycle, plan=checked.plan, findings=checked.findings, readable=readable, units=units
    )


def _address(kind: str, key: int, cycle: str) -> str:
    """Where the finding is mended."""
    if kind == "unit":
        return url_for("plans.show", unit_id=key, cycle=cycle)
    return url_for("people.show", person_id=key) if kind == "owner" else item_address(Kind(kind), key)

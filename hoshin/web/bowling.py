"""The bowling chart of a unit: KPI by month, on the page, as CSV and on paper."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands import jobs
from hoshin.errors import Missing, Problem, Refused
from hoshin.exchange.bowling_book import write_book
from hoshin.exchange.tables import to_csv
from hoshin.model.cycles import Cycle
from hoshin.queries.bowling import ChartSource, chart_source
from hoshin.queries.cycles import list_cycles
from hoshin.queries.unit_lists import list_units
from hoshin.queries.units import get_unit
from hoshin.reports.bowling import csv_table
from hoshin.reports.bowling_sheet import bowling_html, bowling_name, drawn_chart
from hoshin.reports.drawings import bowling_svg
from hoshin.reports.pdf import NoPrinter, asset, to_pdf
from hoshin.reports.sheet_words import bowling_block
from hoshin.web import door
from hoshin.web.bowling_edit import desk_of
from hoshin.web.paging import here_with
from hoshin.web.plan_context import chosen_cycle, cycle_switch, unit_switch
from hoshin.web.proposals import rows_waiting

bp = Blueprint("bowling", __name__)
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONG = 150
"""A chart of more KPIs than these is printed by the job process: it takes longer than anybody likes to wait."""
PAPERS = ("a3", "tabloid", "a4")

KEYS = (
    (("←", "↑", "→", "↓"), "from cell to cell"),
    (("0–9",), "type over the cell"),
    (("F2", "Enter"), "change what stands there"),
    (("Enter",), "while typing: save and go to the next KPI"),
    (("Tab",), "next month of the row; after the last one, out of the chart"),
    (("Del",), "empty the cell"),
    (("Ctrl + V",), "paste a block from a spreadsheet, with a look before"),
    (("Shift + F2",), "a note to the cell"),
    (("Ctrl + Z",), "undo"),
    (("Esc",), "leave without saving what is being typed"),
)
"""What the help of the chart lists; static/js/bowling-edit.js listens to them."""


@bp.get("/units/<int:unit_id>/bowling")
@door.allow(read=Act.READ_UNIT)
def show(unit_id: int) -> Response | tuple[str, int]:
    """The chart of one unit and cycle; who may, types into it."""
    found = _found(unit_id)
    unit, cycle, chart = found.unit, found.cycle, drawn_chart(source=found, typist=door.actor())
    if request.args.get("format") == "csv":
        head, rows = csv_table(chart=chart)
        return door.download(to_csv(head=head, rows=rows), name=_name(found, "csv"), mime="text/csv")
    if request.args.get("format") == "xlsx":
        book = write_book(chart=chart, unit_id=unit_id, cycle=cycle.name)
        return door.download(book, name=_name(found, "xlsx"), mime=EXCEL)
    return door.page(
        "bowling/show.html",
        unit=unit,
        cycle=cycle,
        bowling=chart,
        period=found.attainment.period_label,
        cycles=cycle_switch(list_cycles(session=door.session()), cycle),
        switch=unit_switch(list_units(session=door.session()), unit, cycle),
        csv=here_with(format="csv"),
        papers=[
            (label, url_for("bowling.print_sheet", unit_id=unit_id, cycle=cycle.name, paper=size))
            for size, label in (("a3", "PDF, A3"), ("tabloid", "PDF, 11 × 17 in"), ("a4", "PDF, A4"))
        ],
        plans=door.can(Act.OPEN_TARGETS, Subject(unit=unit_id)),
        excel=here_with(format="xlsx"),
        drawing=url_for("bowling.draw", unit_id=unit_id, cycle=cycle.name),
        proposed=rows_waiting(kpi_ids=[one.id for one in found.facts.kpis]),
        desk=desk_of(unit_id=unit_id, cycle=cycle, found=found.facts),
        keys=KEYS,
    )


@bp.get("/units/<int:unit_id>/bowling.pdf")
@door.allow(read=Act.READ_UNIT)
def print_sheet(unit_id: int) -> Response | tuple[str, int]:
    """The same chart on paper; one that is long is offered to the job process."""
    size, found = _size(), _found(unit_id)
    rows = len(found.facts.kpis)
    if rows > LONG:
        return door.page("bowling/long.html", unit=found.unit, cycle=found.cycle, rows=rows, paper=size)
    known = door.organisation()
    html = bowling_html(
        source=found, paper=size, organisation=known.name if known else "", today=door.today(), asset=asset
    )
    try:
        return door.download(to_pdf(html=html), name=_name(found, "pdf"), mime="application/pdf")
    except NoPrinter as reason:
        return door.done(url_for("bowling.show", unit_id=unit_id, cycle=found.cycle.name), str(reason), "error")


@bp.post("/units/<int:unit_id>/bowling.pdf")
@door.allow(write=Act.CHANGE_OWN_ACCOUNT, looks=True)
def order_sheet(unit_id: int) -> Response:
    """Have a long chart drawn and printed beside one's work; here it is only asked whether there is one."""
    size, cycle = _size(), _cycle()
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    title = f"Bowling chart of {unit.name}, {cycle.name}, as PDF"
    facts = {"unit": unit_id, "cycle": cycle.name, "paper": size}
    job = door.perform_apart(
        jobs.order, lambda made: url_for("jobs.show", job_id=made.id),
        wish=jobs.OrderWish(kind=jobs.PAPER, title=title, facts=facts),
    )  # fmt: skip
    return door.done(url_for("jobs.show", job_id=job.id))


def _size() -> str:
    size = door.text_arg("paper", "a3", most=10)
    if size not in PAPERS:
        raise Refused(Problem("a3, tabloid or a4", field="paper"))
    return size


def _name(found: ChartSource, ending: str) -> str:
    return bowling_name(unit_id=found.unit.id, cycle=found.cycle.name, ending=ending)


@bp.get("/units/<int:unit_id>/bowling.svg")
@door.allow(read=Act.READ_UNIT)
def draw(unit_id: int) -> Response:
    """The same chart as one drawing."""
    found, known = _found(unit_id), door.organisation()
    block = bowling_block(
        organisation=known.name if known else "", unit=found.unit.name, cycle=found.cycle.name,
        period=found.attainment.period_label, today=door.today(),
    )  # fmt: skip
    drawn = bowling_svg(chart=drawn_chart(source=found), block=block)
    return door.download(drawn, name=_name(found, "svg"), mime="image/svg+xml")


def _found(unit_id: int) -> ChartSource:
    return chart_source(session=door.session(), actor=door.actor(), unit_id=unit_id, cycle=_cycle(), now=door.now())


def _cycle() -> Cycle:
    cycle = chosen_cycle()
    if cycle is None:
        raise Missing("no planning cycle has been opened yet")
    return cycle

"""The bowling chart of a unit: KPI by month, on the page, as CSV and on paper."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.charts.bowling import Bowling
from hoshin.charts.bowling_paper import bowling_paper
from hoshin.commands import jobs
from hoshin.errors import Missing, Problem, Refused
from hoshin.exchange.bowling_book import write_book
from hoshin.exchange.tables import to_csv
from hoshin.model.cycles import Cycle
from hoshin.model.units import Unit
from hoshin.queries.attainment import Attainment
from hoshin.queries.bowling import ChartFacts, unit_chart
from hoshin.queries.cycles import list_cycles
from hoshin.queries.units import get_unit, list_units
from hoshin.reports.bowling import BowlingFacts, bowling_chart, csv_table, serving
from hoshin.reports.drawings import STRIP_FOR_PRINT, bowling_svg
from hoshin.reports.pdf import NoPrinter, asset, to_pdf
from hoshin.reports.render import render
from hoshin.reports.sheet_words import bowling_block, bowling_legend
from hoshin.web import door
from hoshin.web.bowling_edit import desk_of
from hoshin.web.paging import here_with
from hoshin.web.plan_context import chosen_cycle, cycle_switch, unit_attainment, unit_switch
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
    unit, cycle, attainment, chart, found = _chart(unit_id, types=True)
    if request.args.get("format") == "csv":
        head, rows = csv_table(chart=chart)
        return door.download(to_csv(head=head, rows=rows), name=f"bowling-{unit_id}-{cycle.name}.csv", mime="text/csv")
    if request.args.get("format") == "xlsx":
        book = write_book(chart=chart, unit_id=unit_id, cycle=cycle.name)
        return door.download(book, name=f"bowling-{unit_id}-{cycle.name}.xlsx", mime=EXCEL)
    return door.page(
        "bowling/show.html",
        unit=unit,
        cycle=cycle,
        bowling=chart,
        period=attainment.period_label,
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
        proposed=rows_waiting(kpi_ids=[one.id for one in found.kpis]),
        desk=desk_of(unit_id=unit_id, cycle=cycle, found=found),
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
    html, name = _sheet(found, size)
    try:
        return door.download(to_pdf(html=html), name=name, mime="application/pdf")
    except NoPrinter as reason:
        return door.done(url_for("bowling.show", unit_id=unit_id, cycle=found.cycle.name), str(reason), "error")


@bp.post("/units/<int:unit_id>/bowling.pdf")
@door.allow(write=Act.CHANGE_OWN_ACCOUNT, looks=True)
def order_sheet(unit_id: int) -> Response:
    """Have a long chart printed beside one's work; nobody who saves waits while it is put together."""
    size, found = _size(), _found(unit_id)
    html, name = _sheet(found, size)
    title = f"Bowling chart of {found.unit.name}, {found.cycle.name}, as PDF"
    wish = jobs.OrderWish(
        kind=jobs.PAPER, title=title, facts={"unit": unit_id}, file=(name, "text/html", html.encode())
    )
    job = door.perform_apart(jobs.order, wish=wish)
    return door.done(url_for("jobs.show", job_id=job.id))


def _size() -> str:
    size = door.text_arg("paper", "a3", most=10)
    if size not in PAPERS:
        raise Refused(Problem("a3, tabloid or a4", field="paper"))
    return size


def _sheet(found: Found, size: str) -> tuple[str, str]:
    """The sheet as text, and the name of its file."""
    unit, cycle, chart, known = found.unit, found.cycle, _drawn(found), door.organisation()
    html = render(
        template="bowling/sheet.html", bowling=chart, drawn=bowling_paper(chart=chart), size=size, unit=unit,
        cycle=cycle, period=found.attainment.period_label, printed=door.today(),
        legend=bowling_legend(chart=chart), organisation_name=known.name if known else "", asset=asset,
        strip_svg=STRIP_FOR_PRINT,
    )  # fmt: skip
    return html, f"bowling-{unit.id}-{cycle.name}.pdf"


@bp.get("/units/<int:unit_id>/bowling.svg")
@door.allow(read=Act.READ_UNIT)
def draw(unit_id: int) -> Response:
    """The same chart as one drawing."""
    unit, cycle, attainment, chart, _ = _chart(unit_id)
    known = door.organisation()
    block = bowling_block(
        organisation=known.name if known else "", unit=unit.name, cycle=cycle.name, period=attainment.period_label,
        today=door.today(),
    )  # fmt: skip
    drawn = bowling_svg(chart=chart, block=block)
    return door.download(drawn, name=f"bowling-{unit_id}-{cycle.name}.svg", mime="image/svg+xml")


@dataclass(frozen=True, slots=True)
class Found:
    """What a chart is drawn from."""

    unit: Unit
    cycle: Cycle
    attainment: Attainment
    facts: ChartFacts


def _found(unit_id: int) -> Found:
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    cycle = chosen_cycle()
    if cycle is None:
        raise Missing("no planning cycle has been opened yet")
    attainment = unit_attainment(unit_id, cycle)
    below = serving(plan=attainment.plan, asked=attainment.asked, unit_id=unit_id)
    linked = [key for keys in below.values() for key in keys]
    facts = unit_chart(session=door.session(), actor=door.actor(), unit_id=unit_id, shared=linked, cycle=cycle)
    return Found(unit, cycle, attainment, facts)


def _drawn(found: Found, *, types: bool = False) -> Bowling:
    facts = BowlingFacts(found.unit.id, found.unit.name, found.facts, door.actor() if types else None)
    return bowling_chart(facts=facts, attainment=found.attainment)


def _chart(unit_id: int, *, types: bool = False) -> tuple[Unit, Cycle, Attainment, Bowling, ChartFacts]:
    found = _found(unit_id)
    return found.unit, found.cycle, found.attainment, _drawn(found, types=types), found.facts

"""`hoshin sheet`: the sheets that the pages show, written to a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from hoshin.charts.tables import TableSheet
from hoshin.cli import papers, shell
from hoshin.cli.files import write_whole
from hoshin.cli.papers import Paper, Senseless, inside
from hoshin.engine.cadence import ReviewKind
from hoshin.errors import Missing
from hoshin.exchange.bowling_book import write_book
from hoshin.exchange.matrix_book import matrix_book
from hoshin.exchange.table_book import table_book
from hoshin.model.cycles import Cycle
from hoshin.queries.attainment import Question, load, today_in
from hoshin.queries.bowling import chart_source
from hoshin.queries.cycles import find_cycle, nearest_cycle
from hoshin.queries.matrix import MatrixFacts, load_matrix
from hoshin.queries.unit_lists import list_units, paths_of, unit_at
from hoshin.queries.units import get_organisation
from hoshin.reports.attainment import Sheet as AttainmentSheet, level_chart, make_sheet, part_of
from hoshin.reports.attainment_tables import attainment_book
from hoshin.reports.bowling_sheet import bowling_html, drawn_chart
from hoshin.reports.drawings import STRIP, STRIP_FOR_PRINT, bowling_svg, matrix_svg, tables_svg
from hoshin.reports.matrix import PRESETS, MatrixSheet, find_preset, matrix_sheet, surroundings
from hoshin.reports.matrix_paper import PAPERS, find_paper, matrix_html
from hoshin.reports.path_tables import linear_book, tree_book
from hoshin.reports.pdf import asset as bundled, to_pdf
from hoshin.reports.render import render
from hoshin.reports.sheet_words import bowling_block
from hoshin.reports.unit_paths import unit_paths
from hoshin.reports.unit_sheets import linear_html, tree_html

ENDINGS = (".pdf", ".svg", ".xlsx", ".html")
"""What the five sheets of a plan can be written as; the papers of meetings are printed."""
PRINTED = (".pdf", ".html")


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for: the facts of the unit and cycle, the file's ending, and for print the paper."""

    run: shell.Shell
    session: Session
    unit: str
    cycle: Cycle
    ending: str
    preset: str
    paper: str
    today: date

    @property
    def asset(self) -> Callable[[str], str]:
        """The address of a style sheet: bundled for a PDF, part of the file itself for HTML."""
        return bundled if self.ending == ".pdf" else inside

    def facts(self) -> MatrixFacts:
        """The facts of the unit's sheets."""
        unit = unit_at(session=self.session, path=self.unit)
        return load_matrix(
            session=self.session, actor=self.run.actor, unit_id=unit.id, cycle=self.cycle, now=self.run.now
        )


# ------------------------------------------------------------------ one function for each kind


def _matrix(order: Order) -> bytes:
    facts = order.facts()
    preset = find_preset(key=order.preset or facts.unit.preset.value)
    drawn: MatrixSheet = matrix_sheet(
        plan=facts.plan, report=facts.attainment.report, preset=preset, around=surroundings(facts=facts)
    )
    if order.ending == ".svg":
        return matrix_svg(facts=facts, sheet=drawn, today=order.today).encode()
    if order.ending == ".xlsx":
        return matrix_book(facts=facts, matrix=drawn.matrix, preset=preset.key)
    html = matrix_html(facts=facts, sheet=drawn, paper=order.paper, today=order.today, asset=order.asset)
    return _printed(order, html)


def _tree(order: Order) -> bytes:
    facts = order.facts()
    paths = unit_paths(facts=facts)
    if order.ending not in PRINTED:
        return _tables(order, tree_book(facts=facts, paths=paths, today=order.today))
    html = tree_html(facts=facts, paths=paths, paper=order.paper, today=order.today, asset=order.asset)
    return _printed(order, html)


def _linear(order: Order) -> bytes:
    facts = order.facts()
    paths = unit_paths(facts=facts)
    if order.ending not in PRINTED:
        return _tables(order, linear_book(facts=facts, paths=paths, today=order.today))
    html = linear_html(facts=facts, paths=paths, paper=order.paper, today=order.today, asset=order.asset)
    return _printed(order, html)


def _bowling(order: Order) -> bytes:
    unit, known = unit_at(session=order.session, path=order.unit), get_organisation(session=order.session)
    found = chart_source(
        session=order.session, actor=order.run.actor, unit_id=unit.id, cycle=order.cycle, now=order.run.now
    )
    if order.ending == ".xlsx":
        # only cells that know what they are can be read back in
        chart = drawn_chart(source=found, typist=order.run.actor)
        return write_book(chart=chart, unit_id=unit.id, cycle=order.cycle.name)
    if order.ending == ".svg":
        block = bowling_block(
            organisation=known.name, unit=unit.name, cycle=order.cycle.name,
            period=found.attainment.period_label, today=order.today,
        )  # fmt: skip
        return bowling_svg(chart=drawn_chart(source=found), block=block).encode()
    html = bowling_html(
        source=found, paper=order.paper, organisation=known.name, today=order.today, asset=order.asset,
        strip=STRIP_FOR_PRINT if order.ending == ".pdf" else STRIP,
    )  # fmt: skip
    return _printed(order, html)


def _attainment(order: Order) -> bytes:
    shown = _attained(order)
    if order.ending not in PRINTED:
        return _tables(order, attainment_book(sheet=shown, today=order.today))
    no_link: Callable[[str], str | None] = lambda _node: None  # noqa: E731 - paper has no links
    html = render(
        template="reports/attainment.html", sheet=shown, chart=level_chart(sheet=shown, href=no_link), link=no_link,
        organisation_name=shown.organisation, printed=order.today, asset=order.asset,
        page=find_paper(key=order.paper).page,
    )  # fmt: skip
    return _printed(order, html)


def _attained(order: Order) -> AttainmentSheet:
    """Attainment of the whole, or of the unit that was asked for."""
    unit = unit_at(session=order.session, path=order.unit)
    attainment = load(session=order.session, question=Question(cycle=order.cycle.name), now=order.run.now)
    whole = make_sheet(plan=attainment.plan, report=attainment.report, before=attainment.before)
    path = paths_of(units=list_units(session=order.session))[unit.id]
    return part_of(sheet=whole, unit=path) if path else whole


PLANS: Mapping[str, Callable[[Order], bytes]] = {
    "x-matrix": _matrix, "bowling": _bowling, "attainment": _attainment, "tree": _tree, "linear": _linear,
}  # fmt: skip


def _tables(order: Order, sheet: TableSheet) -> bytes:
    return tables_svg(sheet=sheet).encode() if order.ending == ".svg" else table_book(sheet=sheet)


def _printed(order: Order, html: str) -> bytes:
    return to_pdf(html=html) if order.ending == ".pdf" else html.encode()


# ------------------------------------------------------------------ the command


@dataclass(frozen=True, slots=True)
class Options:
    """The options that not every kind of sheet knows, as they were typed."""

    cycle: str | None = None
    preset: str | None = None
    paper: str | None = None
    kpi: str | None = None
    review: str | None = None
    on: datetime | None = None


@shell.hoshin.command()
@click.argument("kind", type=click.Choice([*PLANS, *papers.WRITERS]))
@click.option("--unit", metavar="PATH", default="", help="The unit, such as A / B; by default the top.")
@click.option("--cycle", help="The planning year, such as FY2018 or 2018; by default the one that holds today.")
@click.option("--preset", type=click.Choice(list(PRESETS)), help="The layout of an X-matrix; default the unit's own.")
@click.option("--paper", type=click.Choice(list(PAPERS)), help="The paper of a PDF or HTML file.  [default: a3]")
@click.option("--kpi", metavar="NAME", help="The KPI whose countermeasure the A3 is, where more than one is open.")
@click.option("--review", type=click.Choice([one.value for one in ReviewKind]), help="Of this kind of review only.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
              help="The agenda of the first review from then on, the latest of the other papers until then; today.")
@click.option("--out", "out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write.")
@click.pass_obj
def sheet(run: shell.Shell, /, kind: str, unit: str, out: Path, **options: Any) -> None:
    """Write the sheet that a page shows to a file.

    The plan of a unit (x-matrix, bowling, attainment, tree, linear) as .pdf, .svg, .xlsx or .html; what a meeting
    needs (a3, agenda, pack, diagnosis, self-assessment) as .pdf or .html.
    """
    ending, asked = _ending(kind, out), Options(**options)
    _refuse_senseless(kind, ending, asked)
    with run.reading() as session:
        content = _paper(run, session, kind, unit, ending, asked) if kind in papers.WRITERS else _plan(
            run, session, kind, unit, ending, asked
        )
    write_whole(path=out, content=content)


def _plan(run: shell.Shell, session: Session, kind: str, unit: str, ending: str, asked: Options) -> bytes:
    today = today_in(organisation=get_organisation(session=session), now=run.now)
    cycle = _cycle(session, asked.cycle, today)
    return PLANS[kind](Order(run, session, unit, cycle, ending, asked.preset or "", asked.paper or "a3", today))


def _paper(run: shell.Shell, session: Session, kind: str, unit: str, ending: str, asked: Options) -> bytes:
    today = today_in(organisation=get_organisation(session=session), now=run.now)
    on, review = asked.on.date() if asked.on else None, ReviewKind(asked.review) if asked.review else None
    return papers.WRITERS[kind](
        Paper(run, session, unit, ending == ".pdf", today, on, (asked.kpi or "").strip(), review)
    )


def _ending(kind: str, out: Path) -> str:
    ending, known = out.suffix.lower(), PRINTED if kind in papers.WRITERS else ENDINGS
    if ending not in known:
        what = f"the paper {kind}" if kind in papers.WRITERS else "a sheet"
        raise Senseless(f"{what} is written as {', '.join(known)}, not as {ending or out.name}")
    return ending


def _refuse_senseless(kind: str, ending: str, asked: Options) -> None:
    """Say why where an option means nothing to the kind of sheet."""
    is_plan = kind in PLANS
    for option, known, said in (
        (asked.preset, kind == "x-matrix", f"--preset lays out an X-matrix; {kind} has no layouts"),
        (asked.paper, is_plan, f"--paper is for the sheets of a plan; {kind} has a paper of its own"),
        (asked.paper, ending in PRINTED, f"--paper is for .pdf and .html; {ending} has no paper"),
        (asked.cycle, is_plan, f"--cycle is for the sheets of a plan; {kind} is found by its day, or by its KPI"),
        (asked.kpi, kind == "a3", f"--kpi says which A3; {kind} is of the whole unit"),
        (asked.review, kind in ("agenda", "pack"), f"--review says whose agenda or pack; {kind} has but one kind"),
        (asked.on, kind in papers.DATED, f"--on looks for a meeting; {kind} has none"),
    ):
        if option and not known:
            raise Senseless(said)


def _cycle(session: Session, name: str | None, today: date) -> Cycle:
    found = find_cycle(session=session, name=name) if name else nearest_cycle(session=session, day=today)
    if found is None:
        raise Missing(f"there is no cycle {name[:20]}" if name else "no planning cycle has been opened yet")
    return found

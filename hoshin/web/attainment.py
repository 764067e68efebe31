"""Attainment: the figures at every level, the metrics behind each of them, and the report on paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import ANYWHERE
from hoshin.engine.metrics import Mode
from hoshin.engine.plans import Kind
from hoshin.errors import Missing, Problem, Refused
from hoshin.exchange.tables import to_csv
from hoshin.forms.attainment import QuestionForm, period_choices, plain_choices
from hoshin.queries.attainment import Attainment, Question, load
from hoshin.queries.cycles import list_cycles
from hoshin.queries.drill import readable_keys, wordings
from hoshin.reports import metrics as metric_lists
from hoshin.reports.attainment import TABLE_HEAD, Sheet, as_rows, level_chart, make_sheet
from hoshin.reports.attainment_tables import attainment_book
from hoshin.reports.matrix_paper import PAPERS, find_paper
from hoshin.reports.pdf import NoPrinter, asset, to_pdf
from hoshin.reports.render import render
from hoshin.web import door, kept
from hoshin.web.addresses import item_address
from hoshin.web.kept_tables import download_tables
from hoshin.web.paging import cut, here_with

bp = Blueprint("attainment", __name__)
_PAPERS = sorted(PAPERS.items())


@dataclass(frozen=True, slots=True)
class Answer:
    """The question as this address puts it, what came of it, and which items the reader may open."""

    question: Question
    found: Attainment
    readable: frozenset[int]

    @property
    def words(self) -> dict[str, Any]:
        """The question for the next address."""
        asked = self.found.asked
        period = self.found.plan.calendar.code(period=asked.period)
        words = {"cycle": asked.cycle.name, "period": period, "mode": asked.mode.value}
        return words | ({"as_of": self.question.as_of.isoformat()} if self.question.as_of else {})

    def metrics_address(self, node: str) -> str:
        """The list of metrics behind a node."""
        return url_for("attainment.metrics", node=node, **self.words)

    def sheet(self) -> Sheet:
        """The answer as everything shows it."""
        found = self.found
        return make_sheet(
            plan=found.plan, report=found.report, before=found.before, known_at=found.known_at, readable=self.readable
        )


def answer(*, counted: bool = False, kpis: bool = True) -> Answer | None:
    """The answer to the question in the address; None while there is no cycle to ask about.

    A sheet of figures asks for what is `counted` only, mostly without single `kpis`, which a large plan gives sooner.
    """
    if not list_cycles(session=door.session()):
        return None
    question = replace(_question(), counted=counted, kpis=kpis)
    found = load(session=door.report_session(), question=question, now=door.now())
    return Answer(question, found, readable_keys(session=door.session(), actor=door.actor()))


def _question() -> Question:
    mode = door.text_arg("mode") or Mode.PERIOD.value
    if mode not in {one.value for one in Mode}:
        raise Refused(Problem("a view is one of period, ytd and year-end", field="mode"))
    cycle, period = door.text_arg("cycle", most=20), door.text_arg("period", most=20)
    question = Question(cycle or None, period or None, Mode(mode), door.day_arg("as_of"), latest=True)
    return replace(question, period=None) if _is_of_another_cycle(cycle, period) else question


def _is_of_another_cycle(cycle: str, period: str) -> bool:
    """Whoever chooses another cycle still sends the old period with it: the cycle wins."""
    known = door.organisation()
    if not (known and cycle and period):
        return False
    try:
        asked = known.calendar.cycle_named(name=cycle)
        return known.calendar.cycle_of(day=known.calendar.parse(text=period).first) != asked
    except ValueError:
        return False


def asked_question() -> Question:
    """The question as the address puts it, for pages that show a part of its answer."""
    return _question()


@bp.get("/attainment")
@door.allow(read=Act.READ_STRATEGY)
@kept.alike(asks=lambda: door.require(Act.READ_STRATEGY, ANYWHERE))
def show() -> Response | tuple[str, int]:
    """Every level, unit, objective, class and owner."""
    as_csv = request.args.get("format") == "csv"
    found = answer(counted=True, kpis=as_csv)
    if found is None:
        return door.page("attainment/no_cycle.html")
    sheet = found.sheet()
    if as_csv:
        name = f"attainment-{sheet.cycle}-{sheet.period}.csv"
        return door.download(to_csv(head=TABLE_HEAD, rows=as_rows(sheet=sheet)), name=name, mime="text/csv")
    return door.page(
        "attainment/show.html",
        sheet=sheet,
        chart=level_chart(sheet=sheet, href=found.metrics_address),
        link=found.metrics_address,
        form=_chooser(found),
        csv=here_with(format="csv"),
        papers=[(paper.label, url_for("attainment.print_sheet", paper=key, **found.words)) for key, paper in _PAPERS],
        drawing=url_for("attainment.keep_sheet", ending="svg", **found.words),
        excel=url_for("attainment.keep_sheet", ending="xlsx", **found.words),
    )


def _chooser(found: Answer) -> QuestionForm:
    asked, calendar = found.found.asked, found.found.plan.calendar
    form = QuestionForm(
        cycle=asked.cycle.name,
        period=calendar.code(period=asked.period),
        mode=asked.mode.value,
        as_of=found.question.as_of,
    )
    form.cycle.choices = plain_choices(words=[one.name for one in list_cycles(session=door.session())])
    form.period.choices = period_choices(calendar=calendar, cycle=asked.cycle)
    return form


@bp.get("/attainment/metrics")
@door.allow(read=Act.READ_STRATEGY)
def metrics() -> Response | tuple[str, int]:
    """The metrics behind one figure, each with its paths up."""
    found = answer()
    node = door.text_arg("node")
    if found is None or metric_lists.is_hidden(node=node, readable=found.readable):
        raise Missing("there is no such figure here")
    behind = metric_lists.members_of(report=found.found.report, node=node)
    if behind is None:
        raise Missing("there is no such figure here")
    mine = frozenset(behind[3]) & found.readable
    listed = metric_lists.metric_list(
        plan=found.found.plan,
        report=found.found.report,
        node=behind,
        readable=found.readable,
        words=wordings(session=door.session(), kpi_ids=mine),
    )
    if request.args.get("format") == "csv":
        written = to_csv(head=metric_lists.CSV_HEAD, rows=metric_lists.csv_rows(metrics=listed))
        return door.download(written, name="metrics.csv", mime="text/csv")
    rows, page = cut(rows=listed.rows)
    return door.page(
        "attainment/metrics.html",
        metrics=listed,
        rows=rows,
        page=page,
        sheet_href=url_for("attainment.show", **found.words),
        period_label=found.found.period_label,
        cycle=found.found.asked.cycle.name,
        mode=found.found.asked.mode.value,
        address=_station_address,
        csv=here_with(format="csv"),
    )


def _station_address(kind: str, key: int) -> str:
    return item_address(Kind(kind), key)


@bp.get("/attainment.pdf")
@door.allow(read=Act.READ_STRATEGY)
def print_sheet() -> Response:
    """The same sheet on paper."""
    found = answer(counted=True, kpis=False)
    if found is None:
        raise Missing("there is no cycle to print")
    sheet = found.sheet()
    no_link: Callable[[str], str | None] = lambda _node: None  # noqa: E731 - paper has no links
    html = render(
        template="reports/attainment.html",
        sheet=sheet,
        chart=level_chart(sheet=sheet, href=no_link),
        link=no_link,
        organisation_name=sheet.organisation,
        printed=door.today(),
        asset=asset,
        page=find_paper(key=door.text_arg("paper", "a4", most=20)).page,
    )
    try:
        printed = to_pdf(html=html)
    except NoPrinter as error:
        return door.done(url_for("attainment.show", **found.words), str(error), "error")
    name = f"attainment-{sheet.cycle}-{sheet.period}.pdf"
    return door.download(printed, name=name, mime="application/pdf")


@bp.get("/attainment.svg", defaults={"ending": "svg"})
@bp.get("/attainment.xlsx", defaults={"ending": "xlsx"})
@door.allow(read=Act.READ_STRATEGY)
def keep_sheet(ending: str) -> Response:
    """The same sheet as a drawing or a workbook."""
    found = answer(counted=True, kpis=False)
    if found is None:
        raise Missing("there is no cycle to take along")
    sheet = found.sheet()
    tables = attainment_book(sheet=sheet, today=door.today())
    return download_tables(sheet=tables, name=f"attainment-{sheet.cycle}-{sheet.period}", ending=ending)

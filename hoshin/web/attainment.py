"""Attainment: the figures at every level, the metrics behind each of them, and the report on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import ANYWHERE
from hoshin.engine.attainment import NodeKey
from hoshin.engine.metrics import Mode
from hoshin.engine.plans import Kind
from hoshin.errors import Missing, Problem, Refused
from hoshin.exchange.tables import spool_csv, to_csv
from hoshin.forms.attainment import QuestionForm, period_choices, plain_choices
from hoshin.queries.attainment import Attainment, Question, Standing, judge_standing, load, load_standing
from hoshin.queries.behind import members, newly_red
from hoshin.queries.cycles import list_cycles
from hoshin.queries.drill import Readable, find_readable, readable_keys, wordings
from hoshin.queries.node_lists import list_nodes
from hoshin.reports import metrics as metric_lists
from hoshin.reports.attainment import ITEM_KINDS, TABLE_HEAD, Sheet, level_chart, make_sheet, rows_of_nodes
from hoshin.reports.attainment_tables import attainment_book
from hoshin.reports.matrix_paper import PAPERS, find_paper
from hoshin.reports.pdf import NoPrinter, asset, to_pdf
from hoshin.reports.render import render
from hoshin.web import door, kept
from hoshin.web.addresses import item_address
from hoshin.web.attainment_part import shown_part
from hoshin.web.kept_tables import download_tables
from hoshin.web.paging import cut, here_with

bp = Blueprint("attainment", __name__)
_PAPERS = sorted(PAPERS.items())


@dataclass(frozen=True, slots=True)
class Told:
    """The question as this address puts it, and what came of it, as far as it has names."""

    question: Question
    found: Attainment

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


@dataclass(frozen=True, slots=True)
class Answer(Told):
    """The same for the whole plan, and which items the reader may open."""

    readable: frozenset[int]

    def sheet(self) -> Sheet:
        """The answer as everything shows it, with the priorities of each objective where these are shown."""
        found = self.found
        return make_sheet(
            plan=found.plan, report=found.report, before=found.before, known_at=found.known_at, readable=self.readable,
        )  # fmt: skip


def answer(*, counted: bool = False, kpis: bool = True, compared: bool = True) -> Answer | None:
    """The answer to the question in the address; None while there is no cycle to ask about.

    A sheet of figures asks for what is `counted` only, mostly without single `kpis`, or even not `compared` with
    the period before, which a large plan gives sooner.
    """
    if not list_cycles(session=door.session()):
        return None
    question = replace(asked_question(), counted=counted, kpis=kpis, compared=compared)
    found = load(session=door.report_session(), question=question, now=door.now())
    return Answer(question, found, readable_keys(session=door.session(), actor=door.actor()))


@dataclass(frozen=True, slots=True)
class Stand:
    """The question as this address puts it, and what came of it in counts alone."""

    question: Question
    standing: Standing


def stand() -> Stand | None:
    """The question in the address answered in counts alone; None while there is no cycle to ask about."""
    if not list_cycles(session=door.session()):
        return None
    question = asked_question()
    return Stand(question, load_standing(session=door.report_session(), question=question, now=door.now()))


def asked_question() -> Question:
    """The question as the address puts it; raises Refused for a view that there is not."""
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


@bp.get("/attainment")
@door.allow(read=Act.READ_STRATEGY)
@kept.alike(asks=lambda: door.require(Act.READ_STRATEGY, ANYWHERE))
def show() -> Response | tuple[str, int]:
    """Every level and class; units, objectives and owners as far as they fit on a page, the others behind links."""
    if request.args.get("format") == "csv":
        return _csv()
    asked = stand()
    if asked is None:
        return door.page("attainment/no_cycle.html")
    shown = shown_part(asked.standing)
    told = Told(asked.question, shown.found)
    return door.page(
        "attainment/show.html",
        sheet=shown.sheet,
        part=shown,
        chart=level_chart(sheet=shown.sheet, href=told.metrics_address),
        link=told.metrics_address,
        form=_chooser(told),
        csv=here_with(format="csv"),
        papers=[(paper.label, url_for("attainment.print_sheet", paper=key, **told.words)) for key, paper in _PAPERS],
        drawing=url_for("attainment.keep_sheet", ending="svg", **told.words),
        excel=url_for("attainment.keep_sheet", ending="xlsx", **told.words),
    )


def _csv() -> Response | tuple[str, int]:
    """All of it as a file."""
    asked = stand()
    if asked is None:
        return door.page("attainment/no_cycle.html")
    report, nodes = list_nodes(session=door.report_session(), standing=asked.standing)
    readable = find_readable(session=door.report_session(), actor=door.actor())
    rows = rows_of_nodes(levels=report.levels, depths=report.depths, nodes=nodes, readable=readable)
    calendar, period = asked.standing.ground.calendar, report.asked.period
    name = f"attainment-{report.asked.cycle.name}-{calendar.code(period=period)}.csv"
    return door.download(spool_csv(head=TABLE_HEAD, rows=rows), name=name, mime="text/csv")


def _chooser(found: Told) -> QuestionForm:
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
    """The metrics behind one figure, or those of them that turned red, each with its paths up."""
    asked, readable = stand(), find_readable(session=door.report_session(), actor=door.actor())
    node, newly = door.text_arg("node"), door.text_arg("only", most=20) == NEWLY_RED
    if asked is None or metric_lists.is_hidden(node=node, readable=readable):
        raise Missing("there is no such figure here")
    keys = _behind(asked.standing, metric_lists.node_of(text=node), newly)
    listing = _Listing(asked.standing, node, readable, len(keys), newly)
    mine = readable.cut(keys=keys)
    if request.args.get("format") == "csv":
        written = to_csv(head=metric_lists.CSV_HEAD, rows=listing.rows(mine))
        return door.download(written, name="metrics.csv", mime="text/csv")
    shown, page = cut(rows=mine)
    found = listing.found(shown)
    here = Told(asked.question, found)
    return door.page(
        "attainment/metrics.html",
        metrics=listing.listed(found, shown, len(mine)),
        newly=newly,
        page=page,
        sheet_href=url_for("attainment.show", **here.words),
        all_href=here.metrics_address(node),
        period_label=found.period_label,
        cycle=found.asked.cycle.name,
        mode=found.asked.mode.value,
        address=_station_address,
        csv=here_with(format="csv"),
    )


NEWLY_RED = "newly-red"
AT_ONCE = 1000
"""So many metrics are put into a file at once."""


def _behind(standing: Standing, node: NodeKey, newly: bool) -> list[int]:
    session = door.report_session()
    try:
        if newly:
            return newly_red(session=session, standing=standing, node=node)
        return members(session=session, standing=standing, node=node, verdicts=metric_lists.ORDER)
    except KeyError:
        raise Missing("there is no such figure here") from None


@dataclass(frozen=True, slots=True)
class _Listing:
    """What all parts of one list of metrics share."""

    standing: Standing
    node: str
    readable: Readable
    total: int
    newly: bool

    def found(self, keys: Sequence[int]) -> Attainment:
        """The attainment that knows these metrics, and the node by its name."""
        kind, key = metric_lists.node_of(text=self.node)
        return judge_standing(
            session=door.report_session(),
            standing=self.standing,
            item_ids=[*keys, int(key)] if kind in ITEM_KINDS else keys,
            person_ids=[int(key)] if kind == "owner" else (),
        )

    def listed(self, found: Attainment, keys: Sequence[int], many: int) -> metric_lists.MetricList:
        """These metrics as a list, of so many that the reader may open."""
        node = metric_lists.node_of(text=self.node)
        counts = self.standing.figures.counts(kind=node[0], key=node[1])
        name = metric_lists.name_of(node=node, report=found.report)
        listed = metric_lists.metric_list(
            plan=found.plan, report=found.report, node=(node[0], name, counts, list(keys)), readable=self.readable,
            words=wordings(session=door.session(), kpi_ids=keys),
        )  # fmt: skip
        return replace(listed, outside=self.total - many)

    def rows(self, keys: Sequence[int]) -> Iterator[Sequence[object]]:
        """The rows of a file, some metrics at a time, however many there are."""
        for first in range(0, len(keys), AT_ONCE):
            some = keys[first : first + AT_ONCE]
            yield from metric_lists.csv_rows(metrics=self.listed(self.found(some), some, len(some)))


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

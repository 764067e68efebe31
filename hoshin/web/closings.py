"""Closing a cycle: how far each unit is, deciding item by item, the last yes, and the record on page and paper."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands import closing as commands, closing_reopen
from hoshin.engine.metrics import Mode
from hoshin.engine.plans import Kind
from hoshin.exchange.tables import to_csv
from hoshin.forms.closing import CloseForm, DecideForm, ReopenForm, asked_about
from hoshin.model.closing import ClosingChoice
from hoshin.model.cycles import Cycle, CycleState
from hoshin.model.items import Item
from hoshin.queries.attainment import Attainment, Question, load, load_part
from hoshin.queries.closing import (
    count_progress,
    list_choices,
    list_decided,
    list_ended_by_closing,
    list_to_decide,
)
from hoshin.queries.cycles import find_cycle, get_cycle
from hoshin.queries.drill import readable_among
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_organisation, get_unit, top_unit
from hoshin.reports import closing as reports
from hoshin.reports.pdf import NoPrinter, asset, to_pdf
from hoshin.reports.render import day, render
from hoshin.web import door
from hoshin.web.addresses import item_address
from hoshin.web.cycles import known_name
from hoshin.web.paging import cut, here_with
from hoshin.web.year import year_of

bp = Blueprint("closings", __name__)


@dataclass
class Closing:
    """One cycle on its way to being closed, as this reader sees it."""

    cycle: Cycle

    @cached_property
    def names(self) -> Mapping[int, str]:
        """The paths of all units, in the order of the tree."""
        return names_of(units=list_units(session=door.session()), archived=True)

    @property
    def question(self) -> Question:
        """The figures of the whole year."""
        return Question(cycle=self.cycle.name, mode=Mode.YEAR_END, compared=False)

    @cached_property
    def attainment(self) -> Attainment:
        """What the organisation came to, and its units."""
        return load_part(session=door.session(), question=self.question, now=door.now())

    def attainment_of(self, items: Collection[int]) -> Attainment:
        """What these items came to."""
        return load_part(session=door.session(), question=self.question, now=door.now(), item_ids=items)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(get_organisation(session=door.session()).time_zone)

    @property
    def closed_on(self) -> date | None:
        """The day on which it was closed."""
        return self.cycle.closed_at.astimezone(self.zone).date() if self.cycle.closed_at else None

    @cached_property
    def decided(self) -> list[tuple[ClosingChoice, Item]]:
        """What was decided, of all units, as far as the reader may see it."""
        found = list_decided(session=door.session(), cycle_id=self.cycle.id)
        readable = self.readable([item for _, item in found])
        return reports.in_tree_order(decided=found, names=self.names, readable=readable)

    def readable(self, items: Iterable[Item]) -> frozenset[int]:
        """Those of the items that the reader may open."""
        return readable_among(session=door.session(), actor=door.actor(), keys=[one.id for one in items])

    def record(self) -> list[reports.DecidedRow]:
        """The record, of all units."""
        question = replace(self.question, counted=True)
        whole = load(session=door.session(), question=question, now=door.now())
        return self.rows(self.decided, whole)

    def rows(
        self, decided: Sequence[tuple[ClosingChoice, Item]], attainment: Attainment
    ) -> list[reports.DecidedRow]:
        """Some of the record."""
        return reports.decided_rows(decided=decided, attainment=attainment, names=self.names, zone=self.zone)

    def ended(self) -> list[Item]:
        """What opening the closed cycle again could resume; nothing for whoever may not open it."""
        if not door.can(Act.CLOSE_CYCLE, Subject(unit=top_unit(session=door.session()).id)):
            return []
        found = list_ended_by_closing(session=door.session(), cycle=self.cycle)
        items = [one.item for one in found]
        readable = self.readable(items)
        return [one for one in items if one.id in readable]

    def progress(self) -> list[reports.UnitProgress]:
        """How far the units are that the reader may see; none once the cycle is closed."""
        if self.cycle.state is CycleState.CLOSED:
            return []
        counted = count_progress(session=door.session(), cycle=self.cycle)
        seen = {key: name for key, name in self.names.items() if door.can(Act.READ_UNIT, Subject(unit=key))}
        mine = {key for key in seen if door.can(Act.CHOOSE_CLOSING, Subject(unit=key))}
        return reports.progress(counted=counted, names=seen, mine=mine)


@bp.get("/cycles/<name>/closing")
@door.allow(read=Act.READ_STRATEGY)
def show(name: str) -> Response | tuple[str, int]:
    """How far it is, what still stands against closing, and what was decided."""
    closing = Closing(get_cycle(session=door.session(), name=known_name(name)))
    if request.args.get("format") == "csv":
        written = to_csv(head=reports.CSV_HEAD, rows=reports.csv_rows(rows=closing.record()))
        return door.download(written, name=f"closing-{closing.cycle.name}.csv", mime="text/csv")
    return _page(closing, CloseForm(), ReopenForm())


def _page(closing: Closing, close: CloseForm, reopen: ReopenForm) -> tuple[str, int]:
    cycle, calendar = closing.cycle, get_organisation(session=door.session()).calendar
    some, page = cut(rows=closing.decided)
    shown = closing.rows(some, closing.attainment_of([item.id for _, item in some])) if some else []
    units = closing.progress()
    opens = commands.closable_on(cycle=cycle, calendar=calendar)
    top = top_unit(session=door.session()).id
    return door.page(
        "closings/show.html", cycle=cycle, closed_on=closing.closed_on, is_closed=cycle.state is CycleState.CLOSED,
        units=units, rows=shown, page=page, close=close, reopen=reopen, opens=opens,
        tally=reports.tally(decided=closing.decided),
        waiting=sum(one.total - one.decided for one in units), is_over=door.today() >= opens,
        closes=door.can(Act.CLOSE_CYCLE, Subject(unit=top)), address=item_address, warnings=_warnings(closing),
        following=_following(cycle), counts=closing.attainment.report.organisation.counts, csv=here_with(format="csv"),
        ended=closing.ended(), kinds=reports.KINDS,
    )  # fmt: skip


def _following(cycle: Cycle) -> Mapping[str, Any]:
    """The cycle after this one: its name, and whether it has been opened."""
    name = get_organisation(session=door.session()).calendar.next_cycle(cycle=cycle.span).name
    return {"name": name, "is_open": find_cycle(session=door.session(), name=name) is not None}


def _warnings(closing: Closing) -> list[str]:
    """What the earlier steps of the year still lack: no reason to keep it open, but to look once more."""
    if closing.cycle.state is CycleState.CLOSED:
        return []
    year = year_of(None, closing.attainment, frozenset(), most=0)  # what is said of a step names nothing
    return [f"{one.name}: {one.said}" for one in year.unfinished]


@bp.route("/cycles/<name>/closing/<int:unit_id>", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_CLOSING, write=Act.CHOOSE_CLOSING)
def decide(name: str, unit_id: int) -> Response | tuple[str, int]:
    """Keep, change or end each item of one unit; saved as often as one likes."""
    cycle = get_cycle(session=door.session(), name=known_name(name))
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    door.require(Act.OPEN_CLOSING, Subject(unit=unit_id))
    called, span = cycle.name, unit.name
    if cycle.state is CycleState.CLOSED:
        return door.done(url_for("closings.show", name=called), f"{called} is closed.", "error")
    closing = Closing(cycle)
    waiting = list_to_decide(session=door.session(), cycle=cycle, unit_ids=[unit_id])
    readable = closing.readable(waiting)
    found = [one for one in waiting if one.id in readable]
    choices = list_choices(session=door.session(), cycle_id=cycle.id)
    form = _decide_form(found, choices)
    views = _views(closing, found)
    if door.accepted(
        cast(Form, form), lambda: door.perform(commands.choose, cycle=called, wishes=form.to_wishes())
    ):
        decided = sum(1 for one in form.to_wishes() if one.fate)
        here = url_for("closings.decide", name=called, unit_id=unit_id)
        back = url_for("closings.show", name=called) if decided == len(views) else here
        return door.done(back, f"Saved: {decided} of {len(views)} items have a word.")
    return door.page(
        "closings/decide.html", form=form, items=views, unit=span, cycle=called, unit_id=unit_id,
        address=item_address, kinds={word: kind for kind, word in reports.KINDS.items()},
    )  # fmt: skip


def _decide_form(found: list[Item], choices: Mapping[int, ClosingChoice]) -> DecideForm:
    kpis = frozenset(one.id for one in found if one.kind is Kind.KPI)
    return DecideForm(asked_about(items=found, choices=choices, kpis=kpis), request.form)


def _views(closing: Closing, found: list[Item]) -> list[reports.ItemView]:
    people = people_names(session=door.session())
    attainment = closing.attainment_of([one.id for one in found])
    return reports.item_views(items=found, attainment=attainment, people=people)


@bp.post("/cycles/<name>/close")
@door.allow(write=Act.CLOSE_CYCLE)
def close(name: str) -> Response | tuple[str, int]:
    """The last yes."""
    called = get_cycle(session=door.session(), name=known_name(name)).name
    form, made = CloseForm(request.form), list[str]()

    def work() -> None:
        confirmed, version = bool(form.confirmed.data), form.version.number
        made.append(
            door.perform(commands.close_cycle, name=called, confirmed=confirmed, version=version).name
        )

    if door.accepted(form, work):
        said = f"{called} is closed. What goes on stands in {made[0]} as drafts."
        return door.done(url_for("year.show", cycle=made[0]), said)
    closing = Closing(get_cycle(session=door.session(), name=called))
    return _page(closing, form, ReopenForm(None))


@bp.post("/cycles/<name>/reopen")
@door.allow(write=Act.CLOSE_CYCLE)
def reopen(name: str) -> Response | tuple[str, int]:
    """It was closed by mistake."""
    called = get_cycle(session=door.session(), name=known_name(name)).name
    form = ReopenForm(request.form)

    resumed: list[int] = []

    def work() -> None:
        reason, resume, version = form.reason.data or "", bool(form.resume.data), form.version.number
        resumed.append(
            door.perform(closing_reopen.reopen_cycle, name=called, reason=reason, resume=resume, version=version)
        )

    if door.accepted(form, work):
        again = f" {resumed[0]} item{'s' if resumed[0] != 1 else ''} resumed." if resumed[0] else ""
        return door.done(url_for("closings.show", name=called), f"{called} is open again.{again}")
    closing = Closing(get_cycle(session=door.session(), name=called))
    return _page(closing, CloseForm(None), form)


@bp.get("/cycles/<name>/closing.pdf")
@door.allow(read=Act.READ_STRATEGY)
def print_sheet(name: str) -> Response:
    """The annual review on paper: what the year came to, what goes on, what ends, and why."""
    closing = Closing(get_cycle(session=door.session(), name=known_name(name)))
    rows, organisation = closing.record(), get_organisation(session=door.session())
    blocks: dict[str, list[reports.DecidedRow]] = {}
    for one in rows:
        blocks.setdefault(one.unit, []).append(one)
    html = render(
        template="closings/sheet.html", cycle=closing.cycle, blocks=blocks,
        tally=reports.tally(decided=closing.decided),
        counts=closing.attainment.report.organisation.counts, organisation_name=organisation.name,
        printed=door.today(), asset=asset, closed=day(closing.closed_on),
    )  # fmt: skip
    try:
        printed = to_pdf(html=html)
    except NoPrinter as error:
        return door.done(url_for("closings.show", name=closing.cycle.name), str(error), "error")
    return door.download(printed, name=f"annual-review-{closing.cycle.name}.pdf", mime="application/pdf")

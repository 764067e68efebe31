"""One KPI: its course, its targets and who moved them, what it serves."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.engine.calendars import FiscalCalendar, Frequency
from hoshin.errors import Missing
from hoshin.exchange.tables import to_csv
from hoshin.model.cycles import Cycle
from hoshin.model.kpis import KPI
from hoshin.queries.attainment import default_period
from hoshin.queries.countermeasures import list_of_kpis
from hoshin.queries.cycles import list_cycles, locked_months
from hoshin.queries.effects import expected
from hoshin.queries.items import subject_for
from hoshin.queries.kpis import list_readings, list_revisions
from hoshin.queries.reviews import list_held
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_organisation, get_unit
from hoshin.reports.kpis import CSV_HEAD, KPIFacts, KPISheet, csv_rows, kpi_sheet
from hoshin.reports.pdf import NoPrinter, asset, to_pdf
from hoshin.reports.render import render
from hoshin.web import door
from hoshin.web.countermeasure_context import rows_of_kpi
from hoshin.web.item_pages import cycle_of, item_page, readable
from hoshin.web.paging import here_with
from hoshin.web.plan_context import cycle_switch
from hoshin.web.proposals import rows_now

bp = Blueprint("kpis", __name__)


@bp.get("/kpis/<int:item_id>")
@door.allow(read=Act.READ_ITEM)
def show(item_id: int) -> Response | tuple[str, int]:
    """The page of a KPI for one cycle."""
    kpi = readable(item_id, KPI)
    cycle = cycle_of(kpi)
    sheet = _sheet(kpi, cycle) if cycle else None
    if sheet and request.args.get("format") == "csv":
        return door.download(
            to_csv(head=CSV_HEAD, rows=csv_rows(sheet=sheet)), name=f"kpi-{kpi.id}.csv", mime="text/csv"
        )
    subject = subject_for(session=door.session(), item=kpi)
    return item_page(
        kpi,
        "kpis/show.html",
        sheet=sheet,
        cycles=cycle_switch(list_cycles(session=door.session()), cycle) if cycle else [],
        csv=here_with(format="csv"),
        paper=url_for("kpis.print_sheet", item_id=item_id, cycle=cycle.name) if cycle else None,
        plans=door.can(Act.OPEN_TARGETS, subject),
        records=door.can(Act.RECORD_ACTUALS, subject),
        is_mine=door.actor().person in (kpi.owner_id, kpi.reporter_id),
        answers=rows_of_kpi(kpi.id),
        proposals=rows_now(kpi_id=kpi.id),
        amends=door.can(Act.OPEN_AMENDMENT, subject) and any(row.plan for row in sheet.rows) if sheet else False,
    )


def _sheet(kpi: KPI, cycle: Cycle) -> KPISheet:
    organisation = get_organisation(session=door.session())
    calendar, span, today = organisation.calendar, cycle.span, door.today()
    year_before = calendar.period_of(day=span.first - timedelta(days=1), frequency=Frequency.YEAR).first
    found = list_readings(session=door.session(), kpi_ids=[kpi.id], first=year_before, last=span.last)
    revisions = list_revisions(session=door.session(), kpi_id=kpi.id)
    facts = KPIFacts(
        kpi=kpi,
        readings={one.period: one for one in found},
        revisions=[one for one in reversed(revisions) if span.first <= one.period <= span.last],
        locked=locked_months(session=door.session(), unit_id=kpi.unit_id, first=span.first, last=span.last),
        expected=expected(session=door.session(), actor=door.actor(), kpis=[kpi], cycle_id=cycle.id)[kpi.id],
        events=_events(kpi),
        reviews=_reviews(kpi, calendar, year_before, span.last),
    )
    month = default_period(calendar=calendar, cycle=cycle, as_of=today)
    return kpi_sheet(
        facts=facts, cycle=span, calendar=calendar, as_of=today, month=month, time_zone=organisation.time_zone
    )


def _reviews(kpi: KPI, calendar: FiscalCalendar, first: date, last: date) -> dict[date, list[str]]:
    """The reviews that the KPI's unit held, at the period of the KPI that each looked at, as sentences."""
    found: dict[date, list[str]] = {}
    for one, decided in list_held(session=door.session(), unit_id=kpi.unit_id, first=first, last=last):
        period = calendar.period_of(day=one.last_day, frequency=kpi.frequency).first
        said = f"{one.kind.value} review held on {one.planned_on.day} {one.planned_on:%B %Y}"
        found.setdefault(period, []).append(said + (f", decided: {'; '.join(decided)}" if decided else ""))
    return found


def _events(kpi: KPI) -> dict[date, list[str]]:
    """The countermeasures opened for periods of the KPI, as sentences."""
    found: dict[date, list[str]] = {}
    for one in list_of_kpis(session=door.session(), kpi_ids=[kpi.id]):
        said = f"countermeasure {one.state.value}" + (f": {one.action}" if one.action else "")
        found.setdefault(one.opened_for, []).append(said)
        if one.reopened_for is not None:
            found.setdefault(one.reopened_for, []).append("countermeasure reopened after a relapse")
    return found


@bp.get("/kpis/<int:item_id>.pdf")
@door.allow(read=Act.READ_ITEM)
def print_sheet(item_id: int) -> Response:
    """The KPI on one sheet of paper."""
    kpi = readable(item_id, KPI)
    cycle = cycle_of(kpi)
    if cycle is None:
        raise Missing("no planning cycle has been opened yet")
    people, known = people_names(session=door.session()), door.organisation()
    html = render(
        template="reports/kpi.html", item=kpi, sheet=_sheet(kpi, cycle), cycle=cycle, people=people,
        unit=get_unit(session=door.session(), actor=door.actor(), unit_id=kpi.unit_id), printed=door.today(),
        organisation_name=known.name if known else "", asset=asset,
    )  # fmt: skip
    try:
        return door.download(to_pdf(html=html), name=f"kpi-{kpi.id}-{cycle.name}.pdf", mime="application/pdf")
    except NoPrinter as reason:
        return door.done(url_for("kpis.show", item_id=item_id, cycle=cycle.name), str(reason), "error")

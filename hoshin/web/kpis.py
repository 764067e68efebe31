"""One KPI: its course, its targets and who moved them, what it serves."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, request
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.engine.calendars import Frequency
from hoshin.exchange.tables import to_csv
from hoshin.model.cycles import Cycle
from hoshin.model.kpis import KPI
from hoshin.queries.attainment import default_period
from hoshin.queries.cycles import list_cycles, locked_months
from hoshin.queries.items import subject_for
from hoshin.queries.kpis import list_readings, list_revisions
from hoshin.queries.units import get_organisation
from hoshin.reports.kpis import CSV_HEAD, KPIFacts, KPISheet, csv_rows, kpi_sheet
from hoshin.web import door
from hoshin.web.countermeasure_context import rows_of_kpi
from hoshin.web.item_pages import cycle_of, item_page, readable
from hoshin.web.paging import here_with
from hoshin.web.plan_context import cycle_switch

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
        plans=door.can(Act.OPEN_TARGETS, subject),
        records=door.can(Act.RECORD_ACTUALS, subject),
        is_mine=door.actor().person in (kpi.owner_id, kpi.reporter_id),
        answers=rows_of_kpi(kpi.id),
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
    )
    month = default_period(calendar=calendar, cycle=cycle, as_of=today)
    return kpi_sheet(
        facts=facts, cycle=span, calendar=calendar, as_of=today, month=month, time_zone=organisation.time_zone
    )

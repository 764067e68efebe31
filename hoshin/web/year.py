"""The seven steps of the Hoshin year: where a unit stands, what is missing, and what each step is for."""

from __future__ import annotations

from collections.abc import Container

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.engine.plans import Kind
from hoshin.engine.steps import Lack, Place, Year, seven_steps
from hoshin.errors import Missing
from hoshin.exchange.tables import to_csv
from hoshin.model.cycles import Cycle, CycleState
from hoshin.model.units import Unit
from hoshin.queries.attainment import Attainment
from hoshin.queries.cycles import list_cycles
from hoshin.queries.drill import find_readable
from hoshin.queries.unit_lists import list_units
from hoshin.queries.units import get_unit, top_unit
from hoshin.queries.year import YearQuestion, load_year
from hoshin.reports.year import CSV_HEAD, HELD, PresentLine, csv_rows, present_line, step_views
from hoshin.web import door
from hoshin.web.addresses import item_address
from hoshin.web.paging import here_with
from hoshin.web.plan_context import attainment_in, chosen_cycle, cycle_switch, unit_switch

bp = Blueprint("year", __name__)

ITEMS = {
    Place.OBJECTIVE: Kind.OBJECTIVE, Place.PRIORITY: Kind.PRIORITY, Place.ACTION: Kind.ACTION, Place.KPI: Kind.KPI,
}  # fmt: skip


@bp.get("/year")
@door.allow(read=Act.READ_STRATEGY)
def show() -> Response | tuple[str, int]:
    """The steps of the whole organisation, or of one unit."""
    cycle = chosen_cycle()
    if cycle is None:
        return door.page("year/no_cycle.html", may_open=door.can(Act.OPEN_CYCLES))
    unit = chosen_unit()
    is_file, readable = request.args.get("format") == "csv", find_readable(session=door.session(), actor=door.actor())
    year = year_of(unit.id, attainment_in(cycle), readable, most=None if is_file else HELD)
    if is_file:
        written = to_csv(head=CSV_HEAD, rows=csv_rows(year=year))
        return door.download(written, name=f"year-{cycle.name}.csv", mime="text/csv")
    return door.page(
        "year/show.html", unit=unit, cycle=cycle, line=present_line(year=year, cycle=cycle.name),
        steps=step_views(year=year, address=lambda lack: _address(lack, unit, cycle)), csv=here_with(format="csv"),
        switch=cycle_switch(list_cycles(session=door.session()), cycle),
        units=unit_switch(list_units(session=door.session()), unit, cycle),
    )  # fmt: skip


def chosen_unit() -> Unit:
    """The unit of `?unit_id=`, by default the top one."""
    key = door.key_arg("unit_id")
    if key is None:
        return top_unit(session=door.session())
    return get_unit(session=door.session(), actor=door.actor(), unit_id=key)


def year_of(unit_id: int | None, attainment: Attainment, readable: Container[int], most: int | None) -> Year:
    """The seven steps as they stand for a unit, None being the top one, with so much of what is missing."""
    known = door.organisation()
    if known is None:
        raise Missing("there is no organisation yet")
    question = YearQuestion(known, unit_id, door.today(), door.now(), attainment, readable, most)
    return seven_steps(facts=load_year(session=door.session(), question=question))


def line_for(attainment: Attainment, readable: Container[int]) -> PresentLine:
    """The organisation's year in one line, for the home page."""
    return present_line(year=year_of(None, attainment, readable, most=0), cycle=attainment.cycle.name)


def _address(lack: Lack, unit: Unit, cycle: Cycle) -> str | None:
    """Where it is mended; None for what lies outside the reader's view or rights."""
    key = lack.key
    if lack.place in ITEMS and key is not None:
        return item_address(ITEMS[lack.place], key) if "outside your view" not in lack.text else None
    if lack.place is Place.REVIEWS:
        plans = door.can(Act.PLAN_REVIEWS, Subject(unit=unit.id)) and cycle.state is not CycleState.CLOSED
        return url_for("reviews.plan", unit_id=unit.id, cycle=cycle.name) if plans else None
    addresses = {
        Place.VISION: lambda: url_for("vision.show"),
        Place.PLAN: lambda: url_for("plans.show", unit_id=unit.id, cycle=cycle.name),
        Place.COUNTERMEASURE: lambda: url_for("countermeasures.show", countermeasure_id=key),
        Place.DEPLOYMENT: lambda: url_for("plans.show", unit_id=unit.id, cycle=cycle.name),
        Place.BALL: lambda: url_for("catchball.show", ball_id=key),
        Place.CLOSING: lambda: url_for("closings.show", name=cycle.name),
        Place.REVIEW: lambda: url_for("meetings.show", review_id=key),
    }
    found = addresses.get(lack.place)
    return found() if found and "outside your view" not in lack.text else None

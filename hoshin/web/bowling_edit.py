"""The JSON door through which a bowling chart is filled cell by cell, and what its page needs for that."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, render_template_string, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.charts.bowling import line_of
from hoshin.commands.bowling import Filling, fill_cells
from hoshin.engine.calendars import FiscalCalendar, Frequency
from hoshin.engine.open_periods import first_open
from hoshin.errors import Missing, Refused
from hoshin.forms.bowling import Typed, read_typed
from hoshin.model.cycles import Cycle
from hoshin.queries.attainment import default_period
from hoshin.queries.bowling import ChartFacts, named_chart
from hoshin.queries.units import get_organisation, get_unit
from hoshin.reports.bowling_rows import Rows
from hoshin.web import door
from hoshin.web.plan_context import chosen_cycle
from hoshin.web.proposals import asked_names

bp = Blueprint("bowling_edit", __name__)
ROWS = "{% import 'charts/_bowling_line.html' as drawn %}{{ drawn.rows(line) }}"


@bp.get("/units/<int:unit_id>/bowling/token")
@door.allow(read=Act.OPEN_ACTUALS)
def token(unit_id: int) -> Response:
    """A fresh token for a page whose session is another one by now."""
    get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    return jsonify({"csrf": generate_csrf()})


@bp.post("/units/<int:unit_id>/bowling/cells")
@door.allow(write=Act.RECORD_ACTUALS)
def cells(unit_id: int) -> tuple[Response, int]:
    """Save cells, each answered for itself, and say how the rows they stand in look now."""
    cycle = _where(unit_id)
    key, name = cycle.id, cycle.name
    try:
        typed = read_typed(payload=request.get_json(), cycle_id=key)
    except (Refused, BadRequest) as error:
        sentence = str(error) if isinstance(error, Refused) else "this is not JSON"
        return jsonify({"sentence": sentence}), HTTPStatus.BAD_REQUEST
    filling = door.perform(fill_cells, wishes=typed.wishes, reason=typed.reason, first=typed.first)
    return jsonify(_answer(unit_id, typed, filling, name)), HTTPStatus.OK


def _where(unit_id: int) -> Cycle:
    get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    cycle = chosen_cycle()
    if cycle is None:
        raise Missing("no planning cycle has been opened yet")
    return cycle


def _answer(unit_id: int, typed: Typed, filling: Filling, cycle_name: str) -> dict[str, Any]:
    cycle = _where(unit_id)
    calendar = get_organisation(session=door.session()).calendar
    found = named_chart(session=door.session(), actor=door.actor(), kpi_ids=typed.kpi_ids, cycle=cycle)
    return {
        "cells": [{"outcome": one.fate.value, "sentence": one.sentence} for one in filling.cells],
        "amendments": [
            {"kpi": one.kpi_id, "period": calendar.label(period=one.period), "before": one.before, "after": one.after}
            for one in filling.amendments
        ],
        "rows": _rows(unit_id, found, cycle),
        "at": _clock(),
        "cycle": cycle_name,
    }


def _rows(unit_id: int, found: ChartFacts, cycle: Cycle) -> dict[str, str]:
    """The two rows of each KPI as the page shows them."""
    today = door.today()
    month = default_period(calendar=found.calendar, cycle=cycle, as_of=today)
    rows = Rows(facts=found, month=month, as_of=today, actor=door.actor())
    columns = rows.columns()
    return {
        str(one.id): render_template_string(
            ROWS, line=line_of(row=rows.row(kpi=one, shared=one.unit_id != unit_id), months=columns)
        )
        for one in found.kpis
    }


def _clock() -> str:
    known = door.organisation()
    zone = ZoneInfo(known.time_zone if known else "UTC")
    return f"{door.now().astimezone(zone):%H:%M}"


def desk_of(*, unit_id: int, cycle: Cycle, found: ChartFacts) -> dict[str, Any] | None:
    """What the script needs to fill the chart; None for who may type nothing into it."""
    rights = Rows(
        facts=found, month=default_period(calendar=found.calendar, cycle=cycle, as_of=door.today()),
        as_of=door.today(), actor=door.actor(),
    ).rights  # fmt: skip
    if not any(one.records or one.plans for one in rights.values()):
        return None
    asked: dict[str, Any] = {"unit_id": unit_id, "cycle": cycle.name}
    return {
        "cells": url_for("bowling_edit.cells", **asked),
        "token": url_for("bowling_edit.token", unit_id=unit_id),
        "kept_as": f"hoshin-bowling/{door.actor().person}/{unit_id}/{cycle.name}",
        "months": _months(found.calendar, cycle),
        "first": _first(found, unit_id),
        "asked": asked_names(list(found.kpis)),
        "plans": door.can(Act.OPEN_TARGETS, Subject(unit=unit_id)),
    }


def _months(calendar: FiscalCalendar, cycle: Cycle) -> list[tuple[str, str]]:
    months = calendar.periods(first=cycle.first_day, last=cycle.last_day, frequency=Frequency.MONTH)
    return [(f"{one.first:%Y-%m-%d}", calendar.label(period=one)) for one in months]


def _first(found: ChartFacts, unit_id: int) -> str:
    """The first open month, where an amendment begins by default."""
    locked = [month for unit, month in found.locks if unit == unit_id]
    begins: date = first_open(
        calendar=found.calendar, frequency=Frequency.MONTH, locked=locked, today=door.today()
    ).first
    return f"{min(max(begins, found.cycle.first), found.cycle.last.replace(day=1)):%Y-%m-%d}"

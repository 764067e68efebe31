"""A month's actuals: all KPIs of a unit in one grid, or all that one owns or reports, in one minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.engine.calendars import FiscalCalendar, Frequency, Period
from hoshin.errors import Missing, Problem, Refused
from hoshin.forms.actuals import ActualsForm, actual_rows, later_rows
from hoshin.queries.cycles import find_cycle_on, nearest_cycle
from hoshin.queries.grids import GridFacts, own_grid, unit_grid
from hoshin.queries.units import get_organisation, get_unit
from hoshin.web import door
from hoshin.web.grid_pages import Saving

bp = Blueprint("actuals", __name__)


@bp.route("/units/<int:unit_id>/actuals", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_ACTUALS, write=Act.RECORD_ACTUALS)
def edit(unit_id: int) -> Response | tuple[str, int]:
    """The actuals of a unit, for its head and its facilitator."""
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    subject = Subject(unit=unit_id)
    door.require(Act.OPEN_ACTUALS, subject)
    name, revise = unit.name, "revise" in request.args and door.can(Act.REVISE_LOCKED, subject)

    def load(first: Period) -> GridFacts:
        return unit_grid(session=door.session(), actor=door.actor(), unit_id=unit_id, **_from_year(first))

    more = {"unit_id": unit_id, "name": name, "may_revise": door.can(Act.REVISE_LOCKED, subject)}
    return _answer(load, url_for("actuals.edit", unit_id=unit_id), revise, more)


@bp.route("/actuals", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_ACTUALS, write=Act.RECORD_ACTUALS)
def edit_mine() -> Response | tuple[str, int]:
    """The actuals of all KPIs that one owns or reports."""

    def load(first: Period) -> GridFacts:
        return own_grid(session=door.session(), actor=door.actor(), **_from_year(first))

    return _answer(load, url_for("actuals.edit_mine"), False, {"unit_id": None, "name": "", "may_revise": False})


def _from_year(month: Period) -> dict[str, Any]:
    """A year's period may begin eleven months before the month it ends with."""
    return {"first": month.first - timedelta(days=366), "last": month.last}


def _answer(
    load: Callable[[Period], GridFacts], address: str, revise: bool, more: dict[str, Any]
) -> Response | tuple[str, int]:
    sheet = _Sheet(load, revise)
    form, saving = ActualsForm(request.form, rows=sheet.rows, point=door.point()), Saving()
    here = f"{address}?period={sheet.code}" + ("&revise=1" if revise else "")
    if door.accepted(form, lambda: saving.save(form, revise=revise)):
        return door.done(here, saving.message)
    if request.method == "POST":
        sheet = _Sheet(load, revise)
        saving.carry(form, fresh=ActualsForm(None, rows=sheet.rows).grid.cells.values())
    return door.page(
        "actuals/edit.html", sheet=sheet, form=form, problems=form.grid.problems, address=address, here=here,
        revise=revise, **more,
    )  # fmt: skip


class _Sheet:
    """The grid of one month as it stands now."""

    def __init__(self, load: Callable[[Period], GridFacts], revise: bool) -> None:
        self.calendar = get_organisation(session=door.session()).calendar
        self.month = _month(self.calendar)
        facts = load(self.month)
        self.rows = actual_rows(facts=facts, month=self.month, due=self._due(), revise=revise)
        self.later = later_rows(facts=facts, month=self.month)
        self.label, self.code = self._said(self.month), self.calendar.code(period=self.month)
        self.before = self._neighbour(self.month.first - timedelta(days=1))
        self.after = self._neighbour(self.month.last + timedelta(days=1))
        self.due_on = self.calendar.due_on(period=self.month)
        self.is_due = self.due_on <= door.today()
        self.several_units = len({one.unit for one in self.rows}) > 1
        self.has_given = any(one.ytd_actual for one in self.rows)
        self.has_locked = any(one.is_locked for one in self.rows)

    def _due(self) -> list[Frequency]:
        periods = [self.calendar.period_of(day=self.month.last, frequency=one) for one in Frequency]
        return [one.frequency for one in periods if self.calendar.is_due(period=one, as_of=door.today())]

    def _said(self, month: Period) -> str:
        return self.calendar.label(period=month)

    def _neighbour(self, day: Any) -> tuple[str, str] | None:
        if find_cycle_on(session=door.session(), day=day) is None:
            return None
        month = self.calendar.period_of(day=day, frequency=Frequency.MONTH)
        return self.calendar.code(period=month), self._said(month)


def _month(calendar: FiscalCalendar) -> Period:
    """The month that `?period=` asks for (a quarter or year by its last month), by default the latest due one."""
    text = door.text_arg("period", most=20)
    if not text:
        day = calendar.latest_due(as_of=door.today()).first
        cycle = nearest_cycle(session=door.session(), day=day)
        if cycle is None:
            raise Missing("no planning cycle has been opened yet")
        return calendar.period_of(day=min(max(day, cycle.first_day), cycle.last_day), frequency=Frequency.MONTH)
    try:
        month = calendar.period_of(day=calendar.parse(text=text).last, frequency=Frequency.MONTH)
    except ValueError as error:
        raise Refused(Problem(str(error), field="period")) from error
    if find_cycle_on(session=door.session(), day=month.first) is None:
        raise Missing("no planning cycle holds this month")
    return month

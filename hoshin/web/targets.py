"""The targets of a unit: a whole year of all its KPIs in one grid."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.engine.calendars import MONTH_NAMES, Frequency, Period
from hoshin.engine.open_periods import first_open
from hoshin.errors import Missing
from hoshin.forms.targets import TargetRow, TargetsForm, target_rows
from hoshin.queries.cycles import list_cycles
from hoshin.queries.effects import Expected, expected
from hoshin.queries.grids import GridFacts, unit_grid
from hoshin.queries.unit_lists import list_units
from hoshin.queries.units import get_unit
from hoshin.web import door
from hoshin.web.grid_pages import Saving, changes
from hoshin.web.plan_context import chosen_cycle, cycle_switch, unit_switch
from hoshin.web.proposals import asked_names, rows_waiting

bp = Blueprint("targets", __name__)


@bp.route("/units/<int:unit_id>/targets", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_TARGETS, write=Act.PLAN_TARGETS)
def edit(unit_id: int) -> Response | tuple[str, int]:
    """Plan, paste, ramp and amend a year of targets."""
    sheet = _Sheet(unit_id)
    form, saving = sheet.form(), Saving()
    if "fill" in request.form:
        form.ramp.fill(rows=sheet.rows, plans=sheet.expected())
        return sheet.page(form, saving)
    if door.accepted(form, lambda: saving.save(form, revise=sheet.revise, first=form.first_day)):
        return door.done(sheet.address, saving.message)
    if request.method == "POST":
        sheet = _Sheet(unit_id)
        saving.carry(form, fresh=(cell for row in sheet.rows for cell in row.cells if cell is not None))
    return sheet.page(form, saving)


class _Sheet:
    """The grid of one unit and cycle as it stands now."""

    def __init__(self, unit_id: int) -> None:
        self.unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
        self.subject, self.today = Subject(unit=unit_id), door.today()
        door.require(Act.OPEN_TARGETS, self.subject)
        cycle = chosen_cycle()
        if cycle is None:
            raise Missing("no planning cycle has been opened yet")
        self.cycle, self.span = cycle, cycle.span
        self.name, self.cycle_name = self.unit.name, cycle.name
        self.may_amend = door.can(Act.AMEND_TARGETS, self.subject)
        self.revise = "revise" in request.args and door.can(Act.REVISE_LOCKED, self.subject)
        self.stretch = "stretch" in request.args
        self.facts = self._facts(unit_id)
        self.rows: list[TargetRow] = target_rows(
            facts=self.facts, cycle=self.span, may_amend=self.may_amend, revise=self.revise, stretch=self.stretch
        )
        self.address = url_for("targets.edit", unit_id=unit_id, cycle=cycle.name, **self._switches())

    def expected(self) -> dict[int, Expected]:
        """What the actions of the cycle are expected to add to each KPI of the grid."""
        return expected(session=door.session(), actor=door.actor(), kpis=self.facts.kpis, cycle_id=self.cycle.id)

    def _facts(self, unit_id: int) -> GridFacts:
        first, last = self.span.first, self.span.last
        return unit_grid(session=door.session(), actor=door.actor(), unit_id=unit_id, first=first, last=last)

    def _switches(self) -> dict[str, Any]:
        return {name: "1" for name, wanted in (("revise", self.revise), ("stretch", self.stretch)) if wanted}

    def form(self) -> TargetsForm:
        """The form around the rows; an amendment begins by default with the first open month."""
        months = {f"{one.first:%Y-%m-%d}": self.facts.calendar.label(period=one) for one in self.months()}
        locked = [month for unit, month in self.facts.locks if unit == self.unit.id]
        begins = first_open(
            calendar=self.facts.calendar, frequency=Frequency.MONTH, locked=locked, today=self.today
        ).first
        known = min(max(f"{begins:%Y-%m-%d}", min(months)), max(months))
        return TargetsForm(request.form, rows=self.rows, months=months, first=known, point=door.point())

    def months(self) -> list[Period]:
        """The months of the cycle."""
        return list(self.facts.calendar.periods(first=self.span.first, last=self.span.last, frequency=Frequency.MONTH))

    def page(self, form: TargetsForm, saving: Saving) -> tuple[str, int]:
        """The page, with what would be amended when a reason is still missing."""
        unit, kpis = self.unit, {one.id: one.name for one in self.facts.kpis}
        return door.page(
            "targets/edit.html",
            unit=unit,
            cycle=self.cycle,
            form=form,
            rows=self.rows,
            months=[(MONTH_NAMES[one.first.month - 1], one.first.year) for one in self.months()],
            problems=form.grid.problems,
            amendments=changes(amendments=saving.amendments, names=kpis, calendar=self.facts.calendar),
            address=self.address,
            sheet=self,
            proposed=rows_waiting(kpi_ids=[one.id for one in self.facts.kpis]),
            asks=saving.asks,
            asked=asked_names(list(self.facts.kpis)) if self.may_amend else "",
            cycles=cycle_switch(list_cycles(session=door.session()), self.cycle),
            switch=unit_switch(list_units(session=door.session()), unit, self.cycle),
            locked=any(cell.mark == "locked" for row in self.rows for cell in row.cells if cell),
            other=self._others(),
        )

    def _others(self) -> dict[str, Any]:
        here: dict[str, Any] = {"unit_id": self.unit.id, "cycle": self.cycle_name}
        return {
            "revise": url_for("targets.edit", **here, **{**self._switches(), "revise": "1"}),
            "stretch": url_for("targets.edit", **here, **{**self._switches(), "stretch": "1"}),
            "plain": url_for("targets.edit", **here),
        }

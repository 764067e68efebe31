"""The X-matrix of a unit, on the page and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.model.cycles import Cycle
from hoshin.model.units import Unit
from hoshin.queries.attainment import Attainment
from hoshin.queries.cycles import list_cycles
from hoshin.queries.unit_plans import UnitPlan, helpers_by_action, load_unit_plan, people_homes
from hoshin.queries.units import get_unit, list_units, names_of, paths_of
from hoshin.reports.matrix import PRESETS, MatrixSheet, Surroundings, find_preset, matrix_sheet
from hoshin.reports.pdf import asset, to_pdf
from hoshin.reports.render import day, render
from hoshin.web import door
from hoshin.web.addresses import item_address
from hoshin.web.paging import here_with
from hoshin.web.plan_context import attainment_in, chosen_cycle, cycle_switch, unit_switch

bp = Blueprint("matrix", __name__)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that the page and the paper of one matrix show."""

    unit: Unit
    units: Sequence[Unit]
    cycle: Cycle
    plan: UnitPlan
    attainment: Attainment
    sheet: MatrixSheet


@bp.get("/units/<int:unit_id>/x-matrix")
@door.allow(read=Act.READ_UNIT)
def show(unit_id: int) -> tuple[str, int]:
    """The sheet of one unit."""
    found = _load(unit_id, with_links=True)
    if found is None:
        return _without_cycle(unit_id)
    above, below = _neighbour_units(found)
    return door.page(
        "matrix/show.html",
        unit=found.unit,
        path=paths_of(units=found.units)[unit_id],
        cycle=found.cycle,
        cycles=cycle_switch(list_cycles(session=door.session()), found.cycle),
        switch=unit_switch(found.units, found.unit, found.cycle),
        presets=[
            {"label": one.label, "href": here_with(preset=one.key), "current": one.key == found.sheet.preset.key}
            for one in PRESETS.values()
        ],
        sheet=found.sheet,
        matrix=found.sheet.matrix,
        unplaced=found.sheet.unplaced,
        period=found.attainment.period_label,
        above=above,
        below=below,
        is_empty=not found.plan.items,
        writes=door.can(Act.WRITE_PLAN, Subject(unit=unit_id)),
        pdf=url_for("matrix.print_sheet", unit_id=unit_id, cycle=found.cycle.name, preset=found.sheet.preset.key),
    )


@bp.get("/units/<int:unit_id>/x-matrix.pdf")
@door.allow(read=Act.READ_UNIT)
def print_sheet(unit_id: int) -> Response | tuple[str, int]:
    """The same sheet as a PDF at A3."""
    found = _load(unit_id, with_links=False)
    if found is None:
        return _without_cycle(unit_id)
    known = door.organisation()
    html = render(
        template="matrix/sheet.html",
        organisation_name=known.name if known else "",
        asset=asset,
        unit_name=found.unit.name,
        cycle_name=found.cycle.name,
        preset=found.sheet.preset.label,
        period=found.attainment.period_label,
        today=day(door.today()),
        matrix=found.sheet.matrix,
        unplaced=found.sheet.unplaced,
    )
    name = f"x-matrix-{unit_id}-{found.cycle.name}.pdf"
    return door.download(to_pdf(html=html), name=name, mime="application/pdf")


def _without_cycle(unit_id: int) -> tuple[str, int]:
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    return door.page("plans/no_cycle.html", unit=unit)


def _load(unit_id: int, *, with_links: bool) -> Sheet | None:
    """What stands on the sheet; None while no cycle has been opened."""
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    preset = find_preset(key=door.text_arg("preset", most=40))
    cycle = chosen_cycle()
    if cycle is None:
        return None
    plan = load_unit_plan(session=door.session(), actor=door.actor(), unit_id=unit_id, cycle=cycle)
    units = list_units(session=door.session())
    attainment = attainment_in(cycle)
    names = names_of(units=units, archived=True)
    known = door.organisation()
    around = Surroundings(
        title=f"X-matrix of {unit.name}, {cycle.name}",
        vision=known.true_north if known else "",
        helpers=helpers_by_action(session=door.session(), action_ids=[one.id for one in plan.actions]),
        teams={
            person: names[home].rpartition(" / ")[2] for person, home in people_homes(session=door.session()).items()
        },
        address=item_address if with_links else None,
    )
    sheet = matrix_sheet(plan=plan, report=attainment.report, preset=preset, around=around)
    return Sheet(unit, units, cycle, plan, attainment, sheet)


@dataclass(frozen=True, slots=True)
class Step:
    """A neighbouring matrix, one click up or down the cascade."""

    name: str
    href: str
    why: str


def _neighbour_units(found: Sheet) -> tuple[list[Step], list[Step]]:
    """The units this one answers with its parent, and those that answer it with its children."""
    own = {one.id for one in found.plan.items}
    far = found.plan.far
    answered = {far[one.source_id].unit_id for one in found.plan.deployments if one.source_id in far}
    answering = {far[one.objective_id].unit_id for one in found.plan.deployments if one.source_id in own}
    children = {one.id for one in found.units if one.parent_id == found.unit.id}
    parents = {found.unit.parent_id} if found.unit.parent_id is not None else set()
    return _steps(found, answered | parents, answered), _steps(found, answering | children, answering)


def _steps(found: Sheet, wanted: set[int], linked: set[int]) -> list[Step]:
    return [
        Step(
            one.name,
            url_for("matrix.show", unit_id=one.id, cycle=found.cycle.name, preset=found.sheet.preset.key),
            "linked" if one.id in linked else "",
        )
        for one in found.units
        if one.id in wanted and one.archived_at is None and door.can(Act.READ_UNIT, Subject(unit=one.id))
    ]


"""The X-matrix of a unit: on the page, as PDF, SVG and Excel, and the layout in which it opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands.layouts import keep_layout
from hoshin.errors import Missing
from hoshin.exchange.books import XLSX
from hoshin.exchange.matrix_book import matrix_book
from hoshin.forms.layouts import LayoutForm
from hoshin.model.cycles import Cycle
from hoshin.model.units import Unit
from hoshin.queries.cycles import list_cycles
from hoshin.queries.matrix import MatrixFacts, load_matrix
from hoshin.queries.unit_lists import paths_of
from hoshin.queries.units import get_unit
from hoshin.reports.drawings import matrix_svg
from hoshin.reports.matrix import PRESETS, MatrixSheet, find_preset, matrix_sheet, surroundings
from hoshin.reports.matrix_paper import PAPERS, matrix_html
from hoshin.reports.matrix_reading import EVERYTHING, STATUSES, STRENGTHS, Chosen, read_chosen
from hoshin.reports.pdf import NoPrinter, asset, to_pdf
from hoshin.web import door, kept
from hoshin.web.addresses import item_address
from hoshin.web.matrix_map import map_of
from hoshin.web.paging import here_with
from hoshin.web.plan_context import chosen_cycle, cycle_switch, unit_switch

bp = Blueprint("matrix", __name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """One matrix and the facts it was drawn from."""

    facts: MatrixFacts
    sheet: MatrixSheet


@bp.get("/units/<int:unit_id>/x-matrix")
@door.allow(read=Act.READ_UNIT)
@kept.alike(asks=lambda unit_id: door.require(Act.READ_UNIT, Subject(unit=unit_id)))
def show(unit_id: int) -> tuple[str, int]:
    """The sheet of one unit."""
    unit, cycle = _where(unit_id)
    if cycle is None:
        return door.page("plans/no_cycle.html", unit=unit)
    found = _load(unit, cycle, chosen=_chosen(), links=True)
    facts, sheet = found.facts, found.sheet
    kept: dict[str, Any] = {"unit_id": unit_id, "cycle": cycle.name, "preset": sheet.preset.key}
    return door.page(
        "matrix/show.html",
        unit=facts.unit,
        path=paths_of(units=facts.units)[unit_id],
        cycle=cycle,
        cycles=cycle_switch(list_cycles(session=door.session()), cycle),
        switch=unit_switch(facts.units, facts.unit, cycle),
        presets=_presets(sheet),
        remembered=sheet.preset.key == facts.unit.preset.value,
        sheet=sheet,
        matrix=sheet.matrix,
        unplaced=sheet.unplaced,
        period=facts.attainment.period_label,
        map=map_of(facts=facts, endpoint="matrix.show"),
        owners=_owners(found),
        statuses=STATUSES,
        strengths=STRENGTHS,
        is_empty=not facts.plan.items,
        writes=door.can(Act.WRITE_PLAN, Subject(unit=unit_id)),
        scores=door.can(Act.OPEN_SCORING, Subject(unit=unit_id)),
        papers=[(paper.label, url_for("matrix.print_sheet", paper=key, **kept)) for key, paper in PAPERS.items()],
        drawing=url_for("matrix.draw", **kept),
        book=url_for("matrix.export", **kept),
    )  # fmt: skip


def _owners(found: Shown) -> list[tuple[int, str]]:
    """Everybody who has a part in something on the sheet, by name."""
    owning = {int(person) for slot in found.sheet.matrix.slots for person in slot.owners.split()}
    people = found.facts.plan.people
    named = [(person, people[person]) for person in owning if person in people]
    return sorted(named, key=lambda one: (one[1].casefold(), one[0]))


def _presets(sheet: MatrixSheet) -> list[dict[str, object]]:
    return [
        {"label": one.label, "href": here_with(preset=one.key), "current": one.key == sheet.preset.key}
        for one in PRESETS.values()
    ]


@bp.post("/units/<int:unit_id>/x-matrix/layout")
@door.allow(write=Act.WRITE_PLAN)
def keep(unit_id: int) -> Response:
    """From now on the unit's matrix opens in this layout."""
    form = LayoutForm(request.form)
    back = url_for("matrix.show", unit_id=unit_id)
    if not form.validate():
        return door.done(back, "There is no such layout.", "error")
    preset = form.to_preset()
    door.perform(keep_layout, unit_id=unit_id, preset=preset)
    return door.done(back, f"From now on this matrix opens in the layout {PRESETS[preset.value].label}.")


@bp.get("/units/<int:unit_id>/x-matrix.pdf")
@door.allow(read=Act.READ_UNIT)
def print_sheet(unit_id: int) -> Response:
    """The same sheet on one page: A3, 11 × 17 inches or A4."""
    found = _found(unit_id)
    paper = door.text_arg("paper", "a3", most=20)
    html = matrix_html(facts=found.facts, sheet=found.sheet, paper=paper, today=door.today(), asset=asset)
    try:
        return door.download(to_pdf(html=html), name=_name(found, "pdf"), mime="application/pdf")
    except NoPrinter as reason:
        return door.done(url_for("matrix.show", unit_id=unit_id), str(reason), "error")


@bp.get("/units/<int:unit_id>/x-matrix.svg")
@door.allow(read=Act.READ_UNIT)
def draw(unit_id: int) -> Response:
    """The same sheet as one drawing."""
    found = _found(unit_id)
    drawn = matrix_svg(facts=found.facts, sheet=found.sheet, today=door.today())
    return door.download(drawn, name=_name(found, "svg"), mime="image/svg+xml")


@bp.get("/units/<int:unit_id>/x-matrix.xlsx")
@door.allow(read=Act.READ_UNIT)
def export(unit_id: int) -> Response:
    """The sheet as a workbook that can be changed and read back in."""
    found = _found(unit_id)
    content = matrix_book(facts=found.facts, matrix=found.sheet.matrix, preset=found.sheet.preset.key)
    return door.download(content, name=_name(found, "xlsx"), mime=XLSX)


def _name(found: Shown, ending: str) -> str:
    return f"x-matrix-{found.facts.unit.id}-{found.facts.cycle.name}.{ending}"


def _chosen() -> Chosen:
    status, strength = door.text_arg("status", most=20), door.text_arg("strength", most=2)
    return read_chosen(owner=door.key_arg("owner"), status=status, strength=strength)


def _where(unit_id: int) -> tuple[Unit, Cycle | None]:
    """The unit and the cycle asked for; None while no cycle has been opened."""
    return get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id), chosen_cycle()


def _found(unit_id: int) -> Shown:
    """The sheet for keeping: nothing on it leads anywhere."""
    unit, cycle = _where(unit_id)
    if cycle is None:
        raise Missing("no planning cycle has been opened yet")
    return _load(unit, cycle, chosen=EVERYTHING, links=False)


def _load(unit: Unit, cycle: Cycle, *, chosen: Chosen, links: bool) -> Shown:
    preset = find_preset(key=door.text_arg("preset", most=40) or unit.preset.value)
    facts = load_matrix(session=door.session(), actor=door.actor(), unit_id=unit.id, cycle=cycle, now=door.now())
    around = surroundings(facts=facts, address=item_address if links else None, chosen=chosen)
    return Shown(facts, matrix_sheet(plan=facts.plan, report=facts.attainment.report, preset=preset, around=around))

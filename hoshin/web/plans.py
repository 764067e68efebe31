"""The plan of a unit: its four lists, and what is weak in it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands import items as commands
from hoshin.engine.checks import Facts, Finding, check_plan
from hoshin.engine.plans import Kind
from hoshin.exchange.tables import to_csv
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.units import Unit
from hoshin.queries.attainment import Attainment
from hoshin.queries.cycles import list_cycles
from hoshin.queries.unit_lists import list_units, paths_of
from hoshin.queries.unit_plans import UnitPlan, list_archived, load_unit_plan
from hoshin.queries.units import get_unit, top_unit
from hoshin.reports.prose import as_line
from hoshin.reports.unit_plan import CSV_HEAD, Section, csv_rows, sections
from hoshin.web import door
from hoshin.web.addresses import WORDS, edit_address, item_address, metrics_address, new_address
from hoshin.web.paging import here_with
from hoshin.web.plan_context import chosen_cycle, cycle_switch, unit_attainment, unit_switch

bp = Blueprint("plans", __name__)


@bp.get("/plan")
@door.allow(read=Act.READ_STRATEGY)
def show_mine() -> Response:
    """To the plan that is the actor's own."""
    return door.done(url_for("plans.show", unit_id=own_unit()))


def own_unit() -> int:
    """The home unit, else the first headed, led or facilitated one, else the top unit."""
    actor = door.actor()
    wanted = [actor.home, *sorted(actor.heads), *sorted(actor.leads), *sorted(actor.facilitates), *sorted(actor.audits)]
    for one in wanted:
        if one is not None and door.can(Act.READ_UNIT, Subject(unit=one)):
            return one
    return top_unit(session=door.session()).id


@bp.get("/units/<int:unit_id>/plan")
@door.allow(read=Act.READ_UNIT)
def show(unit_id: int) -> Response | tuple[str, int]:
    """The four lists of one unit."""
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    cycle = chosen_cycle()
    if cycle is None:
        return door.page("plans/no_cycle.html", unit=unit)
    plan = load_unit_plan(session=door.session(), actor=door.actor(), unit_id=unit_id, cycle=cycle)
    attainment = unit_attainment(unit_id, cycle)
    found = sections(plan=plan, report=attainment.report)
    if request.args.get("format") == "csv":
        return _csv(unit, found)
    return _page(unit, cycle, plan, attainment, found)


@bp.post("/units/<int:unit_id>/put-in-force")
@door.allow(write=Act.PUT_IN_FORCE)
def put_in_force(unit_id: int) -> Response:
    """All the drafts that the page showed count from now on."""
    keys = door.posted_keys("draft")
    made = door.attempt(commands.put_all_in_force, unit_id=unit_id, item_ids=keys)
    back = url_for("plans.show", unit_id=unit_id, cycle=door.text_arg("cycle", most=20) or None)
    return door.done(back, _signed(len(made), len(set(keys))) if made is not None else "")


def _signed(made: int, shown: int) -> str:
    """What came of it, in a sentence."""
    said = f"{made} {'is' if made == 1 else 'are'} in force now and {'counts' if made == 1 else 'count'}."
    waits = "waits for a second signature or was" if shown - made == 1 else "wait for a second signature or were"
    return said if made == shown else f"{said} {shown - made} {waits} changed meanwhile."


def _page(
    unit: Unit, cycle: Cycle, plan: UnitPlan, attainment: Attainment, found: list[Section]
) -> tuple[str, int]:
    units = list_units(session=door.session())
    cycles = list_cycles(session=door.session())
    subject = Subject(unit=unit.id)
    kind = "unit" if unit.parent_id is not None else "organisation"
    node = attainment.report.nodes[kind, unit.id if unit.parent_id is not None else 0]
    return door.page(
        "plans/show.html",
        unit=unit,
        path=paths_of(units=units).get(unit.id, ""),
        cycle=cycle,
        cycles=cycle_switch(cycles, cycle),
        switch=unit_switch(units, unit, cycle),
        true_north=_vision(),
        counts=node.counts,
        metrics_href=metrics_address(node.kind, node.key[1], cycle.name),
        has_units_below=any(one.parent_id == unit.id for one in units),
        period=attainment.period_label,
        sections=found,
        words=WORDS,
        address=item_address,
        edit=edit_address,
        csv=lambda one: here_with(format="csv", kind=one.value),
        new=lambda one: new_address(one, unit.id, cycle.name),
        archived=list_archived(session=door.session(), actor=door.actor(), unit_id=unit.id, cycle=cycle),
        weak=weak_spots(unit, plan, attainment),
        writes=door.can(Act.WRITE_PLAN, subject),
        signs=door.can(Act.PUT_IN_FORCE, subject),
        drafts=[row.id for section in found for row in section.rows if row.state == "draft"],
    )


def _vision() -> str:
    known = door.organisation()
    return as_line(text=known.true_north) if known else ""


@dataclass(frozen=True, slots=True)
class Weak:
    """One weak spot: what, why, and where to mend it."""

    name: str
    message: str
    href: str


def weak_spots(unit: Unit, plan: UnitPlan, attainment: Attainment) -> list[Weak]:
    """What the rules find in this unit."""
    facts = Facts(with_direction=frozenset(one.id for one in plan.kpis if one.direction is not None))
    found = check_plan(plan=attainment.plan, asked=attainment.asked, facts=facts)
    listed = {one.id for one in plan.items}
    return [
        Weak(one.name, one.message, _mend(one))
        for one in found
        if one.unit == unit.id and (one.kind == "unit" or one.key in listed)
    ]


def _mend(finding: Finding) -> str:
    if finding.kind == "unit":
        return url_for("matrix.show", unit_id=finding.key)
    return item_address(Kind(finding.kind), finding.key)


def _csv(unit: Unit, found: list[Section]) -> Response:
    wanted = door.text_arg("kind")
    kept = [one for one in found if wanted in ("", one.kind.value)]
    name = f"plan-{unit.id}-{wanted}.csv" if wanted in set(Kind) else f"plan-{unit.id}.csv"
    return door.download(to_csv(head=CSV_HEAD, rows=csv_rows(found=kept)), name=name, mime="text/csv")


def plan_address(item: Item) -> str:
    """The plan that an item stands on, at its list."""
    return url_for("plans.show", unit_id=item.unit_id, _anchor=item.kind.value)

"""The correlations of one item, and those of a whole matrix, as forms that are saved in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from flask import Blueprint, request, url_for
from wtforms import Form

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands.items import LABELS
from hoshin.commands.links import correlate_all
from hoshin.engine.plans import LINKED_KINDS, Kind, State
from hoshin.errors import Missing
from hoshin.forms.links import LinksForm, Pair
from hoshin.model.items import Item
from hoshin.model.kpis import KPI
from hoshin.queries.items import list_items
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.queries.unit_plans import Far, UnitPlan, load_unit_plan
from hoshin.queries.units import get_unit
from hoshin.reports.matrix import question
from hoshin.web import door
from hoshin.web.addresses import WORDS, item_address
from hoshin.web.item_pages import Page, cycle_of, writable
from hoshin.web.plan_context import chosen_cycle

bp = Blueprint("links", __name__)
AnyEnd = Item | Far


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row of the sheet: the pair, and the item at its other end."""

    pair: Pair
    kind: str
    name: str
    href: str
    hint: str


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates of one kind, under the question that a link answers."""

    title: str
    question: str
    rows: tuple[Candidate, ...]


@bp.route("/items/<int:item_id>/links", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def edit(item_id: int) -> Page:
    """What an item serves and what serves it: every candidate of its matrix, saved all or none."""
    item = writable(item_id, Item)
    cycle = cycle_of(item)
    if cycle is None:
        raise Missing("no cycle has been opened yet")
    plan = load_unit_plan(session=door.session(), actor=door.actor(), unit_id=item.unit_id, cycle=cycle)
    elsewhere = _elsewhere(item, cycle.id)
    groups = _groups(item, plan) + _shared_group(item, plan, elsewhere)
    cycle_name = cycle.name
    name, kind, pairs = item.name, item.kind, [row.pair for group in groups for row in group.rows]
    shared = {one.lower_id for one in pairs}
    choices = [(str(one.id), f"{unit}: {one.name}") for one, unit in elsewhere if one.id not in shared]
    form = LinksForm(pairs, request.form or None, upper_id=item_id, shareable=choices, glyphs=door.glyphs())
    if _saved(form):
        return door.done(item_address(kind, item_id), "The links are saved.")
    return door.page(
        "links/edit.html", form=form, groups=groups, name=name, word=WORDS[kind], back=item_address(kind, item_id),
        cycle_name=cycle_name, sharing=bool(choices),
    )  # fmt: skip


def _saved(form: LinksForm) -> bool:
    """Whether the touched links are saved."""
    return door.accepted(cast(Form, form), lambda: door.perform(correlate_all, wishes=form.to_wishes()))


def _groups(item: Item, plan: UnitPlan) -> list[Group]:
    """The candidates of the unit's own matrix, uppers first."""
    pairs = _standing(plan)
    groups = []
    for upper, lower in sorted(LINKED_KINDS, key=lambda one: (list(Kind).index(one[0]), list(Kind).index(one[1]))):
        if item.kind not in (upper, lower):
            continue
        other = upper if item.kind is lower else lower
        rows = tuple(
            _candidate(_pair(pairs, item, one, item.kind is upper), one, takes_effect=_moves(upper, lower))
            for one in plan.items
            if one.kind is other and _offered(one, item, pairs)
        )
        where = "serves" if other is upper else "is served by"
        title = f"{_plural(other)} that this {LABELS[item.kind]} {where}"
        groups.append(Group(title, question(upper=upper, lower=lower), rows))
    return groups


def _offered(one: Item, item: Item, pairs: Mapping[tuple[int, int], Pair]) -> bool:
    linked = (one.id, item.id) in pairs or (item.id, one.id) in pairs
    return one.id != item.id and (linked or one.state is not State.ENDED)


def _moves(upper: Kind, lower: Kind) -> bool:
    """Whether a link between the kinds may carry an expected effect."""
    return (upper, lower) == (Kind.ACTION, Kind.KPI)


def _elsewhere(item: Item, cycle_id: int) -> list[tuple[KPI, str]]:
    """The KPIs of other units that this item could share, each with its unit's name."""
    if (item.kind, Kind.KPI) not in LINKED_KINDS:
        return []
    units = names_of(units=list_units(session=door.session()), archived=True)
    found = list_items(session=door.session(), actor=door.actor(), kind=KPI, cycle_id=cycle_id)
    named = [(one, units.get(one.unit_id, "")) for one in found]
    kept = [one for one in named if one[0].unit_id != item.unit_id and one[0].state is not State.ENDED]
    return sorted(kept, key=lambda one: (one[1], one[0].position))


def _shared_group(item: Item, plan: UnitPlan, elsewhere: Sequence[tuple[KPI, str]]) -> list[Group]:
    """The KPIs of other units that the item shares already."""
    pairs = _standing(plan)
    rows = tuple(
        _candidate(pairs[item.id, one.id], one, unit, takes_effect=_moves(item.kind, Kind.KPI))
        for one, unit in elsewhere
        if (item.id, one.id) in pairs
    )
    title = f"KPIs of other units that this {LABELS[item.kind]} shares"
    return [Group(title, question(upper=item.kind, lower=Kind.KPI), rows)] if rows else []


def _standing(plan: UnitPlan) -> dict[tuple[int, int], Pair]:
    return {
        (one.upper_id, one.lower_id): Pair(
            one.upper_id, one.lower_id, one.strength, one.rationale, one.version, effect=one.effect,
            effect_from=one.effect_from,
        )
        for one in plan.links
    }


def _pair(pairs: Mapping[tuple[int, int], Pair], item: AnyEnd, other: AnyEnd, upper: bool) -> Pair:
    ends = (item.id, other.id) if upper else (other.id, item.id)
    return pairs.get(ends, Pair(*ends))


def _candidate(pair: Pair, one: Item, hint: str = "", *, takes_effect: bool = False) -> Candidate:
    pair = replace(pair, takes_effect=takes_effect)
    draft = "draft" if one.state is State.DRAFT else ""
    return Candidate(pair, WORDS[one.kind], one.name, item_address(one.kind, one.id), hint or draft)


def _plural(kind: Kind) -> str:
    return {Kind.OBJECTIVE: "Objectives", Kind.PRIORITY: "Priorities", Kind.ACTION: "Actions", Kind.KPI: "KPIs"}[kind]


@dataclass(frozen=True, slots=True)
class Table:
    """One corner of the matrix: uppers as columns, lowers as rows, a pair in each cell."""

    title: str
    question: str
    columns: Sequence[Item]
    rows: Sequence[tuple[Item, tuple[Pair, ...]]]


@bp.route("/units/<int:unit_id>/x-matrix/edit", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def edit_matrix(unit_id: int) -> Page:
    """All strengths of a unit's matrix, one table per corner."""
    act = Act.OPEN_PLAN if request.method in door.SAFE else Act.WRITE_PLAN
    door.require(act, Subject(unit=unit_id))
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    cycle = chosen_cycle()
    if cycle is None:
        raise Missing("no cycle has been opened yet")
    plan = load_unit_plan(session=door.session(), actor=door.actor(), unit_id=unit_id, cycle=cycle)
    tables = _tables(plan)
    unit_name, cycle_name = unit.name, cycle.name
    pairs = [pair for table in tables for _, row in table.rows for pair in row]
    form = LinksForm(pairs, request.form or None, reasons=False, glyphs=door.glyphs())
    back = url_for("matrix.show", unit_id=unit_id, cycle=cycle_name)
    labels = {one.id: one.name for one in plan.items}
    if _saved(form):
        return door.done(back, "The links are saved.")
    model: dict[str, Any] = {"tables": tables, "labels": labels}
    return door.page(
        "links/edit_matrix.html", form=form, unit_name=unit_name, cycle_name=cycle_name, back=back, **model
    )


def _tables(plan: UnitPlan) -> list[Table]:
    pairs = _standing(plan)
    shown = [one for one in plan.items if one.state is not State.ENDED]
    tables = []
    for upper, lower in sorted(LINKED_KINDS, key=lambda one: (list(Kind).index(one[0]), list(Kind).index(one[1]))):
        columns = [one for one in shown if one.kind is upper]
        rows = [
            (one, tuple(_pair(pairs, one, column, upper=False) for column in columns))
            for one in shown
            if one.kind is lower
        ]
        if columns and rows:
            title = f"{_plural(lower)} × {_plural(upper).lower()}"
            tables.append(Table(title, question(upper=upper, lower=lower), columns, rows))
    return tables

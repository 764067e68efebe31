"""Units: the tree, one unit, and keeping them in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands import units as commands, units_move
from hoshin.engine.attainment import Node
from hoshin.errors import Missing
from hoshin.exchange.tables import to_csv
from hoshin.forms.fields import choices_of
from hoshin.forms.people import ROLE_LABELS
from hoshin.forms.units import MergeForm, MoveForm, UnitForm
from hoshin.model.people import Role
from hoshin.model.units import Unit
from hoshin.queries.attainment import Attainment, Question, load_part
from hoshin.queries.cycles import list_cycles
from hoshin.queries.people import count_at_home, heads_by_unit, list_deputies, names_of_people
from hoshin.queries.people_lists import Entry, Wanted, list_entries
from hoshin.queries.unit_lists import AnyUnit, UnitLine, list_units, names_of
from hoshin.reports.render import day
from hoshin.web import door
from hoshin.web.paging import here_with

bp = Blueprint("units", __name__)


@dataclass(frozen=True, slots=True)
class Row:
    """One unit in the tree as it is shown; `node` is its attainment, None for who may not read strategy."""

    unit: UnitLine
    depth: int
    heads: str
    people: int
    node: Node | None


@bp.get("/units")
@door.allow(read=Act.READ_UNITS)
def show_list() -> Response | tuple[str, int]:
    """The tree, depth first."""
    units = list_units(session=door.session())
    attained = _attained()
    gone = bool(door.text_arg("gone"))
    depths, people = _depths(units), count_at_home(session=door.session())
    heads = heads_by_unit(session=door.session(), today=door.today())
    rows = [
        Row(one, depths[one.id], ", ".join(heads.get(one.id, ())), people.get(one.id, 0), _node(attained, one))
        for one in units
        if gone or one.archived_at is None
    ]
    if request.args.get("format") == "csv":
        return _csv(rows, names_of(units=units, archived=True))
    return door.page(
        "units/show_list.html", rows=rows, gone=gone, csv=here_with(format="csv"), manages=door.can(Act.MANAGE_UNITS),
        any_gone=any(one.archived_at for one in units), attained=attained,
    )  # fmt: skip


def _attained() -> Attainment | None:
    """What the units attain; None for who may not read strategy, or while there is no cycle."""
    if not door.can(Act.READ_STRATEGY) or not list_cycles(session=door.session()):
        return None
    return load_part(session=door.session(), question=Question(latest=True), now=door.now())


def _node(attained: Attainment | None, unit: AnyUnit) -> Node | None:
    key = ("organisation", 0) if unit.parent_id is None else ("unit", unit.id)
    return attained.report.nodes.get(key) if attained else None


def _depths(units: Sequence[UnitLine]) -> dict[int, int]:
    depths: dict[int, int] = {}
    for one in units:
        depths[one.id] = 0 if one.parent_id is None else depths[one.parent_id] + 1
    return depths


def _csv(rows: Sequence[Row], names: dict[int, str]) -> Response:
    lines = [
        (names[one.unit.id], one.unit.kind, "yes" if one.unit.restricted else "no", one.heads, one.people,
         "yes" if one.unit.archived_at else "no")
        for one in rows
    ]  # fmt: skip
    head = ("unit", "kind", "restricted", "head", "people", "archived")
    return door.download(to_csv(head=head, rows=lines), name="units.csv", mime="text/csv")


def known_unit(unit_id: int) -> Unit:
    """The unit, for those who keep the tree or look at who is where; its plan is another matter."""
    return commands.unit_of(session=door.session(), unit_id=unit_id)


@bp.get("/units/<int:unit_id>")
@door.allow(read=Act.READ_UNITS)
def show(unit_id: int) -> tuple[str, int]:
    """One unit: who heads it, who belongs to it, what is below it."""
    unit = known_unit(unit_id)
    units = list_units(session=door.session())
    here = list_entries(session=door.session(), wish=Wanted(unit=unit_id), today=door.today())
    reads = door.can(Act.READ_UNIT, Subject(unit=unit.id))
    attained = _attained() if reads else None
    return door.page(
        "units/show.html",
        unit=unit,
        crumbs=_crumbs(units, unit),
        children=[one for one in units if one.parent_id == unit.id],
        people=_members(here, unit.id),
        deputies=_standing_in(unit.id),
        node=_node(attained, unit),
        attained=attained,
        reads=reads,
        manages=door.can(Act.MANAGE_UNITS),
        names_deputies=door.can(Act.NAME_DEPUTY, Subject(unit=unit.id)),
    )


def _crumbs(units: Sequence[UnitLine], unit: Unit) -> list[tuple[str, str | None]]:
    by_key = {one.id: one for one in units}
    way: list[tuple[str, str | None]] = [(unit.name, None)]
    above = by_key.get(unit.parent_id or 0)
    while above is not None:
        way.append((above.name, url_for("units.show", unit_id=above.id)))
        above = by_key.get(above.parent_id or 0)
    return [("Units", url_for("units.show_list")), *reversed(way)]


def _members(here: Sequence[Entry], unit: int) -> list[tuple[Entry, str]]:
    """Who is at home here or has a role here, heads first."""
    found = [(one, [role for role, where in one.roles if where == unit]) for one in here]
    found.sort(key=lambda one: (Role.HEAD not in one[1], Role.EXECUTIVE not in one[1]))
    return [(one, ", ".join(ROLE_LABELS[role] for role in roles)) for one, roles in found]


def _standing_in(unit: int) -> list[str]:
    today = door.today()
    found = [
        one for one in list_deputies(session=door.session(), unit_id=unit) if one.valid_from <= today <= one.valid_to
    ]
    names = names_of_people(
        session=door.session(), person_ids={key for one in found for key in (one.deputy_id, one.head_id)}, active=True
    )
    return [
        f"{names.get(one.deputy_id, '')} for {names.get(one.head_id, '')} until {day(one.valid_to)}" for one in found
    ]


@bp.route("/units/<int:unit_id>/new", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_UNITS, write=Act.MANAGE_UNITS)
def new(unit_id: int) -> Response | tuple[str, int]:
    """A new unit below this one."""
    above = known_unit(unit_id).name
    form = UnitForm(request.form)
    made: list[Unit] = []
    if door.accepted(
        form, lambda: made.append(door.perform(commands.create_unit, parent_id=unit_id, wish=form.to_wish()))
    ):
        return door.done(url_for("units.show", unit_id=made[0].id), f"{made[0].name} stands below {above}.")
    return door.page("units/new.html", form=form, above=above, unit_id=unit_id)


@bp.route("/units/<int:unit_id>/edit", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_UNITS, write=Act.MANAGE_UNITS)
def edit(unit_id: int) -> Response | tuple[str, int]:
    """Name, kind and restriction."""
    unit = known_unit(unit_id)
    name, form = unit.name, UnitForm(request.form, obj=unit)
    if door.accepted(form, lambda: door.perform(commands.change_unit, unit_id=unit_id, wish=form.to_wish())):
        return door.done(url_for("units.show", unit_id=unit_id), "Saved.")
    return door.page("units/edit.html", form=form, unit_id=unit_id, unit_name=name)


@bp.route("/units/<int:unit_id>/move", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_UNITS, write=Act.MANAGE_UNITS)
def move(unit_id: int) -> Response | tuple[str, int]:
    """Below another unit."""
    unit = known_unit(unit_id)
    name, form = unit.name, MoveForm(request.form, parent_id=unit.parent_id)
    form.parent_id.choices = choices_of(names=_others(unit_id))
    if door.accepted(
        form, lambda: door.perform(units_move.move_unit, unit_id=unit_id, parent_id=_chosen(form.parent_id.data))
    ):
        return door.done(url_for("units.show", unit_id=unit_id), f"{name} is moved, with everything below it.")
    return door.page("units/move.html", form=form, unit_id=unit_id, unit_name=name)


@bp.route("/units/<int:unit_id>/merge", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_UNITS, write=Act.MANAGE_UNITS)
def merge(unit_id: int) -> Response | tuple[str, int]:
    """Into another unit."""
    name, form = known_unit(unit_id).name, MergeForm(request.form)
    form.into_id.choices = choices_of(names=_others(unit_id), empty="–")
    into: list[Unit] = []
    if door.accepted(
        form,
        lambda: into.append(
            door.perform(units_move.merge_unit, unit_id=unit_id, into_id=_chosen(form.into_id.data))
        ),
    ):
        return door.done(url_for("units.show", unit_id=into[0].id), f"{name} is merged into {into[0].name}.")
    return door.page("units/merge.html", form=form, unit_id=unit_id, unit_name=name)


def _others(unit_id: int) -> dict[int, str]:
    names = names_of(units=list_units(session=door.session()))
    return {key: name for key, name in names.items() if key != unit_id}


def _chosen(key: int | None) -> int:
    if key is None:
        raise Missing("no unit was chosen")
    return key


@bp.post("/units/<int:unit_id>/up")
@door.allow(write=Act.MANAGE_UNITS)
def shift_up(unit_id: int) -> Response:
    """Before the sister that stands before it."""
    door.attempt(commands.shift_unit, unit_id=unit_id, down=False)
    return door.done(url_for("units.show_list", _anchor=f"unit-{unit_id}"))


@bp.post("/units/<int:unit_id>/down")
@door.allow(write=Act.MANAGE_UNITS)
def shift_down(unit_id: int) -> Response:
    """After the sister that stands after it."""
    door.attempt(commands.shift_unit, unit_id=unit_id, down=True)
    return door.done(url_for("units.show_list", _anchor=f"unit-{unit_id}"))


@bp.post("/units/<int:unit_id>/archive")
@door.allow(write=Act.MANAGE_UNITS)
def archive(unit_id: int) -> Response:
    """Out of the tree, when it is empty."""
    return _button(unit_id, commands.archive_unit, "is archived; it can be restored.")


@bp.post("/units/<int:unit_id>/restore")
@door.allow(write=Act.MANAGE_UNITS)
def restore(unit_id: int) -> Response:
    """Back into the tree."""
    return _button(unit_id, commands.restore_unit, "is back.")


def _button(unit_id: int, command: Callable[..., Unit], said: str) -> Response:
    unit = door.attempt(command, unit_id=unit_id)
    return door.done(url_for("units.show", unit_id=unit_id), f"{unit.name} {said}" if unit else "")

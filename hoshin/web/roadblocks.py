"""Roadblocks in the open: raised, listed by unit, handed over, escalated, resolved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands import roadblocks as commands
from hoshin.errors import Missing
from hoshin.exchange.tables import to_csv
from hoshin.forms.fields import choices_of
from hoshin.forms.roadblocks import HandlingForm, RoadblockFilterForm, RoadblockForm
from hoshin.model.roadblocks import Roadblock
from hoshin.queries.roadblocks import InTheWay, get_roadblock, list_blockable, list_roadblocks, list_waiting, may_handle
from hoshin.queries.unit_lists import UnitLine, list_units, names_of, unit_tree, units_inside
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_unit
from hoshin.reports.roadblocks import HEAD, RoadblockRow, csv_row, roadblock_row
from hoshin.web import door
from hoshin.web.addresses import WORDS, item_address
from hoshin.web.item_pages import offer_people
from hoshin.web.paging import cut, here_with

bp = Blueprint("roadblocks", __name__)
STEPS: dict[str, tuple[Callable[..., Roadblock], str]] = {
    "hand-over": (commands.hand_over, "Handed over."),
    "escalate": (commands.escalate, "Escalated: the head above has it now."),
    "resolve": (commands.resolve, "Resolved. Well done."),
    "reopen": (commands.reopen, "Open again."),
}


@bp.get("/roadblocks")
@door.allow(read=Act.READ_ROADBLOCKS)
def show_list() -> Response | tuple[str, int]:
    """What is in the way, the oldest first; of one unit and below, with what was escalated there."""
    units = list_units(session=door.session())
    here, state = door.key_arg("unit"), door.text_arg("state")
    inside = None if here is None else units_inside(units=units, top=here)
    found = list_roadblocks(session=door.session(), actor=door.actor(), unit_ids=inside, open_only=state == "open")
    rows = _rows([one for one in found if state in ("", one.roadblock.state.value)], here)
    if request.args.get("format") == "csv":
        text = to_csv(head=HEAD, rows=[csv_row(row=one) for one in rows])
        return door.download(text, name="roadblocks.csv", mime="text/csv")
    form = RoadblockFilterForm(request.args)
    form.unit.choices = choices_of(names=_names(units, archived=True), empty="Any unit")
    shown, page = cut(rows=rows)
    return door.page(
        "roadblocks/show_list.html", form=form, rows=shown, page=page, csv=here_with(format="csv"),
        address=item_address, raises=door.can(Act.RAISE_ROADBLOCK), here=here,
    )  # fmt: skip


def _names(units: Sequence[UnitLine], *, archived: bool = False) -> dict[int, str]:
    """The units that the reader may read."""
    names = names_of(units=units, archived=archived)
    return {key: name for key, name in names.items() if door.can(Act.READ_UNIT, Subject(unit=key))}


def _rows(found: list[InTheWay], here: int | None) -> list[RoadblockRow]:
    names, people = _names_in(found), people_names(session=door.session())
    return [
        roadblock_row(found=one, today=door.today(), units=names, people=people, here=here) for one in found
    ]


def _names_in(found: list[InTheWay]) -> dict[int, str]:
    """The units of these, as far as the reader may read them."""
    tree = unit_tree(session=door.session())
    units = {unit for one in found for unit in (one.roadblock.unit_id, *(level.unit_id for level in one.levels))}
    return {key: tree[key].path for key in units if door.can(Act.READ_UNIT, Subject(unit=key))}


def waiting_rows() -> list[RoadblockRow]:
    """The open roadblocks that wait for the reader, for her home page."""
    found = list_waiting(session=door.session(), actor=door.actor())
    return _rows(found, None) if found else []


@bp.get("/roadblocks/new")
@door.allow(read=Act.OPEN_ROADBLOCK)
def choose_unit() -> Response:
    """The form for the reader's own unit."""
    return door.done(url_for("roadblocks.new", unit_id=own_unit(), item=request.args.get("item")))


def own_unit() -> int:
    """The unit the reader belongs to; raises Missing when there is none."""
    actor = door.actor()
    belongs = actor.member_of | actor.heads | actor.leads
    if actor.home in belongs and actor.home is not None:
        return actor.home
    if not belongs | actor.facilitates:
        raise Missing("there is no unit of yours")
    return min(belongs or actor.facilitates)


@bp.route("/units/<int:unit_id>/roadblocks/new", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_ROADBLOCK, write=Act.RAISE_ROADBLOCK)
def new(unit_id: int) -> Response | tuple[str, int]:
    """Raise one in a unit."""
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    unit_name = unit.name
    form = RoadblockForm(request.form, data={"item_id": door.key_arg("item")})
    offer_people(form, ("owner_id",))
    form.item_id.choices = choices_of(names=_blockable(unit_id), empty="nothing in particular")
    made: list[Roadblock] = []
    raising = commands.raise_roadblock
    if door.accepted(form, lambda: made.append(door.perform(raising, wish=form.to_wish(unit_id=unit_id)))):
        return door.done(url_for("roadblocks.show", roadblock_id=made[0].id), "Raised. It is in the open now.")
    return door.page("roadblocks/new.html", form=form, unit_name=unit_name, back=url_for("roadblocks.show_list"))


def _blockable(unit_id: int) -> dict[int, str]:
    found = list_blockable(session=door.session(), actor=door.actor(), unit_id=unit_id)
    return {one.id: f"{WORDS[one.kind]}: {one.name}" for one in found}


@bp.get("/roadblocks/<int:roadblock_id>")
@door.allow(read=Act.READ_ROADBLOCK)
def show(roadblock_id: int) -> tuple[str, int]:
    """One roadblock with its way up."""
    return _page(roadblock_id, HandlingForm())


@bp.post("/roadblocks/<int:roadblock_id>/<string:step>")
@door.allow(write=Act.HANDLE_ROADBLOCK)
def handle(roadblock_id: int, step: str) -> Response | tuple[str, int]:
    """Hand it over, escalate, resolve or reopen it."""
    if step not in STEPS:
        raise Missing("there is no such step")
    command, said = STEPS[step]
    form = HandlingForm(request.form)
    offer_people(form, ("owner_id",))
    if door.accepted(form, lambda: door.perform(command, roadblock_id=roadblock_id, wish=form.to_wish())):
        return door.done(url_for("roadblocks.show", roadblock_id=roadblock_id), said)
    return _page(roadblock_id, form)


def _page(roadblock_id: int, form: HandlingForm) -> tuple[str, int]:
    session, units = door.session(), list_units(session=door.session())
    found = get_roadblock(session=session, actor=door.actor(), roadblock_id=roadblock_id)
    form.version.data = str(found.roadblock.version)
    form.owner_id.data = form.owner_id.data or found.roadblock.owner_id
    offer_people(form, ("owner_id",))
    names, people = _names(units, archived=True), people_names(session=session)
    levels: list[dict[str, Any]] = [
        {
            "unit": names.get(one.unit_id, "a restricted unit"),
            "owner": people.get(one.owner_id or 0, "nobody"),
            "since": one.since,
            "by": one.by_name,
            "reason": one.reason,
        }
        for one in found.levels
    ]
    return door.page(
        "roadblocks/show.html", found=found.roadblock, levels=levels, form=form, address=item_address, words=WORDS,
        row=roadblock_row(found=found, today=door.today(), units=names, people=people),
        handles=may_handle(actor=door.actor(), found=found),
    )  # fmt: skip

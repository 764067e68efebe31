"""The X-matrix editor: its page, and the JSON door through which it saves cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands import matrix as commands, owners
from hoshin.errors import Missing, Refused
from hoshin.forms.matrix import read_cells, read_items, read_parts
from hoshin.model.cycles import Cycle
from hoshin.model.units import Unit
from hoshin.queries.unit_lists import list_units
from hoshin.queries.unit_plans import helpers_by_action, load_unit_plan
from hoshin.queries.units import get_unit
from hoshin.reports.matrix import find_preset, renamed
from hoshin.reports.matrix_desk import Desk, drawing, facts, setting
from hoshin.reports.prose import as_line
from hoshin.web import door
from hoshin.web.choosing import people_to_choose
from hoshin.web.plan_context import chosen_cycle, unit_switch

bp = Blueprint("matrix_edit", __name__)

KEYS = (
    (("←", "↑", "→", "↓"), "from cell to cell and from corner to corner"),
    (("Space",), "strong, medium, weak, none in turn; so does a click"),
    (("9", "3", "1", "0"), "strong, medium, weak, none"),
    (("Space", "9", "3", "0"), "in the owner grid: ● responsible, ○ supports, none"),
    (("Enter",), "on a cell: why; on an item: its name"),
    (("F2",), "rename an item"),
    (("+", "Insert"), "new items after this one; in the owner grid: somebody else"),
    (("Alt + arrow",), "move an item along its arm"),
    (("Ctrl + V",), "on an item: a column of titles; on a cell: a block of ● ○ △, 9 3 1 or x"),
    (("Ctrl + Z",), "undo"),
    (("Ctrl + Shift + Z",), "redo"),
    (("Home", "End"), "first and last of the row, with Ctrl of the sheet"),
    (("Esc",), "leave without saving what is being typed"),
)
"""What the help dialog of the editor lists; static/js/matrix-edit-keys.js listens to them."""


@bp.get("/units/<int:unit_id>/x-matrix/editor")
@door.allow(read=Act.OPEN_PLAN)
def show(unit_id: int) -> tuple[str, int]:
    """The sheet to edit in place."""
    unit, cycle = where(unit_id, Act.OPEN_PLAN)
    desk = desk_of(unit, cycle)
    title = f"X-matrix of {unit.name}, {cycle.name}"
    known = door.organisation()
    matrix = drawing(desk=desk, title=title, vision=as_line(text=known.true_north) if known else "")
    asked: dict[str, Any] = {"unit_id": unit_id, "cycle": cycle.name, "preset": desk.preset.key}
    return door.page(
        "matrix_edit/show.html",
        unit=unit,
        cycle=cycle,
        switch=unit_switch(list_units(session=door.session()), unit, cycle),
        matrix=matrix,
        desk=desk,
        setting=setting(matrix=matrix),
        state=_state(desk),
        kept_as=f"hoshin-matrix/{door.actor().person}/{unit_id}/{cycle.name}",
        addresses={name: url_for(f"matrix_edit.{name}", **asked) for name in ("state", "cells", "items", "parts")},
        asked=asked,
        owned=desk.owned,
        people=[list(one) for one in people_to_choose(unit_id=unit_id, keep=desk.people).items()],
        keys=KEYS,
        plain="plain" in request.args,
    )


@bp.get("/units/<int:unit_id>/x-matrix/state")
@door.allow(read=Act.OPEN_PLAN)
def state(unit_id: int) -> Response:
    """The matrix as it stands now, for an editor that has been away."""
    return jsonify(_state(desk_of(*where(unit_id, Act.OPEN_PLAN))))


@bp.post("/units/<int:unit_id>/x-matrix/cells")
@door.allow(write=Act.WRITE_PLAN)
def cells(unit_id: int) -> tuple[Response, int]:
    """Save strengths and reasons, each cell answered for itself."""
    where(unit_id, Act.WRITE_PLAN)
    return _answered(lambda: {"cells": [_cell(one) for one in _saved_cells()]})


@bp.post("/units/<int:unit_id>/x-matrix/parts")
@door.allow(write=Act.WRITE_PLAN)
def parts(unit_id: int) -> tuple[Response, int]:
    """Save who is responsible and who supports, each cell of the owner grid answered for itself."""
    where(unit_id, Act.WRITE_PLAN)
    return _answered(lambda: {"parts": [_part(one) for one in _named_parts()]})


@bp.post("/units/<int:unit_id>/x-matrix/items")
@door.allow(write=Act.WRITE_PLAN)
def items(unit_id: int) -> tuple[Response, int]:
    """Add, rename, place and take back items, each answered for itself."""
    unit, cycle = where(unit_id, Act.WRITE_PLAN)
    sheet = commands.Sheet(unit.id, cycle.id)
    return _answered(lambda: {"items": [_item(one) for one in _changed_items(sheet)]})


def where(unit_id: int, act: Act) -> tuple[Unit, Cycle]:
    """The unit and cycle of the matrix; raises unless the actor may do this there."""
    door.require(act, Subject(unit=unit_id))
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    cycle = chosen_cycle()
    if cycle is None:
        raise Missing("no cycle has been opened yet")
    return unit, cycle


def desk_of(unit: Unit, cycle: Cycle) -> Desk:
    """The plan under the preset that the address asks for, by default the unit's own."""
    known = door.organisation()
    preset = find_preset(key=door.text_arg("preset", most=40) or unit.preset.value)
    plan = load_unit_plan(session=door.session(), actor=door.actor(), unit_id=unit.id, cycle=cycle)
    return Desk(
        plan=plan,
        preset=renamed(preset=preset, labels=known.arm_labels if known else {}),
        glyphs=door.glyphs(),
        helpers=helpers_by_action(session=door.session(), action_ids=[one.id for one in plan.actions]),
    )


def _state(desk: Desk) -> dict[str, Any]:
    """The matrix with what an editor needs to go on: the time, who is signed in, and the secret of the session."""
    return {**facts(desk=desk), "at": _clock(door.now()), "person": door.actor().person, "csrf": generate_csrf()}


def _answered(work: Callable[[], Mapping[str, Any]]) -> tuple[Response, int]:
    """The answer as JSON; what is not shaped as agreed is answered by a sentence."""
    try:
        return jsonify({**work(), "at": _clock(door.now())}), HTTPStatus.OK
    except (Refused, BadRequest) as error:
        sentence = str(error) if isinstance(error, Refused) else "this is not JSON"
        return jsonify({"sentence": sentence}), HTTPStatus.BAD_REQUEST


def _saved_cells() -> list[commands.CellOutcome]:
    wishes = read_cells(payload=request.get_json())
    return door.perform(commands.save_cells, wishes=wishes)


def _changed_items(sheet: commands.Sheet) -> list[commands.ItemOutcome]:
    wishes = read_items(payload=request.get_json())
    return door.perform(commands.change_items, sheet=sheet, wishes=wishes)


def _named_parts() -> list[owners.PartOutcome]:
    wishes = read_parts(payload=request.get_json())
    return door.perform(owners.name_parts, wishes=wishes)


def _part(outcome: owners.PartOutcome) -> dict[str, Any]:
    if outcome.refusal:
        return {"outcome": "refused", "sentence": outcome.refusal}
    standing = {"owner": outcome.standing.owner_id, "supports": list(outcome.standing.supports)}
    if not outcome.in_conflict:
        return {"outcome": "saved", **standing}
    when = _clock(outcome.when) if outcome.when else ""
    return {"outcome": "conflict", **standing, "who": outcome.who, "when": when}


def _cell(outcome: commands.CellOutcome) -> dict[str, Any]:
    if outcome.refusal:
        return {"outcome": "refused", "sentence": outcome.refusal}
    if outcome.theirs is None:
        return {"outcome": "saved", "version": outcome.version}
    theirs = outcome.theirs
    return {
        "outcome": "conflict",
        "theirs": {
            "strength": theirs.strength,
            "rationale": theirs.rationale,
            "version": theirs.version,
            "who": theirs.who,
            "when": _clock(theirs.when) if theirs.when else "",
        },
    }


def _item(outcome: commands.ItemOutcome) -> dict[str, Any]:
    return {
        "key": outcome.key,
        "outcome": outcome.fate.value,
        "id": outcome.id,
        "version": outcome.version,
        "name": outcome.name,
        "sentence": outcome.sentence,
    }


def _clock(at: datetime) -> str:
    """The time of day where the organisation lives; with the day when that is not today."""
    known = door.organisation()
    zone = ZoneInfo(known.time_zone if known else "UTC")
    there, now = at.astimezone(zone), door.now().astimezone(zone)
    return f"{there:%H:%M}" if there.date() == now.date() else f"{there.day} {there:%B, %H:%M}"

"""The matrix without a script: one item at a time, titles and blocks with a preview, and taking a paste back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.commands import matrix as commands, owners
from hoshin.exchange.pasted import read_signs, read_titles
from hoshin.forms.fields import choices_of
from hoshin.forms.matrix_plain import BlockForm, TitlesForm, read_back, read_item, read_part
from hoshin.model.cycles import Cycle
from hoshin.model.units import Unit
from hoshin.reports.matrix_desk import Desk, title_of
from hoshin.reports.matrix_pasted import Pasted, additions, block_of, rows_and_columns, titles_of
from hoshin.web import door
from hoshin.web.matrix_edit import desk_of, where

bp = Blueprint("matrix_paste", __name__)

Page = Response | tuple[str, int]


def _editor(unit_id: int, desk: Desk, cycle_name: str) -> str:
    asked: dict[str, Any] = {"cycle": cycle_name, "preset": desk.preset.key, "plain": 1, "_anchor": "plain"}
    return url_for("matrix_edit.show", unit_id=unit_id, **asked)


@bp.post("/units/<int:unit_id>/x-matrix/item")
@door.allow(write=Act.WRITE_PLAN)
def change_item(unit_id: int) -> Response:
    """Add, rename or place one item."""
    unit, cycle = where(unit_id, Act.WRITE_PLAN)
    back = _editor(unit_id, desk_of(unit, cycle), cycle.name)
    sheet = commands.Sheet(unit.id, cycle.id)
    [found] = door.perform(commands.change_items, sheet=sheet, wishes=[read_item(typed=request.form)])
    if found.fate is commands.Fate.CONFLICT:
        return door.done(back, f"Somebody else has called this “{found.name}” meanwhile.", "error")
    if found.fate is commands.Fate.EXISTS:
        return door.done(back, f"“{found.name}” is there already.", "warning")
    refused = found.fate is commands.Fate.REFUSED
    return door.done(back, f"Not saved: {found.sentence}." if refused else "Saved.", "error" if refused else "success")


@bp.post("/units/<int:unit_id>/x-matrix/part")
@door.allow(write=Act.WRITE_PLAN)
def name_part(unit_id: int) -> Response:
    """Name who is responsible for one item, or supports it."""
    unit, cycle = where(unit_id, Act.WRITE_PLAN)
    back = _editor(unit_id, desk_of(unit, cycle), cycle.name)
    [found] = door.perform(owners.name_parts, wishes=[read_part(typed=request.form)])
    if found.refusal:
        return door.done(back, f"Not saved: {found.refusal}.", "error")
    return door.done(back, "Saved.")


@bp.route("/units/<int:unit_id>/x-matrix/titles", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def titles(unit_id: int) -> Page:
    """A column of titles becomes draft items of an arm, after a preview."""
    unit, cycle = where(unit_id, Act.OPEN_PLAN if request.method in door.SAFE else Act.WRITE_PLAN)
    desk = desk_of(unit, cycle)
    form = TitlesForm(request.form, side=request.args.get("side", "west"))
    form.side.choices = [(side, arm.label) for side, arm in desk.preset.arms.items()]
    back, sheet, model = _editor(unit_id, desk, cycle.name), commands.Sheet(unit.id, cycle.id), _page_of(unit, cycle)
    found = []
    if request.method not in door.SAFE and form.validate():
        found = titles_of(desk=desk, side=form.side.data, names=read_titles(text=form.text.data or ""))
        wishes = additions(desk=desk, side=form.side.data, titles=found)
        if "go" in request.form and wishes:
            done = door.perform(commands.change_items, sheet=sheet, wishes=wishes)
            made = [one for one in done if one.fate is commands.Fate.SAVED]
            _said([one.sentence for one in done if one.sentence])
            return door.page("matrix_edit/pasted.html", **model, back=back, count=len(made), word="items",
                             items=",".join(str(one.id) for one in made), cells="[]")  # fmt: skip
    return door.page("matrix_edit/titles.html", **model, form=form, found=found, back=back)


@bp.route("/units/<int:unit_id>/x-matrix/block", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def block(unit_id: int) -> Page:
    """A block of signs becomes links, after a preview."""
    unit, cycle = where(unit_id, Act.OPEN_PLAN if request.method in door.SAFE else Act.WRITE_PLAN)
    desk = desk_of(unit, cycle)
    form = BlockForm(request.form)
    rows, columns = rows_and_columns(desk=desk)
    form.row.choices = choices_of(names={one.id: title_of(item=one) for one in rows})
    form.column.choices = choices_of(names={one.id: title_of(item=one) for one in columns})
    back, model = _editor(unit_id, desk, cycle.name), _page_of(unit, cycle)
    found = None
    if request.method not in door.SAFE and form.validate():
        signs = read_signs(text=form.text.data or "", ring=desk.ring)
        found = block_of(
            desk=desk, row_id=form.row.data, column_id=form.column.data, signs=signs, cross=int(form.cross.data)
        )
        wanted = [one for one in found.cells if one.changes]
        if "go" in request.form and wanted:
            done = door.perform(commands.save_cells, wishes=[one.to_wish() for one in wanted])
            cells = _inverse(wanted, done)
            _said([one.refusal or "somebody else changed it meanwhile" for one in done if not _is_saved(one)])
            return door.page("matrix_edit/pasted.html", **model, back=back, count=len(cells), word="links",
                             items="", cells=json.dumps(cells))  # fmt: skip
    return door.page("matrix_edit/block.html", **model, form=form, found=found, back=back, grades=desk.grades)


@bp.post("/units/<int:unit_id>/x-matrix/take-back")
@door.allow(write=Act.WRITE_PLAN)
def take_back(unit_id: int) -> Response:
    """Undo a whole paste."""
    unit, cycle = where(unit_id, Act.WRITE_PLAN)
    back = _editor(unit_id, desk_of(unit, cycle), cycle.name)
    sheet = commands.Sheet(unit.id, cycle.id)
    items, cells = read_back(items=request.form.get("items", ""), cells=request.form.get("cells", ""))

    def undo(*, session: Session, by: Actor, at: datetime) -> int:
        gone = commands.change_items(session=session, sheet=sheet, wishes=items, by=by, at=at)
        put = commands.save_cells(session=session, wishes=cells, by=by, at=at)
        return sum(one.fate is commands.Fate.GONE for one in gone) + sum(_is_saved(one) for one in put)

    count, whole = door.perform(undo), len(items) + len(cells)
    if count == whole:
        return door.done(back, f"All {whole} changes are taken back.")
    verb = "is" if count == 1 else "are"
    return door.done(
        back, f"{count} of {whole} changes {verb} taken back; somebody has changed the rest since.", "warning"
    )


def _page_of(unit: Unit, cycle: Cycle) -> dict[str, Any]:
    """What the pages say of where they are, kept although a refused change makes the session forget it."""
    return {"unit_id": unit.id, "unit_name": unit.name, "cycle_name": cycle.name}


def _said(refused: Sequence[str]) -> None:
    for sentence in dict.fromkeys(refused):
        flash(f"Not saved: {sentence}.", "error")


def _is_saved(outcome: commands.CellOutcome) -> bool:
    return not outcome.refusal and outcome.theirs is None


def _inverse(wanted: Sequence[Pasted], done: Sequence[commands.CellOutcome]) -> list[dict[str, Any]]:
    """The cells that were saved, as they were before, as the forms send them."""
    back = [one.back(version=saved.version) for one, saved in zip(wanted, done, strict=True) if _is_saved(saved)]
    return [
        {"upper": one.upper_id, "lower": one.lower_id, **{name: asdict(one)[name] for name in _CELL}} for one in back
    ]


_CELL = ("strength", "rationale", "version")

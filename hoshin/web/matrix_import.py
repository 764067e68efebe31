"""A matrix's workbook is read back in: uploaded, looked at, and saved in one go or not at all."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.charts.signs import RESPONSIBLE, SUPPORTS, grades_of
from hoshin.commands.items import LABELS
from hoshin.commands.matrix import AddWish
from hoshin.commands.matrix_import import (
    CellRow,
    ItemRow,
    MatrixImportWish,
    OrderRow,
    PartRow,
    import_matrix,
)
from hoshin.commands.owners import Part
from hoshin.errors import Missing, Problem, Refused
from hoshin.exchange.matrix_pages import changes_of, open_book
from hoshin.model.cycles import Cycle
from hoshin.model.units import Unit
from hoshin.queries.cycles import get_cycle
from hoshin.queries.units import get_unit
from hoshin.reports.matrix import find_preset
from hoshin.web import door

bp = Blueprint("matrix_import", __name__)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the preview."""

    what: str
    name: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A workbook that was taken in: what it asks for, the layout and signs it was written with, what is not read."""

    wish: MatrixImportWish
    cycle: Cycle
    preset: str
    glyphs: str
    ignored: tuple[str, ...]


@bp.get("/units/<int:unit_id>/x-matrix/import")
@door.allow(read=Act.OPEN_PLAN)
def upload(unit_id: int) -> tuple[str, int]:
    """Choose a file."""
    unit = _unit(unit_id, Act.OPEN_PLAN)
    return door.page("matrix_import/upload.html", unit=unit, problems=[])


@bp.post("/units/<int:unit_id>/x-matrix/import")
@door.allow(write=Act.WRITE_PLAN)
def preview(unit_id: int) -> tuple[str, int]:
    """What the file would change, and what stands in its way; nothing is saved."""
    unit = _unit(unit_id, Act.WRITE_PLAN)
    file = request.files.get("book")
    content = file.read() if file else b""
    name = unit.name
    try:
        taken = _read(unit_id, content)
        cycle_name, changes = taken.cycle.name, _changes(taken)
        import_matrix(session=door.session(), wish=taken.wish, by=door.actor(), at=door.now())
    except Refused as refusal:
        door.forget()
        return _refused(unit_id, refusal)
    door.forget()
    kept = base64.b64encode(content).decode()
    return door.page(
        "matrix_import/preview.html", unit_id=unit_id, name=name, cycle=cycle_name, changes=changes, kept=kept,
        ignored=taken.ignored,
    )  # fmt: skip


@bp.post("/units/<int:unit_id>/x-matrix/import/save")
@door.allow(write=Act.WRITE_PLAN)
def save(unit_id: int) -> Response | tuple[str, int]:
    """Save what the preview showed."""
    _unit(unit_id, Act.WRITE_PLAN)
    try:
        content = base64.b64decode(request.form.get("kept", ""), validate=True)
        taken = _read(unit_id, content)
        address = url_for("matrix.show", unit_id=unit_id, cycle=taken.cycle.name, preset=taken.preset)
        count = door.perform(import_matrix, wish=taken.wish)
    except binascii.Error:
        return _refused(unit_id, Refused(Problem("the file was lost on the way: please choose it again")))
    except Refused as refusal:
        return _refused(unit_id, refusal)
    return door.done(address, f"{count} {'change is' if count == 1 else 'changes are'} saved.")


def _unit(unit_id: int, act: Act) -> Unit:
    door.require(act, Subject(unit=unit_id))
    return get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)


def _refused(unit_id: int, refusal: Refused) -> tuple[str, int]:
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    page, _ = door.page("matrix_import/upload.html", unit=unit, problems=[str(one) for one in refusal.problems])
    return page, 422


def _read(unit_id: int, content: bytes) -> Taken:
    """The workbook and what it asks for; Refused when it is another unit's or none."""
    if not content:
        raise Refused(Problem("please choose a file"))
    book = open_book(content=content)
    if book.origin.unit_id != unit_id:
        raise Refused(Problem("this workbook was written from another unit's matrix"))
    try:
        cycle = get_cycle(session=door.session(), name=book.origin.cycle[:20])
    except Missing as error:
        raise Refused(Problem(f"its cycle, {book.origin.cycle[:20]}, is no longer there")) from error
    arms = {side: (arm.kind, arm.kpi_kind) for side, arm in find_preset(key=book.origin.preset[:40]).arms.items()}
    found = changes_of(book=book, arms=arms)
    wish = MatrixImportWish(
        unit_id=unit_id, cycle_id=cycle.id, items=found.items, cells=found.cells, orders=found.orders,
        parts=found.parts,
    )  # fmt: skip
    return Taken(wish, cycle, book.origin.preset, book.origin.glyphs, found.ignored)


def _changes(taken: Taken) -> list[Change]:
    wish = taken.wish
    items = [_item_change(one) for one in wish.items] + [_order_change(one) for one in wish.orders]
    return items + [_cell_change(one, taken.glyphs) for one in wish.cells] + [_part_change(one) for one in wish.parts]


def _order_change(row: OrderRow) -> Change:
    return Change("Moved", row.name, f"after {row.after_name}" if row.after else "first")


_PARTS = {
    Part.NONE: "no part",
    Part.RESPONSIBLE: f"{RESPONSIBLE.glyph} {RESPONSIBLE.word}",
    Part.SUPPORTS: f"{SUPPORTS.glyph} {SUPPORTS.word}",
}


def _part_change(row: PartRow) -> Change:
    return Change("Owner", f"{row.name}: {row.said}", f"{_PARTS[row.shown]} → {_PARTS[row.part]}")


def _item_change(row: ItemRow) -> Change:
    if isinstance(row.wish, AddWish):
        return Change(f"New {LABELS[row.wish.kind]}", row.wish.name, "draft")
    return Change("Renamed", row.wish.was, row.wish.name)


def _cell_change(row: CellRow, glyphs: str) -> Change:
    grades = grades_of(glyphs=glyphs)
    was, now = (
        f"{grades[one].glyph} {grades[one].word}" if one else "no link" for one in (row.was, row.strength)
    )
    becomes = now if row.strength == row.was else f"{was} → {now}"
    if row.strength and row.rationale != row.why:
        becomes += f"; because: {row.rationale}" if row.rationale else f"; no longer: {row.why}"
    return Change("Link", row.said, becomes)

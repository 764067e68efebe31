"""A bowling chart's workbook: taken out, filled elsewhere, looked at, and saved in one go or not at all."""

from __future__ import annotations

import base64
import binascii
from datetime import date

from flask import Blueprint, request, url_for
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands.bowling import save_book
from hoshin.commands.outcomes import NotRecorded
from hoshin.errors import Missing, Problem, Refused
from hoshin.exchange.bowling_book import BowlingBook, read_book
from hoshin.forms.bowling import BookForm, BookWishes, book_wishes
from hoshin.model.cycles import Cycle
from hoshin.queries.bowling import unit_chart
from hoshin.queries.cycles import get_cycle
from hoshin.queries.units import get_unit
from hoshin.web import door
from hoshin.web.bowling_edit import desk_of
from hoshin.web.grid_pages import told

bp = Blueprint("bowling_import", __name__)


@bp.get("/units/<int:unit_id>/bowling/import")
@door.allow(read=Act.OPEN_ACTUALS)
def upload(unit_id: int) -> tuple[str, int]:
    """Choose a file."""
    return _page(unit_id, ())


@bp.post("/units/<int:unit_id>/bowling/import")
@door.allow(write=Act.RECORD_ACTUALS)
def preview(unit_id: int) -> tuple[str, int]:
    """What the workbook would change, and what stands in its way; nothing is saved."""
    file = request.files.get("book")
    content = file.read() if file else b""
    return _looked_at(unit_id, content)


@bp.post("/units/<int:unit_id>/bowling/import/save")
@door.allow(write=Act.RECORD_ACTUALS)
def save(unit_id: int) -> Response | tuple[str, int]:
    """Save what the preview showed."""
    try:
        content = base64.b64decode(request.form.get("kept", ""), validate=True)
        _, wishes, cycle = _read(unit_id, content)
    except binascii.Error:
        return _page(unit_id, (Problem("the file was lost on the way: please choose it again"),))
    except Refused as refusal:
        return _page(unit_id, refusal.problems)
    form, name = _form(unit_id, cycle), cycle.name
    if not form.validate():
        return _looked_at(unit_id, content)
    more = {"reason": form.reason.data or "", "first": form.first.data or None}
    try:
        outcome = door.perform(save_book, **_named(wishes, more))
    except NotRecorded as refusal:
        only_reason = len(refusal.outcome.unreasoned) == len(refusal.problems)
        return _looked_at(unit_id, content) if only_reason else _page(unit_id, refusal.problems)
    said = told(saved=outcome.saved, proposed=[one.message for one in outcome.proposed])
    return door.done(url_for("bowling.show", unit_id=unit_id, cycle=name), said)


def _looked_at(unit_id: int, content: bytes) -> tuple[str, int]:
    """The preview: a trial run in a transaction that is taken back."""
    try:
        book, wishes, cycle = _read(unit_id, content)
        name, cycle_name = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id).name, cycle.name
        form, (amends, asks) = _form(unit_id, cycle), _tried(wishes)
    except Refused as refusal:
        door.forget()
        return _page(unit_id, refusal.problems)
    door.forget()
    return door.page(
        "bowling_import/preview.html", unit_id=unit_id, name=name, cycle=cycle_name, cells=book.cells, form=form,
        amends=amends, asks=asks, kept=base64.b64encode(content).decode(),
    )  # fmt: skip


def _tried(wishes: BookWishes) -> tuple[int, str]:
    """How many agreed targets would be amended and who is asked; Refused when more than their reason is missing."""
    try:
        save_book(
            session=door.session(), by=door.actor(), at=door.now(), cells=wishes.cells, of_year=wishes.of_year
        )
    except NotRecorded as refusal:
        if len(refusal.outcome.unreasoned) < len(refusal.problems):
            raise
        return len(refusal.outcome.amendments), " or ".join(sorted(refusal.outcome.asks))
    return 0, ""


def _named(wishes: BookWishes, more: dict[str, str | None]) -> dict[str, object]:
    first = more["first"]
    return {
        "cells": wishes.cells, "of_year": wishes.of_year, "reason": more["reason"],
        "first": date.fromisoformat(first) if first else None,
    }  # fmt: skip


def _form(unit_id: int, cycle: Cycle) -> BookForm:
    found = unit_chart(session=door.session(), actor=door.actor(), unit_id=unit_id, shared=(), cycle=cycle)
    desk = desk_of(unit_id=unit_id, cycle=cycle, found=found)
    posted = request.form if "kept" in request.form else ImmutableMultiDict[str, str]()
    form = BookForm(posted, first=desk["first"] if desk else "")
    form.first.choices = [("", "–"), *(desk["months"] if desk else [])]
    return form


def _page(unit_id: int, problems: tuple[Problem, ...]) -> tuple[str, int]:
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    page, status = door.page("bowling_import/upload.html", unit=unit, problems=[str(one) for one in problems])
    return page, 422 if problems else status


def _read(unit_id: int, content: bytes) -> tuple[BowlingBook, BookWishes, Cycle]:
    """The workbook and what it asks for; Refused when it is another unit's or none."""
    get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    if not content:
        raise Refused(Problem("please choose a file"))
    book = read_book(content=content)
    if book.unit_id != unit_id:
        raise Refused(Problem("this workbook was written from another unit's chart"))
    try:
        cycle = get_cycle(session=door.session(), name=book.cycle)
    except Missing as error:
        raise Refused(Problem(f"its cycle, {book.cycle}, is no longer there")) from error
    return book, book_wishes(cells=book.cells, cycle_id=cycle.id), cycle

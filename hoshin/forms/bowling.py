"""Reads what a bowling chart sends that is being filled: JSON in, wishes out; a cell that is no figure is named."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from wtforms import Form

from hoshin.commands.bands import NOTES, Values
from hoshin.commands.bowling import Wish
from hoshin.commands.cell_notes import CellNoteWish
from hoshin.commands.forecasts import ForecastWish
from hoshin.commands.readings import CellWish
from hoshin.engine.figures import parse_figure
from hoshin.errors import Problem, Refused
from hoshin.forms.fields import line, words
from hoshin.forms.payload import read_rows, read_text, read_whole
from hoshin.model.cycles import YearCell

LONGEST, LONGEST_REASON = 10_000, 2000
NAMES = ("target", "range", "actual", "ytd_target", "ytd_range", "ytd_actual", *NOTES, "forecast")
YEAR_NOTES = {f"{one.value}_note": one for one in YearCell}
_BETWEEN = re.compile(r"\s*(?:–|—|\.\.|;|\bto\b)\s*")


@dataclass(frozen=True, slots=True)
class Typed:
    """Everything one request asks for."""

    wishes: tuple[Wish, ...]
    kpi_ids: tuple[int, ...]
    reason: str
    first: date | None


def read_typed(*, payload: object, cycle_id: int) -> Typed:
    """The wishes of `{"cells": [{kpi, period, name, text, version, seen}, …], "reason", "first"}`.

    A text that is no figure becomes a Problem in its place; raises Refused for what is not shaped like that.
    """
    if not isinstance(payload, dict):
        raise Refused(Problem("an object is expected"))
    rows = read_rows(payload=payload, name="cells")
    return Typed(
        wishes=tuple(_wish(row, cycle_id) for row in rows),
        kpi_ids=tuple(dict.fromkeys(read_whole(row=row, name="kpi") for row in rows)),
        reason=read_text(row=payload, name="reason", most=LONGEST_REASON),
        first=_day(payload, "first") if payload.get("first") else None,
    )


def _wish(row: Mapping[str, Any], cycle_id: int) -> Wish:
    name, kpi = read_text(row=row, name="name", most=20), read_whole(row=row, name="kpi")
    if name in YEAR_NOTES:
        text, stood = (read_text(row=row, name=one, most=LONGEST) for one in ("text", "seen"))
        return CellNoteWish(kpi_id=kpi, cycle_id=cycle_id, cell=YEAR_NOTES[name], text=text, seen=stood)
    if name not in NAMES:
        raise Refused(Problem(f"one of {', '.join((*NAMES, *YEAR_NOTES))}", field="name"))
    try:
        if name == "forecast":
            value, seen = (_figure(read_text(row=row, name=one, most=LONGEST)) for one in ("text", "seen"))
            return ForecastWish(kpi_id=kpi, cycle_id=cycle_id, value=value, seen=seen)
        values = _values(name, read_text(row=row, name="text", most=LONGEST))
    except ValueError as error:
        return Problem(str(error))
    return CellWish(kpi_id=kpi, period=_day(row, "period"), values=values, version=read_whole(row=row, name="version"))


def _values(name: str, text: str) -> Values:
    if name in NOTES:
        return {name: " ".join(text.split())}
    if not name.endswith("range"):
        return {name: _figure(text)}
    ends = _BETWEEN.split(text) if text else ["", ""]
    if len(ends) != 2:
        raise ValueError("write a range like 10–20: its low and its high bound")
    low, high = _figure(ends[0]), _figure(ends[1])
    if low is not None and high is not None and low > high:
        raise ValueError("the low bound lies above the high one")
    prefix = name.removesuffix("range")
    return {f"{prefix}low": low, f"{prefix}high": high}


def _figure(text: str) -> Decimal | None:
    return parse_figure(text=text) if text else None


def _day(row: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(read_text(row=row, name=name, most=10))
    except ValueError as error:
        raise Refused(Problem("a day is written like 2026-05-31", field=name)) from error


class BookCell(Protocol):
    """One changed cell of a workbook (hoshin.exchange.bowling_book.Typed)."""

    @property
    def name(self) -> str: ...
    @property
    def kpi_id(self) -> int: ...
    @property
    def period(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def seen(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def place(self) -> Problem: ...


@dataclass(frozen=True, slots=True)
class BookWishes:
    """What a workbook asks for: one wish for each reading; forecasts and notes of the year with their places."""

    cells: tuple[CellWish, ...]
    of_year: tuple[tuple[ForecastWish | CellNoteWish, Problem], ...]


def book_wishes(*, cells: Sequence[BookCell], cycle_id: int) -> BookWishes:
    """The wishes of a workbook's changed cells; raises Refused with the place of each that is no figure."""
    readings: dict[tuple[int, date], CellWish] = {}
    of_year: list[tuple[ForecastWish | CellNoteWish, Problem]] = []
    problems = []
    for one in cells:
        try:
            if one.name == "forecast" or one.name in YEAR_NOTES:
                of_year.append((_of_year(one, cycle_id), one.place))
                continue
            key = (one.kpi_id, date.fromisoformat(one.period))
            before = readings.get(key)
            values = {**(before.values if before else {}), **_values(one.name, one.text)}
            readings[key] = CellWish(
                kpi_id=one.kpi_id, period=key[1], values=values, version=one.version,
                place=before.place if before else one.place,
            )  # fmt: skip
        except ValueError as error:
            problems.append(replace(one.place, message=str(error)))
    if problems:
        raise Refused.because(problems)
    return BookWishes(tuple(readings.values()), tuple(of_year))


def _of_year(cell: BookCell, cycle_id: int) -> ForecastWish | CellNoteWish:
    if cell.name in YEAR_NOTES:
        kept = YEAR_NOTES[cell.name]
        return CellNoteWish(kpi_id=cell.kpi_id, cycle_id=cycle_id, cell=kept, text=cell.text, seen=cell.seen)
    return ForecastWish(
        kpi_id=cell.kpi_id, cycle_id=cycle_id, value=_figure(cell.text), seen=_figure(cell.seen)
    )


class BookForm(Form):
    """What goes with a workbook: the reason and the first month of an amendment."""

    reason = line(label="Why do agreed targets change?", required=False, most=LONGEST_REASON)
    first = words(label="The amendment applies from", choices=[], required=False)

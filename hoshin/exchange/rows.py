"""Finds our columns in somebody's sheet and turns each row into typed values that know where they stood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from hoshin.errors import Problem
from hoshin.exchange.cells import clean_text
from hoshin.exchange.columns import COLUMNS
from hoshin.exchange.maps import SheetMap
from hoshin.exchange.sheets import Row, Sheet
from hoshin.exchange.words import read_cell

Layout = Mapping[str, int]
"""The place of each of our columns that a sheet has."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the filled cells by our column name, typed."""

    sheet: Sheet
    number: int
    layout: Layout
    values: Mapping[str, Any]
    is_whole: bool
    """Whether every cell could be read; the rest of a row that is not must not mislead."""

    def at(self, column: str, message: str = "") -> Problem:
        """This row's cell in our column, named as the file names it."""
        place = self.layout.get(column)
        head = self.sheet.head[place] if place is not None else column
        return Problem(message, sheet=self.sheet.name, row=self.number, column=head)


class Rows:
    """The rows of all sheets; problems with heads and cells are collected, and what was passed over is noted."""

    def __init__(self, *, sheets: Sequence[Sheet], using: SheetMap, problems: list[Problem], notes: list[str]) -> None:
        self.using, self.problems, self.notes = using, problems, notes
        self.laid_out = self._lay_out(sheets)
        self.known: dict[tuple[str, str], Any] = {}

    def has(self, column: str) -> bool:
        """Whether any sheet has the column."""
        return any(column in layout for _, layout in self.laid_out)

    def __iter__(self) -> Iterator[Line]:
        for sheet, layout in self.laid_out:
            for row in sheet.rows:
                yield self._line(sheet, layout, row)

    def _lay_out(self, sheets: Sequence[Sheet]) -> list[tuple[Sheet, Layout]]:
        """Every sheet with a kpi column; in a book of several, sheets without one are passed over."""
        found: list[tuple[Sheet, Layout]] = [(sheet, find_columns(sheet=sheet, using=self.using)) for sheet in sheets]
        useful = [(sheet, layout) for sheet, layout in found if "kpi" in layout]
        for sheet, layout in useful or found[:1]:
            self.problems.extend(head_problems(sheet=sheet, using=self.using, layout=layout))
        passed_over = [sheet.name for sheet, layout in found if "kpi" not in layout and useful]
        self.notes.extend(f"sheet {name} has no kpi column and was passed over" for name in passed_over)
        return useful

    def _line(self, sheet: Sheet, layout: Layout, row: Row) -> Line:
        values: dict[str, Any] = {}
        line = Line(sheet, row.number, layout, values, is_whole=True)
        before = len(self.problems)
        for column, place in layout.items():
            if place < len(row.cells) and row.cells[place]:
                self._read(line, values, column, row.cells[place])
        if len(row.cells) > len(sheet.head) and any(one.strip() for one in row.cells[len(sheet.head) :]):
            self.problems.append(Problem("this row has more cells than the head", sheet=sheet.name, row=row.number))
        return line if len(self.problems) == before else replace(line, is_whole=False)

    def _read(self, line: Line, values: dict[str, Any], column: str, raw: str) -> None:
        try:
            if (column, raw) not in self.known:
                self.known[column, raw] = self._typed(column, raw)
            found = self.known[column, raw]
        except ValueError as error:
            self.problems.append(line.at(column, str(error)))
            return
        if found is not None:
            values[column] = found[0]

    def _typed(self, column: str, raw: str) -> tuple[Any] | None:
        """The value in a tuple, since None is one too; None for a blank cell."""
        text = clean_text(text=raw)
        if not text or text in self.using.missing:
            return None
        return (read_cell(column=column, text=text, using=self.using),)


def find_columns(*, sheet: Sheet, using: SheetMap) -> dict[str, int]:
    """Where each of our columns stands: as the map says, else under its own name."""
    places: dict[str, int] = {}
    claimed = set(using.columns.values())
    fold: Callable[[str], str] = str if using.given else str.casefold
    for place, head in enumerate(sheet.head):
        for ours in COLUMNS:
            theirs = using.columns.get(ours)
            fits = head == theirs if theirs is not None else (head not in claimed and fold(head) == ours)
            if fits and ours not in places:
                places[ours] = place
    return {ours: places[ours] for ours in COLUMNS if ours in places}


def head_problems(*, sheet: Sheet, using: SheetMap, layout: Layout) -> list[Problem]:
    """What is wrong with a head: columns named twice, missing ones, and without a map unknown ones."""

    def wrong(message: str) -> None:
        problems.append(Problem(message, sheet=sheet.name, row=None))

    problems: list[Problem] = []
    used = {sheet.head[place] for place in layout.values()}
    for head in sorted(one for one in used if sheet.head.count(one) > 1):
        wrong(f"there are {sheet.head.count(head)} columns “{head[:60]}”")
    for ours, theirs in using.columns.items():
        if theirs not in sheet.head:
            wrong(f"there is no column “{theirs[:60]}”, which the map names for {ours}")
    if "kpi" not in layout and "kpi" not in using.columns:
        wrong("there is no column kpi; name it in a map if it is called otherwise")
    for head in sheet.head:
        if not using.given and head and head not in used:
            near = get_close_matches(head.casefold(), COLUMNS, n=1)
            hint = f"; is it {near[0]}?" if near else "; leave it out, or read the file with a map"
            wrong(f"“{head[:60]}” is none of our columns{hint}")
    return problems

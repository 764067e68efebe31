"""Finds our columns in somebody's sheet and turns each row into typed values that know where they stood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from operator import itemgetter
from typing import Any

from hoshin.errors import Problem
from hoshin.exchange.cells import clean_text
from hoshin.exchange.columns import COLUMNS, FIGURES, FIRST, NOTES
from hoshin.exchange.maps import SheetMap
from hoshin.exchange.sheets import Sheet
from hoshin.exchange.words import read_cell

Layout = Mapping[str, int]
"""The place of each of our columns that a sheet has."""

AIMS = ("direction", "tolerance")
VARYING = frozenset(("period", *FIGURES, *FIRST, *NOTES))
"""What is likely to differ from row to row; all else is said again and again, and is read once."""


@dataclass(slots=True, eq=False)
class Told:
    """What a row says besides its period and figures, typed: one and the same for all rows that say the same.

    `aims` is what it says of direction and tolerance, `problems` are the cells that could not be read, with what is
    wrong. Whoever folds the rows keeps in `said` what he made of it, and in `clock` how to know when its rows speak.
    """

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    said: dict[int, Any] = field(default_factory=dict)
    clock: Any = None
    aims: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Line:
    """One row: what it tells, and its period and figures, by our column name and typed; only cells that are filled."""

    sheet: Sheet
    number: int
    layout: Layout
    told: Told
    figures: dict[str, Any]
    is_whole: bool
    """Whether every cell could be read; the rest of a row that is not must not mislead."""

    @property
    def values(self) -> dict[str, Any]:
        """All that the row says."""
        return self.told.values | self.figures

    def head(self, column: str) -> str:
        """Our column, named as the file names it."""
        place = self.layout.get(column)
        return self.sheet.head[place] if place is not None else column

    def at(self, column: str, message: str = "") -> Problem:
        """This row's cell in our column."""
        return Problem(message, "", self.sheet.name, self.number, self.head(column))


class Rows:
    """The rows of all sheets; problems with heads and cells are collected, and what was passed over is noted."""

    def __init__(self, *, sheets: Sequence[Sheet], using: SheetMap, problems: list[Problem], notes: list[str]) -> None:
        self.using, self.problems, self.notes = using, problems, notes
        self.laid_out = self._lay_out(sheets)
        self.known: dict[str, dict[str, tuple[Any] | None]] = {one: {} for one in COLUMNS}

    def has(self, column: str) -> bool:
        """Whether any sheet has the column."""
        return any(column in layout for _, layout in self.laid_out)

    def __len__(self) -> int:
        return sum(len(sheet.rows) for sheet, _ in self.laid_out)

    def __iter__(self) -> Iterator[Line]:
        for sheet, layout in self.laid_out:
            yield from self._lines(sheet, layout)

    def _lay_out(self, sheets: Sequence[Sheet]) -> list[tuple[Sheet, Layout]]:
        """Every sheet with a kpi column; in a book of several, sheets without one are passed over."""
        found: list[tuple[Sheet, Layout]] = [(sheet, find_columns(sheet=sheet, using=self.using)) for sheet in sheets]
        useful = [(sheet, layout) for sheet, layout in found if "kpi" in layout]
        for sheet, layout in useful or found[:1]:
            self.problems.extend(head_problems(sheet=sheet, using=self.using, layout=layout))
        passed_over = [sheet.name for sheet, layout in found if "kpi" not in layout and useful]
        self.notes.extend(f"sheet {name} has no kpi column and was passed over" for name in passed_over)
        return useful

    def _lines(self, sheet: Sheet, layout: Layout) -> Iterator[Line]:
        """The rows of one sheet. Rows that differ in nothing but period and figures share what they tell."""
        wide = len(sheet.head)
        steady = {column: place for column, place in layout.items() if column not in VARYING}
        moving = [(column, place, self.known[column]) for column, place in layout.items() if column in VARYING]
        told_by = itemgetter(*steady.values())  # there is a kpi column at least
        known: dict[Any, Told] = {}
        for row in sheet.rows:
            cells = row.cells if len(row.cells) >= wide else [*row.cells, *[""] * (wide - len(row.cells))]
            key = told_by(cells)
            told = known.get(key)
            if told is None:
                told = known[key] = self._tell(steady, cells)
            figures: dict[str, Any] = {}
            line = Line(sheet, row.number, layout, told, figures, not told.problems)
            if told.problems:
                self.problems.extend(line.at(column, message) for column, message in told.problems)
            for column, place, texts in moving:
                raw = cells[place]
                if raw:
                    found = texts[raw] if raw in texts else self._figure(line, column, raw)
                    if found is not None:
                        figures[column] = found[0]
            if len(cells) > wide and any(one.strip() for one in cells[wide:]):
                self.problems.append(Problem("this row has more cells than the head", sheet=sheet.name, row=row.number))
                line.is_whole = False
            yield line

    def _tell(self, steady: Layout, cells: Sequence[str]) -> Told:
        told = Told()
        for column, place in steady.items():
            if cells[place]:
                try:
                    found = self._typed(column, cells[place])
                except ValueError as error:
                    told.problems.append((column, str(error)))
                    continue
                if found is not None:
                    told.values[column] = found[0]
        told.aims = {name: value for name, value in told.values.items() if name in AIMS}
        return told

    def _figure(self, line: Line, column: str, raw: str) -> tuple[Any] | None:
        try:
            return self._typed(column, raw)
        except ValueError as error:
            self.problems.append(line.at(column, str(error)))
            line.is_whole = False
            return None

    def _typed(self, column: str, raw: str) -> tuple[Any] | None:
        """The value in a tuple, since None is one too; None for a blank cell."""
        known = self.known[column]
        if raw not in known:
            text = clean_text(text=raw)
            blank = not text or text in self.using.missing
            known[raw] = None if blank else (read_cell(column=column, text=text, using=self.using),)
        return known[raw]


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

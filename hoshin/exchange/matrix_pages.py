"""Reads a workbook that `matrix_book` wrote and somebody changed: what differs from how everything stood then.

Rows and columns are known by the hidden keys that stand in them, wherever they have been moved to.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from hoshin.charts.signs import FAMILIES, grades_of
from hoshin.commands.matrix import AddWish, RenameWish
from hoshin.commands.matrix_import import CellRow, ItemRow, Place
from hoshin.engine.plans import LINKED_KINDS, Kind
from hoshin.errors import Problem, Refused
from hoshin.exchange.cells import LONGEST_TITLE, clean_text, text_of
from hoshin.exchange.matrix_book import END, FIGURES, FORMAT, KEPT, OWNER, TITLES
from hoshin.model.kpis import KPIKind

LARGEST = 8 * 1024 * 1024
ArmKinds = Mapping[str, tuple[Kind, KPIKind | None]]


@dataclass(frozen=True, slots=True)
class Origin:
    """Which matrix a workbook was written from."""

    unit_id: int
    cycle: str
    preset: str
    glyphs: str


@dataclass(frozen=True, slots=True)
class ChangedBook:
    """What was changed in a workbook."""

    items: tuple[ItemRow, ...]
    cells: tuple[CellRow, ...]


@dataclass(slots=True)
class MatrixBook:
    """A workbook that has been opened: where it came from, how everything stood, and the cells as they are."""

    origin: Origin
    names: Mapping[str, str]
    versions: Mapping[str, int]
    links: Mapping[tuple[int, int], tuple[int, str, int]]
    sheet: str
    rows: Sequence[Sequence[str]]


def open_book(*, content: bytes) -> MatrixBook:
    """Open a workbook; raises Refused for a file that is none, or none of ours."""
    if len(content) > LARGEST:
        raise Refused(Problem(f"more than {LARGEST // 1024**2} MiB: this is no matrix", field="book"))
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            kept = _lines(book)
            name = next(one for one in book.sheet_names if one != KEPT)
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, StopIteration) as error:
        raise Refused(Problem("this is no workbook that the planner wrote for a matrix", field="book")) from error
    try:
        return _book(kept, name, [[text_of(value=one) for one in row] for row in rows])
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise Refused(Problem("the hidden sheet of this workbook has been damaged", field="book")) from error


def _lines(book: CalamineWorkbook) -> list[dict[str, Any]]:
    if KEPT not in book.sheet_names:
        raise ValueError("no hidden sheet")
    found = [json.loads(str(row[0])) for row in book.get_sheet_by_name(KEPT).to_python() if row and row[0]]
    if not found or not isinstance(found[0], dict) or found[0].get("format") != FORMAT:
        raise ValueError("another format")
    return found


def _book(kept: Sequence[dict[str, Any]], name: str, rows: list[list[str]]) -> MatrixBook:
    head = kept[0]
    items = [one for one in kept[1:] if "item" in one]
    links = [one for one in kept[1:] if "upper" in one]
    glyphs = str(head["glyphs"])
    if glyphs not in FAMILIES:
        raise KeyError(glyphs)
    return MatrixBook(
        origin=Origin(int(head["unit"]), str(head["cycle"]), str(head["preset"]), glyphs),
        names={str(one["item"]): str(one["name"]) for one in items},
        versions={str(one["item"]): int(one["version"]) for one in items if "version" in one},
        links={
            (int(one["upper"]), int(one["lower"])): (int(one["strength"]), str(one["why"]), int(one["version"]))
            for one in links
        },
        sheet=name,
        rows=rows,
    )


def changes_of(*, book: MatrixBook, arms: ArmKinds) -> ChangedBook:
    """What was changed; `arms` says what each side of the layout holds. Raises Refused with every problem's place."""
    return _Reading(book, arms).changes()


@dataclass(frozen=True, slots=True)
class _Line:
    """A row or a column of the sheet: its place, its side, the key of its item and whether that is new."""

    at: int
    side: str
    key: str
    kind: Kind
    title: str


@dataclass(slots=True)
class _Reading:
    book: MatrixBook
    arms: ArmKinds
    problems: list[Problem] = field(default_factory=list)
    items: list[ItemRow] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def changes(self) -> ChangedBook:
        """Everything."""
        titles_row = self._find([row[0] if row else "" for row in self.book.rows], TITLES)
        end_row = self._find([row[0] if row else "" for row in self.book.rows], END)
        head = self.book.rows[0]
        titles_column, end_column = self._find(head, TITLES), self._find(head, END)
        if min(titles_row, end_row, titles_column, end_column) < 0:
            raise Refused(Problem("row 1 or column A, which name the items, have been changed", sheet=self.book.sheet))
        rows = [*self.rows(range(1, titles_row), "north", titles_column),
                *self.rows(range(titles_row + 1, end_row), "south", titles_column)]  # fmt: skip
        columns = [*self.columns(range(1, titles_column), "west", titles_row),
                   *self.columns(range(titles_column + 1, end_column), "east", titles_row)]  # fmt: skip
        cells = [cell for row in rows for column in columns for cell in self.cell(row, column)]
        if self.problems:
            raise Refused.because(self.problems)
        return ChangedBook(tuple(self.items), tuple(cells))

    @staticmethod
    def _find(cells: Sequence[str], word: str) -> int:
        return next((at for at, one in enumerate(cells) if one == word), -1)

    def text(self, row: int, column: int) -> str:
        """A cell, trimmed; what is no text is a problem at its place."""
        cells = self.book.rows[row] if row < len(self.book.rows) else []
        try:
            return " ".join(clean_text(text=cells[column]).split()) if column < len(cells) else ""
        except ValueError as error:
            self.problem(row, column, str(error))
            return ""

    def place(self, row: int, column: int) -> Place:
        """Where a cell stands, as a spreadsheet says it."""
        return Place(sheet=self.book.sheet, row=row + 1, column=letters(number=column))

    def problem(self, row: int, column: int, message: str) -> None:
        """Note what is wrong with a cell."""
        place = self.place(row, column)
        self.problems.append(Problem(message, sheet=place.sheet, row=place.row, column=place.column))

    def rows(self, where: range, side: str, titles: int) -> Iterator[_Line]:
        """The rows of one arm that hold an item or a new title."""
        order = reversed(where) if side == "north" else where
        for row in order:
            yield from self.line(row, side, self.text(row, 0), row, titles)

    def columns(self, where: range, side: str, titles: int) -> Iterator[_Line]:
        """The columns of one arm that hold an item or a new title."""
        order = reversed(where) if side == "west" else where
        for column in order:
            yield from self.line(column, side, self.text(0, column), titles, column)

    def line(self, at: int, side: str, key: str, row: int, column: int) -> Iterator[_Line]:
        """The item that a row or a column holds: a known one perhaps renamed, or a new one."""
        title, (kind, kpi_kind) = self.text(row, column), self.arms[side]
        if key in (FIGURES, OWNER, END, TITLES) or (not key and not title):
            return
        if not key:
            if self.fits(title, row, column):
                key = f"new:{side}:{at}"
                wish = AddWish(key=key, kind=kind, name=title, kpi_kind=kpi_kind or KPIKind.RESULT)
                self.items.append(ItemRow(wish=wish, place=self.place(row, column)))
                yield _Line(at, side, key, kind, title)
            return
        if key in self.seen:
            self.problem(row, column, "this item stands twice: clear the hidden key of the copy to make it a new one")
            return
        self.seen.add(key)
        if key not in self.book.names or not self.known(key, kind, title, row, column):
            self.problem(row, column, "its hidden key names no item of this arm: leave row 1 and column A alone")
            return
        yield _Line(at, side, key.partition(":")[2], kind, title or self.book.names[key])

    def known(self, key: str, kind: Kind, title: str, row: int, column: int) -> bool:
        """Whether the key is one of this arm; a changed title becomes a wish to rename."""
        if key.partition(":")[0] != kind.value:
            return False
        was = self.book.names[key]
        if key not in self.book.versions or title == " ".join(was.split()):
            return True
        if not title:
            self.problem(row, column, f"the title of “{was}” is empty; items are ended or archived on the plan")
        elif self.fits(title, row, column):
            wish = RenameWish(key=key.partition(":")[2], name=title, was=was, version=self.book.versions[key])
            self.items.append(ItemRow(wish=wish, place=self.place(row, column)))
        return True

    def fits(self, title: str, row: int, column: int) -> bool:
        """Whether the title is short enough."""
        if len(title) > LONGEST_TITLE:
            self.problem(row, column, f"a title has at most {LONGEST_TITLE} characters")
        return len(title) <= LONGEST_TITLE

    def cell(self, row: _Line, column: _Line) -> Iterator[CellRow]:
        """The link of a row and a column, when the cell says something else than it did."""
        text = self.text(row.at, column.at)
        strength = strength_of(text=text, glyphs=self.book.origin.glyphs)
        if strength is None:
            self.problem(row.at, column.at, f"“{text[:20]}” is no strength: write {self.allowed()}, or leave it empty")
            return
        upper, lower = (row, column) if (row.kind, column.kind) in LINKED_KINDS else (column, row)
        known = upper.key.isdigit() and lower.key.isdigit()
        was, why, version = self.book.links.get((int(upper.key), int(lower.key)), (0, "", 0)) if known else (0, "", 0)
        if strength == was:
            return
        if (upper.kind, lower.kind) not in LINKED_KINDS:
            self.problem(row.at, column.at, f"{row.kind.value} and {column.kind.value} are never linked")
            return
        yield CellRow(
            upper=upper.key, lower=lower.key, was=was, strength=strength, rationale=why if strength else "",
            version=version, said=f"{upper.title} × {lower.title}", place=self.place(row.at, column.at),
        )  # fmt: skip

    def allowed(self) -> str:
        """What may stand in a cell."""
        signs = [one.glyph for one in grades_of(glyphs=self.book.origin.glyphs).values()]
        return f"{', '.join(signs)} or 9, 3, 1"


def strength_of(*, text: str, glyphs: str) -> int | None:
    """The strength that a cell says: 0 for an empty one, None for what is none."""
    if text in ("", "0", "–", "-"):
        return 0
    if text in ("9", "3", "1"):
        return int(text)
    found = {grade.glyph: strength for strength, grade in grades_of(glyphs=glyphs).items()}
    return found.get(text)


def letters(*, number: int) -> str:
    """The name of a column as a spreadsheet writes it: 0 is A, 26 is AA."""
    name = ""
    rest = number + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        name = chr(ord("A") + place) + name
    return name

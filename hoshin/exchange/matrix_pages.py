"""Reads a workbook that `matrix_book` wrote and somebody changed: what differs from how everything stood then.

Rows and columns are known by the hidden keys that stand in them, wherever they have been moved to.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from python_calamine import CalamineError, CalamineWorkbook

from hoshin.charts.signs import grades_of
from hoshin.commands.matrix import AddWish, RenameWish
from hoshin.commands.matrix_import import CellRow, ItemRow, OrderRow, PartRow
from hoshin.engine.plans import LINKED_KINDS, Kind
from hoshin.errors import Problem, Refused
from hoshin.exchange.cells import clean_text, text_of
from hoshin.exchange.comments import Comments, read_comments
from hoshin.exchange.matrix_book import END, FIGURES, KEPT, TITLES
from hoshin.exchange.matrix_grid import Grid
from hoshin.exchange.matrix_memory import Memory, Origin, memory_of
from hoshin.exchange.matrix_order import moved
from hoshin.exchange.matrix_parts import Owned, parts_of
from hoshin.model.kpis import KPIKind

LARGEST = 8 * 1024 * 1024
LONGEST_REASON = 10_000
ArmKinds = Mapping[str, tuple[Kind, KPIKind | None]]


@dataclass(frozen=True, slots=True)
class ChangedBook:
    """What was changed in a workbook, and the places of what was changed there and is not read."""

    items: tuple[ItemRow, ...]
    cells: tuple[CellRow, ...]
    orders: tuple[OrderRow, ...]
    parts: tuple[PartRow, ...]
    ignored: tuple[str, ...]


@dataclass(slots=True)
class MatrixBook:
    """A workbook that has been opened: how everything stood, and the cells as they are, with the notes beside them.

    `notes` is None where the file keeps none, or none that are reasons.
    """

    memory: Memory
    grid: Grid
    notes: Comments | None = None

    @property
    def origin(self) -> Origin:
        """Which matrix it was written from."""
        return self.memory.origin


def open_book(*, content: bytes) -> MatrixBook:
    """Open a workbook; raises Refused for a file that is none, or none of ours."""
    if len(content) > LARGEST:
        raise Refused(Problem(f"more than {LARGEST // 1024**2} MiB: this is no matrix", field="book"))
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            kept = book.get_sheet_by_name(KEPT).to_python()
            name = next(one for one in book.sheet_names if one != KEPT)
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        memory = memory_of(lines=[str(row[0]) for row in kept if row and row[0]])
    except (CalamineError, OSError, ValueError, StopIteration, AttributeError) as error:
        raise Refused(Problem("this is no workbook that the planner wrote for a matrix", field="book")) from error
    except (KeyError, TypeError, IndexError) as error:
        raise Refused(Problem("the hidden sheet of this workbook has been damaged", field="book")) from error
    notes = read_comments(content=content, sheet=name) if memory.has_reasons else None
    return MatrixBook(memory, Grid(sheet=name, rows=[[text_of(value=one) for one in row] for row in rows]), notes)


def changes_of(*, book: MatrixBook, arms: ArmKinds) -> ChangedBook:
    """What was changed; `arms` says what each side of the layout holds. Raises Refused with every problem's place."""
    return _Reading(book.memory, book.grid, arms, book.notes).changes()


@dataclass(frozen=True, slots=True)
class _Line:
    """A row or a column: its place and side, its item's number or own key, and the key that stands there."""

    at: int
    side: str
    item: str
    kind: Kind
    title: str
    key: str
    row: int
    column: int


@dataclass(slots=True)
class _Reading:
    memory: Memory
    grid: Grid
    arms: ArmKinds
    notes: Comments | None
    items: list[ItemRow] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def changes(self) -> ChangedBook:
        """Everything."""
        titles, end = self.grid.find_row(word=TITLES), self.grid.find_row(word=END)
        centre, edge = self.grid.find_column(word=TITLES), self.grid.find_column(word=END)
        if min(titles, end, centre, edge) < 0:
            raise Refused(Problem("row 1 or column A, which name the items, have been changed", sheet=self.grid.sheet))
        arms = {
            "north": self.arm("north", reversed(range(1, titles)), centre, across=False),
            "south": self.arm("south", range(titles + 1, end), centre, across=False),
            "west": self.arm("west", reversed(range(1, centre)), titles, across=True),
            "east": self.arm("east", range(centre + 1, edge), titles, across=True),
        }
        rows, columns = [*arms["north"], *arms["south"]], [*arms["west"], *arms["east"]]
        cells = [cell for row in rows for column in columns for cell in self.cell(row, column)]
        owned = [Owned(one.at, one.key, one.title, one.item) for one in rows]
        parts = tuple(parts_of(grid=self.grid, memory=self.memory, rows=owned, first=edge + 1, titles=titles))
        orders = tuple(row for side, lines in arms.items() for row in self.order(side, lines))
        if self.grid.problems:
            raise Refused.because(self.grid.problems)
        return ChangedBook(tuple(self.items), tuple(cells), orders, parts, tuple(self.ignored(rows, columns)))

    def arm(self, side: str, where: Iterator[int] | range, beside: int, *, across: bool) -> list[_Line]:
        """The rows or columns of one arm that hold an item or a new title, from the centre outwards."""
        found: list[_Line] = []
        for at in where:
            row, column = (beside, at) if across else (at, beside)
            key = self.grid.text(row=0, column=at) if across else self.grid.text(row=at, column=0)
            line = self.line(at, side, key, row, column, found)
            if line is not None:
                found.append(line)
        return found

    def line(self, at: int, side: str, key: str, row: int, column: int, before: Sequence[_Line]) -> _Line | None:
        """The item that a row or a column holds: a known one perhaps renamed, or a new one."""
        if key in (FIGURES, END, TITLES):
            return None
        title = self.grid.title(row=row, column=column)
        if title is None or not (key or title):
            return None
        if not key:
            return self.added(at, side, title, row, column, before)
        kind, _ = self.arms[side]
        if key in self.seen:
            told = "this item stands twice: clear the hidden key of the copy to make it a new one"
            self.grid.problem(row=row, column=column, message=told)
        elif key not in self.memory.names or key.partition(":")[0] != kind.value:
            told = "its hidden key names no item of this arm: leave row 1 and column A alone"
            self.grid.problem(row=row, column=column, message=told)
        else:
            self.seen.add(key)
            self.renamed(key, title, row, column)
            name = title or self.memory.names[key]
            return _Line(at, side, key.partition(":")[2], kind, name, key, row, column)
        return None

    def added(self, at: int, side: str, title: str, row: int, column: int, before: Sequence[_Line]) -> _Line:
        """A new item, after the one of this unit that stands before it."""
        kind, kpi_kind = self.arms[side]
        key = f"new:{side}:{at}"
        after = next((one.item for one in reversed(before) if one.key in self.memory.versions or not one.key), "")
        wish = AddWish(key=key, kind=kind, name=title, kpi_kind=kpi_kind or KPIKind.RESULT, after=after)
        self.items.append(ItemRow(wish=wish, place=self.grid.place(row=row, column=column)))
        return _Line(at, side, key, kind, title, "", row, column)

    def renamed(self, key: str, title: str, row: int, column: int) -> None:
        """A changed title becomes a wish to rename; what is at home elsewhere is not renamed from here."""
        was = self.memory.names[key]
        if title == " ".join(was.split()):
            return
        if key not in self.memory.versions:
            if title not in ("", self.drawn(key)):
                told = "this KPI is at home in another unit and is renamed there"
                self.grid.problem(row=row, column=column, message=told)
        elif not title:
            told = f"the title of “{was}” is empty; items are ended or archived on the plan"
            self.grid.problem(row=row, column=column, message=told)
        else:
            wish = RenameWish(key=key.partition(":")[2], name=title, was=was, version=self.memory.versions[key])
            self.items.append(ItemRow(wish=wish, place=self.grid.place(row=row, column=column)))

    def drawn(self, key: str) -> str:
        """The title of an item of another unit as it was written."""
        return " ".join(self.memory.drawn.get(key, "").split())

    def order(self, side: str, lines: Sequence[_Line]) -> Iterator[OrderRow]:
        """What was moved within an arm, and what is new before everything else in it."""
        before = [one for one in self.memory.arms.get(side, ()) if one in self.memory.versions]
        found = {one.key: one for one in lines}
        numbers = tuple(int(one.partition(":")[2]) for one in before)
        added = list(takewhile(lambda one: not one.key, lines))
        ahead: _Line | None = None
        for line in added if any(one.key in self.memory.versions for one in lines) else ():
            yield self.placed(line, ahead, numbers)
            ahead = line
        for key, after in moved(before=before, now=[one.key for one in lines]):
            yield self.placed(found[key], found.get(after), numbers)

    def placed(self, line: _Line, ahead: _Line | None, numbers: tuple[int, ...]) -> OrderRow:
        """An item right after another one, or first."""
        return OrderRow(
            key=line.item, after=ahead.item if ahead else "", before=numbers, name=line.title,
            after_name=ahead.title if ahead else "", place=self.grid.place(row=line.row, column=line.column),
        )  # fmt: skip

    def cell(self, row: _Line, column: _Line) -> Iterator[CellRow]:
        """The link of a row and a column, when the cell says something else than it did."""
        text = self.grid.text(row=row.at, column=column.at)
        strength = strength_of(text=text, glyphs=self.memory.origin.glyphs)
        if strength is None:
            told = f"“{text[:20]}” is no strength: write {self.allowed()}, or leave it empty"
            self.grid.problem(row=row.at, column=column.at, message=told)
            return
        upper, lower = (row, column) if (row.kind, column.kind) in LINKED_KINDS else (column, row)
        known = upper.item.isdigit() and lower.item.isdigit()
        pair = (int(upper.item), int(lower.item)) if known else (0, 0)
        was, why, version = self.memory.links.get(pair, (0, "", 0))
        reason = self.reason(row.at, column.at, strength, was, why)
        if strength == was and reason == why:
            return
        if (upper.kind, lower.kind) not in LINKED_KINDS:
            told = f"{row.kind.value} and {column.kind.value} are never linked"
            self.grid.problem(row=row.at, column=column.at, message=told)
            return
        yield CellRow(
            upper=upper.item, lower=lower.item, was=was, strength=strength, rationale=reason, why=why,
            version=version, said=f"{upper.title} × {lower.title}", place=self.grid.place(row=row.at, column=column.at),
        )  # fmt: skip

    def reason(self, row: int, column: int, strength: int, was: int, why: str) -> str:
        """The reason for a link: as it was, or as the note beside its sign says now; none without a link."""
        note = "" if self.notes is None else self.notes.get((row, column), "")
        if not strength:
            if note and not was:
                self.grid.problem(row=row, column=column, message="a reason stands here and no link: write how strong")
            return ""
        if self.notes is None or note.split() == why.split():
            return why
        try:
            text = clean_text(text=note)
            if len(text) > LONGEST_REASON:
                raise ValueError(f"a reason has at most {LONGEST_REASON} characters")
        except ValueError as error:
            self.grid.problem(row=row, column=column, message=str(error))
            return why
        return text

    def allowed(self) -> str:
        """What may stand in a cell."""
        signs = [one.glyph for one in grades_of(glyphs=self.memory.origin.glyphs).values()]
        return f"{', '.join(signs)} or 9, 3, 1"

    def ignored(self, rows: Sequence[_Line], columns: Sequence[_Line]) -> Iterator[str]:
        """Where a figure or the centre says something else, which is not read."""
        row, column = self.grid.find_row(word=FIGURES), self.grid.find_column(word=FIGURES)
        spots = [(one.key, one.at, column) for one in rows] + [(one.key, row, one.at) for one in columns]
        spots = [spot for spot in spots if spot[0] and min(spot[1:]) >= 0]
        titles, centre = self.grid.find_row(word=TITLES), self.grid.find_column(word=TITLES)
        changed = [
            self.grid.place(row=down, column=across)
            for key, down, across in spots
            if self.grid.text(row=down, column=across) != " ".join(self.memory.figures.get(key, "").split())
        ]
        if self.grid.text(row=titles, column=centre) != " ".join(self.memory.centre.split()):
            changed.append(self.grid.place(row=titles, column=centre))
        yield from (f"{one.column}{one.row}" for one in changed)


def strength_of(*, text: str, glyphs: str) -> int | None:
    """The strength that a cell says: 0 for an empty one, None for what is none."""
    if text in ("", "0", "–", "-"):
        return 0
    if text in ("9", "3", "1"):
        return int(text)
    found = {grade.glyph: strength for strength, grade in grades_of(glyphs=glyphs).items()}
    return found.get(text)

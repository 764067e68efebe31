"""A bowling chart as an Excel workbook that looks like one; what was typed into it is read back cell by cell."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hoshin.charts.bowling import YEAR_CELLS, Bowling, Cell, Field, Line
from hoshin.charts.palette import PALETTE
from hoshin.charts.signs import Sign
from hoshin.engine.figures import parse_figure
from hoshin.errors import Problem, Refused
from hoshin.exchange.books import new_book
from hoshin.exchange.cells import SIGNIFICANT, clean_text
from hoshin.exchange.comments import Comments, read_comments
from hoshin.exchange.sheets import Row, read_sheets

if TYPE_CHECKING:  # imported when the first book is written: a start must not wait for it
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

SHEET, MEMORY, MARK = "Bowling chart", "hoshin", "hoshin bowling 2"
MARKS = ("hoshin bowling 1", MARK)
"""What we have written so far; the first remembered no notes."""
KEY, FIRST_MONTH, HEAD_ROW = "key", 8, 2
BESIDE = (KEY, "KPI", "Owner", "Unit", "Last year", "Base", "Direction", "Row")
AFTER = ("Year to date", "Year target", "Forecast")
LARGEST = 8 * 1024 * 1024
LONGEST_NOTE = 2000
NOTE = "note"
_YEAR_HEADS = {"last_year": "Last year", "base": "Base", "ytd": AFTER[0], "ytd_plan": AFTER[0],
               "year_target": AFTER[1], "forecast": AFTER[2]}  # fmt: skip
_ACTUALS = ("actual", "ytd_actual", "note", "ytd_note")
"""What stands in the lower of the two rows of a KPI."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One cell that says something else than when the workbook was written; `place` is where it stands."""

    name: str
    kpi_id: int
    period: str
    text: str
    seen: str
    version: int
    title: str
    place: Problem

    @property
    def what(self) -> str:
        """What it is called in the preview, beside the column that it stands in."""
        row = "forecast" if self.name.startswith("forecast") else "actual" if self.name in _ACTUALS else "plan"
        return f"note to the {row}" if self.name.endswith(NOTE) else row


@dataclass(frozen=True, slots=True)
class BowlingBook:
    """What a workbook that comes back says: whose chart it was, and what was changed in it."""

    unit_id: int
    cycle: str
    cells: tuple[Typed, ...]


# ------------------------------------------------------------------ out


def write_book(*, chart: Bowling, unit_id: int, cycle: str) -> bytes:
    """The workbook; a second, hidden sheet remembers what stood in each cell that may be typed into."""
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with new_book(file=written, options=options) as book:
        _Writing(book, chart, unit_id, cycle).write()
    return written.getvalue()


class _Writing:
    """The workbook under construction."""

    def __init__(self, book: Workbook, chart: Bowling, unit_id: int, cycle: str) -> None:
        self.book, self.chart = book, chart
        self.page: Worksheet = book.add_worksheet(SHEET)
        self.memory: Worksheet = book.add_worksheet(MEMORY)
        self.memory.hide()
        for column, text in enumerate((MARK, str(unit_id), cycle)):
            self.memory.write_string(0, column, text)
        self.remembered = 0
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def write(self) -> None:
        """Title, head, and block after block."""
        months = list(self._months())
        self.page.write_string(0, 1, self.chart.title, self._format(bold=True, font_size=16))
        look = {"bottom": 2, "text_wrap": True, "valign": "bottom", "bg_color": PALETTE.band}
        head, figures = self._format(bold=True, **look), self._format(bold=True, align="right", **look)
        for column, text in enumerate((*BESIDE, *months, *AFTER)):
            is_figure = column in (4, 5) or column >= FIRST_MONTH
            self.page.write_string(HEAD_ROW, column, text, figures if is_figure else head)
        row = HEAD_ROW + 1
        for block in self.chart.blocks:
            said = f"{block.name}   {block.figure}".strip()
            self.page.write_string(row, 1, said, self._format(bold=True, bg_color=PALETTE.accent_soft))
            row += 1
            for line in block.lines:
                self._line(row, line)
                row += 2
        self._dress(len(months))

    def _months(self) -> Iterator[str]:
        year = ""
        for one in self.chart.months:
            year = one.year or year
            yield f"{one.label} {year}".strip()

    def _line(self, row: int, line: Line) -> None:
        given, quiet = line.given, self._format(font_color=PALETTE.ink_2, valign="top")
        figure = self._format(font_color=PALETTE.ink_2, valign="top", align="right")
        word = self._format(font_color=PALETTE.ink_2, valign="top", indent=1)
        last = FIRST_MONTH + len(line.cells)
        for column, text in enumerate((given.key, line.name, given.owner, given.uom)):
            self.page.write_string(row, column, text, self._format(bold=True, valign="top") if column == 1 else quiet)
        for column, text in ((4, given.last_year), (5, given.base), (last + 1, given.year_target)):
            self._figure(row, column, text, figure)
        self._figure(row, 6, given.detail, word)
        self.page.write_string(row + 1, 0, given.key)
        for place, name in enumerate(("plan", "actual")):
            self.page.write_string(row + place, FIRST_MONTH - 1, name, quiet)
        for column, cell in enumerate((*line.cells, line.ytd), start=FIRST_MONTH):
            self._cell(row, column, cell)
        self._figure(row, last + 2, given.forecast, self._format(valign="top", align="right"))
        self._remember(given.forecast_field, AFTER[-1])
        heads = [*BESIDE, *self._months(), *AFTER]
        for name in YEAR_CELLS if given.notes_key else ():
            down, note = int(name == "ytd"), given.notes.get(name, "")
            self._note(row + down, heads.index(_YEAR_HEADS[name]), note)
            self._keep(f"{name}_{NOTE}", given.notes_key, _YEAR_HEADS[name], note)

    def _cell(self, row: int, column: int, cell: Cell) -> None:
        plan, actual = (self._raw(cell, place) for place in (0, 1))
        closed = bool(cell.fields and not cell.fields[1].is_open)
        ink = PALETTE.accent if cell.amended else PALETTE.ink_2
        quiet = self._format(font_color=ink, valign="top", align="right")
        self._figure(row, column, plan, quiet)
        self._figure(row + 1, column, actual, self._coloured(cell.sign, closed))
        for field in cell.fields or ():
            self._remember(field, cell.month)
        if cell.fields and cell.fields[1].name == "actual":
            beside = cell.fields[1]
            locked = "" if beside.is_open else beside.closed or "no"
            for down, name, note in ((0, f"plan_{NOTE}", cell.plan_note), (1, NOTE, cell.note)):
                self._note(row + down, column, note)
                self._keep(name, beside.key, cell.month, note, closed=locked, version=beside.version)

    def _note(self, row: int, column: int, text: str) -> None:
        if text:
            self.page.write_comment(row, column, text)

    @staticmethod
    def _raw(cell: Cell, place: int) -> str:
        """What stands behind the text, so that it comes back as it went."""
        return cell.fields[place].raw if cell.fields else (cell.plan, cell.actual)[place]

    def _coloured(self, sign: Sign, closed: bool) -> Any:
        colours = {} if sign.key == "not_due" else {"bg_color": sign.soft, "font_color": sign.ink}
        line = {"bottom": 1, "bottom_color": PALETTE.line_strong}
        return self._format(bold=True, italic=closed, valign="top", align="right", **line, **colours)

    def _figure(self, row: int, column: int, text: str, style: Any) -> None:
        """A number where it is one that Excel holds exactly, else text."""
        try:
            value = parse_figure(text=text) if text else None
        except ValueError:
            value = None
        if value is not None and len(value.normalize().as_tuple().digits) <= SIGNIFICANT:
            self.page.write_number(row, column, float(value), style)
        elif text:
            self.page.write_string(row, column, text, style)
        else:
            self.page.write_blank(row, column, None, style)

    def _remember(self, field: Field | None, head: str) -> None:
        if field is not None:
            closed = "" if field.is_open else field.closed or "no"
            self._keep(field.name, field.key, head, field.raw, closed=closed, version=field.version)

    def _keep(self, name: str, key: str, head: str, raw: str, *, closed: str = "", version: int = 0) -> None:
        self.remembered += 1
        for column, text in enumerate((name, key, head, closed, str(version), raw)):
            self.memory.write_string(self.remembered, column, text)

    def _format(self, **more: Any) -> Any:
        key = tuple(sorted(more.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"font_size": 9, **more})
        return self.formats[key]

    def _dress(self, months: int) -> None:
        page = self.page
        page.set_column(0, 0, None, None, {"hidden": True})
        page.set_column(1, 1, 34)
        page.set_column(2, 3, 12)
        page.set_column(4, FIRST_MONTH - 1, 8)
        page.set_column(6, 6, 11)
        page.set_row(0, 22)
        page.set_column(FIRST_MONTH, FIRST_MONTH + months + 2, 8)
        page.freeze_panes(HEAD_ROW + 1, 2)
        page.set_landscape()
        page.set_paper(8)
        page.fit_to_pages(1, 0)
        page.repeat_rows(HEAD_ROW)
        page.hide_gridlines(2)


# ------------------------------------------------------------------ in


def read_book(*, content: bytes) -> BowlingBook:
    """What was changed since the workbook was written.

    Raises Refused when it is none of ours, and with sheet, row and column of each cell that cannot be read.
    """
    if len(content) > LARGEST:
        raise Refused(Problem("this workbook is larger than any bowling chart"))
    sheets = {one.name: one for one in read_sheets(name="the file", content=content)}
    page, memory = sheets.get(SHEET), sheets.get(MEMORY)
    is_ours = memory is not None and len(memory.head) > 2 and memory.head[0] in MARKS and memory.head[1].isdigit()
    if page is None or memory is None or not is_ours:
        raise Refused(Problem("this is no bowling chart that was written here: take one out first, then fill it"))
    notes = read_comments(content=content, sheet=SHEET) if memory.head[0] == MARK else None
    reading = _Reading([Row(0, page.head), *page.rows], notes)
    cells = [one for row in memory.rows if (one := reading.changed(row)) is not None]
    if reading.problems:
        raise Refused.because(reading.problems)
    return BowlingBook(int(memory.head[1][:9]), memory.head[2][:20], tuple(cells))


class _Reading:
    """The visible sheet: where each KPI's rows and each month's column stand now, sorted or moved as they may be."""

    def __init__(self, rows: Sequence[Row], notes: Comments | None) -> None:
        self.notes = notes
        head = next((one for one in rows if one.cells and one.cells[0].strip() == KEY), None)
        if head is None:
            raise Refused(Problem("the row with the months is gone", sheet=SHEET))
        self.head = [one.strip() for one in head.cells]
        self.columns = {text: place for place, text in enumerate(self.head)}
        self.rows: dict[tuple[str, str], Row] = {}
        for one in rows:
            if len(one.cells) >= FIRST_MONTH and one.cells[0].strip().isdigit():
                self.rows[one.cells[0].strip(), one.cells[FIRST_MONTH - 1].strip()] = one
        self.problems: list[Problem] = []

    def changed(self, memory: Row) -> Typed | None:
        """The cell that this line of the memory speaks of, when it says something else now."""
        name, key, head, closed, version, seen = (*memory.cells, *[""] * 6)[:6]
        kpi, _, period = key.partition(".")
        row = self.rows.get((kpi, "actual" if name in _ACTUALS else "plan"))
        column = self.columns.get(head)
        if row is None or column is None or not kpi.isdigit():
            return None
        text = self._note(row, column) if name.endswith(NOTE) else self._text(row, column)
        if text is None or text == seen:
            return None
        place = Problem("", sheet=SHEET, row=row.number, column=self.head[column])
        if closed:
            said = "this month is locked" if closed == "locked" else "you may not change this cell"
            self.problems.append(Problem(said, sheet=SHEET, row=row.number, column=self.head[column]))
            return None
        title = self.rows[kpi, "plan"].cells[1] if (kpi, "plan") in self.rows else ""
        return Typed(name, int(kpi), period, text, seen, int(version) if version.isdigit() else 0, title, place)

    def _note(self, row: Row, column: int) -> str | None:
        """The note beside the cell in one line; None where the file keeps no notes at all, or it is none."""
        if self.notes is None:
            return None
        try:
            text = " ".join(clean_text(text=self.notes.get((row.number - 1, column), "")).split())
            if len(text) > LONGEST_NOTE:
                raise ValueError(f"a note has at most {LONGEST_NOTE} characters")
        except ValueError as error:
            self.problems.append(Problem(str(error), sheet=SHEET, row=row.number, column=self.head[column]))
            return None
        return text

    def _text(self, row: Row, column: int) -> str | None:
        """What stands there as the product writes it; None when it is no text at all."""
        try:
            return clean_text(text=row.cells[column] if column < len(row.cells) else "")
        except ValueError as error:
            self.problems.append(Problem(str(error), sheet=SHEET, row=row.number, column=self.head[column]))
            return None

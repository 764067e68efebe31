"""Writes the tables of a sheet as a workbook that looks like it: title block, coloured verdicts, a page to print."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hoshin.charts.palette import PALETTE
from hoshin.charts.strips import TitleBlock
from hoshin.charts.tables import Cell, Column, Row, Table, TableSheet
from hoshin.exchange.books import new_book, write_table

if TYPE_CHECKING:  # imported when the first book is written: a start must not wait for it
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

LINE = 12.5
"""Points that a line of text takes; no program but Excel finds out by itself how high a row must be."""
ALIGN = {"start": "left", "middle": "center", "end": "right"}
DEEPEST = 7
"""Excel knows so many levels of an outline."""


def table_book(*, sheet: TableSheet) -> bytes:
    """The workbook: title block, headline, table under table, and the bare table on a second sheet.

    Rows of a tree can be folded; a sheet of one table can be filtered. Text is never taken for a formula.
    """
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with new_book(file=written, options=options) as book:
        book.set_properties({"title": sheet.block.title, "company": sheet.block.organisation})
        _Writing(book, sheet).run()
        if sheet.plain:
            head, *rows = sheet.plain
            write_table(book=book, sheet="data", head=[str(one) for one in head], rows=rows)
    return written.getvalue()


class _Writing:
    """The visible sheet under construction."""

    def __init__(self, book: Workbook, sheet: TableSheet) -> None:
        self.book, self.sheet, self.tables = book, sheet, sheet.tables
        self.page: Worksheet = book.add_worksheet(sheet.name)
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.row = 0

    def run(self) -> None:
        """From the title block to the page that is printed."""
        columns = _kept(self.tables[0].columns) if self.tables else []
        for place, _, column in columns:
            self.page.set_column(place, place, column.chars)
        self._title(self.sheet.block)
        for place, text in enumerate(self.sheet.said):
            self._line(text, **({"font_color": PALETTE.ink_2} if place else {"bold": True, "font_size": 12}))
        first = self.row + 1
        for table in self.tables:
            self._table(table)
        ending = self.sheet.more if self.tables else "There is nothing here yet."
        if ending:
            self._line(ending)
        self._page(first, len(columns))

    def _title(self, block: TitleBlock) -> None:
        self._line(block.organisation.upper(), font_color=PALETTE.ink_3, bold=True, font_size=8)
        self.page.set_row(self.row, 22)
        self._line(block.title, bold=True, font_size=16)
        self._line(f"{block.cycle} · {block.subtitle} · {block.printed}", font_color=PALETTE.ink_2)

    def _line(self, text: str, **look: Any) -> None:
        self.page.write_string(self.row, 0, text, self._format(**look))
        self.row += 1

    def _table(self, table: Table) -> None:
        if table.name:
            self.row += 1
            self._line(table.name, bold=True, font_size=12)
        elif self.row:
            self.row += 1
        columns = _kept(table.columns)
        for place, _, column in columns:
            look = {"bottom": 2, "bg_color": PALETTE.band, "valign": "bottom", "align": ALIGN[column.anchor]}
            self.page.write_string(self.row, place, column.head, self._format(bold=True, text_wrap=True, **look))
        top = self.row
        self.row += 1
        for row in table.rows:
            self._row(row, table.columns)
        self._bars(table, top)
        if len(self.tables) == 1 and table.rows:
            self.page.autofilter(top, 0, self.row - 1, len(columns) - 1)
            self.page.freeze_panes(top + 1, 0)

    def _row(self, row: Row, columns: Sequence[Column]) -> None:
        kept = _kept(columns)
        lines = max((_lines(row.cells[index], column) for _, index, column in kept), default=1)
        if row.depth or lines > 1:
            level = {"level": min(row.depth, DEEPEST)} if row.depth else {}
            self.page.set_row(self.row, lines * LINE if lines > 1 else None, None, level)
        for place, index, column in kept:
            self._cell(place, row.cells[index], column)
        self.row += 1

    def _cell(self, place: int, cell: Cell, column: Column) -> None:
        look: dict[str, Any] = {"bottom": 1, "bottom_color": PALETTE.line, "valign": "top"}
        look["align"] = ALIGN[column.anchor]
        if cell.indent:
            look["indent"] = min(cell.indent * 2, 15)
        if cell.sign:
            look |= {"bg_color": cell.sign.soft, "font_color": cell.sign.ink}
        elif cell.quiet:
            look["font_color"] = PALETTE.ink_3
        if cell.bold:
            look["bold"] = True
        if cell.number is not None:
            style = self._format(num_format="0 %" if cell.percent else "0", **look)
            self.page.write_number(self.row, place, float(cell.number), style)
        else:
            self.page.write_string(self.row, place, _text(cell), self._format(text_wrap=True, **look))

    def _bars(self, table: Table, top: int) -> None:
        """A bar behind every ratio."""
        for place, index, _ in _kept(table.columns):
            if any(row.cells[index].percent for row in table.rows):
                bar = {"type": "data_bar", "bar_color": PALETTE.hit_soft, "bar_solid": True, "min_type": "num",
                       "max_type": "num", "min_value": 0, "max_value": 1}  # fmt: skip
                self.page.conditional_format(top + 1, place, self.row - 1, place, bar)

    def _format(self, **more: Any) -> Any:
        key = tuple(sorted(more.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"font_size": 9, "font_color": PALETTE.ink, **more})
        return self.formats[key]

    def _page(self, first: int, columns: int) -> None:
        page = self.page
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(8)
        page.fit_to_pages(1, 0)
        page.outline_settings(symbols_below=False)
        page.set_footer("&L&F&RPage &P of &N")
        if len(self.tables) == 1 and columns:
            page.repeat_rows(first)


def _text(cell: Cell) -> str:
    return f"{cell.kind} {cell.text}" if cell.kind else cell.text


def _lines(cell: Cell, column: Column) -> int:
    """How many lines the text takes in a column of so many signs."""
    room = max(column.chars * 1.15 - cell.indent * 2, 8)  # a column is measured in the signs of a larger letter
    return 1 if cell.number is not None else math.ceil(len(_text(cell)) / room) or 1


def _kept(columns: Sequence[Column]) -> list[tuple[int, int, Column]]:
    """The columns that a workbook has, with their places in it and in the table: bars are drawn by Excel itself."""
    kept = [(index, one) for index, one in enumerate(columns) if one.chars]
    return [(place, index, one) for place, (index, one) in enumerate(kept)]

"""Tables as a workbook: figures are numbers, text is text whatever it begins with, a tree folds."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal

from python_calamine import CalamineWorkbook

from hoshin.charts.strips import TitleBlock
from hoshin.charts.tables import Cell, Column, Row, Table, TableSheet
from hoshin.exchange.table_book import table_book

BLOCK = TitleBlock("Company", "Attainment", "May 2026", "FY2026", "printed 1 Jun 2026")
COLUMNS = (Column("Name", 3), Column("Ratio", 1, "end"), Column("", 1, chars=0))


def _rows(sheet: TableSheet, place: int = 0) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(table_book(sheet=sheet)))
    return [list(one) for one in book.get_sheet_by_index(place).to_python()]


def _sheet(*names: str, plain: tuple[tuple[str | Decimal, ...], ...] = ()) -> TableSheet:
    half = Cell("50 %", number=Decimal("0.5"), percent=True)
    rows = tuple(Row((Cell(name, indent=at), half, Cell(bar=(1, 1, 0, 0))), depth=at) for at, name in enumerate(names))
    tables = (Table("Units", COLUMNS, rows),) if rows else ()
    return TableSheet("Attainment", BLOCK, tables, ("1 of 2 hit",), plain=plain)


def test_what_is_written_is_what_is_read() -> None:
    rows = _rows(_sheet("=1+1", "http://example.org", "x" * 400))
    head = ["COMPANY", "Attainment", "FY2026 · May 2026 · printed 1 Jun 2026", "1 of 2 hit"]
    assert [one[0] for one in rows[:4]] == head
    assert rows[-3:] == [["=1+1", 0.5], ["http://example.org", 0.5], ["x" * 400, 0.5]]
    assert ["Name", "Ratio"] in rows, "a bar has no column of its own"


def test_a_tree_folds_and_what_is_too_deep_for_excel_is_still_written() -> None:
    names = [f"step {at}" for at in range(12)]
    content = table_book(sheet=_sheet(*names))
    page = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert 'outlineLevel="1"' in page
    assert 'outlineLevel="8"' not in page
    assert [row[0] for row in _rows(_sheet(*names))[-12:]] == names


def test_nothing_at_all_says_so_and_the_bare_table_stands_beside() -> None:
    empty = _sheet(plain=(("name", "hits"), ("Crew", Decimal(3))))
    assert _rows(empty)[-1][0] == "There is nothing here yet."
    assert _rows(empty, 1) == [["name", "hits"], ["Crew", 3.0]]

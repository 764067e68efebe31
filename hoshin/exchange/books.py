"""Writes tables as Excel workbooks: figures as numbers where a number can hold them, all else as text."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from hoshin.exchange.cells import SIGNIFICANT

if TYPE_CHECKING:  # imported when the first book is written: a start must not wait for it
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

WIDE = {"unit": 30, "objective": 34, "priority": 34, "action": 34, "kpi": 34, "name": 34, "path": 40, "owner": 24}
"""Widths of columns by their heads; every other one is as wide as its head."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""What a browser is told a workbook is."""


def new_book(*, file: IO[bytes] | str, options: dict[str, Any]) -> Workbook:
    """An empty workbook that is written to the file when its block ends; the options are XlsxWriter's."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - see above

    return Workbook(file, options)


def to_xlsx(
    *, sheet: str, head: Sequence[str], rows: Iterable[Sequence[str | Decimal]], is_long: bool = False
) -> bytes:
    """One sheet with a bold, frozen head; text is never taken for a formula or an address.

    A long one is written row by row past the memory, in a folder of the system's; a short one needs none. Raises
    OSError where there is no room in that folder.
    """
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415 - see above

    written = io.BytesIO()
    place = {"constant_memory": True} if is_long else {"in_memory": True}
    options = {**place, "strings_to_formulas": False, "strings_to_urls": False}
    try:
        with new_book(file=written, options=options) as book:
            write_table(book=book, sheet=sheet, head=head, rows=rows)
    except FileCreateError as error:
        raise OSError(*getattr(error.args[0], "args", error.args)) from error
    return written.getvalue()


def write_table(*, book: Workbook, sheet: str, head: Sequence[str], rows: Iterable[Sequence[str | Decimal]]) -> None:
    """One more sheet of a workbook, as `to_xlsx` has it."""
    page = book.add_worksheet(sheet[:31])
    page.write_row(0, 0, head, book.add_format({"bold": True}))
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.set_paper(8)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    for column, name in enumerate(head):
        page.set_column(column, column, WIDE.get(name, max(len(name) + 2, 9)))
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write(page, number, column, value)


def _write(page: Worksheet, row: int, column: int, value: str | Decimal) -> None:
    """A number keeps 15 digits; what has more is written as text, which the import reads exactly."""
    if isinstance(value, Decimal) and len(value.normalize().as_tuple().digits) <= SIGNIFICANT:
        page.write_number(row, column, float(value))
    elif value != "":
        page.write_string(row, column, f"{value:f}" if isinstance(value, Decimal) else value)

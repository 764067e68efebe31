"""Sheets of tables to take along: as one drawing or as a workbook."""

from __future__ import annotations

from werkzeug.wrappers import Response

from hoshin.charts.tables import TableSheet
from hoshin.exchange.books import XLSX
from hoshin.exchange.table_book import table_book
from hoshin.reports.drawings import tables_svg
from hoshin.web import door


def download_tables(*, sheet: TableSheet, name: str, ending: str) -> Response:
    """The file of that ending, svg or xlsx."""
    if ending == "svg":
        return door.download(tables_svg(sheet=sheet), name=f"{name}.svg", mime="image/svg+xml")
    return door.download(table_book(sheet=sheet), name=f"{name}.xlsx", mime=XLSX)

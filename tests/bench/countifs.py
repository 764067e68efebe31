"""The same plan as people keep it in a spreadsheet: one row for each KPI and priority, and COUNTIFS at every priority.

A metric that stands below a priority by two ways has two rows, so its priority counts it twice: that is the error.
"""

from __future__ import annotations

import importlib
import shutil
import subprocess
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, text

from tests.bench.sides import MAY, STEPS

PATHS = f"""
    WITH RECURSIVE steps AS ({STEPS}), paths(top, item) AS (
        SELECT id, id FROM items WHERE kind = 'priority'
        UNION ALL SELECT paths.top, steps.lower FROM paths JOIN steps ON steps.upper = paths.item
    )
    SELECT paths.top, readings.kpi_id, readings.status
    FROM paths JOIN readings ON readings.kpi_id = paths.item AND readings.period = :period
"""
ITEMS = "SELECT id FROM items WHERE kind = 'priority' ORDER BY id"
MOST = 1_000_000
"""Rows of one sheet; a larger plan does not fit into a spreadsheet at all."""
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""
"""LibreOffice's setting: recalculate when a file is opened, else it takes the zeros that stand there as results."""


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook that was written: its rows, and the priorities with a metric on two ways, which it must get wrong."""

    path: Path
    rows: int
    shared: frozenset[int]


@dataclass(frozen=True, slots=True)
class Recalculated:
    """What LibreOffice made of it: seconds beyond its start, and by priority how many metrics and hits it counted."""

    seconds: float
    counts: dict[int, tuple[int, int]]


def write_book(*, path: Path, engine: Engine) -> Book:
    """Write the workbook; a row is a metric on one way below one priority."""
    book: Any = importlib.import_module("xlsxwriter").Workbook(str(path), {"constant_memory": True})
    metrics, items = book.add_worksheet("metrics"), book.add_worksheet("items")
    rows, below = 0, defaultdict[int, list[int]](list)
    with engine.connect() as connection:
        for rows, (top, kpi, status) in enumerate(connection.execute(text(PATHS).bindparams(period=MAY)), 1):
            if rows > MOST:
                raise ValueError("the plan is too large for a spreadsheet")
            metrics.write_row(rows, 0, (top, kpi, status[0]))
            below[top].append(kpi)
        keys = connection.execute(text(ITEMS)).scalars().all()
    for row, key in enumerate(keys, 1):
        items.write_number(row, 0, key)
        for column, letter in ((1, '"*"'), (2, '"h"')):
            formula = f"=COUNTIFS(metrics!$A$2:$A${rows + 1},A{row + 1},metrics!$C$2:$C${rows + 1},{letter})"
            items.write_formula(row, column, formula)
    book.close()
    return Book(path, rows, frozenset(top for top, kpis in below.items() if len(set(kpis)) < len(kpis)))


def recalculate(*, book: Book) -> Recalculated | None:
    """Let LibreOffice open the workbook, recalculate and save it; None where it is not installed."""
    program = shutil.which("soffice")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(SETTINGS, "utf-8")
        empty = folder / "empty.xlsx"
        importlib.import_module("xlsxwriter").Workbook(str(empty)).close()
        _convert(program, empty, folder)  # makes its profile
        start = _convert(program, empty, folder)
        seconds = _convert(program, book.path, folder) - start
        sheet = CalamineWorkbook.from_path(folder / "made" / book.path.name).get_sheet_by_name("items")
        rows: list[Any] = sheet.to_python()
    return Recalculated(seconds, {int(key): (int(total), int(hits)) for key, total, hits in rows if key != ""})


def _convert(program: str, path: Path, folder: Path) -> float:
    """Seconds that LibreOffice takes from its start to the saved copy."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "made"), str(path)]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began

"""The same plan as people keep it in a spreadsheet: one row for each KPI and priority, and COUNTIFS at every priority.

A metric that stands below a priority by two ways has two rows, so its priority counts it twice: that is the error.
"""

from __future__ import annotations

import importlib
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from tests.bench.sides import MAY

PATHS = """
    WITH RECURSIVE steps AS (
        SELECT upper_id AS upper, lower_id AS lower FROM correlations
        UNION ALL SELECT source_id, objective_id FROM deployments
    ), paths(top, item) AS (
        SELECT id, id FROM items WHERE kind = 'priority'
        UNION ALL SELECT paths.top, steps.lower FROM paths JOIN steps ON steps.upper = paths.item
    )
    SELECT paths.top, readings.kpi_id, readings.status
    FROM paths JOIN readings ON readings.kpi_id = paths.item AND readings.period = :period
"""
MOST = 1_000_000
"""Rows of one sheet; a larger plan does not fit into a spreadsheet at all."""


def write_book(*, path: Path, engine: Engine) -> int:
    """Write the workbook; gives the number of its rows, each a metric on one way below one priority."""
    book: Any = importlib.import_module("xlsxwriter").Workbook(str(path), {"constant_memory": True})
    metrics, priorities = book.add_worksheet("metrics"), book.add_worksheet("priorities")
    rows = 0
    with engine.connect() as connection:
        for rows, (top, kpi, status) in enumerate(connection.execute(text(PATHS).bindparams(period=MAY)), 1):
            if rows > MOST:
                raise ValueError("the plan is too large for a spreadsheet")
            metrics.write_row(rows, 0, (top, kpi, status[0]))
        keys = connection.execute(text("SELECT id FROM items WHERE kind = 'priority' ORDER BY id")).scalars().all()
    for row, key in enumerate(keys, 1):
        priorities.write_number(row, 0, key)
        for column, letter in ((1, '"h"'), (2, '"*"')):
            formula = f"=COUNTIFS(metrics!$A$2:$A${rows + 1},A{row + 1},metrics!$C$2:$C${rows + 1},{letter})"
            priorities.write_formula(row, column, formula)
    book.close()
    return rows


def recalculate(*, path: Path) -> float | None:
    """How long LibreOffice takes to open and recalculate the workbook, in seconds; None where it is not installed."""
    program = shutil.which("soffice")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "--headless", "--convert-to", "csv", "--outdir", folder, str(path)]
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - began

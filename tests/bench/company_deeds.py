"""What the people of the simulated company do all day, by role: pages, figures, paper, and an Excel file read in."""

from __future__ import annotations

import csv
import io
import random
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from xlsxwriter import Workbook

from tests.bench.crowd import Browser, Cell, Deed, Deeds, Seen, fields_of, read, record

BOUNDARY = "----the-file-of-the-strategy-office"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]
LONGEST = 300.0
"""Seconds after which somebody who watches a job goes home."""

READING: Deeds = (
    (22, read("home", "/")),
    (18, read("line of sight", "/line-of-sight")),
    (12, read("attainment", "/attainment")),
    (12, read("X-matrix", "/units/{unit}/x-matrix")),
    (12, read("bowling", "/units/{unit}/bowling")),
    (10, read("plan", "/units/{unit}/plan")),
)
"""What everybody reads."""

PAGES: dict[str, Deeds] = {
    "staff": (*READING, (3, read("check-in", "/check-in")), (13, record("own figure", "/actuals"))),
    "head": (
        *READING,
        (13, record("unit's figure", "/units/{unit}/actuals")),
        (4, read("targets", "/units/{unit}/targets")),
        (4, read("balls", "/balls")),
        (4, read("actions", "/actions/board")),
        (2, read("PDF", "/units/{unit}/x-matrix.pdf")),
    ),
    "executive": (
        *READING,
        (8, read("cascade", "/cascade")),
        (8, read("year", "/year")),
        (4, read("vision", "/vision")),
    ),
    "facilitator": (
        *READING,
        (6, read("check", "/check")),
        (6, read("countermeasures", "/countermeasures")),
        (6, read("reviews", "/reviews")),
        (4, read("search", "/search?q=KPI+17")),
    ),
    "auditor": ((1, read("attainment", "/attainment")), (1, read("journal", "/journal"))),
}


@dataclass(frozen=True, slots=True)
class Imported:
    """A KPI whose figures come by file: its key, the path of its unit, and its name."""

    key: int
    unit: str
    name: str


def bring(kpis: Sequence[Imported]) -> Deed:
    """Read in an Excel file with twelve new figures of each KPI, and watch the job until it is over."""

    def deed(browser: Browser) -> None:
        figures = {(one.key, f"{month}-01"): Decimal(random.randint(1, 99)) for one in kpis for month in MONTHS}
        token = fields_of(page=browser.ask("import, read", "/import").text).get("csrf_token", "")
        body = _multipart(token, workbook(kpis=kpis, figures=figures))
        told = browser.send("import, send", "/import", (f"multipart/form-data; boundary={BOUNDARY}", body))
        status = told.status
        if status == 303:
            status = _watch(browser, told.location)
        browser.notes.sent(figures=figures, person=browser.account.person, status=status)

    return deed


def _watch(browser: Browser, path: str) -> int:
    """Look at the job until it is over; 200 when it was done, 422 when it was refused, 0 when nobody knows."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        seen = browser.ask("import, watched", path)
        if seen.status == 200 and "data-over" in seen.text:
            done = "notice-success" in seen.text
            browser.notes.looked(what=f"the import of {path} was not done", right=done)
            return 200 if done else 422
        time.sleep(2)
    return 0


def workbook(*, kpis: Sequence[Imported], figures: dict[Cell, Decimal]) -> bytes:
    """A tidy sheet, stored without compression: larger than what is read while its sender waits."""
    packed, plain = io.BytesIO(), io.BytesIO()
    with Workbook(packed, {"in_memory": True}) as book:
        page = book.add_worksheet("figures")
        page.write_row(0, 0, ("unit", "kpi", "period", "actual"))
        rows = [(one.unit, one.name, month, one.key) for one in kpis for month in MONTHS]
        for number, (unit, name, month, key) in enumerate(rows, 1):
            page.write_row(number, 0, (unit, name, month, int(figures[key, f"{month}-01"])))
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as target:
        for one in source.namelist():
            target.writestr(one, source.read(one))
    return plain.getvalue()


def _multipart(token: str, content: bytes) -> bytes:
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="figures.xlsx"\r\n'
        f"Content-Type: {EXCEL}\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def prove(*, month: str, path: str, kpis: Sequence[int]) -> Deed:
    """Turn a miss into a hit in a unit where nobody else types, and see it in the report, which a replica may make."""

    def deed(browser: Browser) -> None:
        key, here = random.choice(kpis), f"/units/{browser.account.unit}/actuals?period={month}"
        counted = []
        for value in (Decimal(10), Decimal(90)):
            fields = fields_of(page=browser.ask("unit's figure, read", here).text)
            name = f"actual.{key}.{month}-01"
            told = browser.ask("unit's figure, save", here, fields | {name: str(value)}) if name in fields else None
            status = told.status if told else 0
            browser.notes.sent(figures={(key, f"{month}-01"): value}, person=browser.account.person, status=status)
            if status != 303:
                return
            counted.append(_hits(browser.ask("report", f"/attainment?format=csv&period={month}"), path))
        if None not in counted:
            browser.notes.looked(what=f"{path}: {counted} hits", right=counted[1] == (counted[0] or 0) + 1)

    return deed


def _hits(seen: Seen, path: str) -> int | None:
    for row in csv.DictReader(io.StringIO(seen.text if seen.status == 200 else "")):
        if row["kind"] == "unit" and row["path"] == path:
            return int(row["hits"])
    return None

"""What large files cost, as ratios measured within one run: `./run bench files [--rows N] [--rounds N] [--kpis N]`.

An Excel file of 100,000 rows is read, checked and stored against python-calamine's bare read of the same file; the
same plan is exported; a bowling chart of 500 KPIs is printed against a plain table of its cells. Each side runs in a
process of its own, so that its memory is its own, and the times are those of the processor.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session
from xlsxwriter import Workbook

from hoshin.app import create_app
from hoshin.cli import main as hoshin
from hoshin.config import Settings
from hoshin.db import Database, upgrade
from hoshin.model.kpis import KPI
from hoshin.reports.pdf import to_pdf
from hoshin.web import bowling
from tests import factories
from tests.bench.plans import fill
from tests.planting import read

HEAD = (
    "unit", "objective", "priority", "kpi", "period", "target", "actual", "direction", "uom", "frequency", "class",
    "owner",
)  # fmt: skip
MONTHS = 12
Work = Callable[[], object]
"""What is measured, everything it needs being there."""
CELLS = 22
"""The cells of a row of the plain table: as many as the bowling chart has columns."""


def write_plan(*, path: Path, rows: int) -> None:
    """A tidy sheet with twelve months of each KPI, as Excel saves it."""
    with Workbook(str(path)) as book:
        page = book.add_worksheet("plan")
        page.write_row(0, 0, HEAD)
        for number in range(rows):
            kpi, month = divmod(number, MONTHS)
            page.write_row(number + 1, 0, _row(kpi, month))


def _row(kpi: int, month: int) -> list[object]:
    unit, person = kpi % 40, kpi % 200
    return [
        f"Division {unit % 8} / Department {unit}", f"Shorten the way of a quotation {unit % 8}",
        f"Priority {kpi % 400} of the department", f"Lead time of product family {kpi}", f"2026-{month + 1:02d}",
        100 + kpi % 37 * 1.25, 95 + (kpi * 7 + month * 13) % 400 / 16, "at least", "days", "month", "breakthrough",
        f"Person {person} <person{person}@example.org>",
    ]  # fmt: skip


def bare(folder: Path) -> Work:
    """The reader alone."""
    return lambda: CalamineWorkbook.from_path(folder / "plan.xlsx").get_sheet_by_index(0).to_python()


def shell(*words: str) -> Callable[[Path], Work]:
    """The product's own command in the folder, its modules loaded."""

    def prepare(folder: Path) -> Work:
        for name in ("imports", "exports"):
            importlib.import_module(f"hoshin.cli.{name}")
        sys.argv = ["hoshin", *(one.replace("FOLDER", str(folder)) for one in words)]
        return command

    return prepare


def command() -> None:
    """The shell, which ends its process when it is done."""
    try:
        hoshin()
    except SystemExit as end:
        if end.code:
            raise


def idle(folder: Path) -> Work:
    """A process that has loaded all that the export needs and opened the database, and does nothing."""
    shell()(folder)
    session = Database(url=os.environ["HOSHIN_DATABASE_URL"]).reading()
    return session.connection


def chart(folder: Path) -> Work:
    """The bowling chart from its page."""
    settings = Settings(database_url=f"sqlite:///{folder / 'chart.sqlite'}", secret_key="bench", instance=folder)
    bowling.LONG = sys.maxsize
    app = create_app(settings=settings, clock=lambda: factories.NOW)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie.update({"_user_id": (folder / "token").read_text("utf-8"), "_fresh": True})
    client.get("/")
    to_pdf(html="<p>warm</p>")

    def work() -> None:
        if not client.get("/units/1/bowling.pdf?cycle=FY2026").data.startswith(b"%PDF"):
            raise RuntimeError("the chart was not printed")

    return work


def table(folder: Path) -> Work:
    """The same number of cells as a table."""
    row = "<tr>" + "<td>12.5</td>" * CELLS + "</tr>"
    rows = row * 2 * int((folder / "kpis").read_text("utf-8"))
    to_pdf(html="<p>warm</p>")
    return lambda: to_pdf(html=f"<style>@page {{ size: A3 landscape }}</style><table>{rows}</table>")


SIDES: dict[str, Callable[[Path], Work]] = {
    "bare": bare, "import": shell("import", "FOLDER/plan.xlsx"), "export": shell("export", "FOLDER/out.xlsx"),
    "idle": idle, "chart": chart, "table": table,
}  # fmt: skip


def measure(*, side: str, folder: Path) -> tuple[float, float]:
    """Seconds of the processor and MiB at most, of one side in a process of its own."""
    environ = os.environ | {
        "HOSHIN_DATABASE_URL": f"sqlite:///{folder / 'plan.sqlite'}", "HOSHIN_INSTANCE": str(folder)
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.bench.files", "--side", side, "--folder", str(folder)]
    done = subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE, text=True)
    seconds, memory = json.loads(done.stdout.splitlines()[-1])
    return seconds, memory


def run_side(*, side: str, folder: Path) -> None:
    """In the side's own process: do it, then say what it cost."""
    work = SIDES[side](folder)
    began = time.process_time()
    work()
    spent = time.process_time() - began
    held = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    memory = int(held[1]) / 1024 if held else 0.0
    sys.stdout.write(f"\n{json.dumps([spent, memory])}\n")


def fill_year(session: Session) -> None:
    """Plan and actual in every month of every KPI: the two that `fill` leaves, and ten more."""
    for kpi in session.scalars(select(KPI)):
        for month in {*range(1, 13)} - {3, 4}:
            read(session, kpi, date(2026, month, 1), f"{month * 3}.5", f"{month * 3 + kpi.id % 5 - 2}.{kpi.id % 10}")


def prepare_chart(*, folder: Path, kpis: int) -> None:
    """A unit with so many KPIs, and somebody who may print its chart."""
    database = Database(url=f"sqlite:///{folder / 'chart.sqlite'}")
    upgrade(engine=database.engine)
    with database.writing() as session:
        _, _, head = fill(session, counts=(1, 1, 1, kpis), links=0)
        fill_year(session)
        (folder / "token").write_text(factories.sign_in(session, head), "utf-8")
        session.commit()
    (folder / "kpis").write_text(str(kpis), "utf-8")


def pairs(*, one: str, other: str, rounds: int, folder: Path) -> tuple[float, float, float]:
    """The median ratio of two sides measured in turns, the first one's median time, and the most it held."""
    found = []
    for _ in range(rounds):
        if one == "import":
            (folder / "plan.sqlite").unlink(missing_ok=True)
            upgrade(engine=Database(url=f"sqlite:///{folder / 'plan.sqlite'}").engine)
        found.append((measure(side=one, folder=folder), measure(side=other, folder=folder)))
    ratio = statistics.median(first[0] / second[0] for first, second in found)
    return ratio, statistics.median(first[0] for first, _ in found), max(first[1] for first, _ in found)


def say(what: str, value: float, goal: float, unit: str, more: str = "") -> None:
    """One line of the result."""
    verdict = "reached" if value <= goal else "MISSED"
    sys.stdout.write(f"{what:44} {value:7.2f} {unit:3}  goal {goal:g} {unit:3}  {verdict:8} {more}\n")


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description="what large files cost")
    for name, value in (("--rows", 100_000), ("--rounds", 3), ("--kpis", 500)):
        parser.add_argument(name, type=int, default=value)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.side:
        run_side(side=wanted.side, folder=wanted.folder)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_plan(path=folder / "plan.xlsx", rows=wanted.rows)
        ratio, took, held = pairs(one="import", other="bare", rounds=wanted.rounds, folder=folder)
        say(f"import of {wanted.rows:,} rows : bare read", ratio, 6, "×", f"{took:.1f} s of the processor")
        say("import: memory", held, 300, "MiB")
        exported, resting = measure(side="export", folder=folder), measure(side="idle", folder=folder)
        say("export of the same: memory over idle", exported[1] - resting[1], 60, "MiB", f"{exported[0]:.1f} s")
        prepare_chart(folder=folder, kpis=wanted.kpis)
        ratio, took, _ = pairs(one="chart", other="table", rounds=wanted.rounds, folder=folder)
        say(f"bowling chart of {wanted.kpis} KPIs : plain table", ratio, 0.33, "×", f"{took:.1f} s of the processor")


if __name__ == "__main__":
    main()

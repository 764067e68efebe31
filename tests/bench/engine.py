"""How fast attainment is at every node, as ratios measured within one run: `./run bench --size M --database sqlite`.

A plan of the size is written into an empty database, and what the product does is timed against what somebody could
do instead, in turns, so that whatever else the machine does hits both. Every answer is compared with one found another
way; a difference ends the run with an exit code of 1, a missed goal never does. Sizes are counted in KPIs;
docs/engine.md tells what each ratio means.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from itertools import count as counting
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from hoshin.db import make_engine, upgrade
from tests import databases, postgres
from tests.bench import countifs
from tests.bench.big_plans import MONTHS, NOW, SIZES, Sizes, fill
from tests.bench.sides import MAY, Bench, item_counts
from tests.bench.writers import bare, keep, rate, write

YEAR = tuple(MONTHS)
STEPS = ("answers", "reports", "twelve", "known", "after_one", "orm", "cold", "recursive", "networkx", "writes",
         "writers")  # fmt: skip
"""What is measured, answers first: what is wrong need not be fast."""
LARGE = ("L", "XL")
GOALS: dict[str, tuple[str, dict[str, float]]] = {
    "report_vs_scan": ("<=", dict.fromkeys(LARGE, 2)),
    "cold_vs_scan": ("<=", dict.fromkeys(LARGE, 20)),
    "after_one_vs_scan": ("<=", {"L": 0.05, "XL": 0.01}),
    "twelve_vs_scan": ("<=", dict.fromkeys(LARGE, 4)),
    "as_known_vs_scan": ("<=", dict.fromkeys(LARGE, 6)),
    "cte_vs_report": (">=", {"L": 50}),
    "networkx_vs_report": (">=", {"M": 50}),
    "networkx_reading_vs_report": (">=", {}),
    "orm_vs_load": (">=", {"L": 20}),
    "write_vs_bare": ("<=", dict.fromkeys(LARGE, 2.5)),
    "command_vs_bare": ("<=", {}),
    "writers8_vs_writer1": (">=", dict.fromkeys(LARGE, 0.7)),
    "rss_mb": ("<=", {"XL": 600}),
    "countifs_vs_cold": (">=", {"M": 50}),
    "countifs_wrong": (">=", {}),
}
"""What is wanted of each ratio, by size; elsewhere it is only told. On PostgreSQL, which scans with several processes,
a report may take twice as long against it.
"""


def in_turns(
    *sides: Callable[[], object],
    rounds: int,
    before: Callable[[], object] = lambda: None,
    between: Callable[[], object] = lambda: None,
) -> list[float]:
    """The medians of several things in seconds, measured in turns after one round that is forgotten.

    `before` comes before each of them, `between` before all but the first of a round.
    """
    taken: list[list[float]] = [[] for _ in sides]
    for number in range(rounds + 1):
        for work, kept in zip(sides, taken, strict=True):
            before()
            if kept is not taken[0]:
                between()
            began = time.perf_counter()
            work()
            if number:
                kept.append(time.perf_counter() - began)
    return [median(one) for one in taken]


class Run:
    """One run: the ratios found so far, and every answer that was wrong."""

    def __init__(self, size: str, url: str, rounds: int, planned: Sizes) -> None:
        self.size, self.url, self.rounds, self.planned = size, url, rounds, planned
        self.bench = Bench(make_engine(url=url))
        self.ratios: dict[str, float | None] = dict.fromkeys(GOALS)
        self.seconds: dict[str, float] = {}
        self.wrong: list[str] = []

    def compare(self, name: str, one: float, other: float) -> None:
        """Note the ratio of two times."""
        self.ratios[name] = one / other
        self.seconds[name.replace("_vs_", " : ")] = one

    def check(self, what: str, right: bool) -> None:
        """Note an answer that is not what it must be."""
        if not right:
            self.wrong.append(what)

    def measure(self, *, steps: Sequence[str]) -> None:
        """The steps of that name, in their order."""
        for step in steps:
            began = time.monotonic()
            getattr(self, step)()
            say(f"bench: {step}: {time.monotonic() - began:.0f} s")

    def answers(self) -> None:
        """A bare count of all readings, and for some nodes a recursive query of their own."""
        found = self.bench.report()
        self.check("organisation", self.bench.recount(found=found))
        nodes = self.planned.nodes
        tops = [1, *range(3, nodes, max(nodes // 20, 1))] if self.size != "XL" else [nodes // 2, nodes - 5, nodes - 50]
        self.check("some nodes", not self.bench.wrong(found=found, expected=self.bench.walked(tops=tops)))

    def reports(self) -> None:
        """Goal 1: the structure is there, the period must be read and counted whole."""
        scan, report = in_turns(self.bench.scan, self.bench.report, rounds=self.rounds, before=self.bench.outdate)
        self.scan = scan
        self.compare("report_vs_scan", report, scan)

    def twelve(self) -> None:
        """Goal 3: a whole year, month by month."""
        scan, report = in_turns(
            lambda: self.bench.scan(periods=YEAR),
            lambda: self.bench.report(periods=YEAR),
            rounds=self.rounds,
            before=lambda: self.bench.outdate(periods=YEAR),
        )
        self.compare("twelve_vs_scan", report, scan)

    def known(self) -> None:
        """Goal 3: a past day as it was known then."""
        scan, report = in_turns(
            self.bench.scan, lambda: self.bench.report(known=True), rounds=self.rounds, before=self.bench.outdate
        )
        self.compare("as_known_vs_scan", report, scan)

    def after_one(self) -> None:
        """Goal 2: somebody has recorded one reading, and every node is asked for again."""
        keys = counting(self.planned.nodes + 1)
        engine = self.bench.engine.execution_options(hoshin_writes=True)

        def record() -> None:
            with Session(engine) as session:
                key = next(keys)
                write(session=session, kpi_id=key, actual=Decimal(90), at=NOW + timedelta(seconds=key))

        self.bench.report()
        scan, report = in_turns(self.bench.scan, self.bench.report, rounds=max(self.rounds, 25), between=record)
        self.compare("after_one_vs_scan", report, scan)
        self.check("after one reading", self.bench.recount(found=self.bench.report()))

    def orm(self) -> None:
        """Goal 4: a period as objects, against the stored verdicts of the same."""
        if self.size == "XL":
            return
        objects, load = in_turns(self.bench.orm, self.bench.load, rounds=self.rounds, before=self.bench.outdate)
        self.compare("orm_vs_load", objects, load)

    def cold(self) -> None:
        """Goals 1 and 6: a process that has read nothing yet, and how much memory it needs for twelve months."""
        said: list[dict[str, Any]] = []

        def start() -> None:
            program = [sys.executable, "-m", "tests.bench.cold", self.url]
            said.append(json.loads(subprocess.run(program, stdout=subprocess.PIPE, text=True, check=True).stdout))

        scan = in_turns(start, self.bench.scan, rounds=self.rounds)[1]
        organisation = str(self.bench.report().counts(kind="organisation"))
        self.check("cold", all(one["organisation"] == organisation for one in said))
        self.cold_seconds = median(one["seconds"] for one in said[1:])  # the first round is forgotten everywhere
        self.compare("cold_vs_scan", self.cold_seconds, scan)
        self.ratios["rss_mb"] = max(one["rss_mb"] for one in said)

    def recursive(self) -> None:
        """Goal 4: all nodes by one recursive query, which is also a second opinion on every node."""
        if self.size == "XL":
            return
        expected = self.bench.recursive()
        self.check("every node", not self.bench.wrong(found=self.bench.report(), expected=expected))
        query, report = in_turns(self.bench.recursive, self.bench.report, rounds=self.rounds, before=self.bench.outdate)
        self.compare("cte_vs_report", query, report)

    def networkx(self) -> None:
        """Goal 4: sets in Python; first both sides know structure and verdicts, then both read the verdicts."""
        if self.size not in ("S", "M"):
            return
        warm, reading = self.bench.networkx()
        found = self.bench.report()
        for sets in (warm, reading):
            self.check("networkx", not self.bench.wrong(found=found, expected=sets()))
        for name, sets, before in (
            ("networkx_vs_report", warm, self.bench.uncount),
            ("networkx_reading_vs_report", reading, self.bench.outdate),
        ):
            query, report = in_turns(sets, self.bench.report, rounds=max(self.rounds, 9), before=before)
            self.compare(name, query, report)

    def writes(self) -> None:
        """Goal 5: one figure with its revision, journal line and version, and the whole command, against the update."""
        keys = counting(self.planned.nodes + 100)
        last = 0
        engine = self.bench.engine.execution_options(hoshin_writes=True)

        def record(how: Callable[..., None]) -> None:
            nonlocal last
            last = next(keys)
            with Session(engine) as session:
                how(session=session, kpi_id=last, actual=Decimal(91), at=NOW + timedelta(days=1))

        def update() -> None:
            # another value, as SQLite writes nothing where nothing changes, and as good a hit: the verdict stays true
            bare(engine=self.bench.engine, kpi_id=last, actual=920000)

        kept, whole, alone = in_turns(lambda: record(keep), lambda: record(write), update, rounds=max(self.rounds, 15))
        self.compare("write_vs_bare", kept, alone)
        self.compare("command_vs_bare", whole, alone)

    def writers(self) -> None:
        """Goal 5: eight at once for some seconds, and one alone for as long; nothing lost, nothing stale."""
        before = self._versions()
        first, kpis, seconds = self.planned.nodes + 200, min(self.planned.kpis - 200, 1000), 6
        one = rate(url=self.url, writers=1, first=first, kpis=kpis, seconds=seconds)
        eight = rate(url=self.url, writers=8, first=first, kpis=kpis - 50, seconds=seconds)
        for error in [*one.errors, *eight.errors]:
            self.check(error, False)
        self.check("a write was lost", self._versions() - before == one.all + eight.all)
        self.check("after the writers", self.bench.recount(found=self.bench.report()))
        self.ratios["writers8_vs_writer1"] = eight.timed / one.timed if one.timed else None

    def _versions(self) -> int:
        with self.bench.engine.connect() as connection:
            total = text("SELECT sum(version) FROM readings WHERE period = :period").bindparams(period=MAY)
            return int(connection.execute(total).scalar_one())

    def countifs(self, workbook: Path) -> None:
        """Goal 7: the same plan in a spreadsheet, recalculated where LibreOffice is installed."""
        book = countifs.write_book(path=workbook, engine=self.bench.engine)
        made = countifs.recalculate(book=book)
        if made is None:
            return
        found = self.bench.report()
        right = {key: item_counts(found=found, key=key) for key in made.counts}
        wrong = {key for key, said in made.counts.items() if said != (right[key].total, right[key].hits)}
        self.check("the workbook differs elsewhere than at shared metrics", wrong == book.shared)
        self.compare("countifs_vs_cold", made.seconds, self.cold_seconds)
        self.ratios["countifs_wrong"] = len(wrong)
        said = f"wrong at {len(wrong)} of {len(right)} priorities, {book.rows} rows"
        say(f"bench: LibreOffice {made.seconds:.1f} s, {said}")


def say(line: str) -> None:
    """What a person wants to know meanwhile; standard output is for the result."""
    sys.stderr.write(line + "\n")


@contextmanager
def empty_database(kind: str) -> Iterator[str]:
    """The address of a migrated, empty database; PostgreSQL writes as safely here as it does at work."""
    folder = Path(tempfile.mkdtemp(prefix="hoshin-bench-"))
    try:
        if kind == "sqlite":
            url = f"sqlite:///{folder / 'bench.sqlite'}"
            engine = make_engine(url=url)
            upgrade(engine=engine)
            engine.dispose()
            yield url
        else:
            postgres.name_folder(safe=True)
            url = databases.build_postgresql(leader=os.getpid(), worker="bench")
            _check_safety(url)
            yield url
    finally:
        if kind == "postgresql":
            postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _check_safety(url: str) -> None:
    engine = make_engine(url=url)
    with engine.connect() as connection:
        for setting in postgres.UNSAFE:
            if connection.exec_driver_sql(f"SHOW {setting}").scalar_one() != "on":
                raise RuntimeError(f"the server was started with {setting} off: nothing would be measured")
    engine.dispose()


def goal_of(*, name: str, size: str, database: str) -> tuple[str, float] | None:
    """What is wanted of a ratio: a comparison and a limit; None where nothing is wanted at that size."""
    sign, limits = GOALS[name]
    if size not in limits:
        return None
    return sign, limits[size] * (2 if (name, database) == ("report_vs_scan", "postgresql") else 1)


def as_table(*, run: Run, database: str) -> str:
    """The ratios beside their goals."""
    lines = []
    for name, value in run.ratios.items():
        wanted = goal_of(name=name, size=run.size, database=database)
        met = "" if wanted is None or value is None else "met" if _holds(value, *wanted) else "MISSED"
        goal = "" if wanted is None else f"{wanted[0]} {wanted[1]:g}"
        lines.append(f"{name:22} {'–' if value is None else f'{value:.4g}':>10}   {goal:8} {met}")
    return "\n".join(lines)


def _holds(value: float, sign: str, limit: float) -> bool:
    return value <= limit if sign == "<=" else value >= limit


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="./run bench", description="Measure attainment as ratios within one run.")
    parser.add_argument("--size", choices=SIZES, default="S", help="300, 10,000, 100,000 or a million KPIs")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--format", choices=("table", "json"), default="table", dest="form")
    parser.add_argument("--rounds", type=int, default=5, help="medians are taken of so many (at least 5)")
    only = "measure only these, such as writes,writers"
    parser.add_argument("--only", type=_steps, default=STEPS, metavar="STEP,…", help=only)
    parser.add_argument("--workbook", type=Path, help="write the plan as a workbook of COUNTIFS here too (S or M)")
    return parser.parse_args()


def _steps(text: str) -> list[str]:
    asked = text.split(",")
    if not set(asked) <= set(STEPS):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(STEPS)}")
    return [one for one in STEPS if one in asked]


def main() -> int:
    """Print the ratios; 1 when an answer was wrong."""
    asked = options()
    with empty_database(asked.database) as url:
        engine = make_engine(url=url)
        began = time.monotonic()
        planned = fill(engine=engine, kpis=SIZES[asked.size])
        engine.dispose()
        say(f"bench: {planned}: {time.monotonic() - began:.0f} s")
        run = Run(asked.size, url, max(asked.rounds, 5), planned)
        run.measure(steps=asked.only)
        if asked.workbook or (asked.size == "M" and "cold" in asked.only and shutil.which("soffice")):
            with tempfile.TemporaryDirectory() as folder:
                run.countifs(asked.workbook or Path(folder) / "countifs.xlsx")
        run.bench.engine.dispose()
    numbers: dict[str, Any] = {name: None if one is None else round(one, 5) for name, one in run.ratios.items()}
    sys.stdout.write(json.dumps(numbers) if asked.form == "json" else as_table(run=run, database=asked.database))
    sys.stdout.write("\n")
    for one in run.wrong:
        say(f"bench: WRONG: {one}")
    return 1 if run.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

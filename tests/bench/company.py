"""`./run bench company`: 200 people use a planner made of all its parts while servers are restarted and killed.

A company of the size is written into PostgreSQL (L: 100,000 KPIs and as many people). Then it is measured what each
added worker brings, and after that 200 people of all roles read, type, print and read a file in, while one server after
the other is restarted and one is killed, and Redis dies in between. At the end every figure that somebody was told had
been saved must stand in the database, attainment as each server tells it must equal a bare count, and nobody may have
read older than they had written. Exits non-zero when one of these does not hold, never because something was slow.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from click import echo

from tests.bench.cluster import Company, NotThere, company, psql
from tests.bench.company_deeds import PAGES, READING
from tests.bench.company_load import Staffed, staffed
from tests.bench.company_proof import lost, miscounted
from tests.bench.crowd import Account, Answer, Notes, crowd

SIZES = ("S", "M", "L")
IMPATIENT = 16
"""How many people at once ask without a pause while it is measured what a worker brings."""


def main() -> int:
    """Build the company, measure it, say what came of it."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))  # all parts end with it
    with tempfile.TemporaryDirectory(prefix="hoshin-company-") as folder:
        try:
            with company(folder=Path(folder)) as made:
                return _measure(made, options)
        except NotThere as missing:
            echo(missing, err=True)
            return 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench company", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="L", help="300, 10,000 or 100,000 KPIs, and as many people")
    parser.add_argument("--people", type=int, default=200, help="how many of them use the planner")
    parser.add_argument("--seconds", type=float, default=120, help="how long the mixed traffic lasts")
    parser.add_argument("--think", type=float, default=30, help="seconds between two deeds of one person")
    parser.add_argument("--burst", type=float, default=20, help="seconds for each number of workers")
    return parser.parse_args()


def _measure(made: Company, options: argparse.Namespace) -> int:
    began = time.monotonic()
    at_work = staffed(company=made, size=options.size, people=options.people)
    echo(f"{at_work.told}, written in {time.monotonic() - began:.0f} s")
    echo(f"nginx, 2 servers, pgbouncer, PostgreSQL with a replica, Redis; {os.cpu_count()} cores for all of it")
    _scaling(made, at_work.accounts, options.burst)
    for name in ("server1", "server2"):
        made.start_server(name, workers=2)
    made.start_jobs()
    trouble = threading.Thread(target=_trouble, args=(made, options.seconds))
    trouble.start()
    notes = crowd(
        address=made.address, accounts=at_work.accounts, seconds=options.seconds, think=options.think,
        deeds=PAGES | at_work.deeds, owners=at_work.owners, at_once=("administrator",),
    )  # fmt: skip
    trouble.join()
    _show(notes)
    _show_jobs(made)
    for one in sorted(_why(made)):
        echo(f"  {one}")
    return _prove(made, at_work, notes)


def _prove(made: Company, at_work: Staffed, notes: Notes) -> int:
    """What must hold whatever happened."""
    gone = lost(company=made, saved=notes.saved)
    wrong = miscounted(company=made, account=at_work.chief, month=at_work.month, servers=("server1", "server2"))
    echo(f"figures saved {len(notes.saved)}, lost {len(gone)}")
    echo(f"looks at what one had just saved {notes.looks}, older than that {len(notes.stale)}")
    echo(f"attainment unlike a bare count: {len(wrong)} figures of two servers")
    for problem in [*map(str, gone), *notes.stale, *wrong][:20]:
        echo(f"  WRONG: {problem}")
    return 1 if gone or notes.stale or wrong else 0


def _scaling(made: Company, accounts: Sequence[Account], seconds: float) -> None:
    """What impatient people get out of one worker, of two, of four, and what a page costs the processors."""
    deeds = dict.fromkeys((one.role for one in accounts), READING)
    first = 0.0
    for workers in ((1, 0), (1, 1), (2, 2)):
        running = [f"server{n + 1}" for n, count in enumerate(workers) if count]
        for name, count in zip(running, workers, strict=False):
            made.start_server(name, workers=count)
        crowd(address=made.address, accounts=accounts[:IMPATIENT], seconds=seconds / 2, think=0, deeds=deeds)
        spent, began = made.spent(), time.monotonic()
        notes = crowd(address=made.address, accounts=accounts[:IMPATIENT], seconds=seconds, think=0, deeds=deeds)
        pages = len(notes.answers) / (time.monotonic() - began)
        first = first or pages
        echo(f"workers {sum(workers)}: {pages:6.1f} pages/s (× {pages / first:.2f}), {len(notes.failures)} failures; "
             f"a page costs {_costs(spent, made.spent(), len(notes.answers))}")  # fmt: skip
        for name in running:
            made.stop(name)


def _costs(before: Mapping[str, float], after: Mapping[str, float], pages: int) -> str:
    """Milliseconds of the processor for each page, by part."""
    parts: dict[str, float] = {}
    for name, seconds in after.items():
        kind = "servers" if name.startswith("server") else name
        parts[kind] = parts.get(kind, 0) + (seconds - before.get(name, 0)) * 1000 / max(pages, 1)
    return ", ".join(f"{kind} {spent:.1f} ms" for kind, spent in sorted(parts.items(), key=lambda one: -one[1]))


def _trouble(made: Company, seconds: float) -> None:
    """What goes wrong on a bad day: the replica lags, one server after the other is restarted, then one is killed."""
    psql(made, "SELECT pg_wal_replay_pause()", at="replica")
    echo("  the replica replays nothing")
    for name in ("server1", "server2"):
        time.sleep(seconds / 5)
        made.stop(name)
        made.start_server(name, workers=2)
        echo(f"  restarted {name}")
        _turn_redis(made)
    psql(made, "SELECT pg_wal_replay_resume()", at="replica")
    echo("  the replica catches up")
    time.sleep(seconds / 5)
    _kill(made, "server1")
    echo("  killed server1 (SIGKILL to all its processes)")
    made.start_server("server1", workers=2)


def _turn_redis(made: Company) -> None:
    """Kill it where it runs, begin it again where it does not."""
    if "redis" in made.parts:
        _kill(made, "redis")
        echo("  killed Redis")
    else:
        made.start_redis()
        echo("  Redis is back")


def _kill(made: Company, name: str) -> None:
    part = made.parts.pop(name)
    os.killpg(part.process.pid, signal.SIGKILL)
    part.process.wait()


def _show(notes: Notes) -> None:
    echo(f"{'':22} requests failures    p50     p95     p99  (ms)")
    by_what: dict[str, list[Answer]] = {}
    for one in notes.answers:
        by_what.setdefault(one.what, []).append(one)
    failed = {id(one) for one in notes.failures}
    for what, answers in [*sorted(by_what.items()), ("all", notes.answers)]:
        times = sorted(one.seconds * 1000 for one in answers)
        failures = sum(id(one) in failed for one in answers)
        p50, p95, p99 = (times[min(len(times) - 1, round(len(times) * part))] for part in (0.5, 0.95, 0.99))
        echo(f"{what:22} {len(times):8} {failures:8} {p50:7.0f} {p95:7.0f} {p99:7.0f}")
    for told in sorted({f"{one.what}: {one.status or 'no answer'}" for one in notes.failures}):
        echo(f"  failed: {told}")


def _show_jobs(made: Company) -> None:
    """How long jobs waited from being asked for to being begun, those before them included."""
    waited: dict[str, list[float]] = {}
    for line in (made.folder / "jobs.log").read_text("utf-8", "replace").splitlines():
        told = json.loads(line) if line.startswith("{") else {}
        if told.get("event") == "job begun" and told["attempt"] == 1:
            waited.setdefault(told["kind"], []).append(told["waited"] * 1000)
    for kind, times in sorted(waited.items()):
        echo(f"jobs, {kind}: {len(times)}, from asking to begun {median(times):.0f} ms, at most {max(times):.0f}")


def _why(made: Company) -> set[str]:
    """The errors that nobody expected, as logged: the class and the last of our own lines it came through."""
    found = set()
    for log in [*made.folder.glob("server*.log"), *made.folder.glob("jobs.log")]:
        for line in log.read_text("utf-8", "replace").splitlines():
            if line.startswith("{") and (raised := json.loads(line).get("raised")):
                ours = [one.strip() for one in raised if "/hoshin/" in one]
                found.add(f"{raised[0]} {ours[-1] if ours else ''}")
    return found


if __name__ == "__main__":
    sys.exit(main())

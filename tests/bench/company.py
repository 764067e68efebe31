"""`./run bench company`: 200 people use a planner made of all its parts while servers are restarted and killed.

Options: --people 200 --seconds 60 --think 12 --burst 10. Prints a table; exits non-zero when a saved figure is lost,
never because something was slow.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from click import echo
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import select, update

from hoshin.app import create_app
from hoshin.db import Database
from hoshin.model.items import Item
from hoshin.model.kpis import KPI, Reading
from hoshin.model.people import Role
from hoshin.model.units import Unit
from tests import factories
from tests.bench.cluster import Company, NotThere, company, do
from tests.bench.crowd import DEEDS, Account, Answer, Notes, crowd, read

OWN = 5
"""How many KPIs each simulated person answers for."""


def main() -> int:
    """Build the company, measure it, say what came of it."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="hoshin-company-") as folder:
        try:
            with company(folder=Path(folder)) as made:
                return _measure(made, options)
        except NotThere as missing:
            echo(missing, err=True)
            return 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench company", description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60, help="how long the mixed traffic lasts")
    parser.add_argument("--think", type=float, default=12, help="seconds between two deeds of one person")
    parser.add_argument("--burst", type=float, default=10, help="seconds for each number of workers")
    return parser.parse_args()


def _measure(made: Company, options: argparse.Namespace) -> int:
    accounts = _load(made, options.people)
    echo(f"{len(accounts)} people, nginx, 2 servers, pgbouncer, PostgreSQL with a replica; {os.cpu_count()} cores")
    _scaling(made, accounts, options.burst)
    for name in ("server1", "server2"):
        made.start_server(name, workers=2)
    made.run("jobs", [sys.executable, "-m", "hoshin", "jobs", "run"], environment=made.environment())
    trouble = threading.Thread(target=_trouble, args=(made, options.seconds))
    trouble.start()
    notes = crowd(
        address=made.address, accounts=accounts, seconds=options.seconds, think=options.think, deeds=DEEDS
    )
    trouble.join()
    _show(notes)
    for one in sorted(_why(made)):
        echo(f"  {one}")
    lost = _lost(made, notes)
    echo(f"figures acknowledged {len(notes.saved)}, lost {len(lost)}")
    return 1 if lost else 0


def _load(made: Company, people: int) -> list[Account]:
    """The example organisation, and so many people in it, each the owner of some KPIs."""
    directly = {"HOSHIN_DATABASE_URL": made.database_url}
    do([sys.executable, "-m", "hoshin", "demo"], environment=made.environment() | directly)
    database = Database(url=made.database_url)
    with database.writing() as session:
        kpis = itertools.cycle(session.execute(select(Item.id, Item.unit_id).where(Item.id.in_(select(KPI.id)))).all())
        tokens = []
        for number in range(people):
            mine = list(itertools.islice(kpis, OWN))
            unit = mine[0].unit_id
            person = factories.person(session, f"Simulated {number}", Role.STAFF, session.get_one(Unit, unit))
            session.execute(update(KPI).where(KPI.id.in_([one.id for one in mine])).values(reporter_id=person.id))
            tokens.append((factories.sign_in(session, person, datetime.now(UTC)), unit))
        session.commit()
    database.dispose()
    return [Account(cookie, unit) for cookie, unit in _cookies(made, tokens)]


def _cookies(made: Company, tokens: Iterable[tuple[str, int]]) -> Iterable[tuple[str, int]]:
    signer = SecureCookieSessionInterface().get_signing_serializer(create_app(settings=made.settings))
    assert signer is not None
    for token, unit in tokens:
        yield str(signer.dumps({"_user_id": token, "_fresh": True})), unit


def _scaling(made: Company, accounts: Sequence[Account], seconds: float) -> None:
    """How many pages a second 16 impatient people get out of one worker, of two, of four."""
    pages = [(1, read("home", "/")), (1, read("attainment", "/attainment")), (1, read("plan", "/units/{unit}/plan"))]
    for workers in ((1, 0), (1, 1), (2, 2)):
        running = [f"server{n + 1}" for n, count in enumerate(workers) if count]
        for name, count in zip(running, workers, strict=False):
            made.start_server(name, workers=count)
        crowd(address=made.address, accounts=accounts[:4], seconds=2, think=0, deeds=pages)
        notes = crowd(address=made.address, accounts=accounts[:16], seconds=seconds, think=0, deeds=pages)
        echo(f"workers {sum(workers)}: {len(notes.answers) / seconds:6.1f} pages/s, {len(notes.failures)} failures")
        for name in running:
            made.stop(name)


def _trouble(made: Company, seconds: float) -> None:
    """What goes wrong on a bad day: one server after the other is restarted, then one is killed."""
    for name in ("server1", "server2"):
        time.sleep(seconds / 5)
        made.stop(name)
        made.start_server(name, workers=2)
        echo(f"  restarted {name}")
    time.sleep(seconds / 5)
    _kill(made, "server1")
    echo("  killed server1 (SIGKILL to all its processes)")
    made.start_server("server1", workers=2)


def _kill(made: Company, name: str) -> None:
    part = made.parts.pop(name)
    os.killpg(part.process.pid, signal.SIGKILL)
    part.process.wait()


def _show(notes: Notes) -> None:
    echo(f"{'':14} requests failures    p50     p95     p99  (ms)")
    by_what: dict[str, list[Answer]] = {}
    for one in notes.answers:
        by_what.setdefault(one.what, []).append(one)
    for what, answers in [*sorted(by_what.items()), ("all", notes.answers)]:
        times = sorted(one.seconds * 1000 for one in answers)
        failed = sum(one in notes.failures for one in answers)
        p50, p95, p99 = (times[min(len(times) - 1, round(len(times) * part))] for part in (0.5, 0.95, 0.99))
        echo(f"{what:14} {len(times):8} {failed:8} {p50:7.0f} {p95:7.0f} {p99:7.0f}")
    if notes.failures:
        echo("failures: " + ", ".join(sorted({f"{one.what} {one.status}" for one in notes.failures})))


def _why(made: Company) -> set[str]:
    """The errors that nobody expected, as logged: the class and the last of our own lines it came through."""
    found = set()
    for log in made.folder.glob("server*.log"):
        for line in log.read_text("utf-8", "replace").splitlines():
            if line.startswith("{") and (raised := json.loads(line).get("raised")):
                ours = [one.strip() for one in raised if "/hoshin/" in one]
                found.add(f"{raised[0]} {ours[-1] if ours else ''}")
    return found


def _lost(made: Company, notes: Notes) -> list[tuple[int, str]]:
    """The cells that no longer hold what somebody was told had been saved."""
    database = Database(url=made.database_url)
    with database.reading() as session:
        stored = {(one.kpi_id, one.period.isoformat()): one.actual for one in session.scalars(select(Reading))}
    database.dispose()
    return [cell for cell, value in notes.saved.items() if stored.get(cell) != Decimal(value)]


if __name__ == "__main__":
    sys.exit(main())

"""How many pages two workers serve to 16 impatient connections, against an empty page of Flask: `./run bench pages`.

Everything is measured in turns, in one run, and printed as ratios of rates (page over empty page); beside them the
slowest answers of a round over its median, and the processor time of an answer over the empty page's. Of each ratio the
median of the rounds is told, so that a machine that stands still once does not decide. Each
answer is looked at: its status, and the organisation's or the unit's figure as the engine counts it. A wrong answer
ends with exit code 1, slowness never does. `--size` asks a random plan of that size instead of the example.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.app import create_app
from hoshin.config import Settings
from hoshin.db import Database, upgrade
from hoshin.model.people import Role
from hoshin.model.units import Unit
from hoshin.queries.attainment import Question, load
from tests import factories
from tests.bench.big_plans import SIZES, fill
from tests.bench.cluster import answers, do, free_ports, wait_until
from tests.bench.impatient import Got, Run, ask_for, once, quantile, request_of

WORKERS, CONNECTIONS = 2, 16
TAILS = 95, 99
ROLES = (Role.EXECUTIVE, Role.HEAD, Role.STAFF, Role.STAFF)
TICK = os.sysconf("SC_CLK_TCK")
SECRET = "only to measure, on this machine alone"


@dataclass(frozen=True, slots=True)
class Page:
    """What is measured: an address, the text its answer holds, how it is asked for, and the goal for its rate.

    `anew` gives every request an address of its own, so that no text can have been kept; `again` sends the mark back.
    """

    name: str
    path: str
    figure: str
    goal: float | None = None
    anew: bool = False
    again: bool = False


@dataclass(slots=True)
class Measured:
    """The runs of one page."""

    rates: list[float] = field(default_factory=list)
    tails: dict[int, list[float]] = field(default_factory=lambda: {part: [] for part in TAILS})
    processor: list[float] = field(default_factory=list)
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class Planner:
    """A planner with a plan in it: where it stands, its unit to look at, and the cookies of its readers."""

    settings: Settings
    unit: int
    cookies: Sequence[str]
    figures: dict[str, str]


def main() -> int:
    """Measure and print; 1 when an answer was wrong."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="hoshin-pages-") as folder, ExitStack() as running:
        planner = _prepare(Path(folder), options)
        empty, port = free_ports(2)
        here = {**os.environ, **_environment(planner.settings)}
        bare = [sys.executable, "-m", "tests.bench.bare", str(empty), str(WORKERS)]
        serve = [sys.executable, "-m", "hoshin", "serve", "--port", str(port), "--workers", str(WORKERS)]
        leaders = {one: running.enter_context(_running(words, here)) for one, words in ((empty, bare), (port, serve))}
        wait_until(lambda: answers(empty, "/"), of="the empty page")
        wait_until(lambda: answers(port, "/healthz"), of="the planner")
        pages = [(empty, Page("empty", "/", "")), *((port, one) for one in _pages(planner))]
        measured = {one.name: Measured() for _, one in pages}
        for place in range(options.rounds + 1):  # the first round warms up and is forgotten
            for at, one in pages:
                found = _measure(leaders[at], at, one, planner, options.seconds)
                if place:
                    _note(measured[one.name], *found)
    _print(pages, measured, options)
    return 1 if any(one.wrong for one in measured.values()) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench pages", description=__doc__)
    parser.add_argument("--size", choices=SIZES, help="a random plan of this size; the example organisation without")
    parser.add_argument("--database", help="an empty postgresql:// database; a SQLite file of its own without")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument("--seconds", type=float, default=1.5, help="how long each page is asked for in each round")
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "HOSHIN_DATABASE_URL": settings.database_url,
        "HOSHIN_SECRET_KEY": settings.secret_key,
        "HOSHIN_INSTANCE": str(settings.instance),
    }


def _prepare(folder: Path, options: argparse.Namespace) -> Planner:
    """A database with the plan, four readers, and what the engine says of it."""
    url = options.database or f"sqlite:///{folder / 'pages.sqlite'}"
    settings = Settings(database_url=url, secret_key=SECRET, instance=folder)
    database = Database(url=url)
    upgrade(engine=database.engine)
    if options.size:
        fill(engine=database.engine, kpis=SIZES[options.size])
    else:
        do([sys.executable, "-m", "hoshin", "demo"], environment={**os.environ, **_environment(settings)})
    now = datetime.now(UTC)
    with database.writing() as session:
        unit = _below(session)
        people = [factories.person(session, f"Reader {n}", role, unit) for n, role in enumerate(ROLES)]
        tokens, key = [factories.sign_in(session, one, now) for one in people], unit.id
        session.commit()
    with database.reading() as session:
        nodes = load(session=session, question=Question(latest=True, counted=True), now=now).report.nodes
        figures = {
            "attainment": f"{nodes['organisation', 0].counts.hits} of {nodes['organisation', 0].counts.due}",
            "matrix": f"{nodes['unit', key].counts.hits}/{nodes['unit', key].counts.due}",
        }
    database.dispose()
    return Planner(settings, key, _cookies(settings, tokens), figures)


def _below(session: Session) -> Unit:
    """The second unit of the tree, which has a unit above it."""
    return session.scalars(select(Unit).where(Unit.parent_id.is_not(None)).order_by(Unit.id).limit(1)).one()


def _cookies(settings: Settings, tokens: Sequence[str]) -> list[str]:
    """What the browsers hold after their first page: a sign-in that is not fresh, so that no page sets it anew."""
    signer = SecureCookieSessionInterface().get_signing_serializer(create_app(settings=settings))
    if signer is None:
        raise RuntimeError("the planner signs no cookies")
    return [str(signer.dumps({"_user_id": one, "_fresh": False})) for one in tokens]


def _pages(planner: Planner) -> list[Page]:
    found = []
    for name, path in (("matrix", f"/units/{planner.unit}/x-matrix"), ("attainment", "/attainment")):
        figure = planner.figures[name]
        found += [
            Page(name, path, figure, goal=0.15),
            Page(f"{name}_anew", path, figure, anew=True),
            Page(f"{name}_unchanged", path, figure, goal=0.5, again=True),
        ]
    return found


@contextmanager
def _running(words: Sequence[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


_numbers = itertools.count()


def _measure(
    leader: subprocess.Popen[bytes], port: int, page: Page, planner: Planner, seconds: float
) -> tuple[Run, float]:
    """One run, and the processor seconds its server took for it."""
    cookies = list(planner.cookies) if page.figure else [""]
    marks = [_mark(port, page, one) if page.again else "" for one in cookies]
    requests = [request_of(path=page.path, cookie=one, mark=marks[n]) for n, one in enumerate(cookies)]

    def ask(number: int) -> bytes:
        if not page.anew:
            return requests[number % len(requests)]
        return request_of(path=f"{page.path}?n={next(_numbers)}", cookie=cookies[number % len(cookies)])

    before = _processor(leader.pid)
    run = ask_for(port=port, seconds=seconds, connections=CONNECTIONS, ask=ask, check=_check(page))
    return run, _processor(leader.pid) - before


def _mark(port: int, page: Page, cookie: str) -> str:
    """The mark of the page as this reader gets it."""
    return once(port=port, request=request_of(path=page.path, cookie=cookie)).headers["etag"]


def _check(page: Page) -> Callable[[Got], bool]:
    if page.again:
        return lambda got: got.status == 304 and not got.body
    figure = page.figure.encode()
    return lambda got: got.status == 200 and figure in got.body


def _processor(leader: int) -> float:
    """Seconds of processor time that a server and its workers have taken so far."""
    children = [int(one) for one in Path(f"/proc/{leader}/task/{leader}/children").read_text().split()]
    return sum(_one_processor(one) for one in (leader, *children))


def _one_processor(process: int) -> float:
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICK


def _note(into: Measured, run: Run, processor: float) -> None:
    into.rates.append(run.rate)
    middle = quantile(of=run.each, part=0.5)
    for part, found in into.tails.items():
        found.append(quantile(of=run.each, part=part / 100) / middle)
    into.processor.append(processor / len(run.each))
    into.wrong += run.wrong


def _ratios(pages: Sequence[tuple[int, Page]], measured: dict[str, Measured]) -> dict[str, float]:
    """Rates over the rate of the empty page, processor time over its own, and the tail over the median."""
    empty, found = measured["empty"], {}
    for _, page in pages:
        one = measured[page.name]
        if page.name != "empty":
            found[f"{page.name}_vs_empty"] = statistics.median(
                rate / other for rate, other in zip(one.rates, empty.rates, strict=True)
            )
            found[f"{page.name}_cpu_vs_empty"] = statistics.median(one.processor) / statistics.median(empty.processor)
        found |= {f"{page.name}_p{part}_vs_p50": statistics.median(tails) for part, tails in one.tails.items()}
    return {name: round(value, 3) for name, value in found.items()}


def _print(pages: Sequence[tuple[int, Page]], measured: dict[str, Measured], options: argparse.Namespace) -> None:
    ratios = _ratios(pages, measured)
    wrong = {name: one.wrong for name, one in measured.items()}
    if options.format == "json":
        sys.stdout.write(json.dumps(ratios | {"wrong": sum(wrong.values())}, indent=2) + "\n")
        return
    plan = f"a plan of {SIZES[options.size]} KPIs" if options.size else "the example organisation"
    sys.stdout.write(f"{plan}; {WORKERS} workers, {CONNECTIONS} connections, {options.rounds} rounds\n")
    sys.stdout.write(f"{'':24}{'rate':>8}{'goal':>8}{'cpu':>8}{'p95':>8}{'p99':>8}{'wrong':>8}\n")
    for _, page in pages:
        name = page.name
        rate, cpu = ratios.get(f"{name}_vs_empty", 1.0), ratios.get(f"{name}_cpu_vs_empty", 1.0)
        goal = f"{page.goal:.2f}" if page.goal else ""
        tail = f"{ratios[f'{name}_p95_vs_p50']:8.1f}{ratios[f'{name}_p99_vs_p50']:8.1f}"
        sys.stdout.write(f"{name:24}{rate:8.3f}{goal:>8}{cpu:8.1f}{tail}{wrong[name]:8d}\n")
    sys.stdout.write("rate and cpu: over those of the empty page; p95 and p99: over the page's own median\n")


if __name__ == "__main__":
    sys.exit(main())

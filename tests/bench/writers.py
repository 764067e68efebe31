"""One writer and eight at once: readings recorded with revision, journal line and version, and nothing lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.commands import keeping
from hoshin.commands.keeping import Kept, Signed
from hoshin.commands.readings import CellWish, save_cells
from hoshin.db import make_engine
from hoshin.queries.kpis import standing_readings
from tests.bench.big_plans import NOW
from tests.bench.sides import MAY

SHELL = system_actor(name="shell")


def keep(*, session: Session, kpi_id: int, actual: Decimal, at: datetime) -> None:
    """A figure as the product reads and stores it: reading, revision, journal line and, by the commit, version."""
    reading = standing_readings(session=session, kpi_ids=[kpi_id], first=MAY, last=MAY)[kpi_id, MAY]
    was = {"actual": reading.actual}
    reading.actual = actual
    change = Kept(kpi_id=kpi_id, name="", unit=1, verb="recorded", cells=[(reading, was)])
    keeping.keep(session=session, changes=[change], signed=Signed(by=SHELL, at=at))
    session.commit()


def write(*, session: Session, kpi_id: int, actual: Decimal, at: datetime) -> None:
    """Record one figure as every page does: checks, reading, revision, line in the journal, versions, commit."""
    cell = CellWish(kpi_id=kpi_id, period=MAY, values={"actual": actual})
    save_cells(session=session, cells=[cell], by=SHELL, at=at)
    session.commit()


def bare(*, engine: Engine, kpi_id: int, actual: int) -> None:
    """The update alone, and its commit."""
    with engine.connect().execution_options(hoshin_writes=True) as connection:
        update = text("UPDATE readings SET actual = :actual WHERE period = :period AND kpi_id = :key")
        connection.execute(update.bindparams(actual=actual, period=MAY, key=kpi_id))
        connection.commit()


@dataclass(frozen=True, slots=True)
class Written:
    """What writers did together: how often in their time, how often at all, and what went wrong."""

    timed: int
    all: int
    errors: list[str]


def rate(*, url: str, writers: int, first: int, kpis: int, seconds: int) -> Written:
    """Let so many processes write as often as they can for so long, once all of them have started and written a few."""
    commands = [
        [sys.executable, "-m", "tests.bench.writers", url, str(first), str(kpis), str(one), str(seconds)]
        for one in range(writers)
    ]
    running = [subprocess.Popen(one, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for one in commands]
    for one in running:
        one.stdout.readline()  # type: ignore[union-attr] # it is ready, and both ends are pipes
    said = [json.loads(text or DIED) for text in _answers(running)]
    return Written(
        timed=sum(one["timed"] for one in said),
        all=sum(one["all"] for one in said),
        errors=[error for one in said for error in one["errors"]],
    )


DIED = '{"timed": 0, "all": 0, "errors": ["a writer died"]}'


def _answers(running: list[subprocess.Popen[str]]) -> list[str]:
    for one in running:
        one.stdin.write("go\n")  # type: ignore[union-attr] # as above
        one.stdin.flush()  # type: ignore[union-attr] # as above
    return [one.communicate()[0] for one in running]


FIRST_FEW = 5
"""Writes before the time begins: a process that has just started must compile its statements once."""


class _Writer:
    """One process: it writes readings that nobody else writes."""

    def __init__(self, url: str, first: int, kpis: int, place: int) -> None:
        self.engine = make_engine(url=url).execution_options(hoshin_writes=True)
        self.first, self.kpis = first + place * (kpis // 8), kpis // 8
        self.done = 0
        self.errors: list[str] = []

    def write(self) -> None:
        """Write the next one, or note why not."""
        at = NOW + timedelta(seconds=time.time() % 10**9)  # later than whatever was written before
        actual = 51 + Decimal(time.time_ns() // 1000 % 10**8) / 10**4
        try:
            with Session(self.engine) as session:
                write(session=session, kpi_id=self.first + self.done % self.kpis, actual=actual, at=at)
            self.done += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            self.errors.append(repr(error)[:200])


def main() -> None:
    """One writer: write a few, wait for the others, write until the time is over, then say how often."""
    writer, seconds = _Writer(sys.argv[1], *map(int, sys.argv[2:5])), int(sys.argv[5])
    for _ in range(FIRST_FEW):
        writer.write()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    end, before = time.monotonic() + seconds, writer.done
    while time.monotonic() < end and not writer.errors:
        writer.write()
    sys.stdout.write(json.dumps({"timed": writer.done - before, "all": writer.done, "errors": writer.errors}))


if __name__ == "__main__":
    main()

"""One writer and eight at once: readings recorded with revision, journal line and version, and nothing lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.commands import journal
from hoshin.commands.readings import CellWish, save_cells
from hoshin.db import make_engine
from hoshin.model.kpis import Reading, Revision
from tests.bench.big_plans import NOW
from tests.bench.sides import MAY

SHELL = system_actor(name="shell")


FIGURES = ("target", "actual", "band_low", "band_high", "first_low", "first_high")


def keep(*, session: Session, kpi_id: int, actual: Decimal, at: datetime) -> None:
    """A figure with what must never be missing beside it: revision, line in the journal and, by the commit, version."""
    reading = session.get_one(Reading, (MAY, kpi_id), with_for_update=True)
    before = reading.actual
    reading.actual, reading.version, reading.recorded_at = actual, reading.version + 1, at
    line = journal.write(
        session=session, by=SHELL, at=at, verb="recorded", thing=reading, subject_id=str(kpi_id), unit=1,
        before={"actual": str(before)}, after={"actual": str(actual)},
    )  # fmt: skip
    session.flush()
    figures = {name: getattr(reading, name) for name in FIGURES}
    said = {"kpi_id": kpi_id, "period": MAY, "recorded_at": at, "recorded_by": "shell", "journal_id": line.id}
    session.add(Revision(**said, **figures))
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


def rate(*, url: str, writers: int, first: int, kpis: int, seconds: int) -> tuple[int, list[str]]:
    """How many writes so many processes finish together in the time, and what went wrong in them."""
    commands = [
        [sys.executable, "-m", "tests.bench.writers", url, str(first), str(kpis), str(one), str(seconds)]
        for one in range(writers)
    ]
    running = [subprocess.Popen(one, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for one in commands]
    for one in running:
        one.stdout.readline()  # type: ignore[union-attr] # it is ready, and both ends are pipes
    said = [json.loads(text or DIED) for text in _answers(running)]
    return sum(one["done"] for one in said), [error for one in said for error in one["errors"]]


DIED = '{"done": 0, "errors": ["a writer died"]}'


def _answers(running: list[subprocess.Popen[str]]) -> list[str]:
    for one in running:
        one.stdin.write("go\n")  # type: ignore[union-attr] # as above
        one.stdin.flush()  # type: ignore[union-attr] # as above
    return [one.communicate()[0] for one in running]


def main() -> None:
    """One writer: write until the time is over, then say how often."""
    url, first, kpis, place, seconds = sys.argv[1], *map(int, sys.argv[2:])
    engine = make_engine(url=url).execution_options(hoshin_writes=True)
    done, errors = 0, []
    with Session(engine) as session:
        session.get_one(Reading, (MAY, first))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        at = NOW + timedelta(seconds=time.time() % 10**9)  # later than whatever was written before
        key = first + place * (kpis // 8) + done % (kpis // 8)  # nobody else's
        try:
            with Session(engine) as session:
                write(session=session, kpi_id=key, actual=51 + Decimal(time.time_ns() // 1000 % 10**8) / 10**4, at=at)
            done += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            errors.append(repr(error)[:200])
            break
    sys.stdout.write(json.dumps({"done": done, "errors": errors}))


if __name__ == "__main__":
    main()

"""`./run bench bell`: how soon a job begins after it was asked for, with Redis as the bell and without.

A real job process over an empty SQLite database, asked for jobs at odd moments while it is idle; once with a real
redis-server, once with none. Milliseconds from the moment of asking to the moment at which the work begins, the commit
of both included.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from click import echo

from hoshin.bell import ringer
from hoshin.commands import jobs
from hoshin.db import Database, upgrade

PATIENCE = 60.0
KIND = "probe"
"""No such work is known: it has begun when the process notices that, and nothing is done."""


def main() -> int:
    """Measure both and say so."""
    parser = argparse.ArgumentParser(prog="./run bench bell", description=__doc__)
    parser.add_argument("--jobs", type=int, default=30, help="how many are asked for on each side")
    count = parser.parse_args().jobs
    if shutil.which("redis-server") is None:
        echo("redis-server not found; as root: apt install redis-server", err=True)
        return 2
    with tempfile.TemporaryDirectory(prefix="hoshin-bell-") as folder, _redis(Path(folder)) as url:
        for name, address in (("with Redis", url), ("without", "")):
            times = sorted(_measure(Path(folder) / name.split()[0], address, count))
            echo(f"{name:12} median {median(times):6.0f} ms, most {times[-1]:6.0f} ms ({count} jobs)")
    return 0


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    """A server at a socket of its own that keeps nothing; its address."""
    place = folder / "redis.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(place), "--save", "", "--appendonly", "no"]
    with _process(command, folder / "redis.log", dict(os.environ)):
        _until(place.exists)
        yield f"unix://{place}"


def _measure(folder: Path, redis: str, count: int) -> list[float]:
    """Milliseconds of each job."""
    folder.mkdir()
    url, log = f"sqlite:///{folder / 'hoshin.sqlite'}", folder / "jobs.log"
    database = Database(url=url, ring=ringer(url=redis))
    upgrade(engine=database.engine)
    told = {"HOSHIN_DATABASE_URL": url, "HOSHIN_INSTANCE": str(folder), "HOSHIN_LOG_FORMAT": "json"}
    environ = {**os.environ, **told, "HOSHIN_REDIS_URL": redis}
    with _process([sys.executable, "-m", "hoshin", "jobs", "run"], log, environ):
        for number in range(count + 1):
            with database.writing() as session:
                jobs.ask(session=session, kind=KIND, name=f"{KIND}:{number}", facts={}, at=datetime.now(UTC))
                session.commit()
            _until(lambda number=number: len(_waited(log)) > number)  # type: ignore[misc] # as it is in a lambda
            time.sleep(random.uniform(0.2, 2.2))
    database.dispose()
    return _waited(log)[1:]  # the first one also waited for the process to start


def _waited(log: Path) -> list[float]:
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines() if line.startswith("{")]
    return [one["waited"] * 1000 for one in lines if one["event"] == "job begun" and one["attempt"] == 1]


@contextmanager
def _process(command: list[str], log: Path, environ: dict[str, str]) -> Iterator[None]:
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environ)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _until(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happens():
        if time.monotonic() > end:
            raise TimeoutError("the job process does nothing")
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())

"""A table of jobs with a clock that a test moves, and real job processes over it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from huey import Huey
from sqlalchemy import select, update

from hoshin.commands import jobs
from hoshin.db import Database
from hoshin.jobs.worker import make_queue
from hoshin.model.jobs import Job
from tests.factories import NOW
from tests.nursery import Forked, Nursery

PATIENCE = 300.0
"""Seconds a busy machine may take for what takes one."""
KIND = "mail"


def until(happens: Callable[[], object]) -> None:
    """Wait for it."""
    end = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.01)


@dataclass
class Desk:
    """A table with jobs of one kind, a clock that the test moves, and what has been done."""

    url: str
    database: Database
    now: datetime = NOW
    done: list[str] = field(default_factory=list)
    raises: Exception | None = None

    def ask(self, *names: str, kind: str = KIND, after: timedelta = timedelta()) -> None:
        """Ask for jobs of those names."""
        with self.database.writing() as session:
            for name in names:
                jobs.ask(session=session, kind=kind, name=name, facts={}, at=self.now + after)
            session.commit()

    def queue(self, **brings: Callable[[], None]) -> Huey:
        """A job process of its own over the table."""
        handlers = {KIND: self._do}
        return make_queue(database=self.database, handlers=handlers, clock=lambda: self.now, brings=brings)

    def _do(self, job: Job, at: datetime) -> None:
        if self.raises is not None:
            raise self.raises
        with self.database.writing() as session:
            if jobs.finish(session=session, job_id=job.id, claim=job.claim or "", at=at):
                self.done.append(job.name)
            session.commit()

    def rows(self) -> dict[str, Job]:
        """The jobs by name."""
        with self.database.reading() as session:
            return {one.name: one for one in session.scalars(select(Job))}


PROGRAM = """
import os, sys, time
from pathlib import Path
from hoshin import bell
from hoshin.cli import jobs as door, main
from hoshin.commands import jobs
from hoshin.jobs import worker
from hoshin.jobs.table import JobTable

worker.SECONDS = float(os.environ.get("TEST_SECONDS", worker.SECONDS))
bell.PAUSE = float(os.environ.get("TEST_PAUSE", bell.PAUSE))
folder, taken = Path(sys.argv[1]), JobTable.dequeue

def make_handlers(*, run, database):
    def probe(job, at):
        print("working", flush=True)
        while not any((folder / f"go on{which}").exists() for which in ("", " " + job.kind)):
            time.sleep(0.05)
        with database.writing() as session:
            ended = jobs.finish(session=session, job_id=job.id, claim=job.claim or "", at=at)
            session.commit()
        with (folder / "done").open("a") as file:
            file.write(f"{job.name} {ended} ")
    return {"probe": probe, "import": probe}

def dequeue(table):
    message = taken(table)
    if message is not None and message.args and "stay" in sys.argv:
        print("taken", flush=True)
        time.sleep(600)
    return message

door.make_handlers, JobTable.dequeue = make_handlers, dequeue
sys.argv = ["hoshin", "jobs", "run", *sys.argv[3:]]
main()
"""


@dataclass
class Real:
    """Job processes, with work that waits for a file."""

    desk: Desk
    folder: Path
    nursery: Nursery
    running: list[Forked] = field(default_factory=list)

    def begin(self, *words: str, **told: str) -> Forked:
        """A process, with these variables; `stay` lets it stay between taking a job and doing it."""
        environ = {**os.environ, "HOSHIN_DATABASE_URL": self.desk.url, "HOSHIN_INSTANCE": str(self.folder / "instance")}
        words = (str(self.folder), *words)
        process = self.nursery.begin(PROGRAM, *words, environ=environ | told, log=self.folder / "log")
        self.running.append(process)
        return process

    def start(self, *words: str, jobs: int = 1) -> Forked:
        """The same, as soon as it has taken up so many jobs or is over."""
        process = self.begin(*(words or ("work",)))
        for _ in range(jobs):
            process.stdout.readline()
        return process

    def is_done(self, name: str) -> bool:
        """Whether the job of that name was worked on to the end."""
        return (self.folder / "done").exists() and f"{name} True" in self.done

    def go_on(self, kind: str = "") -> None:
        """Let the work end, all of it or that of one kind."""
        (self.folder / f"go on {kind}".strip()).touch()

    @property
    def done(self) -> str:
        """The jobs that were worked on to the end, and whether that counted."""
        return (self.folder / "done").read_text("utf-8")

    def forget_lease(self) -> None:
        """Ten minutes pass."""
        with self.desk.database.writing() as session:
            session.execute(update(Job).values(leased_until=NOW))
            session.commit()

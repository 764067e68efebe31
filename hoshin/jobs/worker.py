"""The job process: Huey's consumer takes jobs from the table, in two lanes one after the other; a kill loses none."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from huey import Huey
from huey.api import Task
from huey.consumer import Consumer, Scheduler, Worker
from huey.signals import SIGNAL_ERROR

from hoshin import logs
from hoshin.commands import jobs
from hoshin.db import Database
from hoshin.jobs.smtp import Undeliverable
from hoshin.jobs.table import LANES, AsItIs, JobTable
from hoshin.model.jobs import Job

Handler = Callable[[Job, datetime], None]
"""Does one job and ends it, in the transaction of what it did."""
SECONDS = 2
"""How long an idle worker waits between two looks; somebody may wait at a page for what comes."""
EVERY = 15
"""Seconds between two times at which the clock brings what it brings."""


def make_queue(
    *,
    database: Database,
    handlers: Mapping[str, Handler],
    clock: Callable[[], datetime],
    brings: Mapping[str, Callable[[], None]],
) -> Huey:
    """Huey over the table of jobs; `brings` is what is done every few seconds between two jobs, by a name.

    A job that raises is noted, and tried again later; one that is Undeliverable is given up.
    """
    queue = Huey("hoshin", results=False, serializer=AsItIs(), storage_class=JobTable, database=database, clock=clock)

    def work(job: Job) -> None:
        waited = (clock() - job.due_at).total_seconds()
        logs.say(event="job begun", job=job.id, kind=job.kind, attempt=job.attempts, waited=round(waited, 3))
        began = time.monotonic()
        try:
            handlers[job.kind](job, clock())
        finally:
            logs.say(event="job over", job=job.id, kind=job.kind, seconds=round(time.monotonic() - began, 3))

    def note(_signal: str, task: Task, error: Exception) -> None:
        for job in task.args:  # what the clock brings has none
            _note(database, job, error, clock())

    queue.task()(work)
    queue.signal(SIGNAL_ERROR)(note)
    for name, bring in brings.items():
        queue.periodic_task(_always, name=name)(bring)
    return queue


def _always(_at: datetime) -> bool:
    return True


def _note(database: Database, job: Job, error: Exception, at: datetime) -> None:
    end, said = jobs.fail, f"{type(error).__name__}: {error}"
    if isinstance(error, Undeliverable):
        end, said = jobs.give_up, str(error)
    with database.writing() as session:
        end(session=session, job_id=job.id, claim=job.claim or "", error=said[:2000], at=at)
        session.commit()


def run_next(*, queue: Huey) -> bool:
    """Do what is next as the worker does it; False when nothing is due."""
    task = queue.dequeue()
    if task is not None:
        queue.execute(task)
    return task is not None


def run_due(*, queue: Huey) -> None:
    """Do what the clock brings and every job that is due, and stop."""
    for task in queue.read_periodic(None):
        queue.enqueue(task)
    while run_next(queue=queue):
        pass


class _Worker(Worker):  # type: ignore[misc] # huey has no types
    """Takes the jobs of one lane. Huey's own takes any, and sleeps where only the end of the process wakes it."""

    def loop(self, now: datetime | None = None) -> None:
        """Do the next job, or wait for one, in the lane that is free: the other worker is in the other."""
        with self.huey.storage.lane():
            super().loop(now)

    def sleep(self) -> None:
        """Wait for the next look."""
        self.huey.storage.wait(seconds=self.delay)


class _Clock(Scheduler):  # type: ignore[misc] # huey has no types
    """Huey's own looks once a minute, too seldom for a sign of life."""

    periodic_task_seconds = EVERY


class JobProcess(Consumer):  # type: ignore[misc] # huey has no types
    """A worker for each lane, in threads, and the clock in another; at any signal to end the jobs in hand are finished.

    A second one of the same kind leaves them to their leases. `is_alone` says that whoever began the process is gone.
    """

    worker_class, scheduler_class = _Worker, _Clock

    def __init__(self, *, queue: Huey, is_alone: Callable[[], bool]) -> None:
        super().__init__(queue, workers=len(LANES), initial_delay=SECONDS, max_delay=SECONDS, backoff=1)
        self._signal_actions = dict.fromkeys((signal.SIGTERM, signal.SIGINT, signal.SIGHUP), (False, True))
        self._is_alone = is_alone
        logging.getLogger("huey").setLevel(logging.WARNING)  # it would tell whatever the clock brings

    def wake(self) -> None:
        """Have the workers look at once whether something is due."""
        self.huey.storage.wake()

    def stop(self, graceful: bool = False) -> None:
        """End it; what sleeps is woken for that."""
        self.stop_flag.set()
        self.wake()
        super().stop(graceful=graceful)

    def loop(self, health_check_ts: float | None = None) -> float | None:
        """Look whether it is over, ten times a second."""
        if self._signum is None and self._is_alone():
            signal.raise_signal(signal.SIGTERM)
        looked_at: float | None = super().loop(health_check_ts)
        return looked_at

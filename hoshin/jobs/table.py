"""The table of jobs as a storage of Huey: it hands out on a lease what is due, and keeps nothing anywhere else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event

from huey.registry import Message
from huey.storage import BlackHoleStorage
from sqlalchemy.orm import make_transient

from hoshin.commands import jobs
from hoshin.db import Database
from hoshin.model.jobs import Job

WORK = f"{__package__}.worker.work"
"""The task that does a job, by the name under which Huey knows it."""


class AsItIs:
    """What is handed from a thread to another need not be written down: Huey's own way would be pickle."""

    def serialize(self, data: Message) -> Message:
        """The message."""
        return data

    def deserialize(self, data: Message) -> Message:
        """The message."""
        return data


class JobTable(BlackHoleStorage):  # type: ignore[misc] # huey has no types
    """Huey takes a job as a message that carries its row; waits, results and what was revoked are columns of the row.

    What Huey's own clock brings is put down by the clock's thread and taken by the worker's, and only once however
    long the worker is busy: it concerns this process alone, so that no other need see it.
    """

    def __init__(self, name: str, *, database: Database, clock: Callable[[], datetime]) -> None:
        super().__init__(name)
        self._database, self._clock = database, clock
        self._brought: dict[str, Message] = {}
        self._woken = Event()

    def enqueue(self, data: Message, priority: float | None = None) -> None:
        """Put down what the clock brings; jobs are asked for in the transaction of what they are about, not here."""
        self._brought[data.name] = data
        self.wake()

    def wake(self) -> None:
        """Have the idle worker look at once; one that is busy looks again when it has done what it does."""
        self._woken.set()

    def wait(self, *, seconds: float) -> None:
        """Return when it is woken, or was since the last time, and after so many seconds at the latest."""
        self._woken.wait(seconds)
        self._woken.clear()

    def queue_size(self) -> int:
        """How much the clock has brought that the worker has not taken yet."""
        return len(self._brought)

    def dequeue(self) -> Message | None:
        """What the clock has brought, else the next job that is due, leased to this process; None without either."""
        if self._brought:
            return self._brought.popitem()[1]
        job = self._claim()
        return Message(id=str(job.id), name=WORK, args=(job,)) if job else None

    def _claim(self) -> Job | None:
        at = self._clock()
        with self._database.reading() as session:
            if not jobs.is_any_due(session=session, at=at):
                return None
        with self._database.writing() as session:
            job = jobs.claim(session=session, at=at)
            if job is not None:
                session.expunge(job)
            session.commit()
        if job is not None:
            make_transient(job)  # a plain record of the claim: nothing it says is written back
        return job

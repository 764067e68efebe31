"""The table of jobs as a storage of Huey: it hands out on a lease what is due, and keeps nothing anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, local

from huey.registry import Message
from huey.storage import BlackHoleStorage
from sqlalchemy.orm import make_transient

from hoshin.commands import jobs
from hoshin.db import Database
from hoshin.model.jobs import Job

WORK = f"{__package__}.worker.work"
"""The task that does a job, by the name under which Huey knows it."""
LANES = (True, False)
"""One for what somebody waits for, one for what nobody does: neither stands behind the other."""


@dataclass(slots=True)
class Lane:
    """Which jobs are taken in it (None: any), and whether whoever is in it has been woken since the last look."""

    is_awaited: bool | None = None
    woken: Event = field(default_factory=Event)


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

    What Huey's own clock brings is put down by the clock's thread and taken by the first worker that looks, and only
    once however long all are busy: it concerns this process alone, so that no other need see it.
    """

    def __init__(self, name: str, *, database: Database, clock: Callable[[], datetime]) -> None:
        super().__init__(name)
        self._database, self._clock = database, clock
        self._brought: dict[str, Message] = {}
        self._lanes = [Lane(one) for one in LANES]
        self._free, self._here = list(self._lanes), local()

    def enqueue(self, data: Message, priority: float | None = None) -> None:
        """Put down what the clock brings; jobs are asked for in the transaction of what they are about, not here."""
        self._brought[data.name] = data
        self.wake()

    @contextmanager
    def lane(self) -> Iterator[None]:
        """This thread is in a lane that no other is in; there are as many as LANES. Outside any job is taken."""
        self._here.lane = lane = self._free.pop()
        try:
            yield
        finally:
            del self._here.lane
            self._free.append(lane)

    def wake(self) -> None:
        """Have the idle workers look at once; one that is busy looks again when it has done what it does."""
        for lane in self._lanes:
            lane.woken.set()

    def wait(self, *, seconds: float) -> bool:
        """Return when this lane is woken, or was since the last time; False when it was not within so many seconds."""
        woken: Event = self._here.lane.woken
        heard = woken.wait(seconds)
        woken.clear()
        return heard

    def queue_size(self) -> int:
        """How much the clock has brought that no worker has taken yet."""
        return len(self._brought)

    def dequeue(self) -> Message | None:
        """What the clock has brought, else the next job of this lane, leased to this process; None without either."""
        with suppress(KeyError):  # another worker may be quicker
            return self._brought.popitem()[1]
        job = self._claim(getattr(self._here, "lane", Lane()).is_awaited)
        return Message(id=str(job.id), name=WORK, args=(job,)) if job else None

    def _claim(self, is_awaited: bool | None) -> Job | None:
        at = self._clock()
        with self._database.reading() as session:
            if not jobs.is_any_due(session=session, at=at, is_awaited=is_awaited):
                return None
        with self._database.writing() as session:
            job = jobs.claim(session=session, at=at, is_awaited=is_awaited)
            if job is not None:
                session.expunge(job)
            session.commit()
        if job is not None:
            make_transient(job)  # a plain record of the claim: nothing it says is written back
        return job

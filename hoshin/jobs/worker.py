"""The job process: claims one job after the other, does it, and survives being killed at any point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import make_transient

from hoshin.commands import jobs
from hoshin.db import Database
from hoshin.jobs.smtp import Undeliverable
from hoshin.model.jobs import Job

Handler = Callable[[Job, datetime], None]
"""Does one job and ends it, in the transaction of what it did."""


def run_next(*, database: Database, handlers: Mapping[str, Handler], clock: Callable[[], datetime]) -> Job | None:
    """Claim and do the next job that is due; None when there is none. What fails is noted, and tried again later."""
    at = clock()
    with database.reading() as session:
        if not jobs.is_any_due(session=session, at=at):
            return None
    with database.writing() as session:
        job = jobs.claim(session=session, at=at)
        if job is not None:
            session.flush()
            session.expunge(job)
        session.commit()
    if job is None:
        return None
    make_transient(job)  # a plain record of the claim: nothing it says is written back
    try:
        handlers[job.kind](job, at)
    except Undeliverable as error:
        _note(database, jobs.give_up, job, str(error), clock())
    except Exception as error:  # noqa: BLE001 - whatever a job dies of, the next one is done
        _note(database, jobs.fail, job, f"{type(error).__name__}: {error}", clock())
    return job


def _note(database: Database, end: Callable[..., bool], job: Job, error: str, at: datetime) -> None:
    with database.writing() as session:
        end(session=session, job_id=job.id, claim=job.claim or "", error=error[:2000], at=at)
        session.commit()


def run(
    *,
    database: Database,
    handlers: Mapping[str, Handler],
    clock: Callable[[], datetime],
    wait: Callable[[], bool],
    begin: Callable[[], None],
) -> None:
    """Work until `wait`, called whenever nothing is due, says that it is over; `begin` is called before each round."""
    while True:
        begin()
        while run_next(database=database, handlers=handlers, clock=clock) is not None:
            pass
        if wait():
            return

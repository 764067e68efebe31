"""Jobs are asked for, claimed on a lease, and ended by whoever holds the claim; what a kill left comes back."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hoshin.model.jobs import Job, JobState

LEASE = timedelta(minutes=10)
"""How long a claim lasts: longer than any mail server takes, and than any job should."""
MOST_ATTEMPTS = 8
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)


def new_claim() -> str:
    """A token that nobody else has."""
    return secrets.token_hex(20)


def ask(*, session: Session, kind: str, name: str, facts: dict[str, Any], at: datetime) -> Job | None:
    """Write down a job, once by that name, in the transaction of what it is about; None when it is there already."""
    if session.scalars(select(Job.id).where(Job.name == name)).first() is not None:
        return None
    job = Job(kind=kind, name=name, facts=facts, state=JobState.WAITING, due_at=at)
    try:
        with session.begin_nested():
            session.add(job)
            session.flush()
    except IntegrityError as error:
        if "jobs" not in str(error.orig):
            raise
        return None  # somebody else has just asked for it
    return job


def claim(*, session: Session, at: datetime) -> Job | None:
    """The next job that is due, leased to the caller; None when there is none. Commit before doing it.

    A job whose lease has run out was left by a process that was killed, and is due again, up to a number of attempts.
    """
    job = _due(session, at)
    while job is not None and job.attempts >= MOST_ATTEMPTS:
        job.state, job.claim, job.leased_until, job.ended_at = JobState.FAILED, None, None, at
        job.error = job.error or "every process that took it up was stopped"
        session.flush()
        job = _due(session, at)
    if job is None:
        return None
    job.state, job.claim, job.leased_until = JobState.CLAIMED, new_claim(), at + LEASE
    job.attempts += 1
    session.flush()
    return job


def _due(session: Session, at: datetime) -> Job | None:
    due = or_(
        and_(Job.state == JobState.WAITING, Job.due_at <= at),
        and_(Job.state == JobState.CLAIMED, Job.leased_until <= at),
    )
    query = select(Job).where(due).order_by(Job.due_at, Job.id).limit(1).with_for_update(skip_locked=True)
    return session.scalars(query.execution_options(populate_existing=True)).first()


def finish(*, session: Session, job_id: int, claim: str, at: datetime) -> bool:
    """The job is done; False when the claim has been lost to somebody else meanwhile."""
    return _end(session, job_id, claim, state=JobState.DONE, claim=None, leased_until=None, ended_at=at, error="")


def fail(*, session: Session, job_id: int, claim: str, error: str, at: datetime) -> bool:
    """The job could not be done: it waits, longer each time, and is given up after some attempts."""
    job = session.get_one(Job, job_id)
    if job.attempts >= MOST_ATTEMPTS:
        return _end(
            session, job_id, claim, state=JobState.FAILED, claim=None, leased_until=None, ended_at=at, error=error
        )
    wait = min(FIRST_WAIT * 2 ** (job.attempts - 1), LONGEST_WAIT)
    return _end(
        session, job_id, claim, state=JobState.WAITING, claim=None, leased_until=None, due_at=at + wait, error=error
    )


def give_up(*, session: Session, job_id: int, claim: str, error: str, at: datetime) -> bool:
    """The job can never be done: it is not tried again."""
    return _end(
        session, job_id, claim, state=JobState.FAILED, claim=None, leased_until=None, ended_at=at, error=error
    )


def _end(session: Session, job_id: int, held: str, /, **values: Any) -> bool:
    """Change the job if it is still held under that claim."""
    result = session.execute(
        update(Job).where(Job.id == job_id, Job.claim == held, Job.state == JobState.CLAIMED).values(**values)
    )
    session.expire_all()
    return bool(getattr(result, "rowcount", 0))

"""Whether what stands behind the pages works: the job process and the work that waits for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.model.heartbeats import Heartbeat
from hoshin.model.jobs import Job, JobState


def find_heartbeat(*, session: Session, name: str) -> datetime | None:
    """When the process of that name was last alive; None when it never was."""
    return session.scalar(select(Heartbeat.beaten_at).where(Heartbeat.name == name))


def job_age(*, session: Session, at: datetime) -> timedelta:
    """For how long the oldest job that is due has been waiting; zero when none is."""
    due = session.scalar(select(func.min(Job.due_at)).where(Job.state == JobState.WAITING, Job.due_at <= at))
    return at - due if due is not None else timedelta()


def job_retries(*, session: Session) -> int:
    """How often a job has been taken up once more than the first time, over all jobs that are kept."""
    return int(session.scalar(select(func.sum(Job.attempts - 1)).where(Job.attempts > 1)) or 0)

"""Work that waits or is done beside the pages; of what people have asked for, each sees her own only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from hoshin.errors import Missing
from hoshin.model.jobs import Job, JobFile, JobState, Order
from hoshin.queries.many import among_words


def get_order(*, session: Session, job_id: int, person_id: int | None) -> tuple[Order, Job]:
    """The person's order and its job; Missing where there is none, or it is somebody else's."""
    query = select(Order, Job).join(Job, Job.id == Order.job_id)
    found = session.execute(query.where(Order.job_id == job_id, Order.person_id == person_id)).first()
    if found is None:
        raise Missing("there is no such work, or it ended more than a day ago")
    return found[0], found[1]


def find_job(*, session: Session, name: str) -> Job | None:
    """The job of that name, done or not."""
    return session.scalars(select(Job).where(Job.name == name)).first()


def is_asked_for(*, session: Session, name: str) -> bool:
    """Whether a job of that name has been written down, done or not."""
    return session.scalars(select(Job.id).where(Job.name == name)).first() is not None


def list_asked_for(*, session: Session, names: Iterable[str]) -> set[str]:
    """Those of the names under which a job has been written down, done or not."""
    words = among_words(session=session, column=Job.name, words=names)
    return set(session.scalars(select(Job.name).where(words)))


def list_unfinished(*, session: Session, most: int) -> Sequence[Job]:
    """What waits, is being done or was given up, the next one first."""
    query = select(Job).where(Job.state != JobState.DONE)
    return session.scalars(query.order_by(Job.due_at, Job.id).limit(most)).all()


def list_old(*, session: Session, before: datetime, most: int) -> Sequence[int]:
    """Some jobs that had ended by then: what somebody asked for, and what nobody did and is done; their keys."""
    asked = select(Job.id).join(Order, Order.job_id == Job.id).where(Job.ended_at <= before).limit(most)
    # what has ended was due before: the day it was due has an index
    done = select(Job.id).where(Job.state == JobState.DONE, Job.due_at <= before, Job.ended_at <= before)
    keys = [*session.scalars(asked), *session.scalars(done.order_by(Job.due_at, Job.id).limit(most))]
    return sorted(set(keys))[:most]


def list_orders(*, session: Session, person_id: int | None) -> Sequence[tuple[Order, Job]]:
    """What the person has asked for and is still kept, the latest first."""
    query = select(Order, Job).join(Job, Job.id == Order.job_id).where(Order.person_id == person_id)
    return [(order, job) for order, job in session.execute(query.order_by(Order.job_id.desc()))]


def get_file(*, session: Session, job_id: int, is_result: bool) -> JobFile:
    """The file the job works on, or the one it made; Missing where there is none."""
    query = select(JobFile).where(JobFile.job_id == job_id, JobFile.is_result == is_result)
    found = session.scalars(query.options(undefer(JobFile.content))).first()
    if found is None:
        raise Missing("there is no such file, or it ended more than a day ago")
    return found

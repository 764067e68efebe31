"""Jobs are asked for, claimed on a lease, and ended by whoever holds the claim; what a kill left comes back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands.progress import Cancelled
from hoshin.db import ring_when_committed
from hoshin.errors import Forbidden
from hoshin.model.base import TITLE
from hoshin.model.jobs import Job, JobFile, JobState, Order
from hoshin.queries.jobs import get_order, is_asked_for, list_asked_for, list_old

LEASE = timedelta(minutes=10)
"""How long a claim lasts: longer than any mail server takes; the tick renews it on its way."""
SHORT_LEASE = timedelta(minutes=2)
"""The same for work that somebody waits for: it renews its lease while it says how far it is."""
IMPORT, PAPER, EXAMPLE = "import", "paper", "example"
ORDERED = frozenset({IMPORT, PAPER, EXAMPLE})
"""The kinds of work that somebody asks for and waits for."""
MOST_ATTEMPTS, FEW_ATTEMPTS = 8, 3
STOPPED = "stopped"
"""What the facts of a job say that is nobody's order, when it is to stop."""
KEPT = timedelta(days=1)
"""How long a job is kept after it has ended."""
CLEARED_AT_ONCE = 500
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)


def new_claim() -> str:
    """A token that nobody else has."""
    return secrets.token_hex(20)


def ask(*, session: Session, kind: str, name: str, facts: dict[str, Any], at: datetime) -> Job | None:
    """Write down a job, once by that name, in the transaction of what it is about; None when it is there already."""
    if is_asked_for(session=session, name=name):
        return None
    job = Job(kind=kind, name=name, facts=facts, state=JobState.WAITING, due_at=at)
    try:
        with session.begin_nested():
            session.add(job)
            session.flush()
        ring_when_committed(session=session)
    except IntegrityError as error:
        if "jobs" not in str(error.orig):
            raise
        return None  # somebody else has just asked for it
    return job


def ask_all(*, session: Session, kind: str, jobs: Mapping[str, dict[str, Any]], at: datetime) -> None:
    """Write down many jobs, facts by name, in one statement; what is there already is left.

    The caller holds what they are about, so that nobody else asks for the same ones meanwhile.
    """
    there = list_asked_for(session=session, names=jobs)
    all_of_them = {"kind": kind, "state": JobState.WAITING, "due_at": at}
    new = [{"name": name, "facts": facts} | all_of_them for name, facts in jobs.items() if name not in there]
    if new:
        session.execute(insert(Job), new)
        ring_when_committed(session=session)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderWish:
    """Long work that somebody asks for; `file` is the name, kind and content of what it works on, if any."""

    kind: str
    title: str
    facts: dict[str, Any] = field(default_factory=dict)
    file: tuple[str, str, bytes] | None = None


def order(*, session: Session, wish: OrderWish, by: Actor, at: datetime) -> Job:
    """Write down long work for the person who asks; whether she may is asked again when it is done."""
    job = ask(session=session, kind=wish.kind, name=f"{wish.kind}:{new_claim()}", facts=wish.facts, at=at)
    if job is None or by.person is None:
        raise Forbidden("sign in to ask for that")
    session.add(Order(job_id=job.id, person_id=by.person, title=wish.title[:TITLE], asked_at=at))
    if wish.file:
        name, mime, content = wish.file
        session.add(JobFile(job_id=job.id, is_result=False, name=name[:TITLE], mime=mime, content=content))
    session.flush()
    return job


def cancel(*, session: Session, job_id: int, by: Actor, at: datetime) -> bool:
    """The person does not want her job any more; False when it has ended already.

    What waits ends at once; what is being done ends where it next says how far it is. Raises Missing for another's.
    """
    order, job = get_order(session=session, job_id=job_id, person_id=by.person)
    if job.state in (JobState.DONE, JobState.FAILED):
        return False
    order.cancelled_at = order.cancelled_at or at
    ended: dict[str, Any] = {"state": JobState.FAILED, "ended_at": at}
    session.execute(update(Job).where(Job.id == job_id, Job.state == JobState.WAITING).values(**ended))
    session.expire_all()
    return True


def tell(*, session: Session, job: Job, doing: str, done: int, of: int, at: datetime) -> None:
    """Say how far the job is, which also renews its lease; raises Cancelled where it is no longer wanted or held."""
    hold(session=session, job=job)
    said: dict[str, Any] = {"doing": doing[:40], "done": done, "of": of}
    if not getattr(session.execute(update(Order).where(Order.job_id == job.id).values(**said)), "rowcount", 0):
        facts = session.scalar(select(Job.facts).where(Job.id == job.id)) or {}
        session.execute(update(Job).where(Job.id == job.id).values(facts=facts | said))  # nobody's: it says so itself
    session.execute(update(Job).where(Job.id == job.id).values(leased_until=at + SHORT_LEASE))


def renew(*, session: Session, job: Job, at: datetime) -> None:
    """Keep what nobody watches for as long again; raises Cancelled where somebody else has taken it up."""
    hold(session=session, job=job)
    session.execute(update(Job).where(Job.id == job.id).values(leased_until=at + LEASE))


def hold(*, session: Session, job: Job) -> None:
    """Keep the job for this transaction, so that nobody else takes it up; raises Cancelled as `tell` does."""
    query = select(Job.id).where(Job.id == job.id, Job.claim == job.claim, Job.state == JobState.CLAIMED)
    if session.scalars(query.with_for_update()).first() is None:
        raise Cancelled("somebody else has taken up this work")
    if _is_cancelled(session, job):
        raise Cancelled("cancelled")


def clear(*, session: Session, at: datetime) -> int:
    """Forget what ended a day ago, some hundred at a time; returns how many jobs that were.

    What somebody asked for goes with its files, done or not; of what nobody did, what was done.
    """
    keys = list_old(session=session, before=at - KEPT, most=CLEARED_AT_ONCE)
    for table, column in ((JobFile, JobFile.job_id), (Order, Order.job_id), (Job, Job.id)):
        session.execute(delete(table).where(column.in_(keys)))
    return len(keys)


def claim(*, session: Session, at: datetime, is_awaited: bool | None = None) -> Job | None:
    """The next job that is due, leased to the caller; None when there is none. Commit before doing it.

    It is one that somebody waits for, or one that nobody does, or (None) either. A job whose lease has run out was left
    by a process that was killed, and is due again, up to a number of attempts.
    """
    job = _due(session, at, is_awaited)
    while job is not None and (job.attempts >= _most(job) or _is_cancelled(session, job)):
        job.state, job.claim, job.leased_until, job.ended_at = JobState.FAILED, None, None, at
        job.error = job.error or "every process that took it up was stopped"
        session.flush()
        job = _due(session, at, is_awaited)
    if job is None:
        return None
    lease = SHORT_LEASE if job.kind in ORDERED else LEASE
    job.state, job.claim, job.leased_until = JobState.CLAIMED, new_claim(), at + lease
    job.attempts += 1
    session.flush()
    return job


def _most(job: Job) -> int:
    return FEW_ATTEMPTS if job.kind in ORDERED else MOST_ATTEMPTS


def _is_cancelled(session: Session, job: Job) -> bool:
    facts = session.scalar(select(Job.facts).where(Job.id == job.id)) or {}
    return bool(facts.get(STOPPED)) or (
        session.scalar(select(Order.cancelled_at).where(Order.job_id == job.id)) is not None
    )


def is_any_due(*, session: Session, at: datetime, is_awaited: bool | None = None) -> bool:
    """Whether there is anything to claim; looking does not keep others from writing."""
    return any(
        session.scalars(select(Job.id).where(*one).limit(1)).first() is not None for one in _due_ones(at, is_awaited)
    )


def _due_ones(at: datetime, is_awaited: bool | None) -> list[tuple[ColumnElement[bool], ...]]:
    """What was left by a process that was killed, and what waits: two questions, each along an index of its own."""
    kinds: ColumnElement[bool] = true()
    if is_awaited is not None:
        kinds = Job.kind.in_(ORDERED) if is_awaited else Job.kind.not_in(ORDERED)
    return [
        (Job.state == JobState.CLAIMED, Job.leased_until <= at, kinds),
        (Job.state == JobState.WAITING, Job.due_at <= at, kinds),
    ]


def _due(session: Session, at: datetime, is_awaited: bool | None) -> Job | None:
    """What was left comes first, as it waits already for longer than its lease; else what is due for longest."""
    for one in _due_ones(at, is_awaited):
        held = select(Job).where(*one).order_by(Job.due_at, Job.id).limit(1).with_for_update(skip_locked=True)
        found = session.scalars(held.execution_options(populate_existing=True)).first()
        if found is not None:
            return found
    return None


def finish(*, session: Session, job_id: int, claim: str, at: datetime) -> bool:
    """The job is done; False when the claim has been lost to somebody else meanwhile."""
    return _end(session, job_id, claim, state=JobState.DONE, claim=None, leased_until=None, ended_at=at, error="")


def fail(*, session: Session, job_id: int, claim: str, error: str, at: datetime) -> bool:
    """The job could not be done: it waits, longer each time, and is given up after some attempts."""
    job = session.get_one(Job, job_id)
    if job.attempts >= _most(job):
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

"""An empty database begins with the example organisation, and a few of its people can sign in.

Filling it takes some seconds, so it is a job; there is one at most, whoever asks and how often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor, system_actor
from hoshin.access.rules import require
from hoshin.commands import jobs
from hoshin.commands.example import load
from hoshin.commands.example_wish import ExampleOrganisation, Paper, Shown, people_to_show
from hoshin.commands.people import set_password
from hoshin.commands.progress import Progress, unwatched
from hoshin.commands.start import Taken
from hoshin.db import ring_when_committed
from hoshin.model.jobs import JobState
from hoshin.model.people import Role
from hoshin.queries.jobs import find_job
from hoshin.queries.people import find_by_email
from hoshin.queries.units import find_organisation

MARK, HASHES = "mark", "hashes"
"""Of whom asked for it, a mark that only her browser can make again; and the hashes of the passwords by address."""


def people_to_begin_with(*, wish: ExampleOrganisation) -> Sequence[Shown]:
    """Those whom the example shows, and an administrator: in the browser nobody else could let people in."""
    administrators = (one for one in wish.people if any(role is Role.ADMINISTRATOR for role, _ in one.roles))
    return [
        *people_to_show(wish=wish),
        *(Shown("administrator", one.name, one.email) for one in list(administrators)[:1]),
    ]


def ask_for_example(
    *, session: Session, hashes: Mapping[str, str], mark: str, by: Actor, at: datetime
) -> bool:
    """Write down that the example is wanted; False when it is under way already. Taken when there is something."""
    require(actor=by, act=Act.START)
    if find_organisation(session=session) is not None:
        raise Taken("this planner has been set up already")
    facts = {MARK: mark, HASHES: dict(hashes)}
    job = jobs.ask(session=session, kind=jobs.EXAMPLE, name=jobs.EXAMPLE, facts=facts, at=at)
    if job is not None:
        return True
    held = find_job(session=session, name=jobs.EXAMPLE)
    if held is None or held.state is not JobState.FAILED:
        return False
    session.refresh(held, with_for_update=True)
    held.facts, held.state, held.due_at = facts, JobState.WAITING, at
    held.attempts, held.error, held.ended_at = 0, "", None
    session.flush()
    ring_when_committed(session=session)
    return True


def stop_example(*, session: Session, by: Actor, at: datetime) -> bool:
    """Nobody wants it any more; False when it has ended already. It ends where it next says how far it is."""
    require(actor=by, act=Act.START)
    job = find_job(session=session, name=jobs.EXAMPLE)
    if job is None:
        return False
    session.refresh(job, with_for_update=True)
    if job.state not in (JobState.WAITING, JobState.CLAIMED):
        return False
    job.facts = {**job.facts, jobs.STOPPED: True}
    if job.state is JobState.WAITING:
        job.state, job.ended_at = JobState.FAILED, at
    session.flush()
    return True


def begin_with_example(
    *,
    session: Session,
    wish: ExampleOrganisation,
    hashes: Mapping[str, str],
    paper: Paper | None = None,
    by: Actor,
    at: datetime,
    report: Progress = unwatched,
) -> None:
    """Load the example and set the passwords, given as hashes by e-mail address. Taken when there is something."""
    require(actor=by, act=Act.START)
    load(session=session, wish=wish, paper=paper, by=by, at=at, report=report)
    setter = system_actor(name="Hoshin (example)")
    for email, password_hash in hashes.items():
        person = find_by_email(session=session, email=email)
        if person is not None:
            set_password(session=session, person_id=person.id, password_hash=password_hash, by=setter, at=at)

"""Does the long work that people ask for: once, in one transaction, with the rights they have when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import NOBODY, Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import jobs
from hoshin.commands.imports import bring_in
from hoshin.commands.progress import Cancelled, unswept
from hoshin.commands.slates import Slate
from hoshin.commands.start_example import HASHES, MARK, begin_with_example
from hoshin.db import Database
from hoshin.errors import Forbidden, HoshinError, Missing, Refused
from hoshin.exchange.example import read as read_example
from hoshin.exchange.uploads import read_upload
from hoshin.model.jobs import Job, JobFile, Order
from hoshin.model.people import Person
from hoshin.queries.attainment import today_in
from hoshin.queries.bowling import chart_source
from hoshin.queries.cycles import find_cycle
from hoshin.queries.jobs import get_file
from hoshin.queries.people import load_actor
from hoshin.queries.units import get_organisation
from hoshin.reports.bowling_sheet import bowling_html, bowling_name
from hoshin.reports.example import paper
from hoshin.reports.imports import import_result, refused_result, undone_result
from hoshin.reports.pdf import asset, print_watched

Clock = Callable[[], datetime]
OFTEN = timedelta(seconds=1)
"""How often a job says how far it is."""
LOST = (
    "You may no longer do this: your rights have changed since you asked for it. "
    "If it is still needed, ask an administrator for the right, or somebody who has it to do it."
)


@dataclass(slots=True)
class Watch:
    """Tells the page how far the job is, and stops it where the person has cancelled it."""

    database: Database
    job: Job
    clock: Clock
    told: str = field(default="")
    told_at: datetime | None = field(default=None)
    is_writing: bool = field(default=False)
    """Whether the job's own transaction keeps everybody from writing, the job itself included."""

    @property
    def slate(self) -> Slate:
        """Where it says so then."""
        return Slate(database=self.database, job_id=self.job.id)

    def tell(self, *, what: str, done: int, of: int) -> None:
        """Note it, the same work not more often than anybody looks; raises Cancelled."""
        self.slate.heed()
        at = self.clock()
        if what == self.told and self.told_at is not None and at - self.told_at < OFTEN:
            return
        self.told_at, self.told = at, what
        if self.is_writing:
            self.slate.say(what=what, done=done, of=of)
            return
        with self.database.writing() as session:
            jobs.tell(session=session, job=self.job, doing=what, done=done, of=of, at=at)
            session.commit()


def run_order(*, database: Database, job: Job, clock: Clock) -> None:
    """Do the job; whatever it refuses, in the words of the page, ends it for good and leaves nothing behind."""
    watch = Watch(database, job, clock)
    try:
        with unswept():
            {jobs.IMPORT: _import, jobs.PAPER: _print, jobs.EXAMPLE: _begin}[job.kind](watch)
    except HoshinError as error:
        _give_up(database, job, error, clock())
    watch.slate.wipe()


def _give_up(database: Database, job: Job, error: HoshinError, at: datetime) -> None:
    """Note why; a job that another process has taken up meanwhile is left to it."""
    of_file = refused_result(problems=error.problems) if isinstance(error, Refused) else None
    result = of_file or undone_result(why=_words(error))
    with database.writing() as session:
        if jobs.give_up(session=session, job_id=job.id, claim=job.claim or "", error=type(error).__name__, at=at):
            _note(session, job, result)
            _note_stopped(session, job, error, at)
        session.commit()


def _words(error: HoshinError) -> str:
    return LOST if isinstance(error, (Forbidden, Missing)) else str(error)


def _note(session: Session, job: Job, result: dict[str, Any]) -> None:
    order = session.get(Order, job.id)
    if order is not None:
        order.result = result


def _note_stopped(session: Session, job: Job, error: HoshinError, at: datetime) -> None:
    """It was stopped through its slate: nobody could write that down at the time."""
    order = session.get(Order, job.id)
    if order is not None and isinstance(error, Cancelled):
        order.cancelled_at = order.cancelled_at or at


def _actor(session: Session, job: Job, at: datetime) -> Actor:
    """The person with the rights of today; Forbidden for somebody who has left."""
    person = session.get_one(Person, session.get_one(Order, job.id).person_id)
    if person.deactivated_at is not None:
        raise Forbidden("this person has left")
    today = today_in(organisation=get_organisation(session=session), now=at)
    return load_actor(session=session, person=person, today=today)


def _import(watch: Watch) -> None:
    """Read and check outside of any transaction, then do all of it and end the job in one.

    While that one writes, another tells how far it is and whether it is still wanted; where writers are alone its slate
    does, and the job is held from the start.
    """
    job, at = watch.job, watch.clock()
    with watch.database.reading() as session:
        require(actor=_actor(session, job, at), act=Act.MANAGE_SETTINGS)
        known, file = get_organisation(session=session), get_file(session=session, job_id=job.id, is_result=False)
        name, content = file.name, file.content
    today = today_in(organisation=known, now=at)
    wish = read_upload(name=name, content=content, known=known, today=today, report=watch.tell)
    watch.tell(what="comparing", done=0, of=0)
    at = watch.clock()
    with watch.database.writing() as session:
        _write_alone(session, watch)
        by = _actor(session, job, at)
        outcome = bring_in(session=session, wish=wish, by=by, at=at, report=watch.tell)
        jobs.hold(session=session, job=job)
        _end(session, job, import_result(outcome=outcome), watch.clock())
        watch.slate.heed()
        session.commit()


def _write_alone(session: Session, watch: Watch) -> None:
    """From here on nobody else writes, where writers are alone: the job is this process's until the end."""
    if watch.database.writers_are_alone:
        jobs.hold(session=session, job=watch.job)
        watch.is_writing = True


def _begin(watch: Watch) -> None:
    """Fill the empty database with the example; which passwords were chosen is forgotten with it."""
    job, wish, at = watch.job, read_example(), watch.clock()
    hashes = dict(job.facts[HASHES])
    with watch.database.writing() as session:
        _write_alone(session, watch)
        begin_with_example(
            session=session, wish=wish, hashes=hashes, paper=paper, by=NOBODY, at=at, report=watch.tell
        )  # fmt: skip
        jobs.hold(session=session, job=job)
        session.execute(update(Job).where(Job.id == job.id).values(facts={MARK: job.facts[MARK]}))
        if not jobs.finish(session=session, job_id=job.id, claim=job.claim or "", at=watch.clock()):
            raise Cancelled("somebody else has taken up this work")
        watch.slate.heed()
        session.commit()


def _print(watch: Watch) -> None:
    """Draw the chart as the person may see it now, outside of any transaction set it, and keep it if she still may."""
    job, at = watch.job, watch.clock()
    watch.tell(what="drawing", done=0, of=0)
    with watch.database.reading() as session:
        name, html = _drawn(session, job, at)
    printed = print_watched(html=html, on_page=lambda page: watch.tell(what="page", done=page, of=0))
    with watch.database.writing() as session:
        jobs.hold(session=session, job=job)
        _require_seen(session, job, watch.clock())
        session.add(JobFile(job_id=job.id, is_result=True, name=name, mime="application/pdf", content=printed))
        _end(session, job, {}, watch.clock())
        session.commit()


def _drawn(session: Session, job: Job, at: datetime) -> tuple[str, str]:
    """The name of the file, and the sheet as HTML."""
    actor, known = _require_seen(session, job, at), get_organisation(session=session)
    unit_id, cycle = job.facts["unit"], find_cycle(session=session, name=job.facts["cycle"])
    if cycle is None:
        raise Missing("there is no such cycle")
    source = chart_source(session=session, actor=actor, unit_id=unit_id, cycle=cycle, now=at)
    html = bowling_html(
        source=source, paper=job.facts["paper"], organisation=known.name, today=today_in(organisation=known, now=at),
        asset=asset,
    )  # fmt: skip
    return bowling_name(unit_id=unit_id, cycle=cycle.name, ending="pdf"), html


def _require_seen(session: Session, job: Job, at: datetime) -> Actor:
    actor = _actor(session, job, at)
    require(actor=actor, act=Act.READ_UNIT, subject=Subject(unit=job.facts["unit"]))
    return actor


def _end(session: Session, job: Job, result: dict[str, Any], at: datetime) -> None:
    """Done, in the transaction of what was done; what it worked on is not needed any more."""
    _note(session, job, result)
    session.execute(delete(JobFile).where(JobFile.job_id == job.id, JobFile.is_result.is_(False)))
    session.flush()
    if not jobs.finish(session=session, job_id=job.id, claim=job.claim or "", at=at):
        raise Cancelled("somebody else has taken up this work")

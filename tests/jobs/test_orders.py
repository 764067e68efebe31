"""Long work that people ask for: done once whatever is killed, with the rights of the day, stopped when asked."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import import_figures, jobs
from hoshin.commands.progress import Cancelled
from hoshin.commands.slates import Said, Slate, wipe_old
from hoshin.db import Database, upgrade
from hoshin.jobs.orders import LOST, Watch, run_order
from hoshin.jobs.worker import Handler, make_queue, run_next
from hoshin.model.jobs import Job, JobFile, JobState, Order
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import Reading
from hoshin.model.people import Grant, Person, Role
from hoshin.queries.jobs import get_file
from hoshin.queries.units import top_unit
from hoshin.reports import jobs as job_words
from hoshin.reports.jobs import job_sheet
from tests import factories
from tests.factories import NOW
from tests.nursery import Nursery
from tests.statements import counted

HEAD = "unit,priority,kpi,period,target,actual,direction\n"
ROW = "Line {n},Less scrap,Scrap {n},2026-0{m},5,{m},at most\n"
GOOD = HEAD + "".join(ROW.format(n=n, m=m) for n in range(20) for m in range(1, 5))


class Office:
    """Ada, executive and administrator, a clock that the test moves, and the job process."""

    def __init__(self, url: str) -> None:
        self.url, self.database, self.now = url, Database(url=url), NOW
        with self.database.writing() as session:
            factories.organisation(session)
            factories.cycle(session)
            ada = factories.person(session, "Ada Chief", Role.EXECUTIVE)
            factories.grant(session, ada, Role.ADMINISTRATOR, top_unit(session=session))
            self.ada = ada.id
            session.commit()

    def actor(self, session: Session) -> Actor:
        """Ada with her rights."""
        return factories.actor(session, session.get_one(Person, self.ada))

    def order(self, content: str = GOOD) -> int:
        """Ada has a file read in."""
        return self._order(kind=jobs.IMPORT, title="A plan", file=("plan.csv", "text/csv", content.encode()))

    def order_chart(self) -> int:
        """Ada has a chart printed."""
        facts = {"unit": 1, "cycle": f"FY{NOW.year}", "paper": "a4"}
        return self._order(kind=jobs.PAPER, title="A chart", facts=facts)

    def _order(self, **wished: Any) -> int:
        wish = jobs.OrderWish(**wished)
        with self.database.writing() as session:
            job = jobs.order(session=session, wish=wish, by=self.actor(session), at=self.now).id
            session.commit()
        return job

    def cancel(self, job: int) -> bool:
        """Ada stops it."""
        with self.database.writing() as session:
            done = jobs.cancel(session=session, job_id=job, by=self.actor(session), at=self.now)
            session.commit()
        return done

    def work(self) -> int:
        """Do every job that is due; how many there were."""
        done = 0
        queue = make_queue(database=self.database, handlers=self.handlers(), clock=lambda: self.now, brings={})
        while run_next(queue=queue):
            done += 1
        return done

    def handlers(self) -> dict[str, Handler]:
        """What the job process does."""

        def ordered(job: Job, _at: datetime) -> None:
            run_order(database=self.database, job=job, clock=lambda: self.now)

        return dict.fromkeys(jobs.ORDERED, ordered)

    def seen(self, job: int) -> tuple[JobState, dict[str, object] | None, int, int]:
        """How it stands, what came of it, how many readings there are, and how many files are kept."""
        with self.database.reading() as session:
            count = [session.scalar(select(func.count()).select_from(table)) or 0 for table in (Reading, JobFile)]
            result = session.get_one(Order, job).result
            return session.get_one(Job, job).state, result, count[0], count[1]


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """The office."""
    made = Office(database_url)
    yield made
    made.database.dispose()


def test_an_import_is_done_once_and_its_file_forgotten(office: Office) -> None:
    job = office.order()
    assert office.work() == 1
    state, result, readings, files = office.seen(job)
    assert (state, readings, files) == (JobState.DONE, 80, 0)
    assert result is not None
    assert ["reading", 80, 0, 0] in result["rows"]  # type: ignore[operator] # a list, as the report makes it
    with office.database.reading() as session:
        by = set(session.scalars(select(JournalLine.by_name).where(JournalLine.subject == "reading")))
    assert by == {"Ada Chief"}
    assert office.work() == 0


def test_a_file_that_is_refused_says_where_and_changes_nothing(office: Office) -> None:
    job = office.order(GOOD + "Line 1,Less scrap,Scrap 1,2026-05,NaN,1,at most\n")
    office.work()
    state, result, readings, _ = office.seen(job)
    assert (state, readings) == (JobState.FAILED, 0)
    assert result is not None
    assert "row 82, column target" in str(result["problems"])
    assert office.work() == 0, "it is not tried again"


@pytest.mark.parametrize("order", [Office.order, Office.order_chart])
def test_who_has_lost_the_right_meanwhile_is_told_so(office: Office, order: Callable[[Office], int]) -> None:
    job = order(office)
    with office.database.writing() as session:
        for grant in session.scalars(select(Grant).where(Grant.person_id == office.ada)):
            session.delete(grant)
        session.commit()
    office.work()
    state, result, readings, _ = office.seen(job)
    assert (state, readings) == (JobState.FAILED, 0)
    assert result == {"why": LOST}


def test_what_waits_is_stopped_at_once(office: Office) -> None:
    job = office.order()
    assert office.cancel(job)
    assert not office.cancel(job)
    assert office.work() == 0
    assert office.seen(job)[0] is JobState.FAILED


def test_what_is_being_done_is_stopped_where_it_next_says_how_far_it_is(office: Office) -> None:
    order = office.order()
    with office.database.writing() as session:
        job = jobs.claim(session=session, at=office.now)
        assert job is not None
        session.flush()
        session.expunge(job)
        session.commit()
    watch = Watch(office.database, job, lambda: office.now)
    watch.tell(what="checking", done=10, of=80)
    watch.tell(what="checking", done=20, of=80)  # not a second later: not written
    with office.database.reading() as session:
        assert session.get_one(Order, order).done == 10
    office.cancel(order)
    office.now += timedelta(seconds=2)
    with pytest.raises(Cancelled):
        watch.tell(what="checking", done=30, of=80)
    run_order(database=office.database, job=job, clock=lambda: office.now)
    state, _, readings, _ = office.seen(order)
    assert (state, readings) == (JobState.FAILED, 0)


def test_an_import_says_what_it_is_at_each_as_soon_as_it_begins(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who looks meanwhile reads of figures while the plan is being stored."""
    order, said, tell = office.order(), list[str](), jobs.tell

    def note(**more: Any) -> None:
        tell(**more)
        said.append(more["doing"])

    def say(_slate: Slate, *, what: str, done: int, of: int) -> None:
        said.append(what)

    monkeypatch.setattr(jobs, "tell", note)
    monkeypatch.setattr(Slate, "say", say)
    assert office.work() == 1
    assert office.seen(order)[0] is JobState.DONE
    assert said == ["reading", "checking", "comparing", "plan", "storing"]
    assert {job_words.DOING[one] for one in said} >= {"Storing the plan", "Storing figures"}


def test_two_processes_never_do_the_same_job(office: Office) -> None:
    order = office.order()
    with office.database.writing() as session:
        first = jobs.claim(session=session, at=office.now)
        assert first is not None
        session.flush()
        session.expunge(first)
        session.commit()
    office.now += jobs.SHORT_LEASE + timedelta(seconds=1)
    assert office.work() == 1, "the lease has run out: somebody else does it"
    run_order(database=office.database, job=first, clock=lambda: office.now)  # the first one wakes up
    state, _, readings, _ = office.seen(order)
    assert (state, readings) == (JobState.DONE, 80)


def test_a_sheet_is_printed_for_who_may_still_see_it(office: Office) -> None:
    order = office.order_chart()
    office.work()
    with office.database.reading() as session:
        assert get_file(session=session, job_id=order, is_result=True).content.startswith(b"%PDF")
    office.now += timedelta(hours=23)
    with office.database.writing() as session:
        assert jobs.clear(session=session, at=office.now) == 0
        assert jobs.clear(session=session, at=office.now + timedelta(hours=2)) == 1
        assert session.scalar(select(func.count()).select_from(JobFile)) == 0


def test_what_nobody_asked_for_is_forgotten_a_day_after_it_was_done(office: Office) -> None:
    with office.database.writing() as session:
        for number in range(4):
            jobs.ask(session=session, kind="mail", name=f"mail:{number}", facts={}, at=office.now)
        session.commit()
    for number, end in enumerate((jobs.finish, jobs.give_up, None)):
        with office.database.writing() as session:
            job = jobs.claim(session=session, at=office.now)
            assert job is not None
            assert job.name == f"mail:{number}"
            more = {"error": "so"} if end is jobs.give_up else {}
            assert end is None or end(session=session, job_id=job.id, claim=job.claim or "", at=office.now, **more)
            session.commit()
    later = office.now + jobs.KEPT
    with office.database.writing() as session:
        assert jobs.clear(session=session, at=later - timedelta(seconds=1)) == 0
        assert jobs.clear(session=session, at=later) == 1
        left = session.scalars(select(Job.name).order_by(Job.id)).all()
        assert left == ["mail:1", "mail:2", "mail:3"], "what was given up is for the administrator to see"


def test_some_hundred_are_forgotten_at_a_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "CLEARED_AT_ONCE", 2)
    with office.database.writing() as session:
        for number in range(5):
            done = Job(kind="mail", name=f"mail:{number}", state=JobState.DONE, due_at=office.now, ended_at=office.now)
            session.add(done)
        session.flush()
        assert [jobs.clear(session=session, at=office.now + jobs.KEPT) for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.parametrize("is_awaited", [True, False])
def test_each_lane_looks_along_an_index(tmp_path: Path, is_awaited: bool) -> None:
    """However many mails wait: on SQLite, where the plan of a statement is the same whatever there is."""
    database = Database(url=f"sqlite:///{tmp_path / 'lanes.sqlite'}")
    upgrade(engine=database.engine)
    with database.reading() as session, counted(database.engine) as seen:
        jobs.is_any_due(session=session, at=NOW, is_awaited=is_awaited)
        assert jobs.claim(session=session, at=NOW, is_awaited=is_awaited) is None
        asked = [one for one in seen if "FROM jobs" in one]
    with database.engine.connect() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", ("x",) * one.count("?")) for one in asked]
        told = [[row[3] for row in plan] for plan in plans]
    database.dispose()
    assert len(told) == 4
    for steps in told:
        assert all("USING" in one and "INDEX ix_jobs_" in one for one in steps if "jobs" in one), steps
    waiting = told[3] if not is_awaited else []
    assert not any("TEMP B-TREE" in one for one in waiting), "the first of the mails that wait is found without sorting"


def claimed(office: Office) -> Job:
    """The job that is due, taken up."""
    with office.database.writing() as session:
        job = jobs.claim(session=session, at=office.now)
        assert job is not None
        session.flush()
        session.expunge(job)
        session.commit()
    return job


def test_storing_is_told_and_stopped_also_where_nobody_else_can_write_meanwhile(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_figures, "AT_ONCE", 5)
    order, seen, stored = office.order(), list[tuple[str, int, bool]](), list[int]()
    slate = Slate(database=office.database, job_id=order)
    take = import_figures.FigureStep._take  # noqa: SLF001 - where a person looks while it is stored

    def watched(step: import_figures.FigureStep, *some: Any) -> None:
        office.now += timedelta(seconds=2)
        take(step, *some)
        stored.append(step.job.session.scalar(select(func.count()).select_from(Reading)) or 0)
        with office.database.reading() as session:
            found = session.get_one(Order, order)
            said = slate.read() or Said(found.doing, found.done, found.of)
            sheet = job_sheet(order=found, job=session.get_one(Job, order), now=office.now, said=said)
            seen.append((said.what, said.done, sheet.may_cancel))
        if len(seen) == 3 and not slate.stop():
            office.cancel(order)

    monkeypatch.setattr(import_figures.FigureStep, "_take", watched)
    run_order(database=office.database, job=claimed(office), clock=lambda: office.now)
    state, _, readings, _ = office.seen(order)
    assert seen == [("storing", 0, True), ("storing", 20, True), ("storing", 40, True)]
    assert stored == [20, 40, 60]
    assert (state, readings) == (JobState.FAILED, 0), "nothing of it stays"
    with office.database.reading() as session:
        assert session.get_one(Order, order).cancelled_at is not None, "the page says that it was stopped"
    assert (slate.read(), slate.is_stopping) == (None, False)


def test_it_is_stopped_up_to_the_moment_before_it_counts(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(sqlite_url)
    order = office.order()
    slate, finish = Slate(database=office.database, job_id=order), jobs.finish

    def late(**wish: Any) -> bool:
        done = finish(**wish)
        slate.stop()
        return done

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "finish", late)
        office.work()
    assert office.seen(order)[:3] == (JobState.FAILED, {"why": "cancelled"}, 0)
    office.database.dispose()


def test_slates_that_a_kill_left_go_after_a_day(sqlite_url: str) -> None:
    database = Database(url=sqlite_url)
    Slate(database=database, job_id=7).say(what="storing", done=1, of=2)
    Slate(database=database, job_id=8).stop()
    now = datetime.fromtimestamp(time.time(), NOW.tzinfo)
    wipe_old(database=database, before=now - timedelta(hours=1))
    assert Slate(database=database, job_id=7).read() == Said("storing", 1, 2)
    wipe_old(database=database, before=now + timedelta(hours=1))
    assert Slate(database=database, job_id=7).read() is None
    assert not Slate(database=database, job_id=8).is_stopping
    database.dispose()


def test_a_sheet_whose_process_was_lost_is_printed_again_and_kept_once(office: Office) -> None:
    order = office.order_chart()
    lost = claimed(office)
    office.now += jobs.SHORT_LEASE + timedelta(seconds=1)
    assert office.work() == 1, "another process has taken it up"
    run_order(database=office.database, job=lost, clock=lambda: office.now)
    state, _, _, files = office.seen(order)
    assert (state, files) == (JobState.DONE, 1)
    with office.database.reading() as session:
        assert session.get_one(Job, order).attempts == 2


PROGRAM = """
import sys, time
from hoshin.commands import import_figures
from hoshin.cli import main
taken = import_figures.FigureStep.run
def stay(step):
    taken(step)
    print("written, not committed", flush=True)
    time.sleep(60)
import_figures.FigureStep.run = stay
sys.argv = ["hoshin", "jobs", "run", "--once"]
main()
"""


PRINTS = """
import sys, time
from hoshin.jobs import orders
from hoshin.cli import main
prints = orders.print_watched
def stay(**wish):
    printed = prints(**wish)
    print("printed, not kept", flush=True)
    time.sleep(60)
orders.print_watched = stay
sys.argv = ["hoshin", "jobs", "run", "--once"]
main()
"""


def killed(nursery: Nursery, office: Office, program: str, folder: Path) -> str:
    """What the job process says before it is killed there."""
    environ = {**os.environ, "HOSHIN_DATABASE_URL": office.url, "HOSHIN_INSTANCE": str(folder / "instance")}
    with closing(nursery.begin(program, environ=environ, log=folder / "log")) as doing:
        return doing.stdout.readline()


def test_a_sheet_whose_process_was_really_killed_is_kept_once(
    sqlite_url: str, tmp_path: Path, nursery: Nursery
) -> None:
    office = Office(sqlite_url)
    order = office.order_chart()
    assert killed(nursery, office, PRINTS, tmp_path) == "printed, not kept\n"
    office.now = datetime.fromtimestamp(time.time(), NOW.tzinfo) + jobs.SHORT_LEASE + timedelta(seconds=1)
    assert office.work() >= 1
    with office.database.reading() as session:
        job, results = session.get_one(Job, order), session.scalars(select(JobFile)).all()
        assert (job.state, job.attempts, [one.is_result for one in results]) == (JobState.DONE, 2, [True])
    office.database.dispose()


def test_a_real_kill_in_the_middle_does_nothing_twice(office: Office, tmp_path: Path, nursery: Nursery) -> None:
    order = office.order()
    assert killed(nursery, office, PROGRAM, tmp_path) == "written, not committed\n"
    assert office.seen(order)[2] == 0, "nothing of it stays"
    office.now = datetime.fromtimestamp(time.time(), NOW.tzinfo) + jobs.SHORT_LEASE + timedelta(seconds=1)
    assert office.work() >= 1
    state, _, readings, _ = office.seen(order)
    assert (state, readings) == (JobState.DONE, 80)
    with office.database.reading() as session:
        assert session.get_one(Job, order).attempts == 2
        lines = session.scalars(select(JournalLine.subject_id).where(JournalLine.subject == "reading")).all()
    assert len(lines) == len(set(lines)) == 20

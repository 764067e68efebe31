"""Huey takes the jobs out of the table: on a lease, each once, whatever is killed, stopped or fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from huey import Huey
from sqlalchemy import select, update

from hoshin.commands import jobs
from hoshin.db import Database
from hoshin.jobs.smtp import Undeliverable
from hoshin.jobs.worker import make_queue, run_due, run_next
from hoshin.model.jobs import Job, JobState
from tests.factories import NOW

PATIENCE = 300.0
"""Seconds a busy machine may take for what takes one."""
KIND = "mail"


@dataclass
class Desk:
    """A table with jobs of one kind, a clock that the test moves, and what has been done."""

    database: Database
    now: datetime = NOW
    done: list[str] = field(default_factory=list)
    raises: Exception | None = None

    def ask(self, *names: str, kind: str = KIND, after: timedelta = timedelta()) -> None:
        """Ask for jobs of those names."""
        with self.database.writing() as session:
            for name in names:
                jobs.ask(session=session, kind=kind, name=name, facts={}, at=self.now + after)
            session.commit()

    def queue(self, **brings: Callable[[], None]) -> Huey:
        """A job process of its own over the table."""
        handlers = {KIND: self._do}
        return make_queue(database=self.database, handlers=handlers, clock=lambda: self.now, brings=brings)

    def _do(self, job: Job, at: datetime) -> None:
        if self.raises is not None:
            raise self.raises
        with self.database.writing() as session:
            if jobs.finish(session=session, job_id=job.id, claim=job.claim or "", at=at):
                self.done.append(job.name)
            session.commit()

    def rows(self) -> dict[str, Job]:
        """The jobs by name."""
        with self.database.reading() as session:
            return {one.name: one for one in session.scalars(select(Job))}


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    """An empty table."""
    made = Desk(Database(url=database_url))
    yield made
    made.database.dispose()


def test_what_is_due_is_done_in_its_turn_and_what_is_not_waits(desk: Desk) -> None:
    desk.ask("later", after=timedelta(minutes=1))
    desk.ask("first", "second")
    queue = desk.queue()
    assert [run_next(queue=queue) for _ in range(3)] == [True, True, False]
    assert desk.done == ["first", "second"]
    desk.now += timedelta(minutes=1)
    assert run_next(queue=queue)
    assert desk.done == ["first", "second", "later"]


def test_what_was_taken_comes_back_only_when_its_lease_has_run_out(desk: Desk) -> None:
    desk.ask("one")
    lost = desk.queue().dequeue()  # and here the process is killed
    another = desk.queue()
    desk.now += jobs.LEASE - timedelta(seconds=1)
    assert not run_next(queue=another)
    desk.now += timedelta(seconds=1)
    assert run_next(queue=another)
    desk.queue().execute(lost)  # the first one wakes up
    assert desk.done == ["one"]
    assert (desk.rows()["one"].state, desk.rows()["one"].attempts) == (JobState.DONE, 2)


def test_two_processes_take_two_jobs(desk: Desk) -> None:
    desk.ask("one", "two")
    taken = [queue.dequeue() for queue in (desk.queue(), desk.queue(), desk.queue())]
    assert [task.args[0].name if task else None for task in taken] == ["one", "two", None]


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        (OSError("busy"), JobState.WAITING, "OSError: busy"),
        (Undeliverable("nobody"), JobState.FAILED, "nobody"),
    ],
)
def test_what_fails_is_noted_and_tried_again_where_that_is_of_use(
    desk: Desk, error: Exception, state: JobState, said: str
) -> None:
    desk.ask("one", "two")
    desk.raises = error
    queue = desk.queue()
    assert run_next(queue=queue)
    desk.raises = None
    assert run_next(queue=queue), "whatever a job dies of, the next one is done"
    failed = desk.rows()["one"]
    assert (failed.state, failed.error, failed.claim, failed.attempts) == (state, said, None, 1)
    desk.now += jobs.FIRST_WAIT
    assert run_next(queue=queue) is (state is JobState.WAITING)


def test_a_kind_that_this_version_does_not_know_is_left_to_another(desk: Desk) -> None:
    desk.ask("new", kind="unheard-of")
    assert run_next(queue=desk.queue())
    assert (desk.rows()["new"].state, desk.rows()["new"].error) == (JobState.WAITING, "KeyError: 'unheard-of'")


def test_what_the_clock_brings_is_done_once_however_long_it_lay_and_fails_alone(desk: Desk) -> None:
    brought: list[str] = []

    def fail() -> None:
        raise OSError("away")

    queue = desk.queue(life=lambda: brought.append("life"), old=fail)
    for _ in range(3):
        for task in queue.read_periodic(None):
            queue.enqueue(task)
    desk.ask("one")
    while run_next(queue=queue):
        pass
    assert (brought, desk.done) == (["life"], ["one"])
    run_due(queue=queue)
    assert brought == ["life", "life"]


def test_the_clock_asks_and_what_it_asked_for_is_done_in_the_same_turn(desk: Desk) -> None:
    run_due(queue=desk.queue(tick=lambda: desk.ask("tick:2026-05-20")))
    assert desk.done == ["tick:2026-05-20"]


PROGRAM = """
import sys, time
from pathlib import Path
from hoshin.cli import jobs as door, main
from hoshin.commands import jobs
from hoshin.jobs.table import JobTable

folder, taken = Path(sys.argv[1]), JobTable.dequeue

def make_handlers(*, run, database):
    def probe(job, at):
        print("working", flush=True)
        while not (folder / "go on").exists():
            time.sleep(0.05)
        with database.writing() as session:
            ended = jobs.finish(session=session, job_id=job.id, claim=job.claim or "", at=at)
            session.commit()
        with (folder / "done").open("a") as file:
            file.write(f"{job.name} {ended} ")
    return {"probe": probe}

def dequeue(table):
    message = taken(table)
    if message is not None and message.args and "stay" in sys.argv:
        print("taken", flush=True)
        time.sleep(600)
    return message

door.make_handlers, JobTable.dequeue = make_handlers, dequeue
sys.argv = ["hoshin", "jobs", "run", *sys.argv[3:]]
main()
"""


@dataclass
class Real:
    """Job processes as people start them, with work that waits for a file."""

    desk: Desk
    folder: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A process, as soon as it has taken up a job; `stay` lets it stay between taking and doing it."""
        url, instance = self.desk.database.engine.url.render_as_string(hide_password=False), self.folder / "instance"
        environ = {**os.environ, "HOSHIN_DATABASE_URL": url, "HOSHIN_INSTANCE": str(instance)}
        command = [sys.executable, "-c", PROGRAM, str(self.folder), *(words or ("work",))]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environ, text=True)
        self.running.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    def go_on(self) -> None:
        """Let the work end."""
        (self.folder / "go on").touch()

    @property
    def done(self) -> str:
        """The jobs that were worked on to the end, and whether that counted."""
        return (self.folder / "done").read_text("utf-8")

    def forget_lease(self) -> None:
        """Ten minutes pass."""
        with self.desk.database.writing() as session:
            session.execute(update(Job).values(leased_until=NOW))
            session.commit()


@pytest.fixture
def real(desk: Desk, tmp_path: Path) -> Iterator[Real]:
    """Real processes, ended at the end."""
    made = Real(desk, tmp_path)
    yield made
    for one in made.running:
        one.kill()
        one.wait()
        assert one.stdout is not None
        one.stdout.close()


def test_a_real_kill_between_taking_and_doing_it_loses_nothing_and_does_it_once(real: Real) -> None:
    real.desk.ask("one", kind="probe")
    process = real.start("stay")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert real.desk.rows()["one"].state is JobState.CLAIMED
    real.forget_lease()
    real.go_on()
    assert real.start("work", "--once").wait(PATIENCE) == 0
    assert real.done == "one True "
    assert (real.desk.rows()["one"].state, real.desk.rows()["one"].attempts) == (JobState.DONE, 2)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_any_signal_to_end_lets_the_job_in_hand_be_finished_and_no_other_be_begun(real: Real, how: int) -> None:
    real.desk.ask("one", "two", kind="probe")
    process = real.start()
    process.send_signal(how)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    real.go_on()
    assert process.wait(PATIENCE) == 0
    assert real.done == "one True "
    assert real.desk.rows()["two"].state is JobState.WAITING


def test_a_second_signal_leaves_the_job_to_its_lease(real: Real) -> None:
    real.desk.ask("one", kind="probe")
    process = real.start()
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
    assert real.desk.rows()["one"].state is JobState.CLAIMED


def test_it_ends_when_whoever_began_it_is_gone(real: Real) -> None:
    assert real.start("work", "--beside", str(os.getpid() + 1)).wait(PATIENCE) == 0

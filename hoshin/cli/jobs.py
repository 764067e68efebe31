"""`hoshin jobs run|list`: the process that sends mail and does what the calendar brings, and what it has to do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType

import click

from hoshin import logs
from hoshin.bell import listen
from hoshin.cli import shell
from hoshin.cli.keeper import Keeper
from hoshin.cli.tick import run_tick
from hoshin.commands import jobs as commands
from hoshin.commands.heartbeats import beat
from hoshin.commands.news import MAIL
from hoshin.commands.slates import wipe_old
from hoshin.db import Database
from hoshin.errors import Refused
from hoshin.jobs.mail import Send, send_mail, sender_for
from hoshin.jobs.orders import run_order
from hoshin.jobs.smtp import mail_server
from hoshin.jobs.worker import Handler, JobProcess, make_queue, run_due
from hoshin.model.heartbeats import JOBS
from hoshin.model.jobs import Job
from hoshin.queries.attainment import today_in
from hoshin.queries.jobs import is_asked_for, list_old, list_unfinished
from hoshin.queries.units import find_organisation
from hoshin.reports.pdf import print_elsewhere
from hoshin.reports.press import PAPERS, Press

TICK = "tick"
SHOWN = 50


def utc_now() -> datetime:
    """The clock of this door."""
    return datetime.now(UTC)


@shell.hoshin.group()
def jobs() -> None:
    """The job process: mail, and what the calendar brings about."""


@jobs.command()
@click.option("--once", is_flag=True, help="Do what is due now and stop.")
@click.option("--beside", type=int, hidden=True, help="Stop when that process, which has begun this one, is gone.")
@click.pass_obj
def run(run: shell.Shell, once: bool, beside: int | None) -> None:
    """Work until stopped; several may run at once, and a kill loses nothing."""
    logs.set_up(as_json=run.settings.log_as_json)
    print_elsewhere(printer=Press(run.settings.instance / PAPERS))
    with run.opened() as database:
        handlers = make_handlers(run=run, database=database)
        queue = make_queue(database=database, handlers=handlers, clock=utc_now, brings=make_rounds(database=database))
        if once:
            run_due(queue=queue)
            return
        process = JobProcess(queue=queue, is_alone=lambda: _is_alone(beside))
        if run.settings.redis_url:
            listen(url=run.settings.redis_url, heard=process.wake)
        process.run()


@jobs.command(hidden=True)
@click.option("--beside", type=int, required=True)
@click.pass_obj
def keep(run: shell.Shell, beside: int) -> None:
    """Keep one process of `run` going for as long as that process, which has begun this one, is there."""
    ended = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, _ender(ended))
    logs.set_up(as_json=run.settings.log_as_json)
    # -P: a folder named hoshin where the command was called must not stand in for the planner that runs here
    command = [sys.executable, "-P", "-m", "hoshin", "jobs", "run", "--beside", str(os.getpid())]
    keeper = Keeper(
        begin=lambda: subprocess.Popen(command, stdin=subprocess.DEVNULL),  # noqa: S603 - our own program
        ended=ended, is_alone=lambda: _is_alone(beside),
    )  # fmt: skip
    keeper.keep()


def _is_alone(beside: int | None) -> bool:
    return beside is not None and os.getppid() != beside


def _ender(ended: threading.Event) -> Callable[[int, FrameType | None], None]:
    """The job in hand is finished first."""
    return lambda _signal, _frame: ended.set()


def make_handlers(*, run: shell.Shell, database: Database, send: Send | None = None) -> dict[str, Handler]:
    """What does each kind of job; `send` stands in for the mail server."""
    settings = run.settings
    server = mail_server(url=settings.smtp_url) if settings.smtp_url else None
    if server is not None and not settings.base_url:
        raise Refused("HOSHIN_BASE_URL is needed beside HOSHIN_SMTP_URL: the links in a mail begin with it")
    deliver = send or (sender_for(server=server) if server else _nowhere)
    sender = server.sender if server else "planner@localhost"

    def tick(job: Job, at: datetime) -> None:
        run_tick(database=database, settings=settings, at=at, go_on=keeping(database=database, job=job, clock=utc_now))
        with database.writing() as session:
            commands.finish(session=session, job_id=job.id, claim=job.claim or "", at=at)
            session.commit()

    def mail(job: Job, at: datetime) -> None:
        send_mail(database=database, settings=settings, sender=sender, send=deliver, job=job, at=at)

    def ordered(job: Job, _at: datetime) -> None:
        run_order(database=database, job=job, clock=utc_now)

    return {TICK: tick, MAIL: mail, **dict.fromkeys(commands.ORDERED, ordered)}


def keeping(*, database: Database, job: Job, clock: Callable[[], datetime]) -> Callable[[], None]:
    """What a long job calls on its way: it renews the lease now and then, and raises Cancelled when that is lost."""
    renewed = clock()

    def go_on() -> None:
        nonlocal renewed
        now = clock()
        if now - renewed < commands.LEASE / 10:
            return
        with database.writing() as session:
            commands.renew(session=session, job=job, at=now)
            session.commit()
        renewed = now

    return go_on


def _nowhere(_message: object) -> None:
    raise Refused("no mail server is configured (HOSHIN_SMTP_URL)")


def make_rounds(*, database: Database) -> dict[str, Callable[[], None]]:
    """What the process does between two jobs: a sign of life, forgetting what is old, asking for the day's tick."""

    def show_life() -> None:
        with database.writing() as session:
            beat(session=session, name=JOBS, at=utc_now())
            session.commit()

    return {
        "life": show_life,
        "old": lambda: forget_old(database=database),
        TICK: lambda: ask_for_tick(database=database),
    }


def forget_old(*, database: Database) -> None:
    """Forget some of what ended a day ago; the rest the next time, so that nobody waits for thousands of mails."""
    at = utc_now()
    with database.reading() as session:
        if not list_old(session=session, before=at - commands.KEPT, most=1):
            return
    with database.writing() as session:
        commands.clear(session=session, at=at)
        session.commit()
    wipe_old(database=database, before=at - commands.KEPT)


def ask_for_tick(*, database: Database) -> None:
    """Ask for the tick of the organisation's day, once however many processes ask; without one there is none."""
    at = utc_now()
    with database.reading() as session:
        known = find_organisation(session=session)
        if known is None:
            return
        name = f"{TICK}:{today_in(organisation=known, now=at).isoformat()}"
        if is_asked_for(session=session, name=name):
            return
    with database.writing() as session:
        commands.ask(session=session, kind=TICK, name=name, facts={}, at=at)
        session.commit()


@jobs.command(name="list")
@click.pass_obj
def show_list(run: shell.Shell) -> None:
    """What waits, is being done or was given up, the next one first."""
    with run.reading() as session:
        for one in list_unfinished(session=session, most=SHOWN):
            click.echo(f"{one.state.value:8} {one.name:40} due {one.due_at:%Y-%m-%d %H:%M} UTC, "
                       f"{one.attempts} attempts{': ' + one.error if one.error else ''}")  # fmt: skip

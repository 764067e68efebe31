"""`hoshin tick`: what the calendar brings about by itself; run it daily, as often as you like."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

import click
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.cli import shell
from hoshin.commands import deeds
from hoshin.commands.catchball_clock import remind_and_escalate
from hoshin.commands.countermeasures_open import THE_FIGURES, find_due, open_due
from hoshin.commands.news import write_digests
from hoshin.commands.schedules import THE_CALENDAR, open_next
from hoshin.commands.surveys import keep_time
from hoshin.config import Settings
from hoshin.db import Database
from hoshin.engine.weeks import week_of
from hoshin.model.people import Person
from hoshin.queries.attainment import Standing, today_in
from hoshin.queries.countermeasures import list_watchable
from hoshin.queries.notices import find_standing, list_many, list_recipients
from hoshin.queries.people import load_actors
from hoshin.queries.units import find_organisation, get_organisation

AT_ONCE, LOOKED_AT = 20, 500
"""KPIs whose countermeasures are opened in one transaction, and those whose figures are looked at in one."""
PEOPLE_AT_ONCE, MAILS_AT_ONCE = 500, 50
"""For so many people it is looked up at once what waits; so many mails are written while others who write wait."""
BREATH = 0.1
"""Seconds between two of many transactions on SQLite, where whoever waits to write looks ten times a second."""
GoOn = Callable[[], None]
THE_CLOCK = system_actor(name="hoshin (clock)")


@shell.hoshin.command()
@click.pass_obj
def tick(run: shell.Shell) -> None:
    """Do what has fallen due: countermeasures, balls that lie, recurring actions, the week's mail.

    A second run finds nothing left to do. `hoshin jobs run` does it daily by itself.
    """
    with run.opened() as database:
        for said in run_tick(database=database, settings=run.settings, at=run.now):
            click.echo(said)


def _freely() -> None:
    pass


def run_tick(*, database: Database, settings: Settings, at: datetime, go_on: GoOn = _freely) -> list[str]:
    """Do all of it, each part in a transaction of its own; gives a sentence for each.

    `go_on` is called between two transactions, of which a large plan takes thousands, and may raise to end it there.
    """
    with database.reading() as session:
        if find_organisation(session=session) is None:
            return ["this database holds no organisation yet"]
    said = [_countermeasures(database, at, go_on)]
    for part in PARTS:
        go_on()
        said.append(_done(database, part, at))
    with database.writing() as session:
        deeds.forget_old(session=session, at=at)
        session.commit()
    return [*said, _mail(database, settings, at, go_on)]


def _done(database: Database, part: Callable[[Session, datetime], str], at: datetime) -> str:
    with database.writing() as session:
        said = part(session, at)
        session.commit()
    return said


def _countermeasures(database: Database, at: datetime, go_on: GoOn) -> str:
    """Find out what is due while nobody waits, then open a few at a time: whoever saves figures of these KPIs waits."""
    due, opened = _due(database, at, go_on), 0
    for first in range(0, len(due), AT_ONCE):
        go_on()
        with database.writing() as session:
            opened += len(open_due(session=session, by=THE_FIGURES, at=at, kpi_ids=due[first : first + AT_ONCE]))
            session.commit()
        _let_others_write(database)
    return f"{_count(opened, 'countermeasure')} opened or reopened"


def _due(database: Database, at: datetime, go_on: GoOn) -> list[int]:
    """The KPIs that ask for a countermeasure; each look is short, as SQLite without WAL commits nothing meanwhile."""
    with database.reading() as session:
        kpis = list_watchable(session=session)
    due: list[int] = []
    for first in range(0, len(kpis), LOOKED_AT):
        go_on()
        with database.reading() as session:
            due += find_due(session=session, at=at, kpi_ids=kpis[first : first + LOOKED_AT])
    return due


def _balls(session: Session, at: datetime) -> str:
    moved = remind_and_escalate(session=session, by=THE_CLOCK, at=at)
    return f"{_count(moved.reminded, 'ball')} reminded of, {moved.escalated} escalated"


def _recurring(session: Session, at: datetime) -> str:
    opened = open_next(session=session, by=THE_CALENDAR, at=at)
    return f"{_count(len(opened), 'recurring action')} opened"


def _surveys(session: Session, at: datetime) -> str:
    closed, opened = keep_time(session=session, by=THE_CALENDAR, at=at)
    return f"{_count(closed, 'self-assessment')} counted, {opened} opened"


PARTS = (_balls, _recurring, _surveys)


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def _mail(database: Database, settings: Settings, at: datetime, go_on: GoOn) -> str:
    """Write the week's digests: looked up by readers, then written, so that no writer waits for the reading."""
    if not settings.smtp_url:
        return "no mail: HOSHIN_SMTP_URL is not set"
    with database.reading() as session:
        session.expire_on_commit = False
        standing = find_standing(session=session, now=at)
        people = list(list_recipients(session=session))
        session.expunge_all()
    written = sum(_write(database, people[first : first + PEOPLE_AT_ONCE], standing, at, go_on)
                  for first in range(0, len(people), PEOPLE_AT_ONCE))  # fmt: skip
    return f"{_count(written, 'mail')} written; hoshin jobs run sends them"


def _write(
    database: Database, people: Sequence[Person], standing: Standing | None, at: datetime, go_on: GoOn
) -> int:
    with database.reading() as session:
        today = today_in(organisation=get_organisation(session=session), now=at)
        actors = load_actors(session=session, people=people, today=today)
        found = list_many(session=session, actors=actors, now=at, standing=standing)
        told = {actor.person: notices for actor, notices in found if actor.person is not None}
        session.expunge_all()
    keys = [person for person, notices in told.items() if any(not one.is_mailed and not one.is_read for one in notices)]
    written = 0
    for first in range(0, len(keys), MAILS_AT_ONCE):
        go_on()
        some = {one: told[one] for one in keys[first : first + MAILS_AT_ONCE]}
        with database.writing() as session:
            mails = write_digests(session=session, week=week_of(day=today), told=some, by=THE_CLOCK, at=at)
            session.commit()
        _let_others_write(database)
        written += len(mails)
    return written


def _let_others_write(database: Database) -> None:
    """SQLite has no queue: one transaction right after the other would keep everybody else out all the while."""
    if database.writers_are_alone:
        time.sleep(BREATH)

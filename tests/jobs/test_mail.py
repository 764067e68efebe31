"""The week's mail: written once, sent once, tried again after a kill or a busy server, and never after silence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from huey import Huey
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import NOBODY
from hoshin.app import create_app
from hoshin.cli import tick
from hoshin.cli.jobs import TICK, ask_for_tick, make_handlers
from hoshin.cli.shell import Shell
from hoshin.cli.tick import THE_CLOCK, run_tick
from hoshin.commands import jobs, news
from hoshin.config import Settings
from hoshin.db import Database
from hoshin.errors import Refused
from hoshin.exchange.signed import read_person
from hoshin.jobs.mail import Send
from hoshin.jobs.smtp import mail_server, send
from hoshin.jobs.worker import Handler, make_queue, run_next
from hoshin.model.jobs import Job, JobState, Mail
from hoshin.model.news import Rhythm
from hoshin.model.people import Person, Role
from hoshin.model.units import Unit
from hoshin.queries.notices import rhythm_of
from hoshin.queries.units import get_organisation
from tests import factories
from tests.factories import NOW
from tests.mailbox import Mailbox, open_mailbox
from tests.statements import counted

SECRET = "only for tests"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server."""
    with open_mailbox() as box:
        yield box


class Office:
    """Bo Head with an overdue action, the job process, and a clock that the test moves."""

    def __init__(self, url: str, box: Mailbox, folder: Path) -> None:
        self.database = Database(url=url)
        self.settings = Settings(
            database_url=url, secret_key=SECRET, instance=folder, smtp_url=box.url, base_url="https://plan.example.org"
        )
        self.now = NOW
        with self.database.writing() as session:
            factories.organisation(session)
            unit = factories.unit(session)
            self.head = factories.person(session, "Bo Head", Role.HEAD, unit).id
            self.unit = unit.id
            factories.action(session, "Map the flow", unit, owner_id=self.head, due_on=date(2026, 5, 1))
            session.commit()

    def tick(self) -> str:
        """What the tick says of the mail."""
        return run_tick(database=self.database, settings=self.settings, at=self.now)[-1]

    def handlers(self) -> dict[str, Handler]:
        """What the job process does."""
        run = Shell(self.settings, THE_CLOCK, self.now)
        return make_handlers(run=run, database=self.database)

    def work(self) -> int:
        """Do every job that is due; how many there were."""
        done, queue = 0, self.queue(self.handlers())
        while run_next(queue=queue):
            done += 1
        return done

    def queue(self, handlers: dict[str, Handler]) -> Huey:
        """Where the job process takes them from."""
        return make_queue(database=self.database, handlers=handlers, clock=lambda: self.now, brings={})

    def job(self) -> Job:
        """The only mail job there is."""
        with self.database.reading() as session:
            return session.scalars(select(Job).where(Job.kind == news.MAIL)).one()


@pytest.fixture
def office(database_url: str, mailbox: Mailbox, tmp_path: Path) -> Iterator[Office]:
    """The office of these tests."""
    found = Office(database_url, mailbox, tmp_path)
    yield found
    found.database.dispose()


def test_a_mail_says_what_waits_with_links_and_how_to_end_it(office: Office, mailbox: Mailbox) -> None:
    assert office.tick() == "1 mail written; hoshin jobs run sends them"
    assert office.work() == 1
    (message,) = mailbox.messages
    text = message.get_content().replace("\r\n", "\n")
    assert message["To"] == "Bo Head <bo.head@example.org>"
    assert message["From"] == "planner@example.org"
    assert message["Subject"] == "Northwind Instruments: 2 things wait for you"
    assert "- Map the flow (open, was due 1 May 2026)\n  https://plan.example.org/actions/" in text
    assert f"https://plan.example.org/units/{office.unit}/check-in" in text
    link = message["List-Unsubscribe"].strip("<>")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in text
    assert read_person(secret=SECRET, token=link.rpartition("/")[2]) == office.head
    assert read_person(secret="another", token=link.rpartition("/")[2]) is None


def test_however_many_mails_are_written_their_sending_is_asked_for_in_two_statements(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[tuple[int, int, int]] = []

    def watched(*, session: Session, **more: Any) -> list[Mail]:
        with counted(office.database.engine) as seen:
            mails = news.write_digests(session=session, **more)
        asking = [one for one in seen if "jobs" in one or "SAVEPOINT" in one]
        taken.append((len(mails), len(asking), len(seen)))
        return mails

    monkeypatch.setattr(tick, "write_digests", watched)
    for count in (2, 12):
        office.now += timedelta(weeks=1)
        with office.database.writing() as session:
            unit = session.get_one(Unit, office.unit)
            for number in range(count):
                owner = factories.person(session, f"Owner {count} {number}", Role.STAFF, unit)
                factories.action(session, f"Act {count} {number}", unit, owner_id=owner.id, due_on=date(2026, 5, 1))
            session.commit()
        office.tick()
    assert [(mails, asking) for mails, asking, _ in taken] == [(3, 2), (15, 2)]
    with office.database.reading() as session:
        facts = [one.facts["mail"] for one in session.scalars(select(Job).where(Job.kind == news.MAIL))]
        assert sorted(facts) == sorted(session.scalars(select(Mail.id)))


def test_nothing_is_told_twice(office: Office, mailbox: Mailbox) -> None:
    office.tick()
    office.work()
    assert office.tick().startswith("0 mails")
    office.now += timedelta(weeks=1)
    assert office.tick().startswith("1 mail")
    assert office.work() == 1
    text = mailbox.messages[-1].get_content()
    assert "Check-in, 25 to 31 May 2026" in text
    assert "Map the flow" not in text
    assert "One more thing that you know of still waits." in text
    office.now += timedelta(days=3)
    assert office.tick().startswith("0 mails"), "one mail a week"


def test_a_tick_that_was_killed_before_it_ended_writes_and_sends_nothing_twice(
    office: Office, mailbox: Mailbox
) -> None:
    with office.database.writing() as session:
        jobs.ask(session=session, kind=TICK, name=f"{TICK}:2026-05-20", facts={}, at=office.now)
        session.commit()
    with office.database.writing() as session:
        assert jobs.claim(session=session, at=office.now) is not None
        session.commit()
    office.tick()  # it has done all of it, and is killed before it can say so
    assert office.work() == 1, "the mail is sent meanwhile; the tick is still leased to the one that is gone"
    office.now += jobs.LEASE
    assert office.work() == 1, "the tick, taken up by another process"
    with office.database.reading() as session:
        assert len(session.scalars(select(Mail)).all()) == 1
        assert {one.state for one in session.scalars(select(Job))} == {JobState.DONE}
    assert len(mailbox.messages) == 1


def test_a_kill_between_claim_and_send_leads_to_one_mail(office: Office, mailbox: Mailbox) -> None:
    office.tick()
    with office.database.writing() as session:
        assert jobs.claim(session=session, at=office.now) is not None
        session.commit()  # and here the process is killed
    assert office.work() == 0, "it is leased to the one that is gone"
    office.now += jobs.LEASE
    assert office.work() == 1
    office.now += jobs.LEASE
    assert office.work() == 0
    assert len(mailbox.messages) == 1


def test_a_kill_after_the_servers_ok_repeats_the_same_message_id_and_no_other(office: Office, mailbox: Mailbox) -> None:
    office.tick()
    real = office.handlers()

    class Killed(BaseException):
        """What no handler of errors catches."""

    def dies(job: Job, at: datetime) -> None:
        run = Shell(office.settings, THE_CLOCK, office.now)
        sends = make_handlers(run=run, database=office.database, send=_send_and_die(office, Killed))
        sends[job.kind](job, at)

    with pytest.raises(Killed):
        run_next(queue=office.queue(real | {news.MAIL: dies}))
    office.now += jobs.LEASE
    office.work()
    first, second = mailbox.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() == second.as_bytes()
    assert office.job().state is JobState.DONE


def _send_and_die(office: Office, death: type[BaseException]) -> Send:
    def deliver(message: EmailMessage) -> None:
        send(server=mail_server(url=office.settings.smtp_url), message=message)
        raise death

    return deliver


def test_one_that_has_lost_its_claim_ends_nothing(office: Office) -> None:
    office.tick()
    with office.database.writing() as session:
        first = jobs.claim(session=session, at=office.now)
        assert first is not None
        key, held = first.id, first.claim or ""
        session.commit()
    with office.database.writing() as session:
        assert jobs.claim(session=session, at=office.now + jobs.LEASE) is not None
        assert not jobs.finish(session=session, job_id=key, claim=held, at=office.now)
        session.commit()
    assert office.job().state is JobState.CLAIMED


@pytest.mark.parametrize(("answer", "state"), [("451 busy", JobState.WAITING), ("550 nobody", JobState.FAILED)])
def test_a_busy_server_is_asked_again_and_a_dead_address_is_not(
    office: Office, mailbox: Mailbox, answer: str, state: JobState
) -> None:
    mailbox.answers["RCPT"] = answer
    office.tick()
    office.work()
    job = office.job()
    assert (job.state, answer[4:] in job.error) == (state, True)
    mailbox.answers.clear()
    office.now += timedelta(minutes=2)
    office.work()
    assert len(mailbox.messages) == (1 if state is JobState.WAITING else 0)


def test_a_server_that_is_away_is_given_up_after_some_days(office: Office, mailbox: Mailbox) -> None:
    mailbox.answers["MAIL"] = "421 away"
    office.tick()
    waits = []
    while (job := office.job()).state is not JobState.FAILED:
        office.now = max(job.due_at, office.now)
        office.work()
        waits.append(office.job().due_at - office.now)
    assert len(waits) == jobs.MOST_ATTEMPTS
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]


def test_whoever_wants_silence_gets_it_even_after_the_mail_was_written(office: Office, mailbox: Mailbox) -> None:
    office.tick()
    with office.database.writing() as session:
        news.end_mail(session=session, person_id=office.head, by=NOBODY, at=office.now)
        session.commit()
    assert office.work() == 1
    assert mailbox.messages == []
    office.now += timedelta(weeks=1)
    assert office.tick().startswith("0 mails")


def test_who_has_left_or_moved_gets_nothing(office: Office, mailbox: Mailbox) -> None:
    office.tick()
    with office.database.writing() as session:
        session.get_one(Person, office.head).email = "another@example.org"
        session.commit()
    office.work()
    assert mailbox.messages == []


def test_a_quiet_kind_is_not_mailed(office: Office, mailbox: Mailbox) -> None:
    with office.database.writing() as session:
        head = factories.actor(session, session.get_one(Person, office.head))
        news.set_quiet(session=session, kind="action", quiet=True, by=head, at=NOW)
        session.commit()
    office.tick()
    office.work()
    assert "Map the flow" not in mailbox.messages[0].get_content()


def test_without_a_server_nothing_is_written(office: Office) -> None:
    office.settings = Settings(database_url="", secret_key=SECRET, instance=office.settings.instance)
    assert office.tick() == "no mail: HOSHIN_SMTP_URL is not set"
    with office.database.reading() as session:
        assert session.scalars(select(Mail)).all() == []


@pytest.mark.parametrize(
    "url", ["http://host?from=a@b.c", "smtp://?from=a@b.c", "smtp://host", "smtp://host:port?from=a@b.c"]
)
def test_a_wrong_configuration_is_said_in_a_sentence(url: str) -> None:
    with pytest.raises(Refused, match="HOSHIN_SMTP_URL"):
        mail_server(url=url)


def test_the_configuration_is_read_whole() -> None:
    found = mail_server(url="smtps://plan%40er:p%3Aw@mail.example.org?from=Plan%20%3Cp@example.org%3E")
    assert (found.host, found.port, found.is_tls) == ("mail.example.org", 465, True)
    assert (found.user, found.password, found.sender) == ("plan@er", "p:w", "Plan <p@example.org>")


def test_the_process_itself_ticks_sends_and_stops_when_told(office: Office, mailbox: Mailbox) -> None:
    """The true command, by the true clock, ended by the true signal."""
    with office.database.writing() as session:
        factories.cycle(session, datetime.now(UTC).year)
        session.commit()
    environ = {
        **os.environ, "HOSHIN_DATABASE_URL": office.settings.database_url, "HOSHIN_SMTP_URL": mailbox.url,
        "HOSHIN_INSTANCE": str(office.settings.instance), "HOSHIN_BASE_URL": "https://plan.example.org",
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "hoshin", "jobs", "run"], env=environ)
    deadline = datetime.now(UTC) + timedelta(seconds=300)
    while not mailbox.messages and datetime.now(UTC) < deadline:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(300) == 0
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize(("zone", "day"), [("Pacific/Auckland", "2026-05-21"), ("America/Los_Angeles", "2026-05-20")])
def test_a_day_ends_at_midnight_in_the_organisation(
    office: Office, monkeypatch: pytest.MonkeyPatch, zone: str, day: str
) -> None:
    """At half past one in the afternoon in Greenwich it is the next morning in Auckland."""
    with office.database.writing() as session:
        get_organisation(session=session).time_zone = zone
        session.commit()
    monkeypatch.setattr("hoshin.cli.jobs.utc_now", lambda: datetime(2026, 5, 20, 13, 30, tzinfo=UTC))
    for _ in range(2):
        ask_for_tick(database=office.database)
    with office.database.reading() as session:
        assert session.scalars(select(Job.name)).all() == [f"tick:{day}"]


def test_one_click_ends_the_mail_without_signing_in(
    office: Office, mailbox: Mailbox, tmp_path: Path
) -> None:
    """The link of a mail, as a mail program posts it (RFC 8058): no sign-in, no form secret, no page before it."""
    office.tick()
    office.work()
    path = mailbox.messages[0]["List-Unsubscribe"].strip("<>").removeprefix("https://plan.example.org")
    settings = Settings(database_url=office.settings.database_url, secret_key=SECRET, instance=tmp_path)
    app = create_app(settings=settings)
    client = app.test_client()
    assert client.get(path).status_code == 200
    assert _rhythm(office) is Rhythm.WEEKLY, "looking at it ends nothing: mail programs look ahead"
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert _rhythm(office) is Rhythm.NEVER
    assert client.post(path[:-1] + "x").status_code == 404
    app.extensions["hoshin_database"].dispose()


def _rhythm(office: Office) -> Rhythm:
    with office.database.reading() as session:
        return rhythm_of(session=session, person_id=office.head)

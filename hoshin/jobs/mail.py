"""Sends the mail of a job: at most one more time when a kill comes between the server's OK and our note of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr

from sqlalchemy.orm import Session

from hoshin.commands import jobs
from hoshin.config import Settings
from hoshin.db import Database
from hoshin.exchange.signed import sign_person
from hoshin.jobs.smtp import MailServer, send
from hoshin.model.jobs import Job, Mail
from hoshin.model.news import Rhythm
from hoshin.model.people import Person
from hoshin.queries.notices import rhythm_of
from hoshin.queries.units import get_organisation
from hoshin.reports.digest import Letterhead, digest_text

Send = Callable[[EmailMessage], None]


def sender_for(*, server: MailServer) -> Send:
    """What sends a message through that server."""
    return lambda message: send(server=server, message=message)


def send_mail(*, database: Database, settings: Settings, sender: str, send: Send, job: Job, at: datetime) -> None:
    """Send the message of the job, unless it was sent before or is no longer wanted, and end the job with it.

    The message and its Message-ID are the same at every try, so that a mailbox can tell a second copy for one.
    """
    with database.reading() as session:
        mail = session.get_one(Mail, job.facts["mail"])
        wanted = mail.sent_at is None and _is_wanted(session, mail)
        message = _compose(session, mail, settings, sender) if wanted else None
    if message is not None:
        send(message)
    with database.writing() as session:
        if message is not None:
            session.get_one(Mail, mail.id).sent_at = at
        jobs.finish(session=session, job_id=job.id, claim=job.claim or "", at=at)
        session.commit()


def _is_wanted(session: Session, mail: Mail) -> bool:
    """Whether the person is still here, under that address, and has not asked for silence since it was written."""
    person = session.get(Person, mail.person_id)
    stays = person is not None and person.deactivated_at is None and person.email == mail.address
    return stays and rhythm_of(session=session, person_id=mail.person_id) is Rhythm.WEEKLY


def _compose(session: Session, mail: Mail, settings: Settings, sender: str) -> EmailMessage:
    person, known = session.get_one(Person, mail.person_id), get_organisation(session=session)
    token = sign_person(secret=settings.secret_key, person_id=person.id)
    quieten = f"{settings.base_url}/news/quieten/{token}"
    domain = parseaddr(sender)[1].rpartition("@")[2]
    message = EmailMessage()
    message["From"] = sender
    message["To"] = formataddr((person.name, mail.address))
    message["Subject"] = f"{known.name}: {mail.subject}"
    message["Message-ID"] = f"<{mail.message_id}@{domain}>"
    message["Date"] = format_datetime(mail.written_at)
    message["List-Unsubscribe"] = f"<{quieten}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    head = Letterhead(known.name, person.name, settings.base_url, quieten)
    message.set_content(digest_text(lines=mail.lines, head=head))
    return message

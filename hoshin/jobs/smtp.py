"""Hands one message to the mail server that the configuration names."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from hoshin.errors import HoshinError, Refused

PORTS = {"smtp": 25, "smtps": 465}
SECONDS = 30
NEAR = ("localhost", "127.0.0.1", "::1")


class Undeliverable(HoshinError):
    """The server will never take this message: trying again is of no use."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes, and who it is from."""

    host: str
    port: int
    is_tls: bool
    user: str
    password: str
    sender: str


def mail_server(*, url: str) -> MailServer:
    """The server that smtp(s)://user:password@host:port?from=address names; Refused when it names none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("HOSHIN_SMTP_URL is not an address such as smtp://host:25?from=planner@example.org") from error
    sender = parse_qs(parts.query).get("from", [""])[0]
    if parts.scheme not in PORTS or not parts.hostname:
        raise Refused("HOSHIN_SMTP_URL begins with smtp:// or smtps:// and names a host")
    if "@" not in parseaddr(sender)[1]:
        raise Refused("HOSHIN_SMTP_URL says who the mail is from: …?from=planner@example.org")
    return MailServer(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        is_tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=sender,
    )


def send(*, server: MailServer, message: EmailMessage) -> None:
    """Send it; raises Undeliverable when the server says never, OSError or SMTPException when it may go later."""
    try:
        with _connected(server) as connection:
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _judged(code, said, error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Undeliverable(str(error)) from error
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        raise _judged(error.smtp_code, error.smtp_error, error) from error


def _judged(code: int, said: bytes | str, error: smtplib.SMTPException) -> Exception:
    """A 5xx answer is for ever, a 4xx for now."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return Undeliverable(f"{code} {text}") if code >= 500 else error


def _connected(server: MailServer) -> smtplib.SMTP:
    """A connection: encrypted from the start, or as soon as the server offers it; a password never goes in the open."""
    context = ssl.create_default_context()
    if server.is_tls:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        connection.ehlo()
        if not server.is_tls and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
        elif not server.is_tls and server.user and server.host not in NEAR:
            raise smtplib.SMTPException("the mail server offers no encryption: the password was not sent")
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection

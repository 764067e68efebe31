"""A mail server of the tests' own: it takes what it is given and refuses what it is told to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """What has arrived, and how to answer: `answers` maps an SMTP verb to what is said instead of OK."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The configuration that leads here."""
        return f"smtp://127.0.0.1:{self.port}?from=planner@example.org"


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """One client, to its QUIT."""
        box: Mailbox = self.server.box  # type: ignore[attr-defined]
        self.say("220 ready")
        while line := self.rfile.readline():
            verb = line.decode().split(" ")[0].strip().upper()
            if verb == "DATA" and verb not in box.answers:
                self.take(box)
                continue
            self.say(box.answers.get(verb, "221 bye" if verb == "QUIT" else "250 OK"))
            if verb == "QUIT":
                return

    def take(self, box: Mailbox) -> None:
        """The message itself."""
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        found = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(found, EmailMessage)
        box.messages.append(found)
        self.say(box.answers.get("BODY", "250 taken"))

    def say(self, text: str) -> None:
        """One line of answer."""
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """A mailbox that listens until the block ends."""
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        box = Mailbox(port=server.server_address[1])
        server.box = box  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()

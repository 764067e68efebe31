"""Sixteen connections that ask again as soon as they are answered: one thread, bare sockets, every answer looked at."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

ENOUGH = 1 << 16
LONGEST = 60
"""Seconds without any answer after which the run is given up."""


@dataclass(frozen=True, slots=True)
class Got:
    """One answer: status, headers by lower-case name, and body."""

    status: int
    headers: dict[str, str]
    body: bytes


Ask = Callable[[int], bytes]
"""The next request of a connection, by the connection's number."""
Check = Callable[[Got], bool]


@dataclass(slots=True)
class Run:
    """What came of it: seconds for each answer, how long all of it lasted, and how many answers were wrong."""

    seconds: float = 0.0
    each: list[float] = field(default_factory=list)
    wrong: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.each) / self.seconds if self.seconds else 0.0


class _Line:
    """One connection, and the answer that is coming in on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=LONGEST)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.seen, self.began = bytearray(), 0.0

    def ask(self, request: bytes) -> None:
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def take(self) -> Got | None:
        """Read what is there; the answer once it is whole."""
        piece = self.socket.recv(ENOUGH)
        if not piece:
            raise ConnectionError("the server hung up")
        self.seen += piece
        head, found, body = self.seen.partition(b"\r\n\r\n")
        if not found:
            return None
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        if len(body) < int(headers.get("content-length", "0")):
            return None
        got = Got(int(first.split()[1]), headers, bytes(body))
        self.seen.clear()
        return got


def request_of(*, path: str, cookie: str = "", mark: str = "") -> bytes:
    """A GET as a browser sends it that keeps its connection."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Language: en", "Connection: keep-alive"]
    lines += [f"Cookie: session={cookie}"] * bool(cookie) + [f"If-None-Match: {mark}"] * bool(mark)
    return "\r\n".join([*lines, "", ""]).encode()


def once(*, port: int, request: bytes) -> Got:
    """One answer on a connection of its own."""
    line = _Line(port)
    try:
        line.ask(request)
        while (got := line.take()) is None:
            pass
        return got
    finally:
        line.socket.close()


def ask_for(*, port: int, seconds: float, connections: int, ask: Ask, check: Check) -> Run:
    """Ask on all connections at once for so long; an answer that does not pass the check is counted as wrong."""
    run, began = Run(), time.perf_counter()
    with selectors.DefaultSelector() as waiting:
        for number in range(connections):
            line = _Line(port)
            waiting.register(line.socket, selectors.EVENT_READ, (number, line))
            line.ask(ask(number))
        open_lines = connections
        while open_lines:
            ready = waiting.select(timeout=LONGEST)
            if not ready:
                raise TimeoutError(f"no answer within {LONGEST} seconds")
            open_lines -= sum(_goes_on(run, one.data, ask, check, began + seconds, waiting) for one, _ in ready)
    run.seconds = time.perf_counter() - began
    return run


def _goes_on(
    run: Run, who: tuple[int, _Line], ask: Ask, check: Check, end: float, waiting: selectors.BaseSelector
) -> bool:
    """Take in what has come on a connection and ask again; whether it has ended with this."""
    number, line = who
    got = line.take()
    if got is None:
        return False
    now = time.perf_counter()
    run.each.append(now - line.began)
    run.wrong += not check(got)
    if now < end:
        line.ask(ask(number))
        return False
    waiting.unregister(line.socket)
    line.socket.close()
    return True


def quantile(*, of: Sequence[float], part: float) -> float:
    """The value that so large a part lies below, 0.5 being the median."""
    ordered = sorted(of)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]

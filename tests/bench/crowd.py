"""Simulated people who use the planner through its pages: each reads, waits, types, and notes what came of it."""

from __future__ import annotations

import random
import re
import ssl
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

FORM = "application/x-www-form-urlencoded"
ACTUAL = re.compile(r"actual\.(\d+)\.(\d{4}-\d\d-\d\d)")
PATIENCE = 60
ANSWERED = (200, 302, 303, 304)
BROKEN = (0, 502, 503, 504)
"""After these nobody knows whether a change has been made: the answer to it got lost."""
Cell = tuple[int, str]
"""A KPI's key and the first day of a period."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port, and the certificate that is trusted there; without one nothing is encrypted."""

    host: str
    port: int
    certificate: Path | None = None

    def connection(self) -> HTTPConnection:
        """A connection that is opened with the first request."""
        if self.certificate is None:
            return HTTPConnection(self.host, self.port, timeout=PATIENCE)
        trusted = ssl.create_default_context(cafile=self.certificate)
        return HTTPSConnection(self.host, self.port, timeout=PATIENCE, context=trusted)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody of the company: the session cookie of a signed-in browser, who it is, where and as what."""

    cookie: str
    unit: int
    role: str
    person: int


@dataclass(slots=True)
class Answer:
    """One request: what it was for, its status (0: no answer at all), how long it took in seconds, and its place."""

    what: str
    status: int
    seconds: float
    path: str = ""


@dataclass
class Notes:
    """What all people together have seen.

    `saved` are the figures that each cell may hold: the last acknowledged one, and whatever was sent after it and got
    no answer. `owners` says who has begun to type into a KPI, and so remains the only one; `stale` are looks that
    showed an older figure than the looker had saved before.
    """

    answers: list[Answer] = field(default_factory=list)
    saved: dict[Cell, set[Decimal]] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)
    looks: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, answer: Answer) -> None:
        """Write an answer down."""
        with self.lock:
            self.answers.append(answer)

    def claim(self, *, cells: Sequence[Cell], person: int) -> list[Cell]:
        """Those of the cells into which nobody else types."""
        with self.lock:
            return [one for one in cells if self.owners.get(one[0], person) == person]

    def sent(self, *, figures: Mapping[Cell, Decimal], person: int, status: int) -> None:
        """Note figures that were sent, and whether they were acknowledged, refused or are in doubt."""
        with self.lock:
            self.owners.update(dict.fromkeys((kpi for kpi, _ in figures), person))
            for cell, value in figures.items():
                if status in ANSWERED:
                    self.saved[cell] = {value}
                elif status in BROKEN and cell in self.saved:
                    self.saved[cell].add(value)

    def looked(self, *, what: str, right: bool) -> None:
        """Note a look at what the looker had saved before."""
        with self.lock:
            self.looks += 1
            if not right:
                self.stale.append(what)

    @property
    def failures(self) -> list[Answer]:
        """Everything but a page, a redirect after a save, or nothing new."""
        return [one for one in self.answers if one.status not in ANSWERED]


class _Fields(HTMLParser):
    """The inputs of a page by name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an input; a locked one cannot be typed into."""
        given = dict(attrs)
        if tag == "input" and given.get("name") and "disabled" not in given and "readonly" not in given:
            self.found[str(given["name"])] = given.get("value") or ""


def fields_of(*, page: str) -> dict[str, str]:
    """What a form on the page would send, by name."""
    fields = _Fields()
    fields.feed(page)
    return fields.found


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer as a browser sees it."""

    status: int
    text: str
    location: str


class Browser:
    """A person's browser: one connection, one cookie."""

    def __init__(self, address: Address, account: Account, notes: Notes) -> None:
        self.account, self.notes = account, notes
        self.cookie = account.cookie
        self.connection = address.connection()

    def ask(self, what: str, path: str, form: Mapping[str, str] | None = None) -> Seen:
        """GET the path, or POST the form."""
        return self.send(what, path, (FORM, urlencode(form).encode()) if form is not None else None)

    def send(self, what: str, path: str, body: tuple[str, bytes] | None = None) -> Seen:
        """GET, or POST a body of a type; a connection that was closed meanwhile is opened anew, as browsers do."""
        began, seen = time.perf_counter(), Seen(0, "", "")
        for last in (False, True):
            try:
                seen = self._send(path, body)
                break
            except (OSError, HTTPException):
                self.connection.close()
                if body is not None or last:
                    break
        self.notes.add(Answer(what, seen.status, time.perf_counter() - began, path))
        return seen

    def _send(self, path: str, body: tuple[str, bytes] | None) -> Seen:
        headers = {"Cookie": f"session={self.cookie}"} | ({"Content-Type": body[0]} if body else {})
        self.connection.request("POST" if body else "GET", path, body[1] if body else None, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and value.startswith("session="):
                self.cookie = value.split(";")[0].removeprefix("session=")
        parts = urlsplit(answer.getheader("Location") or "")
        where = parts.path + (f"?{parts.query}" if parts.query else "")
        return Seen(answer.status, text.decode("utf-8", "replace"), where)


Deed = Callable[[Browser], None]


def read(what: str, path: str) -> Deed:
    """Look at a page; `{unit}` in its path is the reader's own."""
    return lambda browser: (browser.ask(what, path.format(unit=browser.account.unit)), None)[1]


def record(what: str, path: str) -> Deed:
    """Type one figure into a grid, if it has a cell that is nobody else's, and look whether it stands there then."""

    def deed(browser: Browser) -> None:
        account, notes = browser.account, browser.notes
        here = path.format(unit=account.unit)
        fields = fields_of(page=browser.ask(f"{what}, read", here).text)
        cells = notes.claim(cells=_cells(fields), person=account.person)
        if cells:
            cell, value = random.choice(cells), Decimal(random.randint(1, 99))
            told = browser.ask(f"{what}, save", here, fields | {_name(cell): str(value)})
            notes.sent(figures={cell: value}, person=account.person, status=told.status)
            if told.status == 303:
                _look(browser, told.location, cell, value)

    return deed


def _look(browser: Browser, path: str, cell: Cell, value: Decimal) -> None:
    seen = browser.ask("what was saved", path)
    if seen.status == 200:
        shown = fields_of(page=seen.text).get(_name(cell), "")
        browser.notes.looked(what=f"{_name(cell)}: saved {value}, shown {shown}", right=_is_number(shown, value))


def _is_number(shown: str, value: Decimal) -> bool:
    return bool(shown) and Decimal(shown) == value


def _cells(fields: Mapping[str, str]) -> list[Cell]:
    matches = [ACTUAL.fullmatch(name) for name in fields]
    return [(int(one[1]), one[2]) for one in matches if one is not None]


def _name(cell: Cell) -> str:
    return f"actual.{cell[0]}.{cell[1]}"


Deeds = Sequence[tuple[float, Deed]]


def crowd(
    *,
    address: Address,
    accounts: Sequence[Account],
    seconds: float,
    think: float,
    deeds: Mapping[str, Deeds],
    owners: Mapping[int, int] | None = None,
    at_once: Collection[str] = (),
) -> Notes:
    """All people at once for so long, each thinking about `think` seconds between two deeds (0: none).

    `deeds` are what people of each role do, and how often beside each other; `owners` are who alone types into a KPI.
    Whoever has a role of `at_once` begins at once, and with the first of her deeds, so that chance cannot leave it out.
    """
    notes, end = Notes(owners=dict(owners or {})), time.monotonic() + seconds

    def live(account: Account) -> None:
        browser = Browser(address, account, notes)
        mine = deeds[account.role]
        if account.role in at_once:
            mine[0][1](browser)
        time.sleep(random.uniform(0, think))
        while time.monotonic() < end:
            random.choices([deed for _, deed in mine], [weight for weight, _ in mine])[0](browser)
            pause = random.expovariate(1 / think) if think else 0
            time.sleep(max(min(pause, end - time.monotonic()), 0))
        browser.connection.close()

    threads = [threading.Thread(target=live, args=(one,), daemon=True) for one in accounts]
    for one in threads:
        one.start()
    for one in threads:
        one.join(max(end - time.monotonic(), 0) + 5 * PATIENCE)
    return notes

"""Simulated people who use the planner through its pages: each reads, waits, types, and notes what came of it."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ACTUAL = re.compile(r"actual\.(\d+)\.(\d{4}-\d\d-\d\d)")
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody of the company: the session cookie of a signed-in browser and the unit they work in."""

    cookie: str
    unit: int


@dataclass(slots=True)
class Answer:
    """One request: what it was for, its status (0: no answer at all) and how long it took in seconds."""

    what: str
    status: int
    seconds: float


@dataclass
class Notes:
    """What all people together have seen; `saved` is the last figure each cell was acknowledged with."""

    answers: list[Answer] = field(default_factory=list)
    saved: dict[tuple[int, str], str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, answer: Answer) -> None:
        """Write an answer down."""
        with self.lock:
            self.answers.append(answer)

    @property
    def failures(self) -> list[Answer]:
        """Everything but a page, a redirect after a save, or nothing new."""
        return [one for one in self.answers if one.status not in (200, 302, 303, 304)]


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


class Browser:
    """A person's browser: one connection, one cookie."""

    def __init__(self, address: tuple[str, int], account: Account, notes: Notes) -> None:
        self.address, self.cookie, self.notes = address, account.cookie, notes
        self.connection = HTTPConnection(*address, timeout=PATIENCE)

    def ask(self, what: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """GET the path, or POST the form; a connection that was closed meanwhile is opened anew, as browsers do."""
        began = time.perf_counter()
        status, text = 0, ""
        for last in (False, True):
            try:
                status, text = self._send(path, form)
                break
            except (OSError, HTTPException):
                self.connection.close()
                if form is not None or last:
                    break
        self.notes.add(Answer(what, status, time.perf_counter() - began))
        return status, text

    def _send(self, path: str, form: dict[str, str] | None) -> tuple[int, str]:
        body = urlencode(form) if form is not None else None
        headers = {"Cookie": f"session={self.cookie}"} | (FORM if form is not None else {})
        self.connection.request("GET" if form is None else "POST", path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and value.startswith("session="):
                self.cookie = value.split(";")[0].removeprefix("session=")
        return answer.status, text.decode("utf-8", "replace")


Deed = Callable[[Browser, Account], None]


def read(what: str, path: str) -> Deed:
    """Look at a page; `{unit}` in its path is the reader's own."""
    return lambda browser, account: (browser.ask(what, path.format(unit=account.unit)), None)[1]


def record(browser: Browser, account: Account) -> None:
    """Type one figure into one's own grid, if there is a cell for it."""
    _, page = browser.ask("grid", "/actuals")
    fields = _Fields()
    fields.feed(page)
    cells = [name for name in fields.found if ACTUAL.fullmatch(name)]
    if not cells:
        return
    cell, value = random.choice(cells), str(random.randint(1, 99))
    status, _ = browser.ask("reading", "/actuals", fields.found | {cell: value})
    if status == 303:
        match = ACTUAL.fullmatch(cell)
        assert match is not None
        with browser.notes.lock:
            browser.notes.saved[int(match[1]), match[2]] = value


DEEDS: Sequence[tuple[int, Deed]] = (
    (22, read("home", "/")),
    (18, read("line of sight", "/line-of-sight")),
    (12, read("attainment", "/attainment")),
    (12, read("X-matrix", "/units/{unit}/x-matrix")),
    (12, read("bowling", "/units/{unit}/bowling")),
    (10, read("plan", "/units/{unit}/plan")),
    (13, record),
    (1, read("PDF", "/units/{unit}/x-matrix.pdf")),
)


def crowd(
    *,
    address: tuple[str, int],
    accounts: Sequence[Account],
    seconds: float,
    think: float,
    deeds: Sequence[tuple[int, Deed]],
) -> Notes:
    """All people at once for so long, each thinking about `think` seconds between two deeds (0: none)."""
    notes, end = Notes(), time.monotonic() + seconds

    def live(account: Account) -> None:
        browser = Browser(address, account, notes)
        weights = [weight for weight, _ in deeds]
        time.sleep(random.uniform(0, think))
        while time.monotonic() < end:
            random.choices([deed for _, deed in deeds], weights)[0](browser, account)
            time.sleep(min(random.expovariate(1 / think), 5 * think) if think else 0)
        browser.connection.close()

    threads = [threading.Thread(target=live, args=(one,), daemon=True) for one in accounts]
    for one in threads:
        one.start()
    for one in threads:
        one.join(seconds + PATIENCE + 5 * think)
    return notes

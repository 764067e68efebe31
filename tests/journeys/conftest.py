"""Whole stories in a real browser: the application served on a free port from a SQLite file, and signed-in contexts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Condition, Thread
from typing import Any, TypeVar

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import BaseWSGIServer, make_server

from hoshin.app import create_app
from hoshin.config import Settings
from hoshin.db import Database
from hoshin.model.people import Person
from hoshin.web.door import utc_now
from tests import factories

Result = TypeVar("Result")
PATIENCE = 30_000
"""How long a story waits for what it expects, in milliseconds: on a busy machine a page takes its time."""
expect.set_options(timeout=PATIENCE)
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-dev-shm-usage", "--disable-sync", "--no-first-run",
)  # fmt: skip


@dataclass
class Live:
    """The application at work: its address, its database, and browsers that somebody has signed in with."""

    app: Flask
    address: str
    browser: Browser

    def now(self) -> datetime:
        """What the application's clock says."""
        clock: Callable[[], datetime] = self.app.extensions["hoshin_clock"]
        return clock()

    def stop_clock(self, at: datetime) -> None:
        """It is this instant from now on: a story must not depend on the day on which it is played."""
        self.app.extensions["hoshin_clock"] = lambda: at

    def arrange(self, work: Callable[[Session], Result]) -> Result:
        """Run work(session), commit, and give what it gave."""
        database: Database = self.app.extensions["hoshin_database"]
        with database.writing() as session:
            session.expire_on_commit = False
            found = work(session)
            session.commit()
            return found

    def look(self, work: Callable[[Session], Result]) -> Result:
        """Run work(session) on what is stored now."""
        database: Database = self.app.extensions["hoshin_database"]
        with database.reading() as session:
            return work(session)

    def signed_in(
        self, person: Person, *, width: int = 1440, height: int = 1000, dark: bool = False, scripts: bool = True
    ) -> BrowserContext:
        """A browser of its own that this person has signed in with; without `scripts` it runs none."""
        token = self.arrange(lambda session: factories.sign_in(session, person, self.now()))
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        context.add_cookies([{"name": "session", "value": self._cookie(token), "url": self.address}])
        context.set_default_timeout(PATIENCE)
        return context

    def page_for(self, person: Person, **window: Any) -> Page:
        """A page in such a browser; what goes wrong in its scripts fails the story."""
        page = self.signed_in(person, **window).new_page()
        page.on("pageerror", _broken)
        return page

    def _cookie(self, token: str) -> str:
        serializer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert serializer is not None
        return str(serializer.dumps({"_user_id": token, "_fresh": True}))


FRAME = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


def settle(page: Page) -> None:
    """Let what a key or a click has begun get under way, before anybody asks whether it is over.

    A key's own handler has run when the key is up, but the browser tells of a closed dialog, of a resized window and
    of what lies under the mouse now no sooner than with the next frame, which a busy machine draws late.
    """
    page.evaluate(FRAME)


def resize(page: Page, width: int, height: int) -> None:
    """Give the page a window of that size and wait until it has it."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("([x, y]) => innerWidth === x && innerHeight === y", arg=[width, height])
    settle(page)


def _broken(error: Exception) -> None:
    raise AssertionError(f"a script of the page failed: {error}")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all stories of this worker."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield browser
        browser.close()


class Counted:
    """The application, and how many requests it is in the middle of: its database stays until the last is over."""

    def __init__(self, app: Flask) -> None:
        """Nothing is asked yet."""
        self.app, self.open, self.changed = app, 0, Condition()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """One request: when the application has answered, it is done with its database.

        The answer is taken whole and closed here, as werkzeug's server forgets a file whose browser went away.
        """
        self._count(1)
        try:
            return self._whole(self.app(environ, start_response))
        finally:
            self._count(-1)

    @staticmethod
    def _whole(answer: Any) -> list[bytes]:
        try:
            return [b"".join(answer)]
        finally:
            if hasattr(answer, "close"):
                answer.close()

    def _count(self, step: int) -> None:
        with self.changed:
            self.open += step
            self.changed.notify_all()

    def is_quiet(self) -> bool:
        """Whether the last request came to its end in time."""
        with self.changed:
            return self.changed.wait_for(lambda: not self.open, timeout=PATIENCE / 1000)


@pytest.fixture(scope="session")
def served_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application without its database: putting it together and compiling its templates is dear, so it is kept."""
    place = tmp_path_factory.mktemp("instance")
    settings = Settings(database_url=f"sqlite:///{place / 'none'}", secret_key="only for tests", instance=place)
    return create_app(settings=settings)


@pytest.fixture
def live(sqlite_url: str, served_app: Flask, browser: Browser) -> Iterator[Live]:
    """The application on a free port, forms protected as in earnest."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app, database = served_app, Database(url=sqlite_url)
    app.extensions.update(hoshin_database=database, hoshin_clock=utc_now)
    counted = Counted(app)
    server = make_server("127.0.0.1", 0, counted, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield Live(app, f"http://127.0.0.1:{server.server_port}", browser)
    _stop(browser, server, thread)
    assert counted.is_quiet()
    database.dispose()


def _stop(browser: Browser, server: BaseWSGIServer, thread: Thread) -> None:
    for context in browser.contexts:
        context.close()
    server.shutdown()
    thread.join(timeout=PATIENCE / 1000)
    server.server_close()

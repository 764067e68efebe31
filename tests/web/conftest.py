"""The application on a database of the test's own, signed-in browsers, and ways to arrange and to look at rows.

A test of the web never keeps a session of its own open: on SQLite a writer that waits for itself waits long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hoshin.app import create_app
from hoshin.config import Settings
from hoshin.db import Database
from hoshin.model.people import Person, Role
from tests import factories
from tests.queries.test_as_known import Story

Result = TypeVar("Result")


class Arrange(Protocol):
    """Runs a function with a session; see `arrange` and `look`."""

    def __call__(self, work: Callable[[Session], Result], /) -> Result:
        """What the function gave."""


@dataclass
class Clock:
    """What time the application thinks it is; a test may move it."""

    now: datetime = factories.NOW

    def __call__(self) -> datetime:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The application's clock, at factories.NOW until the test moves it."""
    return Clock()


@pytest.fixture(scope="session")
def one_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application without its database: putting it together and compiling its templates is dear, so it is kept."""
    place = tmp_path_factory.mktemp("instance")
    settings = Settings(database_url=f"sqlite:///{place / 'none'}", secret_key="only for tests", instance=place)
    return create_app(settings=settings)


@pytest.fixture
def app(one_app: Flask, database_url: str, clock: Clock) -> Iterator[Flask]:
    """The application, once on SQLite and once on PostgreSQL; forms need no secret unless the test wants it so."""
    database = Database(url=database_url)
    one_app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    one_app.extensions.update(hoshin_database=database, hoshin_clock=clock)
    yield one_app
    database.dispose()


@pytest.fixture
def arrange(app: Flask) -> Arrange:
    """`arrange(work)` runs work(session), commits, and gives what it gave, loaded and detached."""

    def run(work: Callable[[Session], Result], /) -> Result:
        database: Database = app.extensions["hoshin_database"]
        with database.writing() as session:
            session.expire_on_commit = False
            found = work(session)
            session.commit()
            return found

    return run


@pytest.fixture
def look(app: Flask) -> Arrange:
    """`look(work)` runs work(session) on what is stored now."""

    def run(work: Callable[[Session], Result], /) -> Result:
        database: Database = app.extensions["hoshin_database"]
        with database.reading() as session:
            return work(session)

    return run


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def client_for(app: Flask, arrange: Arrange, clock: Clock) -> Callable[[Person], FlaskClient]:
    """`client_for(person)` is a browser that this person has just signed in with."""

    def sign_in(person: Person) -> FlaskClient:
        return browser_with(app, arrange(lambda session: factories.sign_in(session, person, clock.now)))

    return sign_in


def browser_with(app: Flask, token: str) -> FlaskClient:
    """A browser that holds the secret token of a sign-in."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        kept: dict[str, Any] = {"_user_id": token, "_fresh": True}
        cookie.update(kept)
    return client


@pytest.fixture
def story(engine: Engine, clock: Clock) -> Story:
    """A company that lives, read in May."""
    with Session(engine.execution_options(hoshin_writes=True), expire_on_commit=False) as session:
        made = Story(session, 7)
        session.commit()
        clock.now = made.now + timedelta(days=14)
        return made


def reader_of(arrange: Arrange, name: str, role: Role = Role.STAFF) -> Person:
    """Somebody who may read."""
    return arrange(lambda session: factories.person(session, name, role))

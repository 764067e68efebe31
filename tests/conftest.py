"""What every test may ask for: a migrated, empty database on either system, an engine, a session, a browser's address.

`database_url`, and with it `engine` and `session`, runs the test on SQLite and again on PostgreSQL. A test of something
that no database decides, a browser story for instance, asks for `sqlite_url` or `postgresql_url` and runs once.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hoshin.commands import passwords
from hoshin.db import make_engine
from tests import compiled, databases, examples, factories, parked, postgres
from tests.nursery import Nursery

# The same examples in every run, so that red means a change; look for new ones with --hypothesis-profile=search.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=2000, deadline=None)
settings.load_profile("same")

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def pytest_configure(config: pytest.Config) -> None:
    """Each process forgets its owner's settings, and names the folder of a server of its own.

    Workers do not share one: its count of transactions, by which a page knows that nothing has changed, would be theirs
    together.
    """
    gc.set_threshold(50_000, 20, 50)  # from the start: what is loaded and collected is hardly ever garbage
    compiled.share()
    parked.share()
    databases.hurry()
    databases.forget_settings()
    postgres.name_folder()


def pytest_collection_finish() -> None:
    """The tests themselves are no garbage: what has been loaded by now is not looked through again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Each process waits until its server is gone."""
    parked.close_all()
    postgres.stop()


@pytest.fixture(scope="session")
def worker() -> str:
    """The name of this worker among those that share the run."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session", autouse=True)
def true_hasher() -> Iterator[PasswordHasher]:
    """Hashing a password is slow on purpose: tests do it the same way at the least cost. Gives the product's own."""
    true = passwords._HASHER  # noqa: SLF001 - what nobody else may change
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_HASHER", cheap)
        patch.setattr(factories, "PASSWORD_HASH", cheap.hash(factories.PASSWORD))  # a hash says what checking it costs
        yield true


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that each test copies."""
    return databases.build_sqlite_template(folder=tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def sqlite_example(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the example organisation of today, for each test to copy."""
    own = tmp_path_factory.getbasetemp()
    return examples.build(folder=own.parent if "PYTEST_XDIST_WORKER" in os.environ else own, template=sqlite_template)


@pytest.fixture(scope="session")
def postgresql_database(worker: str) -> str:
    """A migrated database on this worker's PostgreSQL."""
    return databases.build_postgresql(leader=os.getpid(), worker=worker)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database of this test's own."""
    return databases.copy_sqlite(template=sqlite_template, folder=tmp_path)


@pytest.fixture(scope="session")
def empty_postgresql(postgresql_database: str) -> Iterator[Callable[[], None]]:
    """Empties this worker's PostgreSQL database."""
    with databases.emptying_postgresql(url=postgresql_database) as empty:
        yield empty


@pytest.fixture
def postgresql_url(postgresql_database: str, empty_postgresql: Callable[[], None]) -> str:
    """The worker's PostgreSQL database, emptied."""
    empty_postgresql()
    return postgresql_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database: the test runs on SQLite and again on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on that database, made as the product makes it."""
    engine = make_engine(url=database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session that may write; what a test does not commit is rolled back."""
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        yield session


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Begins processes that have read the product's modules already."""
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program; a machine without one fails the story instead of leaving it out."""
    found = next(filter(None, map(shutil.which, (os.environ.get("HOSHIN_CHROMIUM", ""), *BROWSERS))), None)
    if found is None:
        pytest.fail("no Chromium on this machine; apt install chromium-headless-shell")
    return found

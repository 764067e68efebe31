"""Empty databases for tests, built by the product's own migrations once per worker, then emptied or copied per test."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text

from hoshin.db import make_engine, upgrade
from tests import parked, postgres

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For a test of what no database decides, a sheet of paper for instance, that works with fixtures which run on both."""

SQLITE = "hoshin.sqlite"
"""The name of a test's own file."""

# Connections that a test left open may not stand in the way; those that wait for the next one do not.
ALONE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
   AND pid <> ALL(:waiting)
"""
# Only tables that hold something are emptied: truncating all of them would cost more than most tests. Triggers and
# foreign keys sleep meanwhile. It is a function, written out for the tables that there are, whose plans are kept.
# What was deleted stays in the files, and every question reads past it; nobody sweeps by himself here (autovacuum). So
# it names the tables whose files have grown.
EMPTYING = """
DO $$
DECLARE body text;
BEGIN
    SELECT string_agg(format(
           'IF EXISTS (SELECT FROM public.%1$I) THEN DELETE FROM public.%1$I; '
           'IF pg_relation_size(''public.%1$I'') > 65536 THEN RETURN NEXT %1$L; END IF; END IF;',
           tablename), ' ') INTO body FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version';
    SELECT concat(body, ' ', string_agg(format(
           'IF (SELECT is_called FROM public.%1$I) THEN PERFORM setval(''public.%1$I'', 1, false); END IF;',
           sequencename), ' ')) INTO body FROM pg_sequences WHERE schemaname = 'public';
    CREATE SCHEMA IF NOT EXISTS emptying;
    EXECUTE format('CREATE OR REPLACE FUNCTION emptying.empty() RETURNS SETOF text LANGUAGE plpgsql '
                   'SET session_replication_role = replica AS %L', 'BEGIN ' || body || ' END');
END $$
"""
EMPTY = "SELECT emptying.empty()"


def hurry() -> None:
    """From now on SQLite leaves it to the machine when to write to the disk: no test cuts the power."""
    event.listen(Engine, "engine_connect", _do_not_wait_for_the_disk)


def _do_not_wait_for_the_disk(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection) and not driver.in_transaction:
        driver.execute("PRAGMA synchronous=OFF")


def build_sqlite_template(*, folder: Path) -> Path:
    """A migrated, empty SQLite database to copy from."""
    template = folder / "template.sqlite"
    _migrate(f"sqlite:///{template}")
    return template


def copy_sqlite(*, template: Path, folder: Path) -> str:
    """The address of a fresh copy in the folder."""
    copy = folder / SQLITE
    shutil.copy(template, copy)
    return f"sqlite:///{copy}"


def build_postgresql(*, leader: int, worker: str) -> str:
    """The address of a migrated database of this worker's own, on its server."""
    socket = postgres.start(leader=leader)
    name = f"hoshin_{worker}"
    _create(f"postgresql+psycopg://postgres@/postgres?host={socket}", name)
    url = f"postgresql+psycopg://postgres@/{name}?host={socket}"
    _migrate(url)
    return url


@contextmanager
def emptying_postgresql(*, url: str) -> Iterator[Callable[[], None]]:
    """A function that forgets every row but the migrations' own note of where they are; numbering begins at 1 again.

    It keeps its connection for as long as the block lasts: one that has read the catalogue empties five times faster.
    """
    engine = create_engine(url, pool_pre_ping=True, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(EMPTYING))

    def empty() -> None:
        with engine.connect() as connection:
            connection.execute(text(ALONE), {"waiting": parked.processes()})
            for name in connection.scalars(text(EMPTY)).all():
                connection.execute(text(f'VACUUM "{name}"'))

    yield empty
    engine.dispose()


def _create(url: str, name: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()


def _migrate(url: str) -> None:
    engine = make_engine(url=url)
    upgrade(engine=engine)
    engine.dispose()


def forget_settings() -> None:
    """No test may reach the database or the keys of the person who runs it."""
    for name in list(os.environ):
        if name.startswith("HOSHIN_") and name not in (postgres.FOLDER, "HOSHIN_CHROMIUM"):
            del os.environ[name]

"""The example organisation of today: loaded once in a run for all tests that want a company to look at, and copied."""

from __future__ import annotations

import fcntl
from datetime import UTC, datetime
from pathlib import Path

from hoshin.access.actors import system_actor
from hoshin.commands.example import load
from hoshin.db import Database
from hoshin.exchange.example import read
from hoshin.reports.example import paper
from tests import databases


def build(*, folder: Path, template: Path) -> Path:
    """The SQLite file that holds it, in a folder that all processes of the run know; whoever comes first loads it."""
    made = folder / "example.sqlite"
    with (folder / "example.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            loading = folder / "loading"
            loading.mkdir()
            _load(databases.copy_sqlite(template=template, folder=loading))
            (loading / databases.SQLITE).rename(made)
    return made


def _load(url: str) -> None:
    database = Database(url=url)
    with database.writing() as session:
        load(session=session, wish=read(), paper=paper, by=system_actor(name="test"), at=datetime.now(UTC))
        session.commit()
    database.dispose()

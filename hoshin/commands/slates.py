"""What a long job says and is told while its own transaction keeps everybody from writing, as on SQLite.

A small file beside the database says how far it is, another one that it is to stop. Both are reached by whoever reaches
the database; neither is needed where writers do not wait for each other.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from hoshin.commands.progress import Cancelled
from hoshin.db import Database


@dataclass(frozen=True, slots=True)
class Said:
    """What is being done, how much of it is done, and how much there is."""

    what: str
    done: int
    of: int


class Slate:
    """The slate of one job; on a database without one nothing is said, and nobody is stopped through it."""

    def __init__(self, *, database: Database, job_id: int) -> None:
        place = database.beside
        self._file = place.with_name(f"{place.name}-job-{job_id}") if place else None
        self._stop = place.with_name(f"{place.name}-stop-{job_id}") if place else None

    def say(self, *, what: str, done: int, of: int) -> None:
        """Say it to whoever looks next; raises Cancelled where the job is to stop."""
        self.heed()
        if self._file is not None:
            part = self._file.with_name(f"{self._file.name}.part")
            part.write_text(json.dumps([what, done, of]), "utf-8")
            part.replace(self._file)

    def heed(self) -> None:
        """Raise Cancelled where the job is to stop."""
        if self.is_stopping:
            raise Cancelled("cancelled")

    @property
    def is_stopping(self) -> bool:
        """Whether the job has been asked to stop."""
        return self._stop is not None and self._stop.exists()

    def read(self) -> Said | None:
        """What was said last, while it is of any use."""
        if self._file is None:
            return None
        try:
            what, done, of = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return Said(str(what), int(done), int(of))

    def stop(self) -> bool:
        """Ask the job to stop where it next heeds it; False where there is no slate to say so."""
        if self._stop is None:
            return False
        self._stop.touch(mode=0o600)
        return True

    def wipe(self) -> None:
        """Nothing is being done any more."""
        for one in (self._file, self._stop):
            if one is not None:
                one.unlink(missing_ok=True)


def wipe_old(*, database: Database, before: datetime) -> None:
    """Take away what jobs left that were killed, and what stopped none."""
    place = database.beside
    for one in place.parent.glob(f"{place.name}-*") if place else ():
        with suppress(OSError):
            is_ours = one.name.removeprefix(f"{place.name}-").startswith(("job-", "stop-")) if place else False
            if is_ours and one.stat().st_mtime < before.timestamp():
                one.unlink()

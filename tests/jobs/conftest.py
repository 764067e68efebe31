"""What the tests of the job process may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hoshin.db import Database
from tests.jobs.desks import Desk, Real


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    """An empty table."""
    made = Desk(database_url, Database(url=database_url))
    yield made
    made.database.dispose()


@pytest.fixture
def real(desk: Desk, tmp_path: Path) -> Iterator[Real]:
    """Real processes, ended at the end."""
    made = Real(desk, tmp_path)
    yield made
    for one in made.running:
        one.kill()
        one.wait()
        assert one.stdout is not None
        one.stdout.close()

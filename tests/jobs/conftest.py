"""What the tests of the job process may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hoshin.db import Database
from tests.jobs.desks import Desk, Real
from tests.nursery import Nursery


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    """An empty table."""
    made = Desk(database_url, Database(url=database_url))
    yield made
    made.database.dispose()


@pytest.fixture
def real(desk: Desk, tmp_path: Path, nursery: Nursery) -> Iterator[Real]:
    """Real processes, ended at the end."""
    made = Real(desk, tmp_path, nursery)
    yield made
    for one in made.running:
        one.close()

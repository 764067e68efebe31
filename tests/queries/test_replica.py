"""Reports come from a replica only while it has caught up; otherwise from the primary."""

from __future__ import annotations

import pytest

from hoshin.db import Database


def test_without_a_replica_there_is_none(sqlite_url: str) -> None:
    database = Database(url=sqlite_url)
    with database.reading() as session:
        assert database.reporting(beside=session) is None
    database.dispose()


@pytest.mark.parametrize("replica", ["postgresql://nobody@127.0.0.1:1/hoshin?connect_timeout=2", ""])
def test_a_replica_that_is_away_or_behind_is_left_alone(postgresql_url: str, replica: str) -> None:
    """A primary asked as if it were a replica has replayed nothing: it stays behind for ever."""
    database = Database(url=postgresql_url, replica_url=replica or postgresql_url)
    with database.reading() as session:
        assert [database.reporting(beside=session) for _ in range(2)] == [None, None]
    database.dispose()


def test_a_replica_of_sqlite_is_refused(sqlite_url: str) -> None:
    with pytest.raises(ValueError, match="HOSHIN_REPLICA_URL"):
        Database(url=sqlite_url, replica_url=sqlite_url)

"""Whoever asks for a job rings once it is committed, and nobody ever waits for the bell or needs it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin import bell, logs
from hoshin.app import create_app
from hoshin.bell import Bell, ringer
from hoshin.commands import jobs
from hoshin.config import Settings
from hoshin.db import Database
from hoshin.errors import Refused
from hoshin.model.jobs import Job
from tests.factories import NOW
from tests.jobs.desks import PATIENCE, Desk, Real, until
from tests.redises import FakeRedis

Said = list[dict[str, object]]


@pytest.fixture
def redis() -> Iterator[FakeRedis]:
    """A server."""
    made = FakeRedis()
    made.start()
    yield made
    made.die()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """What the log is told."""
    lines: Said = []
    monkeypatch.setattr(logs, "say", lambda **fields: lines.append(fields))
    return lines


def ask(session: Session, name: str = "one") -> None:
    """Ask for a job."""
    jobs.ask(session=session, kind="mail", name=name, facts={}, at=NOW)


def commits(session: Session) -> None:
    ask(session)
    session.commit()


def commits_two(session: Session) -> None:
    ask(session)
    ask(session, "two")
    session.commit()
    session.commit()


def asks_again(session: Session) -> None:
    commits(session)
    ask(session)
    session.commit()


def rolls_back(session: Session) -> None:
    ask(session)
    session.rollback()
    session.commit()


def takes_a_savepoint(session: Session) -> None:
    ask(session)
    with session.begin_nested():
        pass
    session.rollback()


def asks_for_nothing(session: Session) -> None:
    session.commit()


@pytest.mark.parametrize(
    ("deed", "rung"),
    [(commits, 1), (commits_two, 1), (asks_again, 1), (rolls_back, 0), (takes_a_savepoint, 0), (asks_for_nothing, 0)],
)
def test_it_is_rung_once_for_each_commit_that_asks(
    database_url: str, deed: Callable[[Session], None], rung: int
) -> None:
    strokes: list[int] = []

    def ring() -> None:
        with database.reading() as session:
            strokes.append(len(session.scalars(select(Job.id)).all()))

    database = Database(url=database_url, ring=ring)
    with database.writing() as session:
        deed(session)
    assert len(strokes) == rung
    assert 0 not in strokes, "whoever is woken finds it"
    database.dispose()


def test_a_page_that_asks_rings_and_tells_redis_nothing(sqlite_url: str, redis: FakeRedis, tmp_path: Path) -> None:
    settings = Settings(database_url=sqlite_url, secret_key="x", instance=tmp_path, redis_url=redis.url)
    app = create_app(settings=settings)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert client.post("/start/example").status_code == 303
    until(lambda: redis.strokes)
    client.post("/start/example/stop")
    assert client.post("/start/example").status_code == 303, "begun anew"
    until(lambda: len(redis.strokes) == 2)
    assert redis.strokes == [[b"PUBLISH", b"hoshin:jobs", b""]] * 2
    app.extensions["hoshin_database"].dispose()


def test_one_that_is_away_is_said_once_and_left_alone_for_a_while(
    redis: FakeRedis, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis.is_slow = True
    rung = Bell(url=redis.url)
    strike(rung, times=3)
    assert len(redis.connections) == 1
    monkeypatch.setattr(bell, "PAUSE", 0.0)
    rung._away_until = 0.0  # noqa: SLF001 - the pause is over
    strike(rung, times=2)
    assert len(redis.connections) > 1
    assert [one["level"] for one in said] == [logging.WARNING]
    assert "a-secret" not in str(said)
    redis.is_slow = False
    strike(rung, times=2)
    assert [one["event"] for one in said][1:] == ["redis is back"]


def strike(rung: Bell, *, times: int) -> None:
    """Ring, each time after the last stroke has been made or given up."""
    for _ in range(times):
        rung.ring()
        rung._hand.submit(lambda: None).result(PATIENCE)  # noqa: SLF001 - the hand does one thing after the other


def test_what_is_rung_while_a_stroke_is_on_its_way_is_one_more_stroke(redis: FakeRedis) -> None:
    rung, goes_on = Bell(url=redis.url), threading.Event()
    rung._hand.submit(goes_on.wait)  # noqa: SLF001 - the hand is held
    for _ in range(20):
        rung.ring()
    goes_on.set()
    rung._hand.submit(lambda: None).result(PATIENCE)  # noqa: SLF001 - what was rung is under way
    assert len(redis.strokes) == 1
    strike(rung, times=1)
    assert len(redis.strokes) == 2


def test_whoever_rings_does_not_wait_and_does_not_fail(redis: FakeRedis) -> None:
    """Also while the process ends, when nobody takes up anything more."""
    rung = Bell(url=redis.url)
    rung._hand.shutdown()  # noqa: SLF001 - as the interpreter does
    rung.ring()
    assert redis.commands == []


def test_without_a_setting_there_is_no_bell_and_a_wrong_one_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ringer(url="") is None
    with pytest.raises(Refused, match="HOSHIN_REDIS_URL is not an address such as redis://"):
        ringer(url="http://localhost")
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(Refused, match=r"pip install 'hoshin\[redis\]'"):
        ringer(url="redis://localhost")


def test_a_server_of_pages_knows_neither_huey_nor_redis_unless_it_is_to_ring(sqlite_url: str, tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from hoshin.app import create_app
from hoshin.cli import serve
from hoshin.config import Settings
for redis in ("", "redis://127.0.0.1:1"):
    create_app(settings=Settings(database_url=sys.argv[1], secret_key="x", instance=Path.cwd(), redis_url=redis))
    print(*(name in sys.modules for name in ("huey", "redis")))
"""
    command = [sys.executable, "-c", program, sqlite_url]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=environ)
    assert told.stdout.splitlines() == ["False False", "False True"]


def test_an_idle_process_is_woken_also_after_redis_has_died_and_come_back(
    desk: Desk, real: Real, redis: FakeRedis
) -> None:
    """It would look by itself only after an hour, and be killed by the test long before."""
    process = real.begin("work", HOSHIN_REDIS_URL=redis.url, TEST_SECONDS="3600", TEST_PAUSE="0.1")
    real.go_on()
    desk.database.dispose()
    desk.database = Database(url=desk.url, ring=ringer(url=redis.url))
    for name in ("one", "two"):
        until(lambda: redis.listeners)
        desk.ask(name, kind="probe")
        until(lambda name=name: real.is_done(name))  # type: ignore[misc] # mypy knows no default of a lambda
        redis.die()
        time.sleep(0.5)
        redis.start()
    until(lambda: redis.listeners)
    process.terminate()
    assert process.wait(PATIENCE) == 0, "the end wakes it, too"
    log = (real.folder / "log").read_text("utf-8")
    assert log.count("redis is away") == log.count("redis is back") == 2
    assert "a-secret" not in log


def test_where_redis_is_away_from_the_start_the_process_looks_by_itself(desk: Desk, real: Real) -> None:
    real.go_on()
    process = real.begin("work", HOSHIN_REDIS_URL="redis://127.0.0.1:1/0")
    desk.ask("one", kind="probe")
    until(lambda: real.is_done("one"))
    process.terminate()
    assert process.wait(PATIENCE) == 0

"""A worker leaves a connection to another one that holds fewer, while that one is alive and takes it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from gunicorn.workers.gthread import ThreadWorker

from hoshin.cli.serve import settings_of, waits_for_server
from hoshin.cli.workers import Held, WaitingWorker, Worker

ME = os.getpid()


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """Another process, which does nothing."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


class Taking(Worker):
    """A worker that takes connections without any socket, and whose time stands still unless the test moves it."""

    def __init__(self, held: Held, many: int, *, takes: bool = True) -> None:  # gunicorn's own would need a server
        self.held, self.nr_conns, self.age, self._accepting = held, many, 1, takes


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which passes only in pauses."""
    now = [1000.0]

    def take(worker: Worker, _listener: object) -> None:
        worker.nr_conns += 1

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(ThreadWorker, "accept", take)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", sleep)
    return now


def test_the_fewest_are_those_of_another_process_that_is_alive(other: subprocess.Popen[bytes]) -> None:
    held = Held()
    assert held.least(besides=ME) is None
    held.tell(place=1, process=ME, many=3)
    assert held.least(besides=ME) is None
    held.tell(place=2, process=other.pid, many=7)
    held.tell(place=Held.PLACES + 3, process=other.pid, many=5)
    assert held.least(besides=ME) == 5
    held.tell(place=3, process=0, many=0)
    assert held.least(besides=ME) == 7
    other.kill()
    other.wait()
    assert held.least(besides=ME) is None


def test_a_child_sees_what_its_parent_told_and_the_other_way_round() -> None:
    held = Held()
    held.tell(place=1, process=ME, many=4)
    child = os.fork()
    if not child:
        held.tell(place=2, process=os.getppid(), many=held.least(besides=os.getpid()) or 0)
        os._exit(0)
    os.waitpid(child, 0)
    assert held.least(besides=-1) == 4
    held.tell(place=1, process=0, many=0)
    assert held.least(besides=-1) == 4


@pytest.mark.usefixtures("moments")
def test_it_takes_as_many_as_the_others(other: subprocess.Popen[bytes]) -> None:
    held = Held()
    worker = Taking(held, 0)
    worker.accept(None)
    assert worker.nr_conns == 1
    held.tell(place=2, process=other.pid, many=1)
    worker.accept(None)
    assert worker.nr_conns == 2
    worker.accept(None)
    assert worker.nr_conns == 2
    held.tell(place=2, process=other.pid, many=2)
    worker.accept(None)
    assert worker.nr_conns == 3
    assert held.least(besides=other.pid) == 3


def test_who_does_not_take_what_is_left_to_it_is_not_waited_for(
    other: subprocess.Popen[bytes], moments: list[float]
) -> None:
    held = Held()
    held.tell(place=2, process=other.pid, many=0)
    worker = Taking(held, 4)
    while worker.nr_conns == 4:
        worker.accept(None)
    assert moments[0] - 1000.0 == pytest.approx(Worker.PATIENCE, abs=2 * Worker.PAUSE)
    moments[0] += 1
    worker.accept(None)
    assert worker.nr_conns == 5


def test_who_takes_no_more_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()
    monkeypatch.setattr(ThreadWorker, "murder_keepalived", lambda *_: None)
    Taking(held, 2).murder_keepalived()
    assert held.least(besides=-1) == 2
    Taking(held, 2, takes=False).murder_keepalived()
    assert held.least(besides=-1) is None


@pytest.mark.parametrize(("waits", "kind", "seats"), [(False, Worker, 1), (True, WaitingWorker, 2)])
def test_more_are_answered_at_once_where_answers_wait_for_a_server(
    waits: bool, kind: type[Worker], seats: int
) -> None:
    settings = settings_of(place="127.0.0.1:0", workers=2, waits=waits)
    assert settings["worker_class"] == f"{kind.__module__}.{kind.__qualname__}"
    worker = object.__new__(kind)
    worker.cfg = SimpleNamespace(threads=1)
    turns = worker.get_thread_pool()
    assert turns.seats == seats
    turns.shutdown()


@pytest.mark.parametrize(
    ("url", "waits"), [("sqlite:////srv/plan.sqlite", False), ("postgresql://db1.internal/hoshin", True)]
)
def test_a_database_server_is_waited_for_and_a_file_is_not(url: str, waits: bool) -> None:
    assert waits_for_server(url=url) is waits

"""What is submitted is answered in its order, a few at a time, and a long one keeps nobody waiting."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier, Event, Lock

import pytest

from hoshin.cli.turns import Turns

PATIENCE = 300.0
"""Seconds a busy machine may take; nothing waits for so long unless something is wrong."""
NEVER = 1e6
"""Seconds of a lease that does not end in a test."""


class Hall:
    """Counts who is in at once."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.most = self._now = 0
        self._lock = Lock()

    def visit(self, number: int, meet: Barrier | None = None) -> int:
        """Come in, perhaps wait for somebody, and leave."""
        with self._lock:
            self.order.append(number)
            self._now += 1
            self.most = max(self.most, self._now)
        if meet:
            meet.wait(PATIENCE)
        with self._lock:
            self._now -= 1
        return number


@pytest.fixture
def hall() -> Hall:
    """An empty one."""
    return Hall()


@pytest.fixture(params=[1, 2])
def turns(request: pytest.FixtureRequest) -> Iterator[Turns]:
    """Four threads with one seat or two."""
    made = Turns(threads=4, seats=request.param, lease=NEVER)
    yield made
    made.shutdown()


def test_everybody_is_answered_and_no_more_are_in_than_there_are_seats(hall: Hall, turns: Turns) -> None:
    asked = [turns.submit(hall.visit, number) for number in range(500)]
    assert [one.result(PATIENCE) for one in asked] == list(range(500))
    assert hall.most <= turns.seats
    if turns.seats == 1:
        assert hall.order == list(range(500))


def test_as_many_are_in_at_once_as_there_are_seats(hall: Hall) -> None:
    turns = Turns(threads=4, seats=3, lease=NEVER)
    meet = Barrier(3)
    asked = [turns.submit(hall.visit, number, meet) for number in range(9)]
    assert sorted(one.result(PATIENCE) for one in asked) == list(range(9))
    assert hall.most == 3
    turns.shutdown()


def test_a_long_one_loses_its_seat_and_brings_no_second_one_when_it_is_done(hall: Hall) -> None:
    turns, done = Turns(threads=4, seats=1, lease=0.01), Event()
    long = turns.submit(done.wait, PATIENCE)
    assert [turns.submit(hall.visit, number).result(PATIENCE) for number in range(20)] == list(range(20))
    turns.lease = NEVER
    asked = [turns.submit(hall.visit, number) for number in range(500)]
    assert [one.result(PATIENCE) for one in asked] == list(range(500))
    assert not long.done()
    done.set()
    assert long.result(PATIENCE)
    for number in range(500):
        turns.submit(hall.visit, number)
    turns.shutdown()
    assert hall.order == [*range(20), *range(500), *range(500)]
    assert hall.most == 1


def test_long_ones_take_all_threads_and_no_more(hall: Hall) -> None:
    turns, meet = Turns(threads=4, seats=1, lease=0.001), Barrier(4)
    asked = [turns.submit(hall.visit, number, meet) for number in range(8)]
    assert sorted(one.result(PATIENCE) for one in asked) == list(range(8))
    assert hall.most == 4
    turns.shutdown()


def test_what_fails_is_told_and_the_next_is_answered(turns: Turns) -> None:
    failed = [turns.submit(int, "x") for _ in range(9)]
    assert all(isinstance(one.exception(PATIENCE), ValueError) for one in failed)
    assert turns.submit(int, "7", base=8).result(PATIENCE) == 7


def test_at_the_end_what_waits_is_answered_or_cancelled_and_nothing_is_taken(turns: Turns) -> None:
    begun, done = Event(), Event()

    def stay() -> bool:
        begun.set()
        return done.wait(PATIENCE)

    held = [turns.submit(stay) for _ in range(turns.seats)]
    assert begun.wait(PATIENCE)
    waiting = turns.submit(int, "1")
    turns.shutdown(wait=False)
    with pytest.raises(RuntimeError):
        turns.submit(int, "2")
    done.set()
    turns.shutdown()
    assert all(one.result(PATIENCE) for one in held)
    assert waiting.result(PATIENCE) == 1


def test_what_is_cancelled_is_not_answered(turns: Turns) -> None:
    done = Event()
    for _ in range(turns.seats):
        turns.submit(done.wait, PATIENCE)
    waiting = turns.submit(int, "1")
    turns.shutdown(wait=False, cancel_futures=True)
    done.set()
    assert waiting.cancelled()

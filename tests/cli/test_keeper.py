"""The job process beside the planner is begun again when it dies, less and less eagerly, and ends with the planner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from threading import Event

import pytest

from hoshin import logs
from hoshin.cli.keeper import LONGEST_WAIT, STEADY, Keeper


class Fake:
    """A process that lives so long, counted by looks of a second, and ends with that status; None: it stays."""

    def __init__(self, lives: float, status: int | None) -> None:
        self.lives, self.status, self.told = lives, status, list[str]()

    def wait(self, timeout: float | None = None) -> int:
        Clock.now += timeout or 0
        self.lives -= timeout or 0
        if self.status is None or self.lives > 0:
            raise subprocess.TimeoutExpired("job", timeout or 0)
        return self.status

    def terminate(self) -> None:
        self.told.append("terminate")
        self.status, self.lives = 0, 0

    def kill(self) -> None:
        self.told.append("kill")


class Clock(Event):
    """The time that passes where somebody waits; set after a number of waits."""

    now = 0.0

    def __init__(self, waits: int) -> None:
        super().__init__()
        self.waits, self.waited = waits, list[float]()

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0)
        if len(self.waited) == self.waits:
            self.set()
        return self.is_set()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the log is told."""
    lines: list[dict[str, object]] = []
    monkeypatch.setattr(logs, "say", lambda **fields: lines.append(fields))
    return lines


def kept(lives: Iterator[float], waits: int) -> Clock:
    """The clock after so many ends of processes that live for those times."""
    ended = Clock(waits)
    Keeper(lambda: Fake(next(lives), -9), ended, lambda: False, lambda: Clock.now).keep()
    return ended


def test_the_wait_before_the_next_one_doubles_up_to_a_minute(said: list[dict[str, object]]) -> None:
    assert kept(iter([1.0] * 9), 8).waited == [1, 2, 4, 8, 16, 32, LONGEST_WAIT, LONGEST_WAIT]
    assert [one["again_in"] for one in said][:3] == [1, 2, 4]
    assert {one["status"] for one in said} == {-9}


def test_one_that_lived_for_long_is_begun_again_at_once(said: list[dict[str, object]]) -> None:
    assert kept(iter([1, 1, 1, STEADY + 1, 1]), 5).waited == [1, 2, 4, 1, 2]
    assert len(said) == 5


@pytest.mark.parametrize("leaves", ["the planner", "the person who stops it"])
def test_it_ends_with_the_planner(said: list[dict[str, object]], leaves: str) -> None:
    process, ended = Fake(0, None), Clock(0)

    def look() -> bool:
        if leaves == "the planner" or Clock.now < 1_000_000:
            return Clock.now >= 1_000_000
        ended.set()
        return False

    Clock.now = 999_997.0
    Keeper(lambda: process, ended, look, lambda: Clock.now).keep()
    assert process.told == ["terminate"]
    assert said == []


def test_a_real_kill_brings_another_one() -> None:
    begun: list[subprocess.Popen[bytes]] = []
    ended = Clock(1)

    def begin() -> subprocess.Popen[bytes]:
        begun.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
        os.kill(begun[-1].pid, signal.SIGKILL)
        return begun[-1]

    Keeper(begin, ended, lambda: False).keep()
    assert ended.waited == [1.0]
    assert [one.returncode for one in begun] == [-signal.SIGKILL]
    for one in begun:
        assert one.stdin is not None
        one.stdin.close()

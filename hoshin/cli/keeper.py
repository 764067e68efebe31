"""Keeps a job process running beside the planner: one that dies is begun again, after a wait that grows."""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from hoshin import logs

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds between the end of a process and the beginning of the next; doubled with each that ends young."""
STEADY = 120.0
"""A process that has lived for so many seconds is not to blame for how often it was begun before."""
LOOK = 1.0
GRACE = 60.0
"""How many seconds the job in hand is given when everything stops."""


class Process(Protocol):
    """What is asked of a process that was begun."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status; raises TimeoutExpired."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it."""


@dataclass(slots=True)
class Keeper:
    """Begins the process by `begin`, again and again, until it is `ended` or nobody is left to do it for."""

    begin: Callable[[], Process]
    ended: Event
    is_alone: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic
    wait: float = field(default=FIRST_WAIT)

    def keep(self) -> None:
        """Return when everything is over, the process included."""
        while not self._is_over():
            began = self.clock()
            status = self._live(self.begin())
            if status is None:
                return
            if self.clock() - began >= STEADY:
                self.wait = FIRST_WAIT
            logs.say(event="job process ended", level=logging.ERROR, status=status, again_in=self.wait)
            self.ended.wait(self.wait)
            self.wait = min(self.wait * 2, LONGEST_WAIT)

    def _is_over(self) -> bool:
        return self.ended.is_set() or self.is_alone()

    def _live(self, process: Process) -> int | None:
        """How the process ended; None where it was ended, because everything is over."""
        while not self._is_over():
            with suppress(subprocess.TimeoutExpired):
                return process.wait(LOOK)
        process.terminate()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return None

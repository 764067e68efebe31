"""The processes of a server: each takes as many connections as the others, and answers them in turns."""

from __future__ import annotations

import mmap
import os
import struct
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from hoshin.cli.turns import SEATS, WAITING_SEATS, Turns


class Held:
    """How many connections each worker of a server holds, in memory that all of them share."""

    PLACES = 64
    ENTRY = struct.Struct("=ii")

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, self.PLACES * self.ENTRY.size)

    def tell(self, *, place: int, process: int, many: int) -> None:
        """Say how many the process holds; process 0 is nobody."""
        self.ENTRY.pack_into(self._memory, place % self.PLACES * self.ENTRY.size, process, many)

    def least(self, *, besides: int) -> int | None:
        """The fewest that another process holds which is alive; None where there is none."""
        found = self.ENTRY.iter_unpack(self._memory[:])
        others = [many for process, many in found if process not in (0, besides) and _is_alive(process)]
        return min(others, default=None)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's worker with threads.

    By itself it takes a connection whenever it is there first, so that of two workers one may hold nearly all that
    browsers keep open, and whoever asks on one of these waits several times as long.
    """

    held = Held()
    seats = SEATS
    PATIENCE, PAUSE = 0.01, 0.0005
    """Seconds for which connections are left to those who hold fewer, and between two looks whether they took them."""
    _left_first = _left_last = 0.0

    def get_thread_pool(self) -> Turns:
        """As many threads as the settings say."""
        return Turns(threads=self.cfg.threads, seats=self.seats)

    def accept(self, listener: Any) -> None:
        """Take a connection, unless another worker should."""
        if self._leaves_it():
            time.sleep(self.PAUSE)
            return
        super().accept(listener)
        self._tell()

    def _leaves_it(self) -> bool:
        """Whether another one holds fewer; who does not take what is left to it for too long is not waited for."""
        least = self.held.least(besides=os.getpid())
        if least is None or least >= self.nr_conns:
            return False
        now = time.monotonic()
        if now - self._left_last > self.PATIENCE:
            self._left_first = now
        self._left_last = now
        return now - self._left_first < self.PATIENCE

    def set_accept_enabled(self, enabled: bool) -> None:
        """Take connections or not; who takes none is not waited for."""
        super().set_accept_enabled(enabled)
        self._tell()

    def murder_keepalived(self, force: bool = False) -> None:
        """Let go of those that were quiet for too long; gunicorn asks for this after whatever has happened."""
        super().murder_keepalived(force)
        self._tell()

    def _tell(self) -> None:
        self.held.tell(place=self.age, process=os.getpid() if self._accepting else 0, many=self.nr_conns)


class WaitingWorker(Worker):
    """The same where answers wait for a database server."""

    seats = WAITING_SEATS

"""The threads of a server: they answer in the order in which they were asked, and nobody waits long for a long answer.

Python runs one thread at a time. Where eight answer at once, each is interrupted by all others whenever it reads or
writes, and whose turn it is then is chance: a few wait many times as long as most. So only a few have a seat. Whoever
is not done soon goes on without one, as a page that is long or waits for the database would keep out all others.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

SEATS, WAITING_SEATS, LEASE = 1, 2, 0.05
"""Two where one may wait for a database server meanwhile; in seconds.

With a database in a file two only take the processor from each other: with one, short pages come up to a third faster,
and the slowest of them wait less.
"""


class Turns(Executor):
    """So many threads that take up what is submitted, in its order, a few at a time."""

    def __init__(self, *, threads: int, seats: int = SEATS, lease: float = LEASE) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self.seats, self.lease = seats, lease
        self._seated: dict[int, float] = {}
        self._someone_watches, self._ended = False, False
        self._threads = [threading.Thread(target=self._work, name=f"answers-{n}", daemon=True) for n in range(threads)]
        for one in self._threads:
            one.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have `fn` called when it is its turn; RuntimeError after the end."""
        future: Future[Any] = Future()
        with self._changed:
            if self._ended:
                raise RuntimeError("nothing is answered after the end")
            self._waiting.append((future, lambda: fn(*args, **kwargs)))
            if not self._someone_watches or len(self._seated) < self.seats:
                self._changed.notify()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take nothing more; what was submitted is still answered, unless it is to be cancelled."""
        with self._changed:
            self._ended = True
            if cancel_futures:
                while self._waiting:
                    self._waiting.popleft()[0].cancel()
            self._changed.notify_all()
        for one in self._threads if wait else ():
            one.join()

    def _work(self) -> None:
        while (turn := self._next()) is not None:
            _answer(*turn)
            turn = None  # a thread that waits keeps nothing of what it answered last

    def _next(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        """What is to be answered next, once there is a seat for it; None after the end."""
        me = threading.get_ident()
        with self._changed:
            self._seated.pop(me, None)
            while self._waiting or not self._ended:
                seconds = self._until_seat() if self._waiting else None
                if seconds is not None and seconds <= 0:
                    self._seated[me] = time.monotonic()
                    turn = self._waiting.popleft()
                    if self._waiting and not self._someone_watches:
                        self._changed.notify()  # somebody has to look whether this one stays for too long
                    return turn
                self._wait(seconds)
            self._changed.notify_all()  # whoever still waits finds nothing more
            return None

    def _until_seat(self) -> float:
        """Seconds until there is a seat; those who have had theirs for too long lose it."""
        if len(self._seated) < self.seats:
            return 0.0
        oldest = min(self._seated, key=self._seated.__getitem__)
        left = self._seated[oldest] + self.lease - time.monotonic()
        if left <= 0:
            del self._seated[oldest]
        return left

    def _wait(self, seconds: float | None) -> None:
        """Until something changes; one at a time watches whether a seat is taken for too long."""
        if seconds is None or self._someone_watches:
            self._changed.wait()
            return
        self._someone_watches = True
        self._changed.wait(seconds)
        self._someone_watches = False


def _answer(future: Future[Any], work: Callable[[], Any]) -> None:
    if future.set_running_or_notify_cancel():
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - told to whoever asks for the result, as every executor does
            future.set_exception(error)

"""The bell of the job process: Redis, where a company has one, wakes it as soon as a job has been asked for."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hoshin import logs
from hoshin.errors import Refused

if TYPE_CHECKING:
    from redis import Redis

ROPE = "hoshin:jobs"
"""The channel; a stroke on it says nothing, not even whose. Whoever hears a stranger's looks once in vain."""
QUICK = 0.5
"""Seconds after which a Redis that does not answer is as good as away."""
PAUSE = 5.0
"""Seconds for which one that is away is not asked again."""


class _Said:
    """Says once that Redis is away, and once that it is back; never where it is, as a password may stand there."""

    def __init__(self) -> None:
        self.is_away = False

    def now(self, *, away: bool, error: str = "") -> None:
        """Say it if it is new."""
        if away and not self.is_away:
            logs.say(event="redis is away: jobs begin up to two seconds later", level=logging.WARNING, error=error)
        elif self.is_away and not away:
            logs.say(event="redis is back", level=logging.WARNING)
        self.is_away = away


class Bell:
    """Is rung by a thread of its own, so that nobody waits for Redis; one that is away is left alone for a while."""

    def __init__(self, *, url: str) -> None:
        self._redis = _redis(url, socket_timeout=QUICK)
        self._hand = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bell")
        self._is_wanted, self._away_until, self._said = threading.Event(), 0.0, _Said()

    def ring(self) -> None:
        """Wake all job processes that listen; returns at once and never fails. What is rung meanwhile is rung once."""
        if not self._is_wanted.is_set():
            self._is_wanted.set()
            with suppress(RuntimeError):  # the process ends just now
                self._hand.submit(self._strike)

    def _strike(self) -> None:
        self._is_wanted.clear()
        if time.monotonic() < self._away_until:
            return
        try:
            self._redis.publish(ROPE, "")
            self._said.now(away=False)
        except Exception as error:  # noqa: BLE001 - whatever Redis dies of, the job process looks by itself
            self._away_until = time.monotonic() + PAUSE
            self._said.now(away=True, error=type(error).__name__)


def ringer(*, url: str) -> Callable[[], None] | None:
    """What rings the bell at that address; None where there is none. Refused when the address is none."""
    return Bell(url=url).ring if url else None


def listen(*, url: str, heard: Callable[[], None]) -> None:
    """Have `heard` called at every stroke, by a thread that lives as long as the process; Refused as `ringer` does."""
    redis = _redis(url, socket_timeout=None)
    threading.Thread(target=_listen, args=(redis, heard), name="ear", daemon=True).start()


def _listen(redis: Redis, heard: Callable[[], None]) -> None:
    said = _Said()
    while True:
        try:
            with redis.pubsub() as ear:  # type: ignore[no-untyped-call]
                ear.subscribe(ROPE)
                for _ in ear.listen():  # the first one says that it listens: what was rung before that is looked for
                    said.now(away=False)
                    heard()
        except Exception as error:  # noqa: BLE001 - as above
            said.now(away=True, error=type(error).__name__)
        time.sleep(PAUSE)


def _redis(url: str, **options: Any) -> Redis:
    try:
        from redis import Redis  # noqa: PLC0415 - only where a company has one: nobody else waits for it
        from redis.backoff import NoBackoff  # noqa: PLC0415 - as above
        from redis.retry import Retry  # noqa: PLC0415 - as above
    except ImportError as error:
        raise Refused("HOSHIN_REDIS_URL needs redis-py: pip install 'hoshin[redis]'") from error
    try:
        once = Retry(NoBackoff(), 0)
        return Redis.from_url(url, protocol=2, socket_connect_timeout=QUICK, retry=once, **options)
    except ValueError as error:
        raise Refused("HOSHIN_REDIS_URL is not an address such as redis://:password@host:6379/0") from error

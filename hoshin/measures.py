"""The figures this process keeps about itself, for Prometheus to fetch; nothing in them was written by a person."""

from __future__ import annotations

import os
from collections import defaultdict
from functools import cache
from threading import Lock
from typing import Any, NamedTuple

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


_MAKING = Lock()
_EARLY: defaultdict[tuple[int, str, str], int] = defaultdict(int)
"""Look-ups from before there were meters, by the process: what a parent looked up its children have not."""


class Meters(NamedTuple):
    """All meters; the labels are names out of the program only, so that there are few."""

    requests: Any
    conflicts: Any
    cache: Any
    replica: Any


def meters() -> Meters:
    """The meters of this process, made once however many threads ask first."""
    with _MAKING:
        made = _make()
        while _EARLY:
            (process, *asked), times = _EARLY.popitem()
            if process == os.getpid():
                made.cache.labels(*asked).inc(times)
        return made


@cache
def _make() -> Meters:
    """The meters.

    prometheus_client decides when it is imported whether several processes share their figures in files
    (PROMETHEUS_MULTIPROC_DIR), so the import waits until the server has decided that too.
    """
    from prometheus_client import Counter, Histogram  # noqa: PLC0415 - as said above

    return Meters(
        Histogram(
            "hoshin_request_seconds",
            "Time to answer a request",
            ("endpoint", "method", "status"),
            buckets=SECONDS,
        ),
        Counter("hoshin_conflicts", "Saves refused because somebody else had saved first", ("endpoint",)),
        Counter("hoshin_cache", "Look-ups in a cache", ("cache", "found")),
        Counter("hoshin_reports_read", "Reports, by the server they were read from", ("server",)),
    )


def answered(*, endpoint: str, method: str, status: int, seconds: float) -> None:
    """A request has been answered in this many seconds; 409 counts as a conflict too."""
    meters().requests.labels(endpoint, method, str(status)).observe(seconds)
    if status == 409:
        meters().conflicts.labels(endpoint).inc()


def looked_up(*, cache: str, found: bool) -> None:
    """A cache was asked, and had it or not: page, structure, letters, counts (of figures) or paper.

    Before this process has meters it is only remembered: the shell's commands, which nobody asks, never make any.
    """
    asked = cache, "yes" if found else "no"
    with _MAKING:
        if not _make.cache_info().currsize:
            _EARLY[os.getpid(), *asked] += 1
            return
        made = _make()
    made.cache.labels(*asked).inc()


def read_from(*, server: str) -> None:
    """A report was read from the primary or the replica."""
    meters().replica.labels(server).inc()

"""Which items of a list have been moved, when it stands in another order: as few as explain it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def moved(*, before: Sequence[str], now: Sequence[str]) -> list[tuple[str, str]]:
    """The moved ones with what each follows now ("" for nothing), in the order of `now`.

    Only what stands in both counts: the longest run that kept its order stayed, everything else was moved.
    """
    places = {key: at for at, key in enumerate(before)}
    present = [key for key in now if key in places]
    stayed = set(_longest_rise([places[key] for key in present]))
    return [
        (key, present[at - 1] if at else "") for at, key in enumerate(present) if places[key] not in stayed
    ]


def _longest_rise(numbers: Sequence[int]) -> list[int]:
    """A longest rising part of distinct numbers."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for one in numbers:
        at = bisect_left(ends, one)
        before[one] = ends[at - 1] if at else None
        ends[at : at + 1] = [one]
    found: list[int] = []
    last = ends[-1] if ends else None
    while last is not None:
        found.append(last)
        last = before[last]
    return found[::-1]

"""Blind scoring: what several people think of one pair of items, and how far apart they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

SCALE = (0, 1, 3, 9)
"""No link, weak, medium, strong: steps of equal weight, whatever their numbers."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The scores of one pair: the median, how many steps lie between the lowest and the highest, and how often each."""

    upper: int
    lower: int
    median: int
    spread: int
    counts: tuple[tuple[int, int], ...]

    @property
    def voices(self) -> int:
        """How many people scored it."""
        return sum(count for _, count in self.counts)

    @property
    def said(self) -> str:
        """How far the people agree, in a word."""
        return ("agreed", "one step apart", "two steps apart", "as far apart as can be")[self.spread]


def tally(*, upper: int, lower: int, scores: Sequence[int]) -> Tally:
    """The tally of at least one score; of an even number the lower of the two in the middle counts.

    A stronger link has to be argued for. ValueError for no score, or one that is not on the scale.
    """
    steps = sorted(SCALE.index(one) for one in scores)
    if not steps:
        raise ValueError("nobody has scored this pair")
    found = Counter(scores)
    counts = tuple((one, found[one]) for one in reversed(SCALE) if found[one])
    return Tally(upper, lower, SCALE[median_low(steps)], steps[-1] - steps[0], counts)

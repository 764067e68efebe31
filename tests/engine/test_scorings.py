"""Blind scoring: medians and disagreement on a scale of words, not of numbers."""

from __future__ import annotations

import pytest

from hoshin.engine.scorings import tally


@pytest.mark.parametrize(
    ("scores", "median", "spread", "said"),
    [
        ([9], 9, 0, "agreed"),
        ([3, 3, 3], 3, 0, "agreed"),
        ([1, 3], 1, 1, "one step apart"),
        ([9, 9, 1], 9, 2, "two steps apart"),
        ([0, 9, 9, 0], 0, 3, "as far apart as can be"),
        ([0, 1, 3, 9, 9], 3, 3, "as far apart as can be"),
    ],
)
def test_the_middle_and_how_far_apart(scores: list[int], median: int, spread: int, said: str) -> None:
    """Of an even number the weaker of the two in the middle: a stronger link has to be argued for."""
    found = tally(upper=1, lower=2, scores=scores)
    assert (found.median, found.spread, found.said, found.voices) == (median, spread, said, len(scores))


def test_voices_are_counted_from_strong_to_none() -> None:
    assert tally(upper=1, lower=2, scores=[0, 9, 3, 9]).counts == ((9, 2), (3, 1), (0, 1))


def test_what_nobody_scored_has_no_tally() -> None:
    for scores in ([], [2]):
        with pytest.raises(ValueError, match=r"nobody|not in"):
            tally(upper=1, lower=2, scores=scores)

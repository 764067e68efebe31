"""Rule 5: the ratios that may be read off the counts, and how they are written."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hoshin.engine.counts import Counts, count
from hoshin.engine.figures import show_percent, six_decimals
from hoshin.engine.verdicts import Verdict

N_A = None

TABLE = [
    # hits, misses, no data, not due, no target | ratio, measured, coverage
    ((33, 0, 0, 0, 0), "1.000000", "1.000000", "1.000000"),
    ((16, 8, 0, 0, 4), "0.571429", "0.666667", "0.857143"),
    ((0, 0, 22, 0, 5), "0.000000", N_A, "0.000000"),
    ((0, 0, 7, 0, 0), "0.000000", N_A, "0.000000"),  # all without data: 0/n, coverage 0
    ((0, 0, 0, 0, 0), N_A, N_A, N_A),  # nothing at all: n/a, never 0 %
    ((0, 0, 0, 9, 0), N_A, N_A, N_A),
    ((1, 1, 0, 8, 0), "0.500000", "0.500000", "1.000000"),
    ((0, 3, 0, 0, 0), "0.000000", "0.000000", "1.000000"),
]


@pytest.mark.parametrize(("five", "ratio", "measured", "coverage"), TABLE)
def test_ratios(
    five: tuple[int, int, int, int, int], ratio: str | None, measured: str | None, coverage: str | None
) -> None:
    hits, misses, no_data, not_due, no_target = five
    counts = Counts(sum(five), hits, misses, no_data, not_due, no_target)
    written = [six_decimals(value=one) for one in (counts.ratio, counts.measured_ratio, counts.coverage)]
    assert written == [ratio, measured, coverage]


def test_counting_keeps_every_verdict() -> None:
    counts = count(verdicts=[Verdict.HIT, Verdict.HIT, *Verdict])
    assert counts == Counts(total=7, hits=3, misses=1, no_data=1, not_due=1, no_target=1)


@pytest.mark.parametrize(
    ("ratio", "written"),
    [(Fraction(1, 2), "0.500000"), (Fraction(1, 2_000_000), "0.000000"), (Fraction(3, 2_000_000), "0.000002")],
)
def test_six_decimals_round_half_to_even(ratio: Fraction, written: str) -> None:
    assert six_decimals(value=ratio) == written


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (None, "n/a"),
        (Fraction(0), "0 %"),
        (Fraction(1, 1000), "1 %"),
        (Fraction(999, 1000), "99 %"),
        (Fraction(1), "100 %"),
        (Fraction(17, 24), "71 %"),
    ],
)
def test_a_shown_per_cent_never_says_all_or_nothing_unless_it_is(ratio: Fraction | None, shown: str) -> None:
    assert show_percent(value=ratio) == shown

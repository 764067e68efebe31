"""Signal or noise: the XmR limits and their three rules."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from hoshin.engine.xmr import Signal, limits


def _values(text: str) -> list[Decimal | None]:
    return [None if one == "-" else Decimal(one) for one in text.split()]


def test_limits_are_the_mean_and_2_66_mean_moving_ranges() -> None:
    """10 12 10 12 10 12: mean 11, every moving range 2, so that the limits lie 5.32 away."""
    found = limits(values=_values("10 12 10 12 10 12"))
    assert found is not None
    assert (found.mean, found.lower, found.upper) == (Fraction(11), Fraction("5.68"), Fraction("16.32"))
    assert found.signals == {}


@pytest.mark.parametrize("text", ["", "1 2 3 4 5", "1 - 2 3 4 - 5"])
def test_five_points_are_too_few(text: str) -> None:
    assert limits(values=_values(text)) is None


def test_gaps_are_passed_over() -> None:
    with_gaps, without = limits(values=_values("10 - 12 10 12 - 10 12")), limits(values=_values("10 12 10 12 10 12"))
    assert with_gaps is not None
    assert without is not None
    assert (with_gaps.lower, with_gaps.upper) == (without.lower, without.upper)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10 11 10 11 10 11 10 11 10 11 10 30", {11: Signal.OUTSIDE}),
        ("10 10 10 10 10 10 10 10 10 10", {}),
        ("1 2 1 2 1 2 1 2 5 6 5 6 5 6 5 6", {15: Signal.RUN}),
    ],
)
def test_signals_name_the_point_that_completes_them(text: str, expected: dict[int, Signal]) -> None:
    found = limits(values=_values(text))
    assert found is not None
    assert {index: found.signals.get(index) for index in expected} == expected
    assert expected or not found.signals


def test_three_of_four_nearer_the_limit() -> None:
    found = limits(values=_values("5 6 5 4 5 6 4 5 6 4 5 6 5 4 7 7 7"))
    assert found is not None
    assert Signal.NEAR_LIMIT in found.signals.values()

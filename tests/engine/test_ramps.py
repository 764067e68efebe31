"""The ramp helper is exact: ends as typed, even steps between, never a binary float."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, strategies as some

from hoshin.engine.ramps import ramp

FIGURES = some.decimals(min_value=-(10**13), max_value=10**13, places=4)


@pytest.mark.parametrize(
    ("first", "last", "count", "expected"),
    [
        ("80", "91", 12, "80 81 82 83 84 85 86 87 88 89 90 91"),
        ("5", "5", 3, "5 5 5"),
        ("10", "0", 3, "10 5 0"),
        ("-1", "1", 3, "-1 0 1"),
        ("0", "1", 4, "0 0.3333 0.6667 1"),
        ("0", "0.0001", 3, "0 0 0.0001"),
        ("0", "0.0003", 3, "0 0.0002 0.0003"),
        ("7", "9", 1, "9"),
        ("7", "9", 2, "7 9"),
        ("99999999999999.9999", "-99999999999999.9999", 3, "99999999999999.9999 0 -99999999999999.9999"),
    ],
)
def test_even_steps_rounded_half_even_at_four_places(first: str, last: str, count: int, expected: str) -> None:
    found = ramp(first=Decimal(first), last=Decimal(last), count=count)
    assert found == [Decimal(one) for one in expected.split()]


def test_a_ramp_over_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one period"):
        ramp(first=Decimal(1), last=Decimal(2), count=0)


@given(first=FIGURES, last=FIGURES, count=some.integers(2, 12))
def test_a_ramp_keeps_its_ends_and_never_turns_back(first: Decimal, last: Decimal, count: int) -> None:
    found = ramp(first=first, last=last, count=count)
    assert (found[0], found[-1], len(found)) == (first, last, count)
    assert found == sorted(found, reverse=last < first)

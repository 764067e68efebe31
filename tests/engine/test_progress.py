"""Progress is the way done from the baseline to the target; it never decides a verdict."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from hoshin.engine.progress import goal_of, progress
from hoshin.engine.verdicts import Direction, band_of


def _progress(
    direction: Direction | None,
    base: str | None,
    target: str | None,
    actual: str | None,
    low: str | None = None,
    high: str | None = None,
) -> Fraction | None:
    def read(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    band = band_of(direction=direction, target=read(target), low=read(low), high=read(high), tolerance=Decimal(1))
    return progress(direction=direction, band=band, baseline=read(base), actual=read(actual))


@pytest.mark.parametrize(
    ("direction", "base", "target", "actual", "expected"),
    [
        (Direction.AT_LEAST, "80", "100", "90", "1/2"),
        (Direction.AT_LEAST, "80", "100", "110", "3/2"),
        (Direction.AT_LEAST, "80", "100", "70", "-1/2"),
        (Direction.AT_MOST, "30", "0", "10", "2/3"),
        (Direction.AT_MOST, "0", "0", "0", "1"),
        (Direction.AT_MOST, "0", "0", "0.0001", "0"),
        (Direction.AT_LEAST, "5", "5", "6", "1"),
        (Direction.EXACTLY, "0", "10", "5", "1/2"),
        (Direction.EXACTLY, "10", "10", "10.9", "1"),
    ],
)
def test_the_way_from_base_to_target(direction: Direction, base: str, target: str, actual: str, expected: str) -> None:
    assert _progress(direction, base, target, actual) == Fraction(expected)


@pytest.mark.parametrize(
    ("base", "actual", "expected"), [("0", "5", "1/2"), ("30", "25", "1/2"), ("15", "15", "1"), ("15", "25", "0")]
)
def test_between_leads_to_the_bound_that_is_met_first(base: str, actual: str, expected: str) -> None:
    assert _progress(Direction.BETWEEN, base, None, actual, low="10", high="20") == Fraction(expected)


@pytest.mark.parametrize(
    ("direction", "base", "target", "actual"),
    [
        (None, "1", "2", "1"),
        (Direction.AT_LEAST, None, "2", "1"),
        (Direction.AT_LEAST, "1", None, "1"),
        (Direction.AT_LEAST, "1", "2", None),
    ],
)
def test_without_one_of_the_three_there_is_none(
    direction: Direction | None, base: str | None, target: str | None, actual: str | None
) -> None:
    assert _progress(direction, base, target, actual) is None


def test_no_direction_leads_nowhere() -> None:
    assert goal_of(direction=None, band=None, baseline=Decimal(1)) is None

"""Rules 1, 2, 3 and 5: what hits, what misses, and what is neither."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from hoshin.engine.verdicts import Band, Direction, Verdict, band_of, judge
from tests.engine.building import number

AT_LEAST, AT_MOST, BETWEEN, EXACTLY = Direction

HIT, MISS = Verdict.HIT, Verdict.MISS

SINGLE_TARGETS = [
    # direction, target, actual, verdict
    (AT_LEAST, "100", "100", HIT),
    (AT_LEAST, "100", "99.9999", MISS),
    (AT_LEAST, "100", "250", HIT),  # nothing is capped
    (AT_LEAST, "0", "0", HIT),
    (AT_LEAST, "-5", "-5", HIT),
    (AT_LEAST, "-5", "-5.0001", MISS),
    (AT_LEAST, "-5", "-4", HIT),
    (AT_MOST, "0", "0", HIT),  # no accidents: never derived from a percentage
    (AT_MOST, "0", "1", MISS),
    (AT_MOST, "0", "-1", HIT),
    (AT_MOST, "3.5", "3.5", HIT),
    (AT_MOST, "-2", "-1", MISS),
    (EXACTLY, "7", "7", HIT),
    (EXACTLY, "7", "7.0001", MISS),
    (AT_LEAST, "99999999999999.9999", "99999999999999.9999", HIT),
    (AT_LEAST, "99999999999999.9999", "99999999999999.9998", MISS),
    (AT_LEAST, "0.8", "0.80", HIT),
]


@pytest.mark.parametrize(("direction", "target", "actual", "verdict"), SINGLE_TARGETS)
def test_a_single_target_hits_at_equality_and_on_its_good_side(
    direction: Direction, target: str, actual: str, verdict: Verdict
) -> None:
    band = band_of(direction=direction, target=number(target))
    assert judge(due=True, band=band, actual=number(actual)) is verdict


@pytest.mark.parametrize(
    ("low", "high", "actual", "verdict"),
    [
        ("2", "4", "2", HIT),
        ("2", "4", "4", HIT),
        ("2", "4", "3", HIT),
        ("2", "4", "1.9999", MISS),
        ("2", "4", "4.0001", MISS),
        ("-1", "-1", "-1", HIT),
        ("2", None, "3", Verdict.NO_TARGET),
        (None, "4", "3", Verdict.NO_TARGET),
        ("4", "2", "3", Verdict.NO_TARGET),
    ],
)
def test_between_looks_at_both_bounds_and_needs_them(
    low: str | None, high: str | None, actual: str, verdict: Verdict
) -> None:
    band = band_of(direction=BETWEEN, target=Decimal(3), low=number(low), high=number(high))
    assert judge(due=True, band=band, actual=number(actual)) is verdict


@pytest.mark.parametrize(
    ("tolerance", "actual", "verdict"),
    [("0.5", "9.5", HIT), ("0.5", "10.5", HIT), ("0.5", "10.5001", MISS), ("0", "10", HIT), ("-0.5", "9.5", HIT)],
)
def test_exactly_allows_its_tolerance_on_both_sides(tolerance: str, actual: str, verdict: Verdict) -> None:
    band = band_of(direction=EXACTLY, target=Decimal(10), tolerance=Decimal(tolerance))
    assert judge(due=True, band=band, actual=Decimal(actual)) is verdict


def test_bounds_mean_nothing_outside_between_and_a_tolerance_nothing_outside_exactly() -> None:
    band = band_of(direction=AT_LEAST, target=Decimal(10), low=Decimal(1), high=Decimal(2), tolerance=Decimal(5))
    assert band == Band(Decimal(10), None)


@pytest.mark.parametrize(
    ("due", "band", "actual", "verdict"),
    [
        (False, None, None, Verdict.NOT_DUE),
        (False, Band(Decimal(1), None), Decimal(0), Verdict.NOT_DUE),
        (True, None, None, Verdict.NO_TARGET),
        (True, None, Decimal(5), Verdict.NO_TARGET),
        (True, Band(None, None), Decimal(5), Verdict.NO_TARGET),
        (True, Band(Decimal(1), None), None, Verdict.NO_DATA),
        (True, Band(Decimal(1), None), Decimal(1), HIT),
    ],
)
def test_the_first_verdict_that_applies_is_the_one(
    due: bool, band: Band | None, actual: Decimal | None, verdict: Verdict
) -> None:
    assert judge(due=due, band=band, actual=actual) is verdict


def test_without_a_direction_there_is_no_target() -> None:
    assert band_of(direction=None, target=Decimal(5)) is None


def test_a_third_is_compared_exactly() -> None:
    third = Fraction(1, 3)
    assert Band(third, None).holds(value=third)
    assert not Band(None, Decimal("0.3333")).holds(value=third)

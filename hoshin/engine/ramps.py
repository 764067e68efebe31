"""The ramp helper: a row of targets in even steps from a first to a last figure, exact."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

PLACES = 4


def ramp(*, first: Decimal, last: Decimal, count: int) -> list[Decimal]:
    """`count` figures in even steps; the two ends are exact, those between rounded half even at four places.

    One figure alone is the last one: where the ramp was to lead. Raises ValueError for a count below one.
    """
    if count < 1:
        raise ValueError("a ramp needs at least one period")
    if count == 1:
        return [last]
    start, step = Fraction(first), (Fraction(last) - Fraction(first)) / (count - 1)
    between = [_rounded(start + step * place) for place in range(1, count - 1)]
    return [first, *between, last]


def _rounded(value: Fraction) -> Decimal:
    return Decimal(round(value * 10**PLACES)).scaleb(-PLACES)

"""What a target allows and the one function that decides a verdict (DESIGN §3, rules 1, 2, 5 and 13)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

Exact = Decimal | Fraction


_DECIMAL = (Decimal, type(None))


class Direction(StrEnum):
    """Which side of its target a KPI wants to be on."""

    AT_LEAST = "at least"
    AT_MOST = "at most"
    BETWEEN = "between"
    EXACTLY = "exactly"


class Verdict(StrEnum):
    """The one answer for one KPI and one period; the order is the order in which they are tried."""

    NOT_DUE = "not due"
    NO_TARGET = "without target"
    NO_DATA = "no data"
    HIT = "hit"
    MISS = "miss"


@dataclass(frozen=True, slots=True)
class Band:
    """All values that hit, ends included; one side may be open (None)."""

    low: Exact | None
    high: Exact | None

    def holds(self, *, value: Exact) -> bool:
        """Whether the value lies in the band; exact, with fractions and decimals alike."""
        if type(value) is Decimal and type(self.low) in _DECIMAL and type(self.high) in _DECIMAL:  # exact as they are
            return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)
        exact = Fraction(value)
        return (self.low is None or Fraction(self.low) <= exact) and (self.high is None or exact <= Fraction(self.high))


def band_of(
    *,
    direction: Direction | None,
    target: Decimal | None,
    low: Decimal | None = None,
    high: Decimal | None = None,
    tolerance: Decimal | None = None,
) -> Band | None:
    """The inclusive band that a target describes, or None when direction or a needed bound is missing.

    *between* looks only at low and high; the others only at the target. A band that is upside down is no band.
    """
    if direction is Direction.BETWEEN:
        return Band(low, high) if low is not None and high is not None and low <= high else None
    if direction is None or target is None:
        return None
    if direction is Direction.AT_LEAST:
        return Band(target, None)
    if direction is Direction.AT_MOST:
        return Band(None, target)
    slack = abs(tolerance) if tolerance is not None else Decimal(0)
    return Band(target - slack, target + slack)


def judge(*, due: bool, band: Band | None, actual: Exact | None) -> Verdict:
    """The verdict of one KPI for one period: the first that applies, in the order of rule 5.

    Never derived from a percentage: 0 against 0 at most is a hit, and so is any negative value inside its band.
    """
    if not due:
        return Verdict.NOT_DUE
    if band is None or (band.low is None and band.high is None):
        return Verdict.NO_TARGET
    if actual is None:
        return Verdict.NO_DATA
    return Verdict.HIT if band.holds(value=actual) else Verdict.MISS

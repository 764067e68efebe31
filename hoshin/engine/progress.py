"""Progress: how much of the way from the baseline to the target is done; a number of its own, never a verdict."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hoshin.engine.verdicts import Band, Direction, Exact


def progress(
    *, direction: Direction | None, band: Band | None, baseline: Decimal | None, actual: Exact | None
) -> Fraction | None:
    """(actual − base) / (target − base), exact and not capped; None while one of the three is missing.

    When base = target there is no way to go: 1 while the actual hits, else 0 (DESIGN §3, rule 11).
    """
    goal = goal_of(direction=direction, band=band, baseline=baseline)
    if band is None or baseline is None or goal is None or actual is None:
        return None
    way = Fraction(goal) - Fraction(baseline)
    if way == 0:
        return Fraction(1 if band.holds(value=actual) else 0)
    return (Fraction(actual) - Fraction(baseline)) / way


def goal_of(*, direction: Direction | None, band: Band | None, baseline: Decimal | None) -> Exact | None:
    """The value that progress leads to: the target, the middle of *exactly*, what of *between* is met first."""
    if direction is None or band is None:
        return None
    if direction is Direction.AT_LEAST:
        return band.low
    if direction is Direction.AT_MOST:
        return band.high
    if band.low is None or band.high is None:
        return None
    if direction is Direction.EXACTLY:
        return (Fraction(band.low) + Fraction(band.high)) / 2
    return band.low if baseline is None else max(Fraction(band.low), min(Fraction(band.high), Fraction(baseline)))

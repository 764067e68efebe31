"""The organisation's colours on top of a verdict: a scheme adds a signal and never turns a miss into half a hit."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

from hoshin.engine.verdicts import Band, Exact, Verdict


class Scheme(StrEnum):
    """How many colours a bowling chart knows."""

    BINARY = "binary"
    THREE = "three colours"


class Light(StrEnum):
    """A colour with its sign; amber is a miss inside a second threshold."""

    HIT = "hit"
    AMBER = "amber"
    MISS = "miss"
    NONE = "none"


def light(
    *, verdict: Verdict, band: Band | None, actual: Exact | None, scheme: Scheme, within_percent: int = 5
) -> Light:
    """The light of one cell. Amber: a miss by no more than `within_percent` per cent of the bound that was missed.

    A bound of zero has no per cent, so that nothing but the bound itself is near it.
    """
    if verdict is Verdict.HIT:
        return Light.HIT
    if verdict is not Verdict.MISS or band is None or actual is None:
        return Light.NONE
    if scheme is Scheme.BINARY:
        return Light.MISS
    value = Fraction(actual)
    bound = Fraction(band.low) if band.low is not None and value < band.low else Fraction(band.high or 0)
    return Light.AMBER if abs(value - bound) * 100 <= abs(bound) * within_percent else Light.MISS

"""Process behaviour limits: whether a change in a KPI is a signal or only noise.

Source: the XmR chart of Shewhart and Wheeler (Wheeler, Understanding Variation, 1993): limits at the mean
± 2.66 × the mean moving range, and three detection rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import lcm

FEWEST_POINTS = 6
SCALING = Fraction(266, 100)
RUN = 8
NEAR, OUT_OF = 3, 4


class Signal(StrEnum):
    """Why a point is more than noise."""

    OUTSIDE = "one point outside the limits"
    RUN = "eight points on one side of the mean"
    NEAR_LIMIT = "three of four points nearer the limit than the mean"


@dataclass(frozen=True, slots=True)
class Limits:
    """The natural process limits of a series, and the signals by the index of the point that completes each."""

    mean: Fraction
    lower: Fraction
    upper: Fraction
    signals: dict[int, Signal]


def limits(*, values: Sequence[Decimal | Fraction | None]) -> Limits | None:
    """Mean, limits and signals of period values in order; None with fewer than six known points.

    Gaps are passed over: a moving range spans the two known points beside one. Never ask it about year-to-date
    values, which drag their past along. The first rule that a point meets names it.
    """
    known = [(index, value.as_integer_ratio()) for index, value in enumerate(values) if value is not None]
    if len(known) < FEWEST_POINTS:
        return None
    # whole numbers from here on, which are quicker to compare than fractions: points in parts of `scale`
    scale = lcm(*(below for _, (_, below) in known))
    points = [above * (scale // below) for _, (above, below) in known]
    many, total = len(points), sum(points)
    ranges = sum(abs(later - earlier) for earlier, later in pairwise(points))
    # distances from the mean and the reach of the limits, both times the same whole number
    distances = [(many * point - total) * SCALING.denominator * (many - 1) for point in points]
    reach = SCALING.numerator * ranges * many
    signals = {}
    for place, (index, _) in enumerate(known):
        signal = _signal_at(distances[max(0, place + 1 - RUN) : place + 1], reach)
        if signal is not None:
            signals[index] = signal
    mean, breadth = Fraction(total, many * scale), SCALING * Fraction(ranges, scale * (many - 1))
    return Limits(mean, mean - breadth, mean + breadth, signals)


def _signal_at(distances: Sequence[int], reach: int) -> Signal | None:
    """The signal that the last of the latest RUN distances from the mean completes."""
    last = distances[-1]
    if abs(last) > reach:
        return Signal.OUTSIDE
    if len(distances) >= RUN and (all(one > 0 for one in distances[-RUN:]) or all(one < 0 for one in distances[-RUN:])):
        return Signal.RUN
    side = 1 if last > 0 else -1
    near = [one for one in distances[-OUT_OF:] if 2 * one * side > reach]
    if len(distances) >= OUT_OF and len(near) >= NEAR and 2 * abs(last) > reach:
        return Signal.NEAR_LIMIT
    return None

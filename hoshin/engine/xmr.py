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
    known = [(index, Fraction(value)) for index, value in enumerate(values) if value is not None]
    if len(known) < FEWEST_POINTS:
        return None
    points = [value for _, value in known]
    mean = sum(points, Fraction(0)) / len(points)
    ranges = [abs(later - earlier) for earlier, later in pairwise(points)]
    reach = SCALING * sum(ranges, Fraction(0)) / len(ranges)
    signals = {}
    for place, (index, _) in enumerate(known):
        signal = _signal_at([point - mean for point in points[: place + 1]], reach)
        if signal is not None:
            signals[index] = signal
    return Limits(mean, mean - reach, mean + reach, signals)


def _signal_at(distances: Sequence[Fraction], reach: Fraction) -> Signal | None:
    """The signal that the last of these distances from the mean completes."""
    last = distances[-1]
    if abs(last) > reach:
        return Signal.OUTSIDE
    if len(distances) >= RUN and (all(one > 0 for one in distances[-RUN:]) or all(one < 0 for one in distances[-RUN:])):
        return Signal.RUN
    side = 1 if last > 0 else -1
    near = [one for one in distances[-OUT_OF:] if one * side > reach / 2]
    if len(distances) >= OUT_OF and len(near) >= NEAR and abs(last) > reach / 2:
        return Signal.NEAR_LIMIT
    return None

"""The verdicts of a stretch of periods for all KPIs at once: what engine.metrics says of one, on columns (rule 7).

Figures come doubled, as scaled whole numbers, and odd where there is none; so one column tells both. Averages are taken
over the same periods for plan and actual alike, so sums decide them too, and nothing is ever divided.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hoshin.engine.columns import AGGREGATIONS, Flags
from hoshin.engine.forest import Whole
from hoshin.engine.metrics import Aggregation
from hoshin.engine.tallies import CODE, Codes
from hoshin.engine.verdicts import Verdict

PLAIN = ("band_low", "band_high", "actual", "first_low", "first_high")
TYPED = ("ytd_band_low", "ytd_band_high", "ytd_actual", "ytd_first_low", "ytd_first_high")
"""The figures of a period, and those of a typed year to date, both in the order in which they are wanted here."""
NOTHING = 1
"""Stands for a figure that is not there."""
MOST = 2**62
SUMMED = [AGGREGATIONS.index(one) for one in (Aggregation.SUM, Aggregation.AVERAGE)]
GIVEN = AGGREGATIONS.index(Aggregation.GIVEN)


class Stretch:
    """What is known of each KPI so far; periods are added from the first to the last."""

    def __init__(self, *, aggregation: Whole, alone: Flags) -> None:
        """`aggregation` holds places in AGGREGATIONS; `alone` says whose stretch is a single period."""
        self.given, self.alone = aggregation == GIVEN, alone
        summed = np.isin(aggregation, SUMMED)
        self.now, self.first = (_Side(summed, self.given) for _ in range(2))
        self.most = 0

    def add(self, *, plain: Sequence[Whole], typed: Sequence[Whole], chosen: Flags) -> None:
        """Take in the next period of the chosen KPIs.

        Raises OverflowError when sums could need more than 64 bits: then objects must be judged one by one.
        """
        typed_at_all = (typed[0] & typed[1] & typed[2] & 1) == 0
        uses = self.given & (typed_at_all | ~self.alone)
        low, high, actual, first_low, first_high = (
            np.where(uses, other, one) if bool(uses.any()) else one for one, other in zip(plain, typed, strict=True)
        )
        self.most += max(int(np.abs(one >> 1).max(initial=0)) for one in (low, high, actual, first_low, first_high))
        if self.most >= MOST:
            raise OverflowError("these figures are too large to be added up in 64 bits")
        self.now.add(low, high, actual, chosen)
        self.first.add(first_low, first_high, actual, chosen)

    def codes(self) -> tuple[Codes, Codes]:
        """How each KPI is counted, against its targets now and as first agreed."""
        return self.now.codes(), self.first.codes()


class _Bound:
    """One of three figures taken together, and in how many periods it was there."""

    def __init__(self, many: int) -> None:
        self.value, self.times = np.zeros(many, np.int64), np.zeros(many, np.int32)


class _Side:
    """One kind of target with the actuals beside it."""

    def __init__(self, summed: Flags, given: Flags) -> None:
        many = len(summed)
        self.summed, self.given = summed, given
        self.used, self.target = np.zeros(many, np.int32), np.zeros(many, np.bool_)
        self.low, self.high, self.actual = (_Bound(many) for _ in range(3))

    def add(self, low: Whole, high: Whole, actual: Whole, chosen: Flags) -> None:
        """Only what has both plan and actual is taken together (rule 7)."""
        target = chosen & (low & high & 1 == 0)
        self.target |= target
        both = target & (actual & 1 == 0)
        self.used += both
        for bound, figure in ((self.low, low), (self.high, high), (self.actual, actual)):
            here = both & (figure & 1 == 0)
            bound.value[here] = (np.where(self.summed, bound.value, 0) + (figure >> 1))[here]
            bound.times += here
            # a typed year to date stands for itself: its bounds are those of the latest alone
            bound.times = np.where(both & self.given, np.where(here, self.used, -1), bound.times)

    def codes(self) -> Codes:
        """A bound that some of the periods lack is none."""
        bounded = [one.times == self.used for one in (self.low, self.high)]
        hit = ~bounded[0] | (self.low.value <= self.actual.value)
        hit &= ~bounded[1] | (self.actual.value <= self.high.value)
        judged = np.where(hit, CODE[Verdict.HIT], CODE[Verdict.MISS])
        judged = np.where(bounded[0] | bounded[1], judged, CODE[Verdict.NO_TARGET])
        unjudged = np.where(self.target, CODE[Verdict.NO_DATA], CODE[Verdict.NO_TARGET])
        return np.where(self.used > 0, judged, unjudged).astype(np.uint8)

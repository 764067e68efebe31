"""Verdicts of many KPIs on columns are those that the engine gives for each of them."""

from __future__ import annotations

from collections.abc import Set
from decimal import Decimal
from random import Random

import numpy as np
import pytest

from hoshin.engine.calendars import Frequency
from hoshin.engine.columns import AGGREGATIONS
from hoshin.engine.metrics import Aggregation, Asked, Metric, Mode, Reading, judge_metric, stretch_of
from hoshin.engine.stretches import NOTHING, Stretch
from hoshin.engine.tallies import CODE
from hoshin.engine.verdicts import Band
from tests.engine.building import CALENDAR, YEAR

MAY = CALENDAR.parse(text="2026-05")
ASKED = [
    Asked(YEAR, MAY, Mode.YTD, MAY.last.replace(month=7)),
    Asked(YEAR, CALENDAR.parse(text="2026-01"), Mode.YTD, MAY.last),
    Asked(YEAR, CALENDAR.parse(text="2026-Q1"), Mode.PERIOD, MAY.last),
    Asked(YEAR, MAY, Mode.YEAR_END, YEAR.last.replace(year=2027)),
]
Row = tuple[int | None, ...]


def metrics(seed: int) -> list[tuple[Aggregation, list[Row]]]:
    """Some KPIs: their aggregation and, month by month, their ten figures in hundredths, in its order."""
    dice = Random(seed)
    found = []
    for _ in range(60):
        gaps = dice.choice([0.0, 0.2, 0.6, 1.0])
        without = {place for place in range(10) if dice.random() < 0.2}  # a KPI that has no such figure at all

        def figure(place: int, gaps: float = gaps, without: Set[int] = frozenset(without)) -> int | None:
            return None if place in without or dice.random() < gaps else dice.randint(-3, 3)

        found.append((dice.choice(AGGREGATIONS), [tuple(map(figure, range(10))) for _ in range(12)]))
    return found


def _exact(figure: int | None) -> Decimal | None:
    return None if figure is None else Decimal(figure).scaleb(-2)


def _band(low: int | None, high: int | None) -> Band | None:
    return Band(_exact(low), _exact(high)) if low is not None or high is not None else None


def _reading(row: Row) -> Reading:
    low, high, actual, first_low, first_high, ytd_low, ytd_high, ytd, ytd_first_low, ytd_first_high = row
    return Reading(
        _band(low, high), _exact(actual), _band(first_low, first_high),
        _band(ytd_low, ytd_high), _exact(ytd), _band(ytd_first_low, ytd_first_high),
    )  # fmt: skip


def _doubled(figure: int | None) -> int:
    return NOTHING if figure is None else figure * 200


@pytest.mark.parametrize("asked", ASKED, ids=lambda one: f"{one.mode} {one.period.first}")
@pytest.mark.parametrize("seed", range(5))
def test_every_verdict_is_the_engines(asked: Asked, seed: int) -> None:
    many = metrics(seed)
    months = list(CALENDAR.periods(first=YEAR.first, last=YEAR.last, frequency=Frequency.MONTH))
    periods = stretch_of(frequency=Frequency.MONTH, asked=asked, calendar=CALENDAR)
    places = np.array([AGGREGATIONS.index(one) for one, _ in many], np.int32)
    stretch = Stretch(aggregation=places, alone=np.full(len(many), len(periods) == 1))
    for period in periods:
        rows = [each[months.index(period)] for _, each in many]
        table = np.array([[_doubled(one) for one in row] for row in rows], np.int64).reshape(-1, 10).T
        stretch.add(plain=list(table[:5]), typed=list(table[5:]), chosen=np.ones(len(many), bool))
    now, first = stretch.codes()
    for place, (aggregation, rows) in enumerate(many):
        readings = {month.first: _reading(row) for month, row in zip(months, rows, strict=True)}
        judged = judge_metric(
            metric=Metric(1, Frequency.MONTH, aggregation, readings), asked=asked, calendar=CALENDAR
        )
        assert (now[place], first[place]) == (CODE[judged.verdict], CODE[judged.first or judged.verdict])


def test_what_could_need_more_than_64_bits_is_refused() -> None:
    stretch = Stretch(aggregation=np.zeros(1, np.int32), alone=np.zeros(1, bool))
    large = [np.array([2 * (10**18 - 1)], np.int64)] * 5
    for _ in range(4):
        stretch.add(plain=large, typed=large, chosen=np.ones(1, bool))
    with pytest.raises(OverflowError):
        stretch.add(plain=large, typed=large, chosen=np.ones(1, bool))

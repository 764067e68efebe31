"""The course of a KPI through its year says what the verdicts say, and what the whole year asks for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from hoshin.engine.band_text import show_band, show_plan
from hoshin.engine.calendars import FiscalCalendar, Frequency
from hoshin.engine.courses import course, year_band
from hoshin.engine.metrics import Aggregation, Metric, Reading
from hoshin.engine.verdicts import Band, Exact, Verdict

CALENDAR = FiscalCalendar(starts_month=10)
YEAR = CALENDAR.cycle_named(name="FY2026")


def _metric(aggregation: Aggregation, frequency: Frequency = Frequency.MONTH, months: int = 12) -> Metric:
    """At least 1, 2, 3 … in the year's periods, the first three of them read, each exactly on target."""
    periods = list(CALENDAR.periods(first=YEAR.first, last=YEAR.last, frequency=frequency))[:months]
    readings = {}
    for number, period in enumerate(periods, start=1):
        band, actual = Band(Decimal(number), None), Decimal(number) if number <= 3 else None
        readings[period.first] = Reading(band, actual, band, Band(Decimal(number * 10), None), None)
    return Metric(1, frequency, aggregation, readings)


@pytest.mark.parametrize(
    ("aggregation", "asked"),
    [
        (Aggregation.SUM, Decimal(78)),
        (Aggregation.AVERAGE, Fraction(13, 2)),
        (Aggregation.LAST, Decimal(12)),
        (Aggregation.GIVEN, Decimal(120)),
    ],
)
def test_the_year_asks_for_what_its_periods_come_to(aggregation: Aggregation, asked: Exact) -> None:
    found = year_band(metric=_metric(aggregation), cycle=YEAR, calendar=CALENDAR)
    assert found == Band(asked, None)


def test_a_year_without_targets_asks_for_nothing() -> None:
    assert year_band(metric=Metric(1), cycle=YEAR, calendar=CALENDAR) is None


def test_every_period_is_judged_by_itself() -> None:
    january = CALENDAR.parse(text="2026-01")
    found = course(
        metric=_metric(Aggregation.SUM), cycle=YEAR, calendar=CALENDAR, as_of=date(2026, 2, 20), month=january
    )
    verdicts = [one.verdict for _, one in found.periods]
    assert verdicts == [Verdict.HIT] * 3 + [Verdict.NO_DATA] + [Verdict.NOT_DUE] * 8
    assert (found.ytd.verdict, found.ytd.used, found.ytd.of) == (Verdict.HIT, 3, 4)
    assert found.year_end.verdict is Verdict.NOT_DUE


def test_a_quarterly_kpi_has_four_periods() -> None:
    month = CALENDAR.parse(text="2026-04")
    metric = _metric(Aggregation.LAST, Frequency.QUARTER, 4)
    found = course(metric=metric, cycle=YEAR, calendar=CALENDAR, as_of=date(2026, 4, 15), month=month)
    assert [one.verdict for _, one in found.periods] == [Verdict.HIT] * 2 + [Verdict.NOT_DUE] * 2
    assert found.year_band == Band(Decimal(4), None)


@pytest.mark.parametrize(
    ("low", "high", "signed", "bare"),
    [
        ("5", None, "≥ 5", "5"),
        (None, "0", "≤ 0", "0"),
        ("2", "4.50", "2 to 4.5", "2–4.5"),
        ("3", "3", "= 3", "3"),
        (None, None, "", ""),
    ],
)
def test_a_target_in_a_few_signs(low: str | None, high: str | None, signed: str, bare: str) -> None:
    band = Band(None if low is None else Decimal(low), None if high is None else Decimal(high))
    assert (show_band(band=band), show_plan(band=band)) == (signed, bare)


def test_no_target_is_said_with_nothing() -> None:
    assert (show_band(band=None), show_plan(band=None)) == ("", "")

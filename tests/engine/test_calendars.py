"""Rule 8: fiscal years, quarters and months, what they are called and when they fall due."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, strategies

from hoshin.engine.calendars import FiscalCalendar, Frequency, NamedBy

OCTOBER = FiscalCalendar(10)
OCTOBER_BY_START = FiscalCalendar(10, NamedBy.START)
JANUARY = FiscalCalendar()

CYCLES = [
    (JANUARY, "2018-07-04", "FY2018", "2018-01-01", "2018-12-31"),
    (OCTOBER, "2017-10-01", "FY2018", "2017-10-01", "2018-09-30"),
    (OCTOBER, "2018-09-30", "FY2018", "2017-10-01", "2018-09-30"),
    (OCTOBER, "2018-10-01", "FY2019", "2018-10-01", "2019-09-30"),
    (OCTOBER_BY_START, "2018-10-01", "FY2018", "2018-10-01", "2019-09-30"),
    (FiscalCalendar(1, NamedBy.START), "2018-12-31", "FY2018", "2018-01-01", "2018-12-31"),
    (FiscalCalendar(3), "2024-02-29", "FY2024", "2023-03-01", "2024-02-29"),
]


@pytest.mark.parametrize(("calendar", "day", "name", "first", "last"), CYCLES)
def test_the_cycle_that_holds_a_day_and_the_cycle_of_that_name_are_one(
    calendar: FiscalCalendar, day: str, name: str, first: str, last: str
) -> None:
    cycle = calendar.cycle_of(day=date.fromisoformat(day))
    assert (cycle.name, str(cycle.first), str(cycle.last)) == (name, first, last)
    assert calendar.cycle_named(name=name) == calendar.cycle_named(name=name[2:]) == cycle


PERIODS = [
    (OCTOBER, "2018-Q1", "2017-10-01", "2017-12-31", "2018-Q1", "Q1 FY2018"),
    (OCTOBER, "2018-q4", "2018-07-01", "2018-09-30", "2018-Q4", "Q4 FY2018"),
    (OCTOBER_BY_START, "2018-Q1", "2018-10-01", "2018-12-31", "2018-Q1", "Q1 FY2018"),
    (OCTOBER, "2018", "2017-10-01", "2018-09-30", "2018", "FY2018"),
    (OCTOBER, "FY2018", "2017-10-01", "2018-09-30", "2018", "FY2018"),
    (OCTOBER, "2018-02", "2018-02-01", "2018-02-28", "2018-02", "Feb 2018"),
    (JANUARY, "2024-02-29", "2024-02-01", "2024-02-29", "2024-02", "Feb 2024"),
    (JANUARY, " 2018-Q2 ", "2018-04-01", "2018-06-30", "2018-Q2", "Q2 FY2018"),
]


@pytest.mark.parametrize(("calendar", "text", "first", "last", "code", "label"), PERIODS)
def test_periods_are_read_and_called(
    calendar: FiscalCalendar, text: str, first: str, last: str, code: str, label: str
) -> None:
    period = calendar.parse(text=text)
    assert (str(period.first), str(period.last)) == (first, last)
    assert (calendar.code(period=period), calendar.label(period=period)) == (code, label)
    assert calendar.parse(text=code) == period


@pytest.mark.parametrize(
    "text",
    ["", "2018-13", "2018-00", "2018-02-30", "2018-Q5", "1899", "2201-01", "0000-01-01", "May 2018", "18", "٢٠١٨",
     "2018-05-01T00:00", "9" * 10_000],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a (period|fiscal year) such as"):
        JANUARY.parse(text=text)


@pytest.mark.parametrize("name", ["", "FY18", "2018-01", "FY1899", "FY2201", "Year"])
def test_what_is_no_fiscal_year_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a fiscal year such as FY2018"):
        JANUARY.cycle_named(name=name)


@pytest.mark.parametrize(
    ("due_days", "as_of", "latest"),
    [
        (10, "2026-06-09", "2026-04"),
        (10, "2026-06-10", "2026-05"),  # D days after the last day
        (0, "2026-05-31", "2026-05"),
        (0, "2026-05-30", "2026-04"),
        (90, "2026-05-31", "2026-02"),
    ],
)
def test_a_period_falls_due_so_many_days_after_it_ends(due_days: int, as_of: str, latest: str) -> None:
    calendar = FiscalCalendar(due_days=due_days)
    assert calendar.code(period=calendar.latest_due(as_of=date.fromisoformat(as_of))) == latest


calendars = strategies.builds(
    FiscalCalendar, strategies.integers(1, 12), strategies.sampled_from(NamedBy), strategies.integers(0, 90)
)
days = strategies.dates(date(1950, 1, 1), date(2150, 1, 1))


@given(calendars, days, strategies.sampled_from(Frequency))
def test_periods_tile_the_year_and_their_codes_read_back(
    calendar: FiscalCalendar, day: date, frequency: Frequency
) -> None:
    cycle = calendar.cycle_of(day=day)
    periods = list(calendar.periods(first=cycle.first, last=cycle.last, frequency=frequency))
    assert len(periods) * frequency.months == 12
    assert (periods[0].first, periods[-1].last) == (cycle.first, cycle.last)
    assert all(one.last + timedelta(days=1) == other.first for one, other in pairwise(periods))
    assert sum(one.holds(day=day) for one in periods) == 1
    assert all(calendar.parse(text=calendar.code(period=one)) == one for one in periods)


@given(calendars, days)
def test_the_latest_due_period_is_due_and_the_next_is_not(calendar: FiscalCalendar, day: date) -> None:
    latest = calendar.latest_due(as_of=day)
    following = calendar.period_of(day=latest.last + timedelta(days=1), frequency=Frequency.MONTH)
    assert calendar.is_due(period=latest, as_of=day)
    assert not calendar.is_due(period=following, as_of=day)

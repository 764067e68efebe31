"""The fiscal calendar of an organisation: which cycle and which period a day falls in, and what they are called."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FIRST_YEAR, LAST_YEAR = 1900, 2200


class Frequency(StrEnum):
    """How often a KPI is read."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        """The length of one period, in months."""
        return _MONTHS[self]


_MONTHS = {Frequency.MONTH: 1, Frequency.QUARTER: 3, Frequency.YEAR: 12}
BY_MONTHS: Mapping[int, Frequency] = {months: one for one, months in _MONTHS.items()}
"""The frequencies by the length of their periods."""


class NamedBy(StrEnum):
    """Whether a fiscal year carries the calendar year of its first or of its last day."""

    END = "end"
    START = "start"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A month, fiscal quarter or fiscal year: first and last day, both inside."""

    first: date
    last: date
    frequency: Frequency

    def holds(self, *, day: date) -> bool:
        """Whether the day lies in this period."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, order=True)
class CycleSpan:
    """A planning year: its name (FY2018), first and last day."""

    name: str
    first: date
    last: date


def add_months(*, day: date, months: int) -> date:
    """The first day of the month that lies `months` after the month of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def month_end(*, day: date) -> date:
    """The last day of the month that holds `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


@dataclass(frozen=True, slots=True)
class FiscalCalendar:
    """Fiscal years that start on the first of `starts_month`; a period falls due `due_days` after its last day."""

    starts_month: int = 1
    named_by: NamedBy = NamedBy.END
    due_days: int = 10

    def cycle_of(self, *, day: date) -> CycleSpan:
        """The fiscal year that holds the day."""
        year = day.year if day.month >= self.starts_month else day.year - 1
        return self._cycle_from(date(year, self.starts_month, 1))

    def cycle_named(self, *, name: str) -> CycleSpan:
        """The fiscal year called `FY2018` or `2018`.

        Raises ValueError when the name has another form or lies outside 1900-2200.
        """
        match = re.fullmatch(r"(?:FY)?([0-9]{4})", name.strip().upper())
        if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
            raise ValueError(f"“{name[:40]}” is not a fiscal year such as FY2018")
        year = int(match[1])
        if self.named_by is NamedBy.END and self.starts_month > 1:
            year -= 1
        return self._cycle_from(date(year, self.starts_month, 1))

    def next_cycle(self, *, cycle: CycleSpan) -> CycleSpan:
        """The fiscal year that follows."""
        return self.cycle_of(day=cycle.last + timedelta(days=1))

    def _cycle_from(self, first: date) -> CycleSpan:
        last = add_months(day=first, months=12) - timedelta(days=1)
        year = last.year if self.named_by is NamedBy.END else first.year
        return CycleSpan(f"FY{year}", first, last)

    def period_of(self, *, day: date, frequency: Frequency) -> Period:
        """The period of that frequency which holds the day; quarters and years are fiscal."""
        start = self.cycle_of(day=day).first
        offset = (day.year - start.year) * 12 + day.month - start.month
        first = add_months(day=start, months=offset // frequency.months * frequency.months)
        last = add_months(day=first, months=frequency.months) - timedelta(days=1)
        return Period(first, last, frequency)

    def periods(self, *, first: date, last: date, frequency: Frequency) -> Iterator[Period]:
        """The periods that end between the two days, in order."""
        return iter(_between(self, first, last, frequency))

    def due_on(self, *, period: Period) -> date:
        """The day on which a period falls due: `due_days` after it ends (rule 8)."""
        return period.last + timedelta(days=self.due_days)

    def is_due(self, *, period: Period, as_of: date) -> bool:
        """Whether the period has fallen due by the end of that day."""
        return self.due_on(period=period) <= as_of

    def latest_due(self, *, as_of: date, frequency: Frequency = Frequency.MONTH) -> Period:
        """The latest period that has fallen due by the end of the day."""
        period = self.period_of(day=as_of - timedelta(days=self.due_days), frequency=frequency)
        while not self.is_due(period=period, as_of=as_of):
            period = self.period_of(day=period.first - timedelta(days=1), frequency=frequency)
        return period

    def parse(self, *, text: str) -> Period:
        """The period written as YYYY-MM, YYYY-Qn, YYYY (or FY2018), or the month that holds YYYY-MM-DD.

        Raises ValueError for anything else and for years outside 1900-2200.
        """
        return _parsed(self, text.strip().upper())

    def period_called(self, *, text: str) -> Period:
        """As `parse`, for text in capitals without blanks around it."""
        if match := re.fullmatch(r"(?:FY)?([0-9]{4})(?:-Q([1-4]))?", text):
            cycle = self.cycle_named(name=match[1])
            frequency = Frequency.QUARTER if match[2] else Frequency.YEAR
            shift = 3 * (int(match[2]) - 1) if match[2] else 0
            return self.period_of(day=add_months(day=cycle.first, months=shift), frequency=frequency)
        if match := re.fullmatch(r"([0-9]{4})-([0-9]{1,2})(?:-([0-9]{1,2}))?", text):
            day = _day_of(int(match[1]), int(match[2]), int(match[3] or 1))
            if day is not None:
                return self.period_of(day=day, frequency=Frequency.MONTH)
        raise ValueError(f"“{text[:40]}” is not a period such as 2018-05, 2018-Q1 or 2018")

    def code(self, *, period: Period) -> str:
        """The period as `parse` reads it: 2018-05, 2018-Q1 or 2018."""
        if period.frequency is Frequency.MONTH:
            return f"{period.first:%Y-%m}"
        cycle = self.cycle_of(day=period.first)
        if period.frequency is Frequency.YEAR:
            return cycle.name[2:]
        months = (period.first.year - cycle.first.year) * 12 + period.first.month - cycle.first.month
        return f"{cycle.name[2:]}-Q{months // 3 + 1}"

    def label(self, *, period: Period) -> str:
        """The period as people say it: May 2018, Q1 FY2018 or FY2018."""
        if period.frequency is Frequency.MONTH:
            return f"{MONTH_NAMES[period.first.month - 1]} {period.first.year}"
        code = self.code(period=period)
        return f"FY{code}" if period.frequency is Frequency.YEAR else f"{code[5:]} FY{code[:4]}"


@lru_cache(maxsize=1000)
def _between(calendar: FiscalCalendar, first: date, last: date, frequency: Frequency) -> tuple[Period, ...]:
    """The periods of a chart are the same for each of its lines."""
    found = []
    period = calendar.period_of(day=first, frequency=frequency)
    while period.last <= last:
        found.append(period)
        period = calendar.period_of(day=period.last + timedelta(days=1), frequency=frequency)
    return tuple(found)


@lru_cache(maxsize=1000)
def _parsed(calendar: FiscalCalendar, text: str) -> Period:
    """The same few periods are asked for over and over."""
    return calendar.period_called(text=text)


def _day_of(year: int, month: int, day: int) -> date | None:
    """The day, or None when the calendar has none such or it lies outside the years that are read."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None

"""When reviews are due: the days that follow from the fiscal calendar, lower units before the units above them.

A month is reviewed once its figures have fallen due. The teams meet first, the departments a working day later, and
so on up to the company, so that each review can use what those below it have found (Cowley & Domb, Beyond Strategic
Vision, 1997; Jackson, Hoshin Kanri for the Lean Enterprise, 2006). Nobody is asked to meet at a weekend.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from hoshin.engine.calendars import CycleSpan, FiscalCalendar, Frequency, add_months

WEEK = timedelta(days=7)
SATURDAY = 5
WORKING_DAYS = 5


class ReviewKind(StrEnum):
    """The five kinds of meeting."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"
    DIAGNOSIS = "diagnosis"


AFTER = {ReviewKind.MONTHLY: 0, ReviewKind.QUARTERLY: 5, ReviewKind.ANNUAL: 10}
"""Working days after the period fell due on which the lowest units meet: the quarter's review follows the month's."""

FREQUENCIES = {
    ReviewKind.MONTHLY: Frequency.MONTH, ReviewKind.QUARTERLY: Frequency.QUARTER, ReviewKind.ANNUAL: Frequency.YEAR,
}  # fmt: skip

DIAGNOSIS_MONTH = 10
"""Months after the cycle began: the diagnosis takes place before the year is over, while it can still be mended."""


@dataclass(frozen=True, slots=True, order=True)
class Meeting:
    """One review to be held: the day, and the first and last day of the period it looks at."""

    on: date
    first: date
    last: date


def meetings(
    *, kind: ReviewKind, cycle: CycleSpan, calendar: FiscalCalendar, depth: int, deepest: int
) -> list[Meeting]:
    """The meetings of one unit in a cycle, in order; the same question always gives the same days.

    `depth` is how far the unit lies below the top (0 for the company), `deepest` the depth of the lowest unit. Those
    for the last periods of a cycle lie after its end, when these have fallen due. Raises ValueError for a depth that
    is negative or below the deepest.
    """
    if not 0 <= depth <= deepest:
        raise ValueError(f"a unit {depth} below the top of a tree that is {deepest} deep")
    later = deepest - depth
    if kind is ReviewKind.WEEKLY:
        return list(_weekly(cycle, later, deepest))
    if kind is ReviewKind.DIAGNOSIS:
        start = workday(day=add_months(day=cycle.first, months=DIAGNOSIS_MONTH))
        return [Meeting(workday(day=start, after=later), cycle.first, cycle.last)]
    return list(_after_periods(kind, cycle, calendar, later))


def _weekly(cycle: CycleSpan, later: int, deepest: int) -> Iterator[Meeting]:
    """In the week after each one that begins in the cycle: one working day a level, as far as the week has days.

    In a tree of more than five levels neighbouring levels share a day; none ever meets before those below it.
    """
    place = later if deepest < WORKING_DAYS else later * WORKING_DAYS // (deepest + 1)
    monday = cycle.first + timedelta(days=-cycle.first.weekday() % 7)
    while monday <= cycle.last:
        yield Meeting(monday + WEEK + timedelta(days=place), monday, monday + WEEK - timedelta(days=1))
        monday += WEEK


def _after_periods(kind: ReviewKind, cycle: CycleSpan, calendar: FiscalCalendar, later: int) -> Iterator[Meeting]:
    for period in calendar.periods(first=cycle.first, last=cycle.last, frequency=FREQUENCIES[kind]):
        due = workday(day=calendar.due_on(period=period))
        yield Meeting(workday(day=due, after=AFTER[kind] + later), period.first, period.last)


def workday(*, day: date, after: int = 0) -> date:
    """The working day that lies so many working days after the day (itself, or the Monday after a weekend)."""
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    for _ in range(after):
        day += timedelta(days=1)
        while day.weekday() >= SATURDAY:
            day += timedelta(days=1)
    return day

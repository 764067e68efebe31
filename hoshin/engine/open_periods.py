"""Which period of a KPI is the first open one: neither locked nor due, so that an amendment may begin there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from hoshin.engine.calendars import FiscalCalendar, Frequency, Period, month_end


def first_open(*, calendar: FiscalCalendar, frequency: Frequency, locked: Iterable[date], today: date) -> Period:
    """The first period after every locked month (given by any of its days) that has not fallen due by today."""
    months = list(locked)
    closed_until = month_end(day=max(months)) if months else date.min
    period = calendar.latest_due(as_of=today, frequency=frequency)
    while period.last <= closed_until or calendar.is_due(period=period, as_of=today):
        period = calendar.period_of(day=period.last + timedelta(days=1), frequency=frequency)
    return period

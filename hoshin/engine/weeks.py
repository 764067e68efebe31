"""Weeks begin on Monday and are named by their days."""

from __future__ import annotations

from datetime import date, timedelta

from hoshin.engine.calendars import MONTH_NAMES

WEEK = timedelta(days=7)


def week_of(*, day: date) -> date:
    """The Monday of the week that holds the day."""
    return day - timedelta(days=day.weekday())


def week_text(*, week: date) -> str:
    """The week as people say it: 18 to 24 May 2026, with month and year where they differ."""
    last = week + WEEK - timedelta(days=1)
    first = str(week.day)
    if (week.year, week.month) != (last.year, last.month):
        first += f" {MONTH_NAMES[week.month - 1][:3]}"
    if week.year != last.year:
        first += f" {week.year}"
    return f"{first} to {last.day} {MONTH_NAMES[last.month - 1][:3]} {last.year}"

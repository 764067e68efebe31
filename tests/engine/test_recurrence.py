"""Rules by which something comes again, and the names of weeks."""

from __future__ import annotations

from datetime import date
from itertools import islice

import pytest

from hoshin.engine.recurrence import Rule, Step, next_day, rule_text
from hoshin.engine.weeks import week_of, week_text


def test_months_are_counted_from_the_first_day_so_that_the_31st_comes_back() -> None:
    days = Rule(1, Step.MONTH, date(2026, 1, 31)).days()
    assert list(islice(days, 4)) == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


@pytest.mark.parametrize(
    ("rule", "after", "expected"),
    [
        (Rule(2, Step.WEEK, date(2026, 5, 4)), date(2026, 5, 4), date(2026, 5, 18)),
        (Rule(2, Step.WEEK, date(2026, 5, 4)), date(2026, 6, 1), date(2026, 6, 15)),
        (Rule(3, Step.MONTH, date(2026, 5, 4), date(2026, 8, 4)), date(2026, 5, 4), date(2026, 8, 4)),
        (Rule(3, Step.MONTH, date(2026, 5, 4), date(2026, 8, 3)), date(2026, 5, 4), None),
        (Rule(1, Step.WEEK, date(2200, 12, 29)), date(2200, 12, 29), None),
    ],
)
def test_the_next_day(rule: Rule, after: date, expected: date | None) -> None:
    assert next_day(rule=rule, after=after) == expected


def test_rules_and_weeks_in_words() -> None:
    assert rule_text(rule=Rule(1, Step.WEEK, date(2026, 5, 4))) == "every week"
    assert rule_text(rule=Rule(3, Step.MONTH, date(2026, 5, 4))) == "every 3 months"
    assert week_of(day=date(2026, 5, 24)) == date(2026, 5, 18)
    assert week_text(week=date(2026, 5, 18)) == "18 to 24 May 2026"
    assert week_text(week=date(2026, 6, 29)) == "29 Jun to 5 Jul 2026"
    assert week_text(week=date(2025, 12, 29)) == "29 Dec 2025 to 4 Jan 2026"

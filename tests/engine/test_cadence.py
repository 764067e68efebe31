"""When reviews are due: a calendar year and a fiscal one that starts in October, three levels of units."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hoshin.engine.cadence import ReviewKind, meetings, workday
from hoshin.engine.calendars import FiscalCalendar

JANUARY = FiscalCalendar()
OCTOBER = FiscalCalendar(starts_month=10)


def _days(kind: ReviewKind, depth: int, calendar: FiscalCalendar = JANUARY, year: str = "2026") -> list[str]:
    cycle = calendar.cycle_named(name=year)
    found = meetings(kind=kind, cycle=cycle, calendar=calendar, depth=depth, deepest=2)
    return [one.on.isoformat() for one in found]


@pytest.mark.parametrize(
    ("kind", "team", "department", "company"),
    [
        (ReviewKind.MONTHLY, "2026-02-10", "2026-02-11", "2026-02-12"),  # January fell due on 10 February, a Tuesday
        (ReviewKind.QUARTERLY, "2026-04-17", "2026-04-20", "2026-04-21"),  # 10 April + 5 working days, then a weekend
        (ReviewKind.ANNUAL, "2027-01-25", "2027-01-26", "2027-01-27"),  # 10 January 2027 is a Sunday: 11th + 10
        (ReviewKind.WEEKLY, "2026-01-12", "2026-01-13", "2026-01-14"),  # the week of Monday 5 January
        (ReviewKind.DIAGNOSIS, "2026-11-02", "2026-11-03", "2026-11-04"),  # the eleventh month begins on a Sunday
    ],
)
def test_the_first_one_of_each_kind(kind: ReviewKind, team: str, department: str, company: str) -> None:
    assert [_days(kind, depth)[0] for depth in (2, 1, 0)] == [team, department, company]


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (ReviewKind.WEEKLY, 52), (ReviewKind.MONTHLY, 12), (ReviewKind.QUARTERLY, 4), (ReviewKind.ANNUAL, 1),
        (ReviewKind.DIAGNOSIS, 1),
    ],
)  # fmt: skip
def test_how_many_there_are_in_a_year(kind: ReviewKind, number: int) -> None:
    assert len(_days(kind, 0)) == number


def test_a_fiscal_year_from_october_reviews_its_own_months_and_quarters() -> None:
    cycle = OCTOBER.cycle_named(name="2026")
    quarters = meetings(kind=ReviewKind.QUARTERLY, cycle=cycle, calendar=OCTOBER, depth=0, deepest=0)
    assert (quarters[0].first, quarters[0].last) == (date(2025, 10, 1), date(2025, 12, 31))
    assert quarters[0].on == date(2026, 1, 19)  # due on Saturday 10 January, so Monday 12 and five working days more
    assert _days(ReviewKind.MONTHLY, 0, OCTOBER)[0] == "2025-11-12"


def test_the_last_month_is_reviewed_after_the_year_has_ended() -> None:
    assert _days(ReviewKind.MONTHLY, 2)[-1] == "2027-01-11"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(ReviewKind),
    year=st.integers(1990, 2090),
    start=st.integers(1, 12),
    due=st.integers(0, 60),
    deepest=st.integers(0, 4),
)
def test_lower_units_always_meet_before_those_above_and_nobody_at_a_weekend(
    kind: ReviewKind, year: int, start: int, due: int, deepest: int
) -> None:
    calendar = FiscalCalendar(starts_month=start, due_days=due)
    cycle = calendar.cycle_named(name=str(year))
    levels = [
        meetings(kind=kind, cycle=cycle, calendar=calendar, depth=depth, deepest=deepest)
        for depth in range(deepest, -1, -1)
    ]
    assert all(one.on.weekday() < 5 for level in levels for one in level)
    for lower, upper in pairwise(levels):
        assert [one.first for one in lower] == [one.first for one in upper]
        assert all(below.on < above.on for below, above in zip(lower, upper, strict=True))
    again = meetings(kind=kind, cycle=cycle, calendar=calendar, depth=0, deepest=deepest)
    assert again == levels[-1], "the same question gives the same days"


def test_a_tree_deeper_than_the_week_never_turns_the_order_round() -> None:
    cycle = JANUARY.cycle_named(name="2026")
    firsts = [
        meetings(kind=ReviewKind.WEEKLY, cycle=cycle, calendar=JANUARY, depth=depth, deepest=8)[0].on
        for depth in range(8, -1, -1)
    ]
    assert firsts == sorted(firsts)
    assert firsts[-1].weekday() <= 4


def test_a_depth_that_is_none() -> None:
    cycle = JANUARY.cycle_named(name="2026")
    with pytest.raises(ValueError, match="below the top"):
        meetings(kind=ReviewKind.MONTHLY, cycle=cycle, calendar=JANUARY, depth=3, deepest=2)


def test_working_days() -> None:
    assert workday(day=date(2026, 5, 2)) == date(2026, 5, 4)
    assert workday(day=date(2026, 5, 1), after=1) == date(2026, 5, 4)

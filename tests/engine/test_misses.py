"""When misses ask for an answer: rows of months a planner can read, each with what follows from it.

A row is written from January on, a letter a month: H hit, M miss, - no data, o without target. It is asked at the end
of its last month's due day, by an organisation that went live before it all unless the row says otherwise.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from hoshin.engine.answers import check_of, gap, open_gap, toward
from hoshin.engine.calendars import Frequency
from hoshin.engine.metrics import KPIClass, Metric, Reading
from hoshin.engine.misses import (
    Mark,
    Patience,
    asking_marks,
    due_marks,
    far_above_since,
    may_ask,
    may_close,
    missed_too_often,
    row_of,
)
from hoshin.engine.plans import Life, State
from hoshin.engine.statuses import status_of
from hoshin.engine.verdicts import Band, Direction, Verdict
from tests.engine.building import CALENDAR, metric, months, reading

FIGURES = {"H": ("5", "5"), "M": ("5", "4"), "-": ("5", None), "o": (None, "4")}
LONG_LIVE = date(2020, 1, 1)
ALWAYS = Life()


def asked(row: str, *, live_on: date = LONG_LIVE, life: Life = ALWAYS, as_of: date | None = None) -> list[Mark]:
    """The marks of a row, on the day its last month falls due."""
    readings = months(*(FIGURES[one] for one in row))
    last = CALENDAR.parse(text=f"2026-{len(row):02}")
    day = as_of or CALENDAR.due_on(period=last)
    return asking_marks(metric=metric(readings=readings), life=life, calendar=CALENDAR, live_on=live_on, as_of=day)


@pytest.mark.parametrize(
    ("row", "allowed", "since"),
    [
        ("H", 1, None),
        ("M", 1, "Jan"),
        ("M", 2, None),
        ("MM", 2, "Feb"),
        ("MMM", 2, "Feb"),
        ("MHM", 2, None),
        ("MMH", 1, None),
        ("HM", 1, "Feb"),
        ("M-M", 2, "Mar"),
        ("MoM", 2, "Mar"),
        ("M-", 1, "Jan"),
        ("--", 1, None),
        ("oo", 1, None),
        ("MMHMM", 2, "May"),
        ("", 1, None),
    ],
)
def test_a_row_of_misses_asks_for_an_answer(row: str, allowed: int, since: str | None) -> None:
    found = missed_too_often(among=asked(row or "-"), allowed=allowed)
    assert (CALENDAR.label(period=found.period) if found else None) == (f"{since} 2026" if since else None)


@pytest.mark.parametrize(
    ("row", "hits", "closes"),
    [("MHH", 2, True), ("MH", 2, False), ("MHMH", 2, False), ("MH-H", 2, True), ("HHM", 2, False), ("MH", 1, True)],
)
def test_hits_in_a_row_let_an_answer_close(row: str, hits: int, closes: bool) -> None:
    assert may_close(among=asked(row), hits=hits) is closes


@pytest.mark.parametrize(
    ("live_on", "row", "periods"),
    [
        (date(2026, 2, 10), "MMM", ["Jan", "Feb", "Mar"]),
        (date(2026, 2, 11), "MMM", ["Feb", "Mar"]),
        (date(2026, 4, 11), "MMM", []),
    ],
)
def test_nothing_that_fell_due_before_the_organisation_went_live_asks(
    live_on: date, row: str, periods: list[str]
) -> None:
    """January falls due on 10 February: who went live that day answers for it, who did a day later does not."""
    found = asked(row, live_on=live_on)
    assert [CALENDAR.label(period=one.period) for one in found] == [f"{one} 2026" for one in periods]


@pytest.mark.parametrize(
    ("life", "periods"),
    [
        (Life(), 3),
        (Life(State.DRAFT), 0),
        (Life(State.ENDED, None, date(2026, 3, 31)), 0),
        (Life(State.ENDED, None, date(2026, 12, 31)), 3),
        (Life(State.ACTIVE, date(2026, 2, 15)), 2),
        (Life(State.ACTIVE, date(2026, 5, 1)), 0),
    ],
)
def test_drafts_ended_metrics_and_months_before_the_metric_began_ask_nothing(life: Life, periods: int) -> None:
    assert len(asked("MMM", life=life)) == periods


def test_a_month_that_has_not_fallen_due_is_no_miss_yet() -> None:
    assert asked("M", as_of=date(2026, 2, 9)) == []


def test_a_quarter_is_one_miss() -> None:
    readings = {date(2026, 1, 1): reading("5", "4"), date(2026, 4, 1): reading("5", "4")}
    found = asking_marks(
        metric=Metric(1, Frequency.QUARTER, readings=readings), life=Life(), calendar=CALENDAR, live_on=LONG_LIVE,
        as_of=date(2026, 7, 10),
    )  # fmt: skip
    row = row_of(verdict=Verdict.MISS, among=found)
    assert [CALENDAR.label(period=one.period) for one in row] == ["Q1 FY2026", "Q2 FY2026"]


def test_a_class_has_its_own_patience() -> None:
    patience = Patience(breakthrough=1, fundamental=3)
    assert patience.misses_allowed(kpi_class=KPIClass.BREAKTHROUGH) == 1
    assert patience.misses_allowed(kpi_class=KPIClass.FUNDAMENTAL) == patience.misses_allowed(kpi_class=None) == 3


# ------------------------------------------------------------------ far above plan


@pytest.mark.parametrize(
    ("direction", "baseline", "target", "actual", "above"),
    [
        (Direction.AT_LEAST, "10", "20", "25", True),
        (Direction.AT_LEAST, "10", "20", "24.9999", False),
        (Direction.AT_LEAST, "10", "20", "19", False),
        (Direction.AT_MOST, "10", "6", "4", True),
        (Direction.AT_MOST, "10", "6", "4.1", False),
        (Direction.AT_MOST, "-10", "-20", "-25", True),
        (Direction.AT_LEAST, None, "20", "99", False),
        (Direction.AT_LEAST, "20", "20", "99", False),
        (Direction.AT_LEAST, "30", "20", "5", False),
        (Direction.AT_LEAST, "30", "20", "99", False),
        (Direction.EXACTLY, "10", "20", "20", False),
        (None, "10", "20", "99", False),
    ],
)
def test_far_above_is_half_as_much_again_as_was_planned_from_the_baseline(
    direction: Direction | None, baseline: str | None, target: str, actual: str, above: bool
) -> None:
    row = {date(2026, 1, 1): reading(target, actual, direction or Direction.AT_LEAST)}
    found = asking_marks(
        metric=metric(readings=row), life=Life(), calendar=CALENDAR, live_on=LONG_LIVE, as_of=date(2026, 2, 10)
    )
    base = Decimal(baseline) if baseline is not None else None
    since = far_above_since(among=found, direction=direction, baseline=base, times=Decimal("1.5"))
    assert (since is not None) is above


def test_far_above_is_asked_of_the_first_month_of_its_row() -> None:
    actuals = ("30", "20", "30", "30")
    readings = months(*(("20", one) for one in actuals))
    found = asking_marks(
        metric=metric(readings=readings), life=Life(), calendar=CALENDAR, live_on=LONG_LIVE, as_of=date(2026, 5, 10)
    )
    since = far_above_since(among=found, direction=Direction.AT_LEAST, baseline=Decimal(10), times=Decimal("1.5"))
    assert since is not None
    assert since.period.first == date(2026, 3, 1)


# ------------------------------------------------------------------ the gap, the effects and the check


def _mark(actual: str | None, low: str | None = None, high: str | None = None) -> Mark:
    band = Band(Decimal(low) if low else None, Decimal(high) if high else None)
    period = CALENDAR.parse(text="2026-01")
    return Mark(period, Verdict.MISS, Decimal(actual) if actual else None, band)


@pytest.mark.parametrize(
    ("mark", "size"),
    [
        (_mark("88", low="95"), 7),
        (_mark("12", high="10"), 2),
        (_mark("95", low="95"), 0),
        (_mark("3", low="5", high="9"), 2),
        (_mark("11", low="5", high="9"), 2),
        (_mark(None, low="5"), 0),
    ],
)
def test_the_gap_is_how_far_the_actual_lies_outside(mark: Mark, size: int) -> None:
    assert gap(mark=mark) == size


def test_effects_close_the_gap_in_the_good_direction_only() -> None:
    below, above = _mark("88", low="95"), _mark("12", high="10")
    assert toward(mark=below, effect=Decimal(3)) == 3
    assert toward(mark=above, effect=Decimal(-2)) == 2
    assert open_gap(mark=below, effects=[Decimal(3), None, Decimal("3.9")]) == Fraction(1, 10)
    assert open_gap(mark=below, effects=[Decimal(3), Decimal(4)]) == 0
    assert open_gap(mark=above, effects=[Decimal(2)]) == 4, "an effect the wrong way makes it worse"


def test_the_check_holds_what_was_answered_against_what_is_now() -> None:
    readings = {
        one: reading("10", actual)
        for one, actual in (
            (date(2026, 1, 1), "6"), (date(2026, 2, 1), None), (date(2026, 3, 1), "9"), (date(2026, 4, 1), "12"),
        )
    }  # fmt: skip
    found = asking_marks(
        metric=metric(readings=readings), life=Life(), calendar=CALENDAR, live_on=LONG_LIVE, as_of=date(2026, 4, 10)
    )
    check = check_of(among=found, opened_for=date(2026, 1, 1))
    assert (check.gap_before, check.gap_since, check.hits) == (Fraction(4), Fraction(1), 0)
    assert check.closed == Fraction(3, 4)
    later = asking_marks(
        metric=metric(readings=readings), life=Life(), calendar=CALENDAR, live_on=LONG_LIVE, as_of=date(2026, 5, 10)
    )
    check = check_of(among=later, opened_for=date(2026, 1, 1))
    assert (check.gap_since, check.closed, check.hits) == (Fraction(0), Fraction(1), 1)
    nothing_since = check_of(among=found[:1], opened_for=date(2026, 1, 1))
    assert (nothing_since.since, nothing_since.closed) == (None, None)


def test_a_reading_without_figures_is_no_mark_of_anything() -> None:
    assert gap(mark=Mark(CALENDAR.parse(text="2026-01"), Verdict.NO_TARGET, Reading().actual, None)) == 0


@given(
    row=st.text("HMA-o", min_size=1, max_size=6),
    place=st.integers(0, 5),
    new=st.sampled_from("HMA-o"),
    allowed=st.integers(1, 3),
    baseline=st.sampled_from([None, Decimal(0)]),
)
def test_what_cannot_ask_is_never_missed(
    row: str, place: int, new: str, allowed: int, baseline: Decimal | None
) -> None:
    """A is a hit that lies far above plan where the metric has a baseline."""
    place %= len(row)
    changed = row[:place] + new + row[place + 1 :]

    def asks(of: str) -> tuple[bool, bool]:
        marks = due_marks(
            metric=metric(readings=months(*(ABOVE[one] for one in of))),
            life=ALWAYS,
            calendar=CALENDAR,
            as_of=LONG_AFTER,
        )
        above = far_above_since(among=marks, direction=Direction.AT_LEAST, baseline=baseline, times=Decimal("1.5"))
        return missed_too_often(among=marks, allowed=allowed) is not None, above is not None

    before, after = asks(row), asks(changed)
    was, now = (status_of(reading=reading(*ABOVE[one])) for one in (row[place], new))
    if not may_ask(was=was, now=now, direction=Direction.AT_LEAST, baseline=baseline):
        assert all(one <= other for one, other in zip(after, before, strict=True))


ABOVE = {**FIGURES, "A": ("5", "9")}
LONG_AFTER = date(2027, 6, 1)

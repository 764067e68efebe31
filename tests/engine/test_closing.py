"""The targets that go on into the next year: the same, in even steps from where the last year ended, or none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from hoshin.engine.calendars import FiscalCalendar, Frequency, Period
from hoshin.engine.closing import Goals, TargetRule, next_goals

CALENDAR = FiscalCalendar(starts_month=4)
OLD, NEW = CALENDAR.cycle_named(name="FY2026"), CALENDAR.cycle_named(name="FY2027")


def _periods(frequency: Frequency) -> list[tuple[Period, Period]]:
    old = CALENDAR.periods(first=OLD.first, last=OLD.last, frequency=frequency)
    new = CALENDAR.periods(first=NEW.first, last=NEW.last, frequency=frequency)
    return list(zip(old, new, strict=True))


QUARTERS = _periods(Frequency.QUARTER)
GOALS: dict[date, Goals] = {
    QUARTERS[0][0].first: {"target": Decimal(4)},
    QUARTERS[1][0].first: {"low": Decimal(1), "high": Decimal(3)},
    QUARTERS[2][0].first: {},
}


def test_empty_is_empty() -> None:
    assert next_goals(rule=TargetRule.EMPTY, old=GOALS, periods=QUARTERS) == {}


def test_the_same_goals_stand_a_year_later_and_gaps_stay_gaps() -> None:
    found = next_goals(rule=TargetRule.SAME, old=GOALS, periods=QUARTERS)
    assert found == {
        date(2026, 4, 1): {"target": Decimal(4)},
        date(2026, 7, 1): {"low": Decimal(1), "high": Decimal(3)},
    }


@pytest.mark.parametrize(
    ("frequency", "last", "to", "expected"),
    [
        (Frequency.QUARTER, "80", "100", ["85", "90", "95", "100"]),
        (Frequency.QUARTER, "0.4", "0", ["0.3", "0.2", "0.1", "0"]),
        (Frequency.YEAR, "80", "100", ["100"]),
        (Frequency.QUARTER, "7", "7", ["7", "7", "7", "7"]),
    ],
)
def test_a_ramp_leads_on_from_the_last_actual(frequency: Frequency, last: str, to: str, expected: list[str]) -> None:
    found = next_goals(
        rule=TargetRule.RAMP, old={}, periods=_periods(frequency), last_actual=Decimal(last), ramp_to=Decimal(to)
    )
    assert list(found.values()) == [{"target": Decimal(one)} for one in expected]


def test_twelve_steps_end_exactly() -> None:
    found = next_goals(
        rule=TargetRule.RAMP, old={}, periods=_periods(Frequency.MONTH), last_actual=Decimal(1), ramp_to=Decimal(2)
    )
    assert len(found) == 12
    assert found[date(2027, 3, 1)] == {"target": Decimal(2)}
    assert found[date(2026, 4, 1)] == {"target": Decimal("1.0833")}


@pytest.mark.parametrize("last", [None, Decimal(1)])
def test_a_ramp_needs_both_ends(last: Decimal | None) -> None:
    with pytest.raises(ValueError, match="last actual"):
        next_goals(
            rule=TargetRule.RAMP, old={}, periods=QUARTERS, last_actual=last, ramp_to=None if last else Decimal(2)
        )

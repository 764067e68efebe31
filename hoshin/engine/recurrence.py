"""Rules by which something comes again: every so many weeks or months from a first day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from hoshin.engine.calendars import LAST_YEAR, add_months, month_end


class Step(StrEnum):
    """What a rule counts in."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Rule:
    """Every so many steps from the first day, until a day (included) or for ever."""

    every: int
    step: Step
    first: date
    until: date | None = None

    def days(self) -> Iterator[date]:
        """Every day of the rule, the first one first.

        Months are counted from the first day, so that the 31st comes back after a short month.
        """
        number = 0
        while True:
            day = self._day(number * self.every)
            if day.year > LAST_YEAR or (self.until is not None and day > self.until):
                return
            yield day
            number += 1

    def _day(self, steps: int) -> date:
        if self.step is Step.WEEK:
            return self.first + timedelta(weeks=steps)
        month = add_months(day=self.first, months=steps)
        return month.replace(day=min(self.first.day, month_end(day=month).day))


def next_day(*, rule: Rule, after: date) -> date | None:
    """The first day of the rule that lies after the given one; None when there is none any more."""
    return next((day for day in rule.days() if day > after), None)


def rule_text(*, rule: Rule) -> str:
    """The rule in words: every week, every 3 months."""
    return f"every {rule.step.value}" if rule.every == 1 else f"every {rule.every} {rule.step.value}s"

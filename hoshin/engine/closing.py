"""What closing a year decides of each item, and which targets go on into the next year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from hoshin.engine.calendars import Period
from hoshin.engine.ramps import ramp

Goals = Mapping[str, Decimal]
"""The plan of one period by the names of its fields, such as target, low, high and stretch; only what is filled in."""


class Fate(StrEnum):
    """What becomes of an item when its year is closed."""

    KEEP = "keep"
    CHANGE = "change"
    END = "end"


class TargetRule(StrEnum):
    """How a KPI gets the targets of the next year."""

    EMPTY = "empty"
    SAME = "same"
    RAMP = "ramp"


def next_goals(
    *,
    rule: TargetRule,
    old: Mapping[date, Goals],
    periods: Sequence[tuple[Period, Period]],
    last_actual: Decimal | None = None,
    ramp_to: Decimal | None = None,
) -> dict[date, Goals]:
    """The goals of the next year by first day; `periods` pairs each period of the old year with the new one.

    A ramp leads in even steps from the last actual, which stands before the first period, to `ramp_to` in the last.
    Raises ValueError for a ramp without its two ends.
    """
    if rule is TargetRule.EMPTY:
        return {}
    if rule is TargetRule.SAME:
        return {new.first: old[before.first] for before, new in periods if old.get(before.first)}
    if last_actual is None or ramp_to is None:
        raise ValueError("a ramp leads from the last actual to a target")
    steps = ramp(first=last_actual, last=ramp_to, count=len(periods) + 1)[1:]
    return {new.first: {"target": step} for (_, new), step in zip(periods, steps, strict=True)}

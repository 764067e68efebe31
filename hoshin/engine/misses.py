"""When a KPI's verdicts ask for a written answer: misses in a row, a relapse, or a result far above plan.

Source: the countermeasure of hoshin kanri's monthly review (Dennis, Getting the Right Things Done, 2006): a red
metric is answered in writing, and the answer is checked against the metric. That a metric far above plan asks *why*
too is Deming's point: a plan that was wrong in the good direction was wrong as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from hoshin.engine.calendars import FiscalCalendar, Period, add_months
from hoshin.engine.metrics import KPIClass, Metric
from hoshin.engine.plans import Life
from hoshin.engine.progress import progress
from hoshin.engine.statuses import LETTERS
from hoshin.engine.verdicts import Band, Direction, Exact, Verdict, judge

BEFORE_LIVE, MEMORY = 16, 36
"""Months: a year's period that falls due on the first live day began at most 16 before; older than 36 is forgotten."""


class Occasion(StrEnum):
    """What a countermeasure answers."""

    MISS = "miss"
    ABOVE = "far above"


@dataclass(frozen=True, slots=True)
class Patience:
    """The organisation's settings: how many misses open an answer, how many hits let it close, what is far above."""

    breakthrough: int = 1
    fundamental: int = 2
    hits_to_close: int = 2
    far_above: Decimal = Decimal("1.5")

    def misses_allowed(self, *, kpi_class: KPIClass | None) -> int:
        """How many misses in a row ask for an answer; a KPI without a class is treated as a fundamental one."""
        return self.breakthrough if kpi_class is KPIClass.BREAKTHROUGH else self.fundamental


@dataclass(frozen=True, slots=True)
class Mark:
    """One due period of a KPI with its verdict and what it rests on."""

    period: Period
    verdict: Verdict
    actual: Exact | None = None
    band: Band | None = None


def due_marks(*, metric: Metric, life: Life, calendar: FiscalCalendar, as_of: date) -> list[Mark]:
    """The periods with a reading, due by `as_of` and ending while the KPI was in force, in order.

    A period without any reading says nothing, as one without an actual. What was read at another frequency, before
    the KPI's was changed, begins no period of today's and is passed over.
    """
    found = []
    for first in sorted(metric.readings):
        period = calendar.period_of(day=first, frequency=metric.frequency)
        due = calendar.is_due(period=period, as_of=as_of)
        if period.first == first and due and life.in_force(on=period.last):
            known = metric.readings[first]
            verdict = judge(due=True, band=known.band, actual=known.actual)
            found.append(Mark(period, verdict, known.actual, known.band))
    return found


def asking_marks(*, metric: Metric, life: Life, calendar: FiscalCalendar, live_on: date, as_of: date) -> list[Mark]:
    """The marks that may ask for an answer.

    Only periods that fell due on or after the day the organisation went live: what was imported from before that day
    is history. A KPI that is not in force on `as_of` itself (a draft, an ended metric) has none at all.
    """
    if not life.in_force(on=as_of):
        return []
    found = due_marks(metric=metric, life=life, calendar=calendar, as_of=as_of)
    return [one for one in found if calendar.due_on(period=one.period) >= live_on]


def first_day(*, live_on: date, as_of: date) -> date:
    """The earliest day that a period which may ask for an answer can hold: rows longer than this need no older part."""
    return max(add_months(day=live_on, months=-BEFORE_LIVE), add_months(day=as_of, months=-MEMORY))


def judged(*, among: Sequence[Mark]) -> list[Mark]:
    """The marks that say anything: no data and no target neither count nor break a row."""
    return [one for one in among if one.verdict in (Verdict.HIT, Verdict.MISS)]


def row_of(*, verdict: Verdict, among: Sequence[Mark]) -> list[Mark]:
    """The unbroken row of that verdict at the end of the judged marks, oldest first."""
    row: list[Mark] = []
    for one in reversed(judged(among=among)):
        if one.verdict is not verdict:
            break
        row.append(one)
    return row[::-1]


def missed_too_often(*, among: Sequence[Mark], allowed: int) -> Mark | None:
    """The mark that filled the row of misses, when the KPI stands in one of at least `allowed`; else None."""
    row = row_of(verdict=Verdict.MISS, among=among)
    return row[allowed - 1] if len(row) >= allowed else None


def may_close(*, among: Sequence[Mark], hits: int) -> bool:
    """Whether the KPI has hit at least that often in a row, up to now."""
    return len(row_of(verdict=Verdict.HIT, among=among)) >= hits


def far_above_since(
    *, among: Sequence[Mark], direction: Direction | None, baseline: Decimal | None, times: Decimal
) -> Mark | None:
    """The first mark of the row at the end that lies far above plan, or None when the latest does not.

    Far above is a hit whose improvement from the baseline is at least `times` the planned one. Without a baseline,
    without a planned improvement in the good direction, or for a target with two sides, nothing is far above.
    """
    first: Mark | None = None
    for one in reversed(judged(among=among)):
        if not _is_far_above(one, direction, baseline, times):
            break
        first = one
    return first


def may_ask(*, was: str, now: str, direction: Direction | None, baseline: Decimal | None) -> bool:
    """Whether one changed figure can make its metric ask for an answer that it did not ask for before.

    `was` and `now` are the figure's verdicts as stored letters. One that says nothing, as before, changes no row; a
    hit ends every row of misses, so that it can ask for nothing itself unless it may lie far above plan. A repaired
    miss is looked at all the same: its answer may have been closed meanwhile.
    """
    before, after = was[0], now[0]
    if after == _HIT:
        return before == _MISS or can_be_far_above(direction=direction, baseline=baseline)
    return after == _MISS or before in (_HIT, _MISS)


_HIT, _MISS = LETTERS[Verdict.HIT], LETTERS[Verdict.MISS]


def can_be_far_above(*, direction: Direction | None, baseline: Decimal | None) -> bool:
    """Whether a metric has a good direction and a baseline: without them nothing of it lies far above plan."""
    return baseline is not None and direction in (Direction.AT_LEAST, Direction.AT_MOST)


def _is_far_above(mark: Mark, direction: Direction | None, baseline: Decimal | None, times: Decimal) -> bool:
    if mark.verdict is not Verdict.HIT or not can_be_far_above(direction=direction, baseline=baseline):
        return False
    if mark.band is None or baseline is None or mark.band.holds(value=baseline):
        return False  # the target asks for no improvement from where the KPI began
    reached = progress(direction=direction, band=mark.band, baseline=baseline, actual=mark.actual)
    return reached is not None and reached >= Fraction(times)

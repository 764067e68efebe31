"""The course of one KPI through a cycle: each period by itself, the year to date, the year's end and its target."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from hoshin.engine.calendars import CycleSpan, FiscalCalendar, Frequency, Period
from hoshin.engine.metrics import Asked, Judgement, Metric, Mode, judge_metric
from hoshin.engine.verdicts import Band


@dataclass(frozen=True, slots=True)
class Course:
    """One judgement per period of the KPI, those of the two longer modes, and the band that the whole year asks for."""

    periods: tuple[tuple[Period, Judgement], ...]
    ytd: Judgement
    year_end: Judgement
    year_band: Band | None


def course(*, metric: Metric, cycle: CycleSpan, calendar: FiscalCalendar, as_of: date, month: Period) -> Course:
    """Everything one row of a chart says; `month` is the month up to which the year to date goes."""
    periods = tuple(calendar.periods(first=cycle.first, last=cycle.last, frequency=metric.frequency))
    year = calendar.period_of(day=cycle.first, frequency=Frequency.YEAR)

    def judged(period: Period, mode: Mode) -> Judgement:
        return judge_metric(metric=metric, asked=Asked(cycle, period, mode, as_of), calendar=calendar)

    return Course(
        periods=tuple((one, judged(one, Mode.PERIOD)) for one in periods),
        ytd=judged(month, Mode.YTD),
        year_end=judged(year, Mode.YEAR_END),
        year_band=year_band(metric=metric, cycle=cycle, calendar=calendar),
    )


def year_band(*, metric: Metric, cycle: CycleSpan, calendar: FiscalCalendar) -> Band | None:
    """What the targets of the year come to: the band that would be judged if every period had been read."""
    zero = Decimal(0)
    read = {day: replace(one, actual=zero, ytd_actual=zero) for day, one in metric.readings.items()}
    year = calendar.period_of(day=cycle.first, frequency=Frequency.YEAR)
    long_after = cycle.last + timedelta(days=366)
    asked = Asked(cycle, year, Mode.YEAR_END, long_after)
    return judge_metric(metric=replace(metric, readings=read), asked=asked, calendar=calendar).band

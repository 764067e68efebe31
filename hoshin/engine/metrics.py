"""One KPI with its readings, and the verdict it earns in each mode (DESIGN §3, rules 6, 7 and 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from hoshin.engine.calendars import CycleSpan, FiscalCalendar, Frequency, Period
from hoshin.engine.verdicts import Band, Exact, Verdict, judge


class Mode(StrEnum):
    """Which stretch of the cycle a verdict speaks of."""

    PERIOD = "period"
    YTD = "ytd"
    YEAR_END = "year-end"


class Aggregation(StrEnum):
    """How a KPI's periods become one figure; *given* means the year-to-date figure is typed."""

    SUM = "sum"
    AVERAGE = "average"
    LAST = "last"
    GIVEN = "given"


class KPIClass(StrEnum):
    """Whether a KPI changes the business or keeps it running."""

    BREAKTHROUGH = "breakthrough"
    FUNDAMENTAL = "fundamental"


@dataclass(frozen=True, slots=True)
class Reading:
    """Plan and actual of one KPI for one period, and of its typed year to date, with the bands as first agreed."""

    band: Band | None = None
    actual: Exact | None = None
    first_band: Band | None = None
    ytd_band: Band | None = None
    ytd_actual: Exact | None = None
    ytd_first_band: Band | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """A KPI as the engine sees it; readings are keyed by the first day of their period."""

    key: int
    frequency: Frequency = Frequency.MONTH
    aggregation: Aggregation = Aggregation.LAST
    readings: Mapping[date, Reading] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """The question: which period of which cycle, in which mode, as of the end of which day."""

    cycle: CycleSpan
    period: Period
    mode: Mode
    as_of: date

    @property
    def last_day(self) -> date:
        """The day on which an item must be in force to count (rule 9)."""
        return self.cycle.last if self.mode is Mode.YEAR_END else self.period.last


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with what it rests on: the figure, the band, and how many of the due periods were used."""

    verdict: Verdict
    actual: Exact | None = None
    band: Band | None = None
    period: Period | None = None
    used: int = 1
    of: int = 1
    first: Verdict | None = None
    """The verdict against the targets as first agreed."""


def judge_metric(*, metric: Metric, asked: Asked, calendar: FiscalCalendar) -> Judgement:
    """The judgement of one KPI; the same whoever asks: page, API, PDF or spreadsheet (rule 13)."""
    if asked.mode is Mode.PERIOD:
        return _judge_period(metric, asked, calendar)
    due = stretch_of(frequency=metric.frequency, asked=asked, calendar=calendar)
    if not due:
        return Judgement(Verdict.NOT_DUE, used=0, of=0, first=Verdict.NOT_DUE)
    return _judge_stretch(metric, due)


def stretch_of(*, frequency: Frequency, asked: Asked, calendar: FiscalCalendar) -> tuple[Period, ...]:
    """The periods that are taken together, in their order; none while that is not due.

    To be asked for a year to date, a year end, and a KPI that is faster than the asked period.
    """
    if asked.mode is Mode.PERIOD:
        inside = calendar.periods(first=asked.period.first, last=asked.period.last, frequency=frequency)
        return tuple(inside) if calendar.is_due(period=asked.period, as_of=asked.as_of) else ()
    periods = tuple(calendar.periods(first=asked.cycle.first, last=asked.last_day, frequency=frequency))
    due = tuple(one for one in periods if calendar.is_due(period=one, as_of=asked.as_of))
    return due if asked.mode is Mode.YTD or len(due) == len(periods) else ()


def _judge_period(metric: Metric, asked: Asked, calendar: FiscalCalendar) -> Judgement:
    if metric.frequency.months < asked.period.frequency.months:
        return _judge_coarser(metric, asked, calendar)
    if metric.frequency is asked.period.frequency:
        period = asked.period
        due = calendar.is_due(period=period, as_of=asked.as_of)
    else:
        found = _latest_due(metric.frequency, asked, calendar)
        if found is None:
            return Judgement(Verdict.NOT_DUE, first=Verdict.NOT_DUE)
        period, due = found, True
    reading = metric.readings.get(period.first, Reading())
    return Judgement(
        judge(due=due, band=reading.band, actual=reading.actual),
        reading.actual,
        reading.band,
        period,
        first=judge(due=due, band=reading.first_band, actual=reading.actual),
    )


def _latest_due(frequency: Frequency, asked: Asked, calendar: FiscalCalendar) -> Period | None:
    """Rule 8: a KPI slower than the asked period is judged on its latest due period within the cycle."""
    periods = calendar.periods(first=asked.cycle.first, last=asked.period.last, frequency=frequency)
    return max((one for one in periods if calendar.is_due(period=one, as_of=asked.as_of)), default=None)


def _judge_coarser(metric: Metric, asked: Asked, calendar: FiscalCalendar) -> Judgement:
    """A KPI faster than the asked period: its periods inside are taken together, once the asked one is due."""
    inside = stretch_of(frequency=metric.frequency, asked=asked, calendar=calendar)
    if not inside:
        return Judgement(Verdict.NOT_DUE, period=asked.period, first=Verdict.NOT_DUE)
    return _judge_stretch(metric, inside)


def _judge_stretch(metric: Metric, due: Sequence[Period]) -> Judgement:
    """The due periods taken together; the first agreed targets are judged by themselves, dropped ones among them."""
    readings = [metric.readings.get(one.first, Reading()) for one in due]
    if metric.aggregation is Aggregation.GIVEN and _is_typed(readings):
        now = _judge_given([(one.ytd_band, one.ytd_actual) for one in readings], due)
        first = _judge_given([(one.ytd_first_band, one.ytd_actual) for one in readings], due)
        return replace(now, first=first.verdict)
    now = _judge_together(metric.aggregation, [(one.band, one.actual) for one in readings], due)
    first = _judge_together(metric.aggregation, [(one.first_band, one.actual) for one in readings], due)
    return replace(now, first=first.verdict)


def _is_typed(readings: Sequence[Reading]) -> bool:
    """Whether the year to date stands typed; in the first period of a year it may be the period's own figure."""
    return len(readings) > 1 or readings[0].ytd_band is not None or readings[0].ytd_actual is not None


def _judge_together(
    aggregation: Aggregation, rows: Sequence[tuple[Band | None, Exact | None]], due: Sequence[Period]
) -> Judgement:
    """Rule 7: plan and actual are aggregated over the periods that have both, and it is said how many these were."""
    both = [(band, actual) for band, actual in rows if _has_target(band) and actual is not None]
    band = _combine_bands(aggregation, [one for one, _ in both])
    actual = _combine(aggregation, [one for _, one in both])
    has_target = any(_has_target(one) for one, _ in rows)
    verdict = judge(due=True, band=band, actual=actual) if both else _unjudged(has_target)
    return Judgement(verdict, actual, band, due[-1], len(both), len(due))


def _judge_given(rows: Sequence[tuple[Band | None, Exact | None]], due: Sequence[Period]) -> Judgement:
    """The latest typed year to date that has both rows; the periods after it are the ones left out."""
    for place in range(len(rows) - 1, -1, -1):
        band, actual = rows[place]
        if _has_target(band) and actual is not None:
            return Judgement(judge(due=True, band=band, actual=actual), actual, band, due[-1], place + 1, len(due))
    return Judgement(_unjudged(any(_has_target(one) for one, _ in rows)), None, None, due[-1], 0, len(due))


def _unjudged(has_target: bool) -> Verdict:
    return Verdict.NO_DATA if has_target else Verdict.NO_TARGET


def _has_target(band: Band | None) -> bool:
    return band is not None and (band.low is not None or band.high is not None)


def _combine(aggregation: Aggregation, values: Sequence[Exact | None]) -> Fraction | None:
    """The aggregate of the values, exact; None when one of them is missing or there are none."""
    known = [Fraction(one) for one in values if one is not None]
    if not known or len(known) < len(values):
        return None
    if aggregation is Aggregation.SUM:
        return sum(known, Fraction(0))
    if aggregation is Aggregation.AVERAGE:
        return sum(known, Fraction(0)) / len(known)
    return known[-1]


def _combine_bands(aggregation: Aggregation, bands: Sequence[Band | None]) -> Band | None:
    """Low and high aggregate separately (rule 7)."""
    low = _combine(aggregation, [one.low if one else None for one in bands])
    high = _combine(aggregation, [one.high if one else None for one in bands])
    return Band(low, high) if low is not None or high is not None else None

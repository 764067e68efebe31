"""The page of one KPI as ready text: plan and actual of every period, the year, the trend, who moved which target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from hoshin.charts.trend import Trend, TrendLimits, TrendPoint, trend
from hoshin.engine.band_text import show_band
from hoshin.engine.calendars import MONTH_NAMES, CycleSpan, FiscalCalendar, Frequency, Period
from hoshin.engine.courses import Course, course
from hoshin.engine.effects import covered
from hoshin.engine.figures import show_figure
from hoshin.engine.metrics import Judgement, Metric
from hoshin.engine.progress import goal_of, progress
from hoshin.engine.verdicts import Band, Exact, Verdict
from hoshin.engine.xmr import Limits, limits
from hoshin.model.kpis import KPI, Reading, Revision
from hoshin.queries.effects import Contribution, Expected

TARGET_WORDS = {
    "target": "target",
    "low": "low",
    "high": "high",
    "stretch": "stretch",
    "ytd_target": "year to date",
    "ytd_low": "year to date, low",
    "ytd_high": "year to date, high",
}


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One period; `first_plan` is what was first agreed, when that was another target."""

    label: str
    code: str
    plan: str
    first_plan: str
    stretch: str
    reaches_stretch: bool
    actual: str
    verdict: Verdict
    amended: bool
    locked: bool
    note: str
    plan_note: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Periods taken together: "4 of 5 months" in `used`, empty while nothing is due."""

    plan: str
    actual: str
    verdict: Verdict
    used: str


@dataclass(frozen=True, slots=True)
class TargetChange:
    """Targets that one person set or moved at once; `texts` says which, period by period."""

    at: datetime
    by: str
    texts: tuple[str, ...]
    reason: str
    amendment: bool
    agreed_by: str = ""


@dataclass(frozen=True, slots=True)
class PlanCover:
    """Does the plan add up: how much of the way from baseline to target its actions explain, and which they are."""

    share: Fraction | None
    base: str
    goal: str
    rows: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class KPISheet:
    """Everything that the page of a KPI adds to the page of any item."""

    rows: tuple[PeriodRow, ...]
    ytd: Taken
    year_end: Taken
    year_target: str
    trend: Trend
    progress: Fraction | None
    changes: tuple[TargetChange, ...]
    variation: str
    plan: PlanCover
    happened: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """What the marks of the trend say, for who cannot point at them: a period, and what happened in it."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class KPIFacts:
    """What the sheet is made from: readings since last cycle, this cycle's revisions, the unit's locked months."""

    kpi: KPI
    readings: Mapping[date, Reading]
    revisions: Sequence[Revision]
    locked: frozenset[date]
    expected: Expected
    events: Mapping[date, Sequence[str]]
    """What happened in a period, by its first day, as sentences."""
    reviews: Mapping[date, Sequence[str]] = field(default_factory=dict)
    """The reviews that looked at a period, by its first day, as sentences."""


def kpi_sheet(
    *, facts: KPIFacts, cycle: CycleSpan, calendar: FiscalCalendar, as_of: date, month: Period, time_zone: str
) -> KPISheet:
    """The sheet for one cycle as of the day; the verdicts are the engine's."""
    kpi = facts.kpi
    metric = Metric(
        kpi.id, kpi.frequency, kpi.aggregation, {day: one.as_reading() for day, one in facts.readings.items()}
    )
    now = course(metric=metric, cycle=cycle, calendar=calendar, as_of=as_of, month=month)
    drawn = _drawn(facts, metric, cycle, calendar, as_of, now)
    return KPISheet(
        rows=tuple(_row(facts, calendar, period, judged) for period, judged in now.periods),
        ytd=_taken(now.ytd, kpi.frequency),
        year_end=_taken(now.year_end, kpi.frequency),
        year_target=_measured(show_band(band=now.year_band), kpi.uom),
        trend=_trend(facts, calendar, drawn),
        progress=_progress(kpi, now),
        changes=target_changes(revisions=facts.revisions, kpi=kpi, calendar=calendar, time_zone=time_zone),
        variation=_variation(drawn, kpi.frequency.value),
        plan=_cover(facts, now),
        happened=_happened(facts, calendar, drawn),
    )


def _happened(facts: KPIFacts, calendar: FiscalCalendar, drawn: _Drawn) -> tuple[Happening, ...]:
    """The latest first."""
    found = []
    for period, _ in reversed(drawn.periods):
        reading, first = facts.readings.get(period.first), period.first
        texts = ["target amended"] if reading and reading.amended else []
        texts += [*facts.events.get(first, ()), *facts.reviews.get(first, ())]
        found += [Happening(calendar.label(period=period), text) for text in texts]
    return tuple(found)


def _cover(facts: KPIFacts, now: Course) -> PlanCover:
    """The gap goes from the baseline to the last target of the year."""
    bands = [one.band for _, one in now.periods if one.band is not None]
    base = facts.expected.baseline
    goal = goal_of(direction=facts.kpi.direction, band=bands[-1], baseline=base) if bands else None
    target = goal if isinstance(goal, Decimal) else None
    share = covered(effects=facts.expected.effects, baseline=base, target=target)
    return PlanCover(share, show_figure(value=base), show_figure(value=target), tuple(facts.expected.contributions))


def _variation(drawn: _Drawn, frequency: str) -> str:
    """Whether the latest change is signal or noise, in one sentence; empty with fewer than six figures."""
    if drawn.limits is None:
        return ""
    low, high = (show_figure(value=one, places=2) for one in (drawn.limits.lower, drawn.limits.upper))
    latest = max((place for place, (_, one) in enumerate(drawn.periods) if one.actual is not None), default=0)
    signal = drawn.limits.signals.get(latest)
    if signal is None:
        said = f"The latest {frequency} is noise: it lies within the limits, {low} to {high}."
        return f"{said} Ask about the process, not about the {frequency}."
    said = f"The latest {frequency} is a signal: {signal.value} (limits {low} to {high})."
    return f"{said} Something has changed: ask what."


def _row(facts: KPIFacts, calendar: FiscalCalendar, period: Period, judged: Judgement) -> PeriodRow:
    reading = facts.readings.get(period.first)
    first = reading.as_reading().first_band if reading else None
    stretch = reading.stretch if reading else None
    return PeriodRow(
        label=calendar.label(period=period),
        code=calendar.code(period=calendar.period_of(day=period.last, frequency=Frequency.MONTH)),
        plan=show_band(band=judged.band),
        first_plan=(show_band(band=first) or "none") if reading and reading.amended and first != judged.band else "",
        stretch=show_figure(value=stretch),
        reaches_stretch=_reaches(judged, stretch),
        actual=show_figure(value=judged.actual),
        verdict=judged.verdict,
        amended=bool(reading and reading.amended),
        locked=period.last.replace(day=1) in facts.locked,
        note=reading.note if reading else "",
        plan_note=reading.plan_note if reading else "",
    )


def _reaches(judged: Judgement, stretch: Decimal | None) -> bool:
    """Whether a hit went as far as the stretch value; it never decides the hit."""
    if stretch is None or judged.verdict is not Verdict.HIT or judged.actual is None or judged.band is None:
        return False
    if judged.band.high is None:
        return Fraction(judged.actual) >= stretch
    return judged.band.low is None and Fraction(judged.actual) <= stretch


def _taken(judged: Judgement, frequency: Frequency) -> Taken:
    used = f"{judged.used} of {judged.of} {frequency.value}{'' if judged.of == 1 else 's'}" if judged.of else ""
    return Taken(show_band(band=judged.band), show_figure(value=judged.actual), judged.verdict, used)


def _measured(figure: str, uom: str) -> str:
    return f"{figure} {uom}".strip() if figure else ""


def _progress(kpi: KPI, now: Course) -> Fraction | None:
    """From the baseline to the last target of the year, as far as the latest actual has come."""
    bands = [one.band for _, one in now.periods if one.band is not None]
    actuals = [one.actual for _, one in now.periods if one.actual is not None]
    if not bands or not actuals:
        return None
    return progress(direction=kpi.direction, band=bands[-1], baseline=kpi.baseline, actual=actuals[-1])


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The periods of the trend, and the limits of their figures; never of a year to date."""

    periods: Sequence[tuple[Period, Judgement]]
    limits: Limits | None


def _drawn(
    facts: KPIFacts, metric: Metric, cycle: CycleSpan, calendar: FiscalCalendar, as_of: date, now: Course
) -> _Drawn:
    """The cycle, and the one before it where it holds anything."""
    last_year = calendar.cycle_of(day=date(cycle.first.year - 1, cycle.first.month, 1))
    before = course(
        metric=metric, cycle=last_year, calendar=calendar, as_of=as_of,
        month=calendar.period_of(day=last_year.last, frequency=Frequency.MONTH),
    ).periods  # fmt: skip
    periods = [one for one in before if one[0].first in facts.readings] + list(now.periods)
    return _Drawn(periods, limits(values=[one.actual for _, one in periods]))


def _trend(facts: KPIFacts, calendar: FiscalCalendar, drawn: _Drawn) -> Trend:
    read = [one for one in drawn.periods if one[1].actual is not None]
    said = "Nothing has been recorded yet."
    if read:
        period, judged = read[-1]
        said = (
            f"Latest, {calendar.label(period=period)}: actual {show_figure(value=judged.actual)}, "
            f"plan {show_band(band=judged.band) or 'none'}, {judged.verdict.value}."
        )
    signals = drawn.limits.signals if drawn.limits else {}
    points = [
        _point(facts, period, judged, signals[place].value if place in signals else "")
        for place, (period, judged) in enumerate(drawn.periods)
    ]
    return trend(
        key=f"kpi-{facts.kpi.id}", title=f"Trend of {facts.kpi.name}", points=points, unit=facts.kpi.uom, said=said,
        limits=_rounded(drawn.limits),
    )  # fmt: skip


def _rounded(found: Limits | None) -> TrendLimits | None:
    """The limits as a drawing needs them."""
    if found is None:
        return None
    mean, lower, upper = (Decimal(show_figure(value=one)) for one in (found.mean, found.lower, found.upper))
    return TrendLimits(mean, lower, upper)


def _point(facts: KPIFacts, period: Period, judged: Judgement, signal: str) -> TrendPoint:
    reading = facts.readings.get(period.first)
    band = judged.band or Band(None, None)
    return TrendPoint(
        label=_short(period),
        low=_decimal(band.low),
        high=_decimal(band.high),
        actual=_decimal(judged.actual),
        verdict=judged.verdict.value,
        year=str(period.last.year),
        plan_text=show_band(band=judged.band),
        actual_text=show_figure(value=judged.actual),
        amended=bool(reading and reading.amended),
        note=_notes(reading),
        signal=signal,
        events=tuple(facts.events.get(period.first, ())),
        reviews=tuple(facts.reviews.get(period.first, ())),
    )


def _short(period: Period) -> str:
    name = MONTH_NAMES[period.last.month - 1]
    return name if period.frequency is Frequency.MONTH else f"to {name}"


def _decimal(value: Exact | None) -> Decimal | None:
    """One period's figures are decimals already."""
    return value if isinstance(value, Decimal) else None


def target_changes(
    *, revisions: Sequence[Revision], kpi: KPI, calendar: FiscalCalendar, time_zone: str
) -> tuple[TargetChange, ...]:
    """Who set or moved which targets, the latest first; `revisions` come oldest first."""
    standing: dict[tuple[date, str], Decimal | None] = {}
    saved: dict[int, tuple[Revision, list[_Step]]] = {}
    for one in revisions:
        steps = saved.setdefault(one.journal_id, (one, []))[1]
        for name in TARGET_WORDS:
            before, after = standing.get((one.period, name)), getattr(one, name)
            standing[one.period, name] = after
            if before != after:
                period = calendar.label(period=calendar.period_of(day=one.period, frequency=kpi.frequency))
                steps.append(_Step(one.period, period, name, before, after))
    zone = ZoneInfo(time_zone)
    found = [
        TargetChange(
            one.recorded_at.astimezone(zone), one.recorded_by, _texts(steps), one.reason, one.amendment, one.agreed_by
        )
        for one, steps in saved.values()
        if steps
    ]
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class _Step:
    """One figure that changed."""

    day: date
    period: str
    name: str
    before: Decimal | None
    after: Decimal | None


def _texts(steps: Sequence[_Step]) -> tuple[str, ...]:
    """Figures set for the first time are said as one row, moved ones each with what stood before."""
    texts = []
    ordered = sorted(steps, key=lambda one: one.day)
    for name, word in TARGET_WORDS.items():
        new = [one for one in ordered if one.name == name and one.before is None]
        if len(new) > 1:
            figures = ", ".join(show_figure(value=one.after) for one in new)
            texts.append(f"{word} set for {new[0].period} to {new[-1].period}: {figures}")
        elif new:
            texts.append(f"{word} set for {new[0].period}: {show_figure(value=new[0].after)}")
    texts += [
        f"{TARGET_WORDS[one.name]} of {one.period}: {show_figure(value=one.before)} → "
        f"{show_figure(value=one.after) or 'none'}"
        for one in ordered
        if one.before is not None
    ]
    return tuple(texts)


def _notes(reading: Reading | None) -> str:
    """What was noted beside the actual, then beside the plan."""
    if reading is None:
        return ""
    plan = f"plan: {reading.plan_note}" if reading.plan_note else ""
    return "; ".join(one for one in (reading.note, plan) if one)


CSV_HEAD = (
    "period", "target", "as first agreed", "stretch", "actual", "verdict", "amended", "locked", "note", "plan note",
)  # fmt: skip


def csv_rows(*, sheet: KPISheet) -> list[tuple[object, ...]]:
    """The periods as rows under CSV_HEAD."""
    return [
        (one.label, one.plan, one.first_plan, one.stretch, one.actual, one.verdict.value,
         "yes" if one.amended else "", "yes" if one.locked else "", one.note, one.plan_note)
        for one in sheet.rows
    ]  # fmt: skip

"""Countermeasures as ready text: the rows of the list, how their KPIs stand, and the trend that is drawn of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from hoshin.charts.trend import Trend, TrendPoint, trend
from hoshin.commands.countermeasures_open import describe
from hoshin.engine.answers import Check, check_of
from hoshin.engine.band_text import show_band
from hoshin.engine.calendars import MONTH_NAMES, FiscalCalendar, Frequency, Period
from hoshin.engine.figures import show_figure, show_percent
from hoshin.engine.misses import Mark, Occasion
from hoshin.engine.verdicts import Band, Exact, Verdict
from hoshin.model.kpis import KPI
from hoshin.queries.countermeasures import Answer

SHOWN_PERIODS = 18


@dataclass(frozen=True, slots=True)
class Standing:
    """How a countermeasure's KPI stands: the latest verdict, hits in a row out of those that close it, in words too."""

    verdict: Verdict
    latest: str
    hits: int
    hits_to_close: int
    said: str


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One row of the list."""

    id: int
    kpi_id: int
    kpi: str
    unit_id: int
    unit: str
    owner_id: int | None
    owner: str
    occasion: str
    state: str
    is_open: bool
    is_written: bool
    opened_for: str
    opened_on: date
    days: int
    steps: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class View:
    """What all countermeasures on a page are shown with."""

    calendar: FiscalCalendar
    time_zone: str
    today: date
    hits_to_close: int
    people: Mapping[int, str]
    units: Mapping[int, str]


def label_of(*, kpi: KPI, first: date, calendar: FiscalCalendar) -> str:
    """The period of the KPI that begins on the day, as people say it."""
    return calendar.label(period=calendar.period_of(day=first, frequency=kpi.frequency))


def answer_row(*, answer: Answer, marks: Sequence[Mark], steps: tuple[int, int], view: View) -> AnswerRow:
    """The row of one countermeasure; `steps` are how many it has and how many of them are done."""
    found, kpi = answer.countermeasure, answer.kpi
    opened = _day_of(found.opened_at, view)
    until = _day_of(found.closed_at, view) if found.closed_at else view.today
    return AnswerRow(
        id=found.id,
        kpi_id=kpi.id,
        kpi=kpi.name,
        unit_id=kpi.unit_id,
        unit=view.units.get(kpi.unit_id, ""),
        owner_id=found.owner_id,
        owner=view.people.get(found.owner_id or 0, ""),
        occasion=found.occasion.value,
        state=found.state.value,
        is_open=found.is_open,
        is_written=found.is_written,
        opened_for=label_of(kpi=kpi, first=found.reopened_for or found.opened_for, calendar=view.calendar),
        opened_on=opened,
        days=max((until - opened).days, 0),
        steps=f"{steps[1]} of {steps[0]} done" if steps[0] else "",
        standing=standing(answer=answer, marks=marks, view=view),
    )


def _day_of(instant: datetime, view: View) -> date:
    return instant.astimezone(ZoneInfo(view.time_zone)).date()


def standing(*, answer: Answer, marks: Sequence[Mark], view: View) -> Standing:
    """How the KPI stands since the countermeasure was opened."""
    found = answer.countermeasure
    check = check_of(among=marks, opened_for=found.reopened_for or found.opened_for)
    latest = marks[-1] if marks else None
    is_miss = found.occasion is Occasion.MISS
    said = check_text(check=check, kpi=answer.kpi, view=view)[-1] if is_miss else why_text(answer=answer)
    return Standing(
        verdict=latest.verdict if latest else Verdict.NO_DATA,
        latest=view.calendar.label(period=latest.period) if latest else "",
        hits=check.hits,
        hits_to_close=view.hits_to_close,
        said=said,
    )


def why_text(*, answer: Answer) -> str:
    """How far the question is answered why a KPI lies far above plan."""
    return "Explained: it may be closed." if answer.countermeasure.cause else "Why does it lie so far above plan?"


def check_text(*, check: Check, kpi: KPI, view: View) -> list[str]:
    """What the countermeasure did to the KPI, as sentences: before, since, and what that means."""
    lines = []
    if check.before is not None:
        lines.append(f"Before: {describe(mark=check.before, calendar=view.calendar, uom=kpi.uom)}.")
    if check.since is None:
        return [*lines, "No period has been judged since: too early to say."]
    lines.append(f"Since: {_judged(check.since, kpi, view)}.")
    return [*lines, _meaning(check, view)]


def _judged(mark: Mark, kpi: KPI, view: View) -> str:
    if mark.verdict is Verdict.MISS:
        return describe(mark=mark, calendar=view.calendar, uom=kpi.uom)
    unit = f" {kpi.uom}" if kpi.uom else ""
    label = view.calendar.label(period=mark.period)
    return f"{label}: {show_figure(value=mark.actual)}{unit} against {show_band(band=mark.band)}{unit}, on target"


def _meaning(check: Check, view: View) -> str:
    if check.hits >= view.hits_to_close:
        return f"On target {_times(check.hits)}: it may be closed."
    if check.hits:
        return f"On target {_times(check.hits)}, of the {view.hits_to_close} in a row that close it."
    if check.closed is None:
        return "Off target."
    if check.closed > 0:
        return f"{show_percent(value=check.closed)} of the gap is closed: it helps, and is not enough yet."
    return "The gap is as wide as before: nothing has helped yet." if check.closed == 0 else "The gap has grown."


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times in a row"


# ------------------------------------------------------------------ the trend


def marks_trend(*, kpi: KPI, marks: Sequence[Mark], view: View, height: float = 300.0) -> Trend:
    """The KPI's latest due periods as a drawing."""
    shown = marks[-SHOWN_PERIODS:]
    points = [_point(one) for one in shown]
    said = f"{len(points)} periods; the latest, {_judged(shown[-1], kpi, view)}." if shown else "Nothing is due yet."
    return trend(
        key=f"answer-{kpi.id}", title=f"Trend of {kpi.name}", points=points, unit=kpi.uom, said=said, height=height
    )


def _point(mark: Mark) -> TrendPoint:
    band = mark.band or Band(None, None)
    return TrendPoint(
        label=_short(mark.period),
        low=_decimal(band.low),
        high=_decimal(band.high),
        actual=_decimal(mark.actual),
        verdict=mark.verdict.value,
        year=str(mark.period.last.year),
        plan_text=show_band(band=mark.band),
        actual_text=show_figure(value=mark.actual),
    )


def _short(period: Period) -> str:
    name = MONTH_NAMES[period.last.month - 1]
    return name if period.frequency is Frequency.MONTH else f"to {name}"


def _decimal(value: Exact | None) -> Decimal | None:
    """One period's figures are decimals already."""
    return value if isinstance(value, Decimal) else None

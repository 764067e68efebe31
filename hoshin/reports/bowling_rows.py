"""One KPI of a bowling chart as ready text: months, last year, year to date, forecast, signal and what may be typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, may
from hoshin.charts.bowling import Field, KpiRow, Month, Reading as Cell
from hoshin.charts.spark import Spark, spark
from hoshin.commands.bands import amends
from hoshin.engine.band_text import show_band, show_plan
from hoshin.engine.calendars import MONTH_NAMES, Frequency, Period
from hoshin.engine.courses import Course, course
from hoshin.engine.figures import show_figure
from hoshin.engine.metrics import Aggregation, Judgement, Metric
from hoshin.engine.signals import Light, light
from hoshin.engine.verdicts import Direction, Exact, Verdict
from hoshin.engine.xmr import limits
from hoshin.model.kpis import KPI, Reading
from hoshin.queries.bowling import ChartFacts
from hoshin.queries.kpis import subjects_of


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may type into the rows of one KPI."""

    records: bool
    plans: bool
    amends: bool


NO_RIGHTS = Rights(False, False, False)


def rights_of(*, facts: ChartFacts, actor: Actor | None) -> dict[int, Rights]:
    """The actor's rights on each KPI of the chart; none for nobody, as on paper."""
    if actor is None:
        return {}
    subjects: Mapping[int, Subject] = subjects_of(kpis=facts.kpis)
    return {
        key: Rights(
            may(actor=actor, act=Act.RECORD_ACTUALS, subject=one),
            may(actor=actor, act=Act.PLAN_TARGETS, subject=one),
            may(actor=actor, act=Act.AMEND_TARGETS, subject=one),
        )
        for key, one in subjects.items()
    }


class Rows:
    """The rows of one chart: what all of them share."""

    def __init__(self, *, facts: ChartFacts, month: Period, as_of: date, actor: Actor | None = None) -> None:
        self.facts, self.month, self.as_of = facts, month, as_of
        self.rights = rights_of(facts=facts, actor=actor)
        span = facts.cycle
        self.months = list(
            facts.calendar.periods(first=span.first, last=span.last, frequency=Frequency.MONTH)
        )

    def columns(self) -> list[Month]:
        """The months as the chart heads them, the month asked for marked."""
        return [
            Month(MONTH_NAMES[one.first.month - 1], str(one.first.year) if place == 0 or one.first.month == 1 else "",
                  one.last == self.month.last)
            for place, one in enumerate(self.months)
        ]  # fmt: skip

    def row(self, *, kpi: KPI, shared: bool = False) -> KpiRow:
        """Two rows of the chart."""
        readings = self.facts.readings[kpi.id]
        metric = Metric(
            kpi.id, kpi.frequency, kpi.aggregation, {day: one.as_reading() for day, one in readings.items()}
        )
        calendar = self.facts.calendar
        found = course(metric=metric, cycle=self.facts.cycle, calendar=calendar, as_of=self.as_of, month=self.month)
        past = self._past(metric)
        judged = {period.last: (period, one) for period, one in found.periods}
        signals = _signals(past, found)
        direction = kpi.direction.value if kpi.direction else "no direction"
        forecast = self.facts.forecasts.get(kpi.id)
        field = self._forecast_field(kpi)
        answer = self.facts.open_answers.get(kpi.id)
        return KpiRow(
            name=kpi.name,
            readings=tuple(self._cell(kpi, judged.get(month.last), signals) for month in self.months),
            year_target=show_band(band=found.year_band),
            ytd=self._ytd(kpi, found),
            detail=" · ".join(part for part in (direction, "shared" if shared else "") if part),
            href=f"/kpis/{kpi.id}",
            spark=_spark(kpi, found),
            key=str(kpi.id),
            owner=self.facts.people.get(kpi.owner_id or 0, "no owner"),
            uom=kpi.uom,
            last_year=_last_year(past),
            base=show_figure(value=kpi.baseline),
            forecast=show_figure(value=forecast.forecast) if forecast else "",
            forecast_field=field,
            countermeasure=None if answer is None else f"/countermeasures/{answer}",
            notes=forecast.notes if forecast else {},
            notes_key=f"{kpi.id}.{self.facts.cycle.name}" if field else "",
        )

    def _ytd(self, kpi: KPI, found: Course) -> Cell:
        """The year to date; of a KPI whose year to date is given, it is typed with the latest period asked for."""
        judged = found.ytd
        note = f"{judged.used} of {judged.of} {kpi.frequency.value}s" if judged.used < judged.of else ""
        plan, actual = show_plan(band=judged.band), show_figure(value=judged.actual)
        begun = [period for period, _ in found.periods if period.last <= self.month.last]
        fields = None
        if kpi.aggregation is Aggregation.GIVEN and begun:
            fields = self._fields(kpi, begun[-1], self.facts.readings[kpi.id].get(begun[-1].first), "ytd_")
        return Cell(plan, actual, self._signal(judged), note=note, fields=fields)

    def _signal(self, judged: Judgement) -> str:
        """The verdict, or the near miss that the organisation's scheme makes of it."""
        found = light(
            verdict=judged.verdict, band=judged.band, actual=judged.actual, scheme=self.facts.scheme,
            within_percent=self.facts.amber_percent,
        )  # fmt: skip
        return Light.AMBER.value if found is Light.AMBER else judged.verdict.value

    def _past(self, metric: Metric) -> Course:
        """The course of the cycle before."""
        before, calendar = self.facts.before, self.facts.calendar
        month = calendar.period_of(day=before.last, frequency=Frequency.MONTH)
        return course(metric=metric, cycle=before, calendar=calendar, as_of=self.as_of, month=month)

    def _cell(self, kpi: KPI, judged: tuple[Period, Judgement] | None, signals: Mapping[date, str]) -> Cell:
        """One month; empty where no period of the KPI ends with it."""
        if judged is None:
            return Cell("", "", Verdict.NOT_DUE.value)
        period, one = judged
        reading = self.facts.readings[kpi.id].get(period.first)
        return Cell(
            plan=show_plan(band=one.band),
            actual=show_figure(value=one.actual),
            verdict=self._signal(one),
            amended=bool(reading and reading.amended),
            note=reading.note if reading else "",
            plan_note=reading.plan_note if reading else "",
            signal=signals.get(period.first, ""),
            fields=self._fields(kpi, period, reading),
        )

    def _fields(
        self, kpi: KPI, period: Period, reading: Reading | None, prefix: str = ""
    ) -> tuple[Field, Field] | None:
        """What may be typed for a period, its year to date with the prefix `ytd_`."""
        rights = self.rights.get(kpi.id, NO_RIGHTS)
        if not (rights.records or rights.plans):
            return None
        key, version = f"{kpi.id}.{period.first:%Y-%m-%d}", reading.version if reading else 0
        locked = "locked" if (kpi.unit_id, period.last.replace(day=1)) in self.facts.locks else ""
        is_range = kpi.direction is Direction.BETWEEN
        names = [f"{prefix}{one}" for one in (("low", "high") if is_range else ("target",))]
        may_plan = rights.amends if amends(kpi=kpi, reading=reading, changed=names) else rights.plans
        plan = Field(
            key, f"{prefix}{'range' if is_range else 'target'}", _raw(reading, names), version,
            may_plan and not locked, locked or ("" if may_plan else "agreed"),
        )  # fmt: skip
        actual = f"{prefix}actual"
        return plan, Field(key, actual, _raw(reading, [actual]), version, rights.records and not locked, locked)

    def _forecast_field(self, kpi: KPI) -> Field | None:
        known = self.facts.forecasts.get(kpi.id)
        if known is None or not self.rights.get(kpi.id, NO_RIGHTS).records:
            return None
        return Field(f"{kpi.id}.{self.facts.cycle.name}", "forecast", show_figure(value=known.forecast), 0, True)


def _raw(reading: Reading | None, names: Sequence[str]) -> str:
    """What was typed into those fields, two of them as a range."""
    if reading is None:
        return ""
    return "–".join(show_figure(value=getattr(reading, name)) for name in names).strip("–")


def _last_year(past: Course) -> str:
    """The year-end of the cycle before, else its latest figure."""
    if past.year_end.actual is not None:
        return show_figure(value=past.year_end.actual, places=2)
    read = [one.actual for _, one in past.periods if one.actual is not None]
    return show_figure(value=read[-1]) if read else ""


def _signals(past: Course, now: Course) -> dict[date, str]:
    """Why the latest actual is more than noise, by the first day of its period; empty when it is noise.

    The limits rest on last year's figures too. Only the latest is marked, so that the hint stays quiet; the KPI's page
    draws them all.
    """
    periods = [*past.periods, *now.periods]
    drawn = limits(values=[one.actual for _, one in periods])
    latest = max((place for place, (_, one) in enumerate(periods) if one.actual is not None), default=0)
    if drawn is None or latest not in drawn.signals:
        return {}
    return {periods[latest][0].first: drawn.signals[latest].value}


def _spark(kpi: KPI, found: Course) -> Spark | None:
    plan = [_decimal(one.band.low if one.band.low is not None else one.band.high) if one.band else None
            for _, one in found.periods]  # fmt: skip
    actual = [_decimal(one.actual) for _, one in found.periods]
    read = [one.verdict for _, one in found.periods if one.actual is not None]
    if len(read) < 2:
        return None
    return spark(
        plan=plan, actual=actual, verdict=read[-1].value, said=f"Trend of {kpi.name}", width=64.0, height=20.0
    )


def _decimal(value: Exact | None) -> Decimal | None:
    return value if isinstance(value, Decimal) else None

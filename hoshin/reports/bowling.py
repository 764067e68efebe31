"""The bowling chart of a unit: its KPIs under the priorities they serve, the fundamentals in a block of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hoshin.charts.bowling import Bowling, Group, KpiRow, Month, Reading as Cell, bowling
from hoshin.charts.spark import Spark, spark
from hoshin.engine.attainment import Report
from hoshin.engine.band_text import show_band, show_plan
from hoshin.engine.calendars import MONTH_NAMES, Frequency, Period
from hoshin.engine.cascade import counted_items
from hoshin.engine.counts import count
from hoshin.engine.courses import Course, course
from hoshin.engine.figures import show_figure
from hoshin.engine.metrics import Asked, Judgement, KPIClass
from hoshin.engine.plans import Kind, Plan
from hoshin.engine.verdicts import Exact, Verdict
from hoshin.model.kpis import KPI, Reading
from hoshin.queries.attainment import Attainment

FUNDAMENTAL = "Fundamental: daily management"
ELSEWHERE = "Not linked to a priority of this unit"


@dataclass(frozen=True, slots=True)
class BowlingFacts:
    """The unit, the KPIs to be drawn (its own and those shared with it) and their readings in the cycle."""

    unit_id: int
    unit_name: str
    kpis: Sequence[KPI]
    readings: Mapping[tuple[int, date], Reading]


def serving(*, plan: Plan, asked: Asked, unit_id: int) -> dict[int, list[int]]:
    """The KPIs under each priority in force of the unit, directly or through its actions; each KPI only once."""
    items = counted_items(plan=plan, asked=asked)
    below: dict[int, list[int]] = {}
    for link in sorted(plan.links, key=lambda one: -one.strength):
        if link.strength >= plan.least_strength and link.upper in items and link.lower in items:
            below.setdefault(link.upper, []).append(link.lower)
    taken: set[int] = set()
    found: dict[int, list[int]] = {}
    for item in items.values():
        if item.kind is Kind.PRIORITY and item.unit == unit_id:
            direct = below.get(item.key, [])
            through = [kpi for one in direct if items[one].kind is Kind.ACTION for kpi in below.get(one, [])]
            reached = [one for one in [*direct, *through] if items[one].kind is Kind.KPI and one not in taken]
            found[item.key] = list(dict.fromkeys(reached))
            taken.update(found[item.key])
    return found


def bowling_chart(*, facts: BowlingFacts, attainment: Attainment) -> Bowling:
    """The chart for the cycle of the attainment, the asked month marked."""
    drawing = _Drawing(facts, attainment)
    months = drawing.months
    columns = [
        Month(MONTH_NAMES[one.first.month - 1], str(one.first.year) if place == 0 or one.first.month == 1 else "",
              one.last == attainment.asked.period.last)
        for place, one in enumerate(months)
    ]  # fmt: skip
    title = f"Bowling chart of {facts.unit_name}, {attainment.cycle.name}"
    return bowling(title=title, months=columns, groups=drawing.groups())


class _Drawing:
    """What all rows of one chart share."""

    def __init__(self, facts: BowlingFacts, attainment: Attainment) -> None:
        self.facts, self.plan, self.asked = facts, attainment.plan, attainment.asked
        self.report: Report = attainment.report
        self.calendar = attainment.plan.calendar
        span = self.asked.cycle
        self.months = list(self.calendar.periods(first=span.first, last=span.last, frequency=Frequency.MONTH))
        self.kpis = {one.id: one for one in facts.kpis if one.id in self.plan.metrics}
        self.names = {one.key: one.name for one in self.plan.items}

    def groups(self) -> list[Group]:
        """One per priority that has KPIs here, then what serves none of them, then the fundamentals."""
        daily = [key for key, one in self.kpis.items() if one.kpi_class is KPIClass.FUNDAMENTAL]
        left = {key: one for key, one in self.kpis.items() if key not in daily}
        groups = []
        for priority, keys in serving(plan=self.plan, asked=self.asked, unit_id=self.facts.unit_id).items():
            mine = [left.pop(key) for key in keys if key in left]
            if mine:
                groups.append(self.group(self.names[priority], mine, f"/priorities/{priority}"))
        home = [one for one in left.values() if one.unit_id == self.facts.unit_id]
        if home:
            groups.append(self.group(ELSEWHERE, home, None))
        if daily:
            groups.append(self.group(FUNDAMENTAL, [self.kpis[key] for key in daily], None))
        return groups

    def group(self, name: str, kpis: Iterable[KPI], href: str | None) -> Group:
        """A block with how many of its own due rows hit."""
        rows = list(kpis)
        counts = count(
            verdicts=[self.report.judgements[one.id].verdict for one in rows if one.id in self.report.judgements]
        )
        figure = f"{counts.hits} of {counts.due} due hit" if counts.due else ""
        return Group(name, tuple(self.row(one) for one in rows), figure, href)

    def row(self, kpi: KPI) -> KpiRow:
        """Two rows of the chart."""
        metric = self.plan.metrics[kpi.id]
        found = course(
            metric=metric, cycle=self.asked.cycle, calendar=self.calendar, as_of=self.asked.as_of,
            month=self.asked.period,
        )  # fmt: skip
        judged = {period.last: (period, one) for period, one in found.periods}
        owner = self.plan.people.get(kpi.owner_id or 0, "no owner")
        direction = kpi.direction.value if kpi.direction else "no direction"
        shared = "" if kpi.unit_id == self.facts.unit_id else "shared"
        return KpiRow(
            name=kpi.name,
            readings=tuple(self.cell(kpi, judged.get(month.last)) for month in self.months),
            year_target=show_band(band=found.year_band),
            ytd=_taken(found.ytd, kpi.frequency),
            detail=" · ".join(part for part in (direction, kpi.uom, owner, shared) if part),
            href=f"/kpis/{kpi.id}",
            spark=_spark(kpi, found),
        )

    def cell(self, kpi: KPI, judged: tuple[Period, Judgement] | None) -> Cell:
        """One month; empty where no period of the KPI ends with it."""
        if judged is None:
            return Cell("", "", Verdict.NOT_DUE.value)
        period, one = judged
        reading = self.facts.readings.get((kpi.id, period.first))
        return Cell(
            plan=show_plan(band=one.band),
            actual=show_figure(value=one.actual),
            verdict=one.verdict.value,
            amended=bool(reading and reading.amended),
            note=reading.note if reading else "",
        )


def _taken(judged: Judgement, frequency: Frequency) -> Cell:
    note = f"{judged.used} of {judged.of} {frequency.value}s" if judged.used < judged.of else ""
    return Cell(show_plan(band=judged.band), show_figure(value=judged.actual), judged.verdict.value, note=note)


def _spark(kpi: KPI, found: Course) -> Spark | None:
    plan = [_decimal(one.band.low if one.band.low is not None else one.band.high) if one.band else None
            for _, one in found.periods]  # fmt: skip
    actual = [_decimal(one.actual) for _, one in found.periods]
    read = [one.verdict for _, one in found.periods if one.actual is not None]
    if len(read) < 2:
        return None
    return spark(plan=plan, actual=actual, verdict=read[-1].value, said=f"Trend of {kpi.name}")


def _decimal(value: Exact | None) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


CSV_HEAD = ("priority", "KPI", "detail", "row")


def csv_table(*, chart: Bowling) -> tuple[list[str], list[list[str]]]:
    """The chart as a table: a plan, an actual and a verdict row for each KPI."""
    months = [f"{one.label} {one.year}".strip() for one in chart.months]
    rows = []
    for block in chart.blocks:
        for line in block.lines:
            head = [block.name, line.name, line.detail]
            cells = [*line.cells, line.ytd]
            rows.append([*head, "plan", *(one.plan for one in cells), line.year_target])
            rows.append([*head, "actual", *(one.actual for one in cells), ""])
            rows.append([*head, "verdict", *(one.sign.word for one in cells), ""])
    return [*CSV_HEAD, *months, "year to date", "year target"], rows

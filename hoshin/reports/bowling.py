"""The bowling chart of a unit: its KPIs under the priorities they serve, the fundamentals in a block of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hoshin.access.actors import Actor
from hoshin.charts.bowling import Bowling, Group, Line, bowling
from hoshin.engine.counts import count
from hoshin.engine.metrics import KPIClass
from hoshin.engine.serving import serving
from hoshin.engine.signals import Scheme
from hoshin.model.kpis import KPI
from hoshin.queries.attainment import Attainment
from hoshin.queries.bowling import ChartFacts
from hoshin.reports.bowling_rows import Rows

FUNDAMENTAL = "Fundamental: daily management"
ELSEWHERE = "Not linked to a priority of this unit"


@dataclass(frozen=True, slots=True)
class BowlingFacts:
    """The unit whose chart it is, what stands in it, and who reads it (None: paper, where nobody types)."""

    unit_id: int
    unit_name: str
    facts: ChartFacts
    actor: Actor | None = None


def bowling_chart(*, facts: BowlingFacts, attainment: Attainment) -> Bowling:
    """The chart for the cycle of the attainment, the asked month marked."""
    rows = Rows(facts=facts.facts, month=attainment.asked.period, as_of=attainment.asked.as_of, actor=facts.actor)
    return bowling(
        title=f"Bowling chart of {facts.unit_name}, {attainment.cycle.name}",
        months=rows.columns(),
        groups=_Groups(facts, attainment, rows).groups(),
        three=facts.facts.scheme is Scheme.THREE,
    )


class _Groups:
    """The blocks of one chart."""

    def __init__(self, facts: BowlingFacts, attainment: Attainment, rows: Rows) -> None:
        self.facts, self.plan, self.asked, self.rows = facts, attainment.plan, attainment.asked, rows
        self.judgements = attainment.report.judgements
        self.kpis = {one.id: one for one in facts.facts.kpis if one.id in self.plan.metrics}
        self.names = {one.key: one.name for one in self.plan.items}

    def groups(self) -> list[Group]:
        """One per priority that has KPIs here, then what serves none of them, then the fundamentals."""
        daily = [key for key, one in self.kpis.items() if one.kpi_class is KPIClass.FUNDAMENTAL]
        left = {key: one for key, one in self.kpis.items() if key not in daily}
        groups = []
        for priority, keys in serving(plan=self.plan, asked=self.asked, unit_id=self.facts.unit_id).items():
            mine = [left.pop(key) for key in keys if key in left]
            if mine:
                groups.append(self._group(self.names[priority], mine, f"/priorities/{priority}"))
        home = [one for one in left.values() if one.unit_id == self.facts.unit_id]
        if home:
            groups.append(self._group(ELSEWHERE, home, None))
        if daily:
            groups.append(self._group(FUNDAMENTAL, [self.kpis[key] for key in daily], None))
        return groups

    def _group(self, name: str, kpis: Iterable[KPI], href: str | None) -> Group:
        """A block with how many of its own due rows hit."""
        found = list(kpis)
        counts = count(verdicts=[self.judgements[one.id].verdict for one in found if one.id in self.judgements])
        figure = f"{counts.hits} of {counts.due} due hit" if counts.due else ""
        lines = tuple(self.rows.row(kpi=one, shared=one.unit_id != self.facts.unit_id) for one in found)
        return Group(name, lines, figure, href)


CSV_HEAD = ("priority", "KPI", "direction", "owner", "unit of measure", "last year", "base", "row")


def csv_table(*, chart: Bowling) -> tuple[list[str], list[list[str]]]:
    """The chart as a table: a plan, an actual and a verdict row for each KPI, and rows of notes where it has any."""
    months = [f"{one.label} {one.year}".strip() for one in chart.months]
    rows = []
    for block in chart.blocks:
        for line in block.lines:
            given = line.given
            head = [block.name, line.name, given.detail, given.owner, given.uom, given.last_year, given.base]
            cells = [*line.cells, line.ytd]
            rows.append([*head, "plan", *(one.plan for one in cells), given.year_target, given.forecast])
            rows.append([*head, "actual", *(one.actual for one in cells), "", ""])
            rows.append([*head, "verdict", *(one.sign.word for one in cells), "", ""])
            rows += _note_rows(line, block.name)
    return [*CSV_HEAD, *months, "year to date", "year target", "forecast"], rows


def _note_rows(line: Line, block: str) -> list[list[str]]:
    """The notes of a KPI, each under the figure that it stands beside: those to the plan, then those to the actual."""
    notes, head = line.given.notes, [block, line.name, line.given.detail, line.given.owner, line.given.uom]
    beside = [notes.get(name, "") for name in ("last_year", "base")]
    after = [notes.get(name, "") for name in ("ytd_plan", "year_target", "forecast")]
    plan = [one.plan_note for one in line.cells]
    actual = [*(one.note for one in line.cells), notes.get("ytd", "")]
    rows = []
    if any((*beside, *plan, *after)):
        rows.append([*head, *beside, "note to the plan", *plan, *after])
    if any(actual):
        rows.append([*head, "", "", "note to the actual", *actual, "", ""])
    return rows

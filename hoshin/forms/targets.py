"""The year of targets of one unit's KPIs, in one grid, with the reason of an amendment and the ramp helper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hoshin.commands.bands import amends, now_says
from hoshin.commands.readings import CellWish
from hoshin.engine.calendars import CycleSpan, Frequency, Period
from hoshin.engine.effects import targets_from_effects
from hoshin.engine.figures import show_figure
from hoshin.engine.metrics import Aggregation
from hoshin.engine.plans import State
from hoshin.engine.ramps import ramp
from hoshin.engine.verdicts import Direction
from hoshin.errors import Problem
from hoshin.forms.fields import Form, attach, figure, line, read_figures, words
from hoshin.forms.grids import Cell, Grid
from hoshin.model.kpis import KPI
from hoshin.queries.effects import Expected
from hoshin.queries.grids import GridFacts

ROW_WORDS = {
    "target": "target",
    "low": "low",
    "high": "high",
    "stretch": "stretch",
    "ytd_target": "year to date",
    "ytd_low": "year to date, low",
    "ytd_high": "year to date, high",
}


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One line of inputs: a KPI's targets, lows, highs or stretch values; None where no period ends with the month."""

    kpi_id: int
    name: str
    kpi_name: str
    detail: str
    said: str
    is_first: bool
    is_draft: bool
    cells: tuple[Cell | None, ...]
    ends: tuple[date, ...] = ()
    """The last day of each month of the row."""

    @property
    def key(self) -> str:
        """How the ramp helper names the row."""
        return f"{self.name}.{self.kpi_id}"


RAMPS = [
    ("line", "even steps"),
    ("copy", "the same figure"),
    ("effects", "the effects of its actions, from the baseline or the figure at From"),
]


class RampForm(Form):
    """The ramp helper: which row is to be filled, and from which figure to which."""

    ramp_row = words(label="Row", choices=[], required=False)
    ramp_kind = words(label="Fill with", choices=RAMPS)
    ramp_from = figure(label="From")
    ramp_to = figure(label="To")

    def fill(self, *, rows: Sequence[TargetRow], plans: Mapping[int, Expected]) -> bool:
        """Fill the open cells of the chosen row, without saving; False when something is missing.

        `plans` says what each KPI's actions are expected to add to it.
        """
        if self.ramp_kind.data == "effects":
            return self._fill_from_effects(rows, plans)
        fields_fit = self.validate()
        row = next((one for one in rows if one.key == self.ramp_row.data), None)
        first, last = self.ramp_from.data, self.ramp_to.data
        if row is None or not fields_fit or first is None or (last is None and self.ramp_kind.data == "line"):
            attach(form=self, problems=[Problem("choose a row and say from which figure to which", field="ramp_row")])
            return False
        cells = [one for one in row.cells if one is not None and one.is_open]
        end = first if last is None or self.ramp_kind.data == "copy" else last
        for cell, value in zip(cells, ramp(first=first, last=end, count=max(1, len(cells))), strict=False):
            cell.text = cell.taken = show_figure(value=value)
        return True

    def _fill_from_effects(self, rows: Sequence[TargetRow], plans: Mapping[int, Expected]) -> bool:
        fields_fit = self.validate()
        row = next((one for one in rows if one.key == self.ramp_row.data), None)
        plan = plans.get(row.kpi_id) if row else None
        first = self.ramp_from.data if self.ramp_from.data is not None else (plan.baseline if plan else None)
        if row is None or plan is None or first is None or not fields_fit or not plan.effects:
            said = "choose the row of a KPI with a baseline (or say from which figure) and actions with effects"
            attach(form=self, problems=[Problem(said, field="ramp_row")])
            return False
        found = targets_from_effects(effects=plan.effects, baseline=first, periods=row.ends)
        for cell, last in zip(row.cells, row.ends, strict=True):
            if cell is not None and cell.is_open:
                cell.text = cell.taken = show_figure(value=found[last])
        return True


class TargetsForm(Form):
    """The grid with what an amendment needs; `grid` holds the cells, `ramp` the helper."""

    reason = line(label="Why do agreed targets change?", required=False, most=2000)
    first = words(label="The amendment applies from", choices=[], required=False)

    def __init__(
        self, formdata: Any, *, rows: Sequence[TargetRow], months: Mapping[str, str], first: str, point: str = "."
    ) -> None:
        super().__init__(formdata, first=first)
        self.grid = Grid(cell for row in rows for cell in row.cells if cell is not None)
        self.wishes: list[CellWish] = []
        self.first.choices = list(months.items())
        self.ramp = RampForm(formdata)
        self.ramp.ramp_row.choices = [("", "–"), *((row.key, f"{row.kpi_name}: {row.said}") for row in rows)]
        read_figures(form=self.ramp, point=point)
        if formdata:
            self.grid.read(posted=formdata, point=point)

    def validate(self, extra_validators: Any = None) -> bool:
        """The reason and every changed cell can be read."""
        fields_fit = super().validate(extra_validators)
        self.wishes = self.grid.wishes()
        self._check_ranges()
        return fields_fit and not self.grid.problems and not self.grid.echoes

    def _check_ranges(self) -> None:
        for cell in self.grid.cells.values():
            if cell.name.endswith("low") and cell.is_open and not cell.errors:
                other = self.grid.cells[f"{cell.name[:-3]}high.{cell.key.partition('.')[2]}"]
                if not other.errors and (cell.is_touched or other.is_touched) and _is_upside_down(cell, other):
                    cell.errors.append("this lies above the high bound")

    @property
    def first_day(self) -> date | None:
        """The first day that an amendment applies from."""
        return date.fromisoformat(self.first.data) if self.first.data else None


def _is_upside_down(low: Cell, high: Cell) -> bool:
    bounds = low.value(), high.value()
    return None not in bounds and bounds[0] > bounds[1]  # type: ignore[operator] # neither is None here


def target_rows(*, facts: GridFacts, cycle: CycleSpan, may_amend: bool, revise: bool, stretch: bool) -> list[TargetRow]:
    """The rows of the grid: for *between* low and high, else the target; the year to date where it is typed."""
    return [
        _row(facts, cycle, kpi, name, place == 0, may_amend, revise)
        for kpi in facts.kpis
        for place, name in enumerate(_names(kpi, stretch))
    ]


def _names(kpi: KPI, stretch: bool) -> list[str]:
    names = ["low", "high"] if kpi.direction is Direction.BETWEEN else ["target"]
    more = [f"ytd_{one}" for one in names] if kpi.aggregation is Aggregation.GIVEN else []
    return [*names, *(["stretch"] if stretch else []), *more]


def _row(
    facts: GridFacts, cycle: CycleSpan, kpi: KPI, name: str, is_first: bool, may_amend: bool, revise: bool
) -> TargetRow:
    cells: list[Cell | None] = []
    months = list(facts.calendar.periods(first=cycle.first, last=cycle.last, frequency=Frequency.MONTH))
    for month in months:
        period = facts.calendar.period_of(day=month.last, frequency=kpi.frequency)
        ends_here = period.last == month.last
        cells.append(_cell(facts, kpi, period, name, may_amend, revise) if ends_here else None)
    direction = kpi.direction.value if kpi.direction else "no direction yet"
    detail = " · ".join(part for part in (direction, kpi.uom, facts.people.get(kpi.owner_id or 0, "no owner")) if part)
    return TargetRow(
        ends=tuple(one.last for one in months),
        kpi_id=kpi.id,
        name=name,
        kpi_name=kpi.name,
        detail=detail,
        said=ROW_WORDS[name],
        is_first=is_first,
        is_draft=kpi.state is State.DRAFT,
        cells=tuple(cells),
    )


def _cell(facts: GridFacts, kpi: KPI, period: Period, name: str, may_amend: bool, revise: bool) -> Cell:
    reading = facts.reading(kpi=kpi, period=period)
    agreed = amends(kpi=kpi, reading=reading, changed=[name])
    locked = facts.is_locked(kpi=kpi, period=period)
    label = f"{kpi.name}, {ROW_WORDS[name]}, {facts.calendar.label(period=period)}"
    return Cell(
        kpi_id=kpi.id,
        period=period.first,
        name=name,
        label=label,
        text=now_says(reading=reading, name=name),
        uom=kpi.uom,
        version=reading.version if reading else 0,
        is_open=(not locked or revise) and (not agreed or may_amend),
        mark="locked" if locked else "amended" if reading and reading.amended else "agreed" if agreed else "",
    )

"""A month's actuals of many KPIs in one grid, the plan beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hoshin.commands.bands import now_says
from hoshin.commands.readings import CellWish
from hoshin.engine.band_text import show_band
from hoshin.engine.calendars import Frequency, Period
from hoshin.engine.figures import show_figure
from hoshin.engine.metrics import Aggregation
from hoshin.engine.plans import State
from hoshin.engine.verdicts import Verdict, judge
from hoshin.forms.fields import Form, line
from hoshin.forms.grids import Cell, Grid
from hoshin.model.kpis import KPI, Reading
from hoshin.queries.grids import GridFacts

CELL_WORDS = {"actual": "actual", "ytd_actual": "year to date", "note": "note"}


@dataclass(frozen=True, slots=True)
class ActualRow:
    """One KPI in one period: the plan, what is typed beside it, and how it stands."""

    kpi_id: int
    name: str
    detail: str
    unit: str
    period: str
    plan: str
    stretch: str
    ytd_plan: str
    actual: Cell
    ytd_actual: Cell | None
    note: Cell
    verdict: Verdict
    is_locked: bool
    is_draft: bool


class ActualsForm(Form):
    """The grid with the reason of a revision; `grid` holds the cells."""

    reason = line(label="Why is a locked month revised?", required=False, most=2000)

    def __init__(self, formdata: Any, *, rows: Sequence[ActualRow], point: str = ".") -> None:
        super().__init__(formdata)
        self.grid = Grid(cell for row in rows for cell in (row.actual, row.ytd_actual, row.note) if cell is not None)
        self.wishes: list[CellWish] = []
        if formdata:
            self.grid.read(posted=formdata, point=point)

    def validate(self, extra_validators: Any = None) -> bool:
        """The reason and every changed cell can be read."""
        fields_fit = super().validate(extra_validators)
        self.wishes = self.grid.wishes()
        return fields_fit and not self.grid.problems and not self.grid.echoes


def actual_rows(*, facts: GridFacts, month: Period, due: Sequence[Frequency], revise: bool) -> list[ActualRow]:
    """The KPIs whose period ends with the month; `due` names the frequencies whose period has fallen due."""
    rows = []
    for kpi in facts.kpis:
        period = facts.calendar.period_of(day=month.last, frequency=kpi.frequency)
        if period.last == month.last:
            rows.append(_row(facts, kpi, period, kpi.frequency in due, revise))
    return rows


def later_rows(*, facts: GridFacts, month: Period) -> list[str]:
    """The KPIs that are read later than this month, each with its period."""
    later = []
    for kpi in facts.kpis:
        period = facts.calendar.period_of(day=month.last, frequency=kpi.frequency)
        if period.last != month.last:
            later.append(f"{kpi.name} ({facts.calendar.label(period=period)})")
    return later


def _row(facts: GridFacts, kpi: KPI, period: Period, is_due: bool, revise: bool) -> ActualRow:
    reading = facts.reading(kpi=kpi, period=period)
    known = (reading or Reading(note="")).as_reading()
    locked = facts.is_locked(kpi=kpi, period=period)
    label = f"{kpi.name}, {facts.calendar.label(period=period)}"
    given = kpi.aggregation is Aggregation.GIVEN

    def cell(name: str) -> Cell:
        version = reading.version if reading else 0
        said = f"{label}, {CELL_WORDS[name]}"
        return Cell(
            kpi.id, period.first, name, said, now_says(reading=reading, name=name), version, not locked or revise,
            uom=kpi.uom,
        )  # fmt: skip

    return ActualRow(
        kpi_id=kpi.id,
        name=kpi.name,
        detail=" · ".join(part for part in (kpi.uom, facts.people.get(kpi.owner_id or 0, "no owner")) if part),
        unit=facts.units[kpi.unit_id],
        period=facts.calendar.label(period=period),
        plan=show_band(band=known.band),
        stretch=show_figure(value=reading.stretch) if reading else "",
        ytd_plan=show_band(band=known.ytd_band),
        actual=cell("actual"),
        ytd_actual=cell("ytd_actual") if given else None,
        note=cell("note"),
        verdict=judge(due=is_due, band=known.band, actual=known.actual),
        is_locked=locked,
        is_draft=kpi.state is State.DRAFT,
    )

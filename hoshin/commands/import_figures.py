"""A file's figures: KPIs put on their cycles' plans, readings recorded by the one rule, what has no target reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import select

from hoshin.commands.import_job import Job, plain, short
from hoshin.commands.import_wish import FigureEntry
from hoshin.commands.readings import CellWish, record_cells, rederive
from hoshin.engine.calendars import FiscalCalendar
from hoshin.model.cycles import CycleKPI
from hoshin.model.kpis import KPI, Reading
from hoshin.queries.kpis import list_readings

Aims = tuple[tuple[str, Any], ...]
MOST_ROWS = 20
_NOTHING = {"note": ""}


def take_members(*, job: Job) -> None:
    """Let every KPI belong to the cycles that the file names for it, even with an empty row."""
    known = {(one.cycle_id, one.kpi_id): one for one in job.session.scalars(select(CycleKPI))}
    for key, cycle_name in job.wish.members:
        kpi, cycle = job.items.get(key), job.cycles[cycle_name]
        if kpi is None:
            continue
        found = known.get((cycle.id, kpi.id))
        if found is None:
            job.session.add(CycleKPI(cycle_id=cycle.id, kpi_id=kpi.id, recorded_at=job.at))
            job.created("KPI on a cycle's plan", f"{kpi.name}, {cycle.name}")
        else:
            found.recorded_at = min(found.recorded_at, job.at)
            job.left("KPI on a cycle's plan")
    job.session.flush()


class FigureStep:
    """Compares every figure with what stands, then records what is new or different."""

    def __init__(self, *, job: Job, aims_changed: Sequence[KPI]) -> None:
        self.job, self.aims_changed = job, aims_changed
        self.readings: dict[tuple[int, date], Reading] = {}

    def run(self) -> None:
        """Record, derive again what a new direction opens, and report what is without target."""
        entries = [
            (entry, kpi) for entry in self.job.wish.figures if isinstance(kpi := self.job.items.get(entry.kpi), KPI)
        ]
        keys = sorted({kpi.id for _, kpi in entries})
        self._load(keys)
        groups = self._cells(entries)
        for aims, cells in self._first_cells(entries).items():
            self._record(aims, cells)
        for aims, cells in groups.items():
            self._record(aims, cells)
        for kpi in self.aims_changed:
            rederive(session=self.job.session, kpi=kpi, reason=self.job.reason, by=self.job.by, at=self.job.at)
        if not self.job.problems:
            self._load(keys)
            self._note_without_target(entries)

    def _load(self, keys: Sequence[int]) -> None:
        found = list_readings(session=self.job.session, kpi_ids=keys) if keys else ()
        self.readings = {(one.kpi_id, one.period): one for one in found}

    def _cells(self, entries: Sequence[tuple[FigureEntry, KPI]]) -> Mapping[Aims, list[tuple[KPI, CellWish]]]:
        """The cells that change, by the aims they are to be judged by; the KPIs' own aims come last."""
        groups: dict[Aims, list[tuple[KPI, CellWish]]] = defaultdict(list)
        own: list[tuple[KPI, CellWish]] = []
        for entry, kpi in entries:
            changed = self._changed(entry, kpi)
            if not changed:
                continue
            cell = CellWish(kpi_id=kpi.id, period=entry.period.first, values=changed, place=entry.place)
            aims = _other_aims(entry, kpi)
            (groups[aims] if aims else own).append((kpi, cell))
        return {**groups, (): own} if own else groups

    def _first_cells(self, entries: Sequence[tuple[FigureEntry, KPI]]) -> Mapping[Aims, list[tuple[KPI, CellWish]]]:
        """What was first agreed on for new readings: recorded before what amended it."""
        groups: dict[Aims, list[tuple[KPI, CellWish]]] = defaultdict(list)
        for entry, kpi in entries:
            if entry.first and (kpi.id, entry.period.first) not in self.readings:
                cell = CellWish(kpi_id=kpi.id, period=entry.period.first, values=entry.first, place=entry.place)
                groups[_other_aims(entry, kpi)].append((kpi, cell))
        return groups

    def _changed(self, entry: FigureEntry, kpi: KPI) -> dict[str, Any]:
        """What differs from what stands; a blank is not in `values`, so it never erases."""
        reading = self.readings.get((kpi.id, entry.period.first))
        calendar: FiscalCalendar = self.job.wish.calendar
        name = f"{short(name=kpi.name)}, {calendar.code(period=entry.period)}"
        before = {one: getattr(reading, one) if reading else _NOTHING.get(one) for one in entry.values}
        changed = {one: value for one, value in entry.values.items() if value != before[one]}
        if reading is None and changed:
            self.job.created("reading", name)
        elif changed:
            told = ", ".join(f"{one} {plain(value=before[one])} → {plain(value=new)}" for one, new in changed.items())
            self.job.changed("reading", name, told)
        elif reading is not None:
            self.job.left("reading")
        return changed

    def _record(self, aims: Aims, cells: Sequence[tuple[KPI, CellWish]]) -> None:
        job = self.job
        with _judged_by(aims, [kpi for kpi, _ in cells]):
            outcome = record_cells(
                session=job.session, cells=[cell for _, cell in cells], by=job.by, at=job.at, reason=job.reason
            )
        job.session.flush()
        job.problems.extend(outcome.problems)

    def _note_without_target(self, entries: Sequence[tuple[FigureEntry, KPI]]) -> None:
        rows = [entry.place.row or 0 for entry, kpi in entries if self._is_without_target(entry, kpi)]
        if rows:
            told = ", ".join(str(one) for one in rows[:MOST_ROWS]) + (", …" if len(rows) > MOST_ROWS else "")
            self.job.outcome.notes.append(
                f"{len(rows)} of {len(entries)} figures are without target (no target, direction or bound): rows {told}"
            )

    def _is_without_target(self, entry: FigureEntry, kpi: KPI) -> bool:
        reading = self.readings.get((kpi.id, entry.period.first))
        return reading is None or reading.as_reading().band is None


def _other_aims(entry: FigureEntry, kpi: KPI) -> Aims:
    """The direction and tolerance that the rows state where they are not the KPI's own; empty when they are."""
    aims = {"direction": kpi.direction, "tolerance": kpi.tolerance} | dict(entry.aims)
    own = (aims["direction"], aims["tolerance"]) == (kpi.direction, kpi.tolerance)
    return () if own else tuple(aims.items())


@contextmanager
def _judged_by(aims: Aims, kpis: Sequence[KPI]) -> Iterator[None]:
    """Let older figures be judged by the direction and tolerance that their own rows state."""
    own = [(kpi, kpi.direction, kpi.tolerance) for kpi in kpis]
    for kpi in kpis if aims else ():
        kpi.direction, kpi.tolerance = dict(aims)["direction"], dict(aims)["tolerance"]
    try:
        yield
    finally:
        for kpi, direction, tolerance in own:
            kpi.direction, kpi.tolerance = direction, tolerance

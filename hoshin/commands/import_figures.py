"""A file's figures: KPIs put on their cycles' plans, readings recorded by the one rule, what has no target reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from hoshin.commands.bands import Values
from hoshin.commands.import_job import Job, plain, short
from hoshin.commands.import_wish import FigureEntry, ItemKey
from hoshin.commands.readings import CellWish, record_cells, rederive
from hoshin.commands.readings_new import Home, NewReadings
from hoshin.engine.calendars import FiscalCalendar
from hoshin.model.cycles import CycleKPI
from hoshin.model.items import Item
from hoshin.model.kpis import KPI, Reading
from hoshin.model.rows import insert_rows
from hoshin.queries.kpis import MOST_KEYS, aimless_periods, hold_kpis, list_readings

Aims = tuple[tuple[str, Any], ...]
Entry = tuple[FigureEntry, Home]
Cell = tuple[Entry, Values]
"""A figure of the file, and what of it is to be recorded."""
MOST_ROWS = 20
AT_ONCE = 500
"""How many KPIs are compared and recorded at once: enough to need few statements, few enough to be held."""


def share_plan(*, job: Job, new: Collection[int]) -> None:
    """From here on the plan stays as it is, and the file's KPIs but the `new` ones are this import's; see `Job.share`.

    Other KPIs may be recorded meanwhile, unless the file has changed the plan itself.
    """
    job.share()
    found = map(job.items.get, {*(one.kpi for one in job.wish.figures), *(key for key, _ in job.wish.members)})
    hold_kpis(session=job.session, kpi_ids={one.id for one in found if one is not None} - set(new))


def take_members(*, job: Job) -> None:
    """Let every KPI belong to the cycles that the file names for it, even with an empty row."""
    known = _members(job, [job.items.get(key) for key, _ in job.wish.members])
    new: dict[tuple[int, int], tuple[int, int, datetime]] = {}
    for key, cycle_name in job.wish.members:
        kpi, cycle = job.items.get(key), job.cycles[cycle_name]
        if kpi is None:
            continue
        found = known.get((cycle.id, kpi.id))
        if found is None:
            new[cycle.id, kpi.id] = (cycle.id, kpi.id, job.at)
        else:
            found.recorded_at = min(found.recorded_at, job.at)
            job.left("KPI on a cycle's plan")
    job.created("KPI on a cycle's plan", "", number=len(new))
    names = ("cycle_id", "kpi_id", "recorded_at")
    insert_rows(session=job.session, model=CycleKPI, names=names, rows=new.values())


def _members(job: Job, items: Iterable[Item | None]) -> dict[tuple[int, int], CycleKPI]:
    keys, found = sorted({one.id for one in items if one is not None}), dict[tuple[int, int], CycleKPI]()
    for first in range(0, len(keys), MOST_KEYS):
        some = CycleKPI.kpi_id.in_(keys[first : first + MOST_KEYS])
        found.update({(one.cycle_id, one.kpi_id): one for one in job.session.scalars(select(CycleKPI).where(some))})
    return found


class FigureStep:
    """Compares every figure with what stands, then records what is new or different, some hundred KPIs at a time.

    `new` are the KPIs that this import has made: they have no figures yet.
    """

    def __init__(self, *, job: Job, aims_changed: Sequence[KPI], new: Collection[int]) -> None:
        self.job, self.aims_changed, self.made = job, aims_changed, new
        self.readings: dict[tuple[int, date], Reading] = {}
        self.stored: set[tuple[int, date]] = set()
        self.created, self.blank = 0, list[int]()
        self.new = NewReadings(session=job.session, by=job.by, at=job.at, reason=job.reason)

    def run(self) -> None:
        """Record, derive again what a new direction opens, and report what is without target."""
        of_kpis, number = self._by_kpi(), len(self.job.wish.figures)
        done, keys = 0, list(of_kpis)
        self.job.report(what="storing", done=done, of=number)
        for first in range(0, len(keys), AT_ONCE):
            some = keys[first : first + AT_ONCE]
            entries = [one for key in some for one in of_kpis[key]]
            self._take(some, entries)
            done += len(entries)
            self.job.report(what="storing", done=done, of=number)
        self.job.created("reading", "", number=self.created)
        for kpi in self.aims_changed:
            rederive(session=self.job.session, kpi=kpi, reason=self.job.reason, by=self.job.by, at=self.job.at)
        if not self.job.problems:
            self._note_without_target(of_kpis)

    def _by_kpi(self) -> dict[int, list[Entry]]:
        """The figures of each KPI, in the order of the file."""
        of_keys: dict[ItemKey, list[FigureEntry]] = {}
        for entry in self.job.wish.figures:
            of_keys.setdefault(entry.kpi, []).append(entry)
        found: dict[int, list[Entry]] = {}
        for key, entries in of_keys.items():
            kpi = self.job.items.get(key)
            if isinstance(kpi, KPI):
                home = Home.of(kpi=kpi)
                found[home.id] = [(one, home) for one in entries]
        return found

    def _take(self, keys: Sequence[int], entries: Sequence[Entry]) -> None:
        known = [key for key in keys if key not in self.made]
        found = list_readings(session=self.job.session, kpi_ids=known) if known else ()
        self.readings = {(one.kpi_id, one.period): one for one in found}
        self.stored = set(self.readings)
        groups = self._cells(entries)
        for aims, cells in self._first_cells(entries).items():
            self._record(aims, cells)
            self.stored.update(map(_key, cells))
        for aims, cells in groups.items():
            self._record(aims, cells)

    def _cells(self, entries: Sequence[Entry]) -> Mapping[Aims, list[Cell]]:
        """The cells that change, by the aims they are to be judged by; the KPIs' own aims come last."""
        groups: dict[Aims, list[Cell]] = defaultdict(list)
        own: list[Cell] = []
        for entry, home in entries:
            changed = self._changed(entry, home)
            if not changed:
                continue
            aims = _other_aims(entry, home)
            (groups[aims] if aims else own).append(((entry, home), changed))
        return {**groups, (): own} if own else groups

    def _first_cells(self, entries: Sequence[Entry]) -> Mapping[Aims, list[Cell]]:
        """What was first agreed on for new readings: recorded before what amended it."""
        groups: dict[Aims, list[Cell]] = defaultdict(list)
        for entry, home in entries:
            if entry.first and (home.id, entry.period.first) not in self.readings:
                groups[_other_aims(entry, home)].append(((entry, home), _said(entry.first)))
        return groups

    def _changed(self, entry: FigureEntry, home: Home) -> Values:
        """What differs from what stands; a blank is not in `values`, so it never erases."""
        reading = self.readings.get((home.id, entry.period.first)) if self.readings else None
        if reading is None:
            changed = _said(entry.values)
            if changed:
                self.created += 1
            elif not entry.first:
                self.blank.append(entry.row or 0)
            return changed
        before = {one: getattr(reading, one) for one in entry.values}
        changed = {one: value for one, value in entry.values.items() if value != before[one]}
        if changed:
            calendar: FiscalCalendar = self.job.wish.calendar
            name = f"{short(name=home.kpi.name)}, {calendar.code(period=entry.period)}"
            told = ", ".join(f"{one} {plain(value=before[one])} → {plain(value=new)}" for one, new in changed.items())
            self.job.changed("reading", name, told)
        else:
            self.job.left("reading")
        return changed

    def _record(self, aims: Aims, cells: Sequence[Cell]) -> None:
        """New readings all at once; what was read before, or cannot simply stand, cell by cell."""
        job = self.job
        with _judged_by(aims, [home.kpi for (_, home), _ in cells]):
            homes = {home.id: replace(home, **dict(aims)) for (_, home), _ in cells} if aims else {}
            rest = [one for one in cells if _key(one) in self.stored] if self.stored else []
            new = [one for one in cells if _key(one) not in self.stored] if self.stored else cells
            left = self.new.record(
                cells=[(homes.get(home.id, home), one.period.first, said) for (one, home), said in new]
            )
            rest += [new[place] for place in left]
            if rest:
                wishes = [_wish(one) for one in rest]
                outcome = record_cells(session=job.session, cells=wishes, by=job.by, at=job.at, reason=job.reason)
                job.session.flush()
                job.problems.extend(outcome.problems)
                self.new.note_members()

    def _note_without_target(self, of_kpis: Mapping[int, Sequence[Entry]]) -> None:
        aimless = aimless_periods(session=self.job.session, kpi_ids=of_kpis)
        homes = {kpi for kpi, _ in aimless}
        entries = [one for kpi in homes for one in of_kpis[kpi]]
        bare = [one.row or 0 for one, home in entries if (home.id, one.period.first) in aimless]
        rows = sorted([*self.blank, *bare])
        if rows:
            number = sum(map(len, of_kpis.values()))
            told = ", ".join(str(one) for one in rows[:MOST_ROWS]) + (", …" if len(rows) > MOST_ROWS else "")
            self.job.outcome.notes.append(
                f"{len(rows)} of {number} figures are without target (no target, direction or bound): rows {told}"
            )


def _key(cell: Cell) -> tuple[int, date]:
    (entry, home), _ = cell
    return home.id, entry.period.first


def _wish(cell: Cell) -> CellWish:
    (entry, home), values = cell
    return CellWish(kpi_id=home.id, period=entry.period.first, values=values, place=entry.place)


def _said(values: Values) -> Values:
    """Only what says something: a figure, 0 among them, or a note."""
    if all(values.values()):
        return values
    return {one: value for one, value in values.items() if value or isinstance(value, Decimal)}


def _other_aims(entry: FigureEntry, home: Home) -> Aims:
    """The direction and tolerance that the rows state where they are not the KPI's own; empty when they are."""
    if not entry.aims:
        return ()
    direction = entry.aims.get("direction", home.direction)
    tolerance = entry.aims.get("tolerance", home.tolerance)
    if direction is home.direction and tolerance == home.tolerance:
        return ()
    return (("direction", direction), ("tolerance", tolerance))


@contextmanager
def _judged_by(aims: Aims, kpis: Iterable[KPI]) -> Iterator[None]:
    """Let older figures be judged by the direction and tolerance that their own rows state."""
    own = [(kpi, kpi.direction, kpi.tolerance) for kpi in kpis] if aims else []
    for kpi, _, _ in own:
        kpi.direction, kpi.tolerance = dict(aims)["direction"], dict(aims)["tolerance"]
    try:
        yield
    finally:
        for kpi, direction, tolerance in own:
            kpi.direction, kpi.tolerance = direction, tolerance

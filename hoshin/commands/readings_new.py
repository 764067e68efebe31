"""Readings that are not there yet, by the hundred thousand: the rules and the journal of one, in few statements.

What stands in each row is known as soon as its figures are: it goes straight into the columns, and no reading is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import journal
from hoshin.commands.bands import NOTES, PERIOD_TARGETS, PLANNED, RECORDED, YEAR_TARGETS, Values, shown, unstorable
from hoshin.engine.calendars import FiscalCalendar, Frequency
from hoshin.engine.statuses import status_as_agreed
from hoshin.engine.verdicts import Band, Direction, band_of
from hoshin.model.cycles import Cycle, CycleKPI, CycleState, MonthLock
from hoshin.model.kpis import KPI, Reading, Revision
from hoshin.model.rows import copy_rows, insert_rows, insert_stored, stored_form
from hoshin.queries.kpis import MOST_KEYS, subjects_of
from hoshin.queries.units import get_organisation

_FIRST = ("period", "kpi_id", "recorded_at")
_SIGNED = ("recorded_by", "reason", "amendment", "agreed_by", "journal_id")
_STORED = ("period", "target", "recorded_at")
_BOUNDS = ("band_low", "band_high", "first_low", "first_high")


@dataclass(frozen=True, slots=True)
class Home:
    """What is asked of a KPI for each of its figures, read from it once."""

    kpi: KPI
    id: int
    unit: int
    frequency: Frequency
    direction: Direction | None
    tolerance: Decimal | None

    @classmethod
    def of(cls, *, kpi: KPI) -> Home:
        """Of this KPI, with its own aims."""
        return cls(kpi, kpi.id, kpi.unit_id, kpi.frequency, kpi.direction, kpi.tolerance)


Cell = tuple[Home, date, Values]
"""A KPI, the first day of a period, and what is to stand there: only what says something, and at least one thing."""
Where = tuple[date, int] | None
"""The last month of a period, and its cycle; None where either is not to be had."""


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """What rows with the same fields have in common: their columns, in this order, and what it takes to write them.

    `blank` stands in the notes that say nothing, `targets` are the fields of each band that the others make up, and
    `verb` is the word of the journal.
    """

    columns: tuple[str, ...]
    blank: tuple[str, ...]
    targets: tuple[tuple[str, ...], ...]
    acts: tuple[Act, ...]
    verb: str
    before: Mapping[str, str]


@cache
def _shape(names: tuple[str, ...]) -> _Shape:
    said = set(names)
    bands = {prefix: of for prefix, of in (("", PERIOD_TARGETS), ("ytd_", YEAR_TARGETS)) if said & set(of)}
    acts = tuple(act for act, of in ((Act.PLAN_TARGETS, PLANNED), (Act.RECORD_ACTUALS, RECORDED)) if said & set(of))
    blank = tuple(one for one in NOTES if one not in said)
    bounds = (f"{prefix}{end}" for prefix in bands for end in _BOUNDS)
    verb = "planned" if Act.PLAN_TARGETS in acts else "recorded"
    columns = (*_FIRST, *names, *blank, *bounds, "status")
    return _Shape(columns, ("",) * len(blank), tuple(bands.values()), acts, verb, dict.fromkeys(names, ""))


@dataclass(slots=True)
class _Group:
    """Figures of one KPI under one verb: what was and is by period, for one line of the journal, and their rows."""

    home: Home
    verb: str
    shapes: dict[str, _Shape] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    rows: dict[_Shape, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))


class NewReadings:
    """The working table of one import: what is needed to say that a new reading may stand is loaded once."""

    def __init__(self, *, session: Session, by: Actor, at: datetime, reason: str) -> None:
        self.session, self.by, self.at, self.reason = session, by, at, reason
        self.calendar: FiscalCalendar = get_organisation(session=session).calendar
        self.cycles = [one for one in session.scalars(select(Cycle)) if one.state is not CycleState.CLOSED]
        self.note_members()
        self.locks = {(unit, month) for unit, month in session.execute(select(MonthLock.unit_id, MonthLock.month))}
        self.spans: dict[Frequency, dict[date, Where]] = {one: {} for one in Frequency}
        period, target, recorded = (stored_form(session=session, model=Reading, name=one) for one in _STORED)
        self.moment = recorded(at)
        self.day = cache(lambda day: (day.isoformat(), period(day)))
        self.figure = cache(lambda value: target(value) if isinstance(value, Decimal) else value)
        self.bands = cache(self._band)
        self.shown = cache(lambda value: shown(value=value))
        self.empty: dict[tuple[tuple[str, _Shape], ...], dict[str, Any]] = {}

    def note_members(self) -> None:
        """Learn which KPIs are on which plans, again after somebody else has put them there."""
        known = self.session.execute(select(CycleKPI.cycle_id, CycleKPI.kpi_id))
        self.members = {(cycle, kpi) for cycle, kpi in known}

    def record(self, *, cells: Sequence[Cell]) -> list[int]:
        """Record what needs no second look, and give the places of the rest: locked, misplaced or not to be stored.

        None of the readings may be there yet. Raises Forbidden for KPIs that are not the actor's.
        """
        subjects = subjects_of(kpis={home.id: home.kpi for home, _, _ in cells}.values())
        groups: dict[tuple[int, str], _Group] = {}
        joined: list[tuple[int, int, datetime]] = []
        left = []
        for place, (home, period, values) in enumerate(cells):
            span = self._span(period, home.frequency)
            if not values or span is None or (home.unit, span[0]) in self.locks or _is_unstorable(home, values):
                left.append(place)
                continue
            shape = _shape(tuple(values))
            group = groups.get((home.id, shape.verb))
            if group is None:
                group = groups[home.id, shape.verb] = _Group(home, shape.verb)
            if shape not in group.rows:
                for act in shape.acts:
                    require(actor=self.by, act=act, subject=subjects[home.id])
            self._take(group, shape, period, values)
            if (span[1], home.id) not in self.members:
                self.members.add((span[1], home.id))
                joined.append((span[1], home.id, self.at))
        insert_rows(session=self.session, model=CycleKPI, names=("cycle_id", "kpi_id", "recorded_at"), rows=joined)
        self._keep(list(groups.values()))
        return left

    def _span(self, day: date, frequency: Frequency) -> Where:
        known = self.spans[frequency]
        if day not in known:
            period = self.calendar.period_of(day=day, frequency=frequency)
            cycle = next((one.id for one in self.cycles if one.first_day <= day <= one.last_day), None)
            fits = period.first == day and cycle is not None
            known[day] = (period.last.replace(day=1), cycle) if fits and cycle is not None else None
        return known[day]

    def _take(self, group: _Group, shape: _Shape, period: date, values: Values) -> None:
        """Work out the row of a cell: its figures, the bands they make up, and the verdict."""
        home = group.home
        day, stored = self.day(period)
        row = [stored, home.id, self.moment, *map(self.figure, values.values()), *shape.blank]
        band: Band | None = None
        for targets in shape.targets:
            made, bounds = self.bands(home.direction, home.tolerance, *map(values.get, targets))
            row += bounds
            band = made if targets is PERIOD_TARGETS else band
        row.append(status_as_agreed(band=band, actual=values.get("actual")))  # type: ignore[arg-type] # no note
        group.rows[shape].append(tuple(row))
        group.shapes[day] = shape
        group.after[day] = {name: self.shown(value) for name, value in values.items()}

    def _band(
        self, direction: Direction | None, tolerance: Decimal | None, *typed: Any
    ) -> tuple[Band | None, tuple[Any, ...]]:
        """The band of target, low and high, and what the columns say of it, now and as first agreed."""
        target, low, high = typed
        made = band_of(direction=direction, target=target, low=low, high=high, tolerance=tolerance)
        bounds = (self.figure(made.low), self.figure(made.high)) if made else (None, None)
        return made, bounds * 2

    def _keep(self, groups: Sequence[_Group]) -> None:
        """Write the lines of the journal, a revision of each reading that knows its line, and the readings of these."""
        keys = journal.write_all(session=self.session, lines=[self._line(one) for one in groups])
        revisions: dict[_Shape, list[tuple[Any, ...]]] = defaultdict(list)
        for group, key in zip(groups, keys, strict=True):
            signed = (self.by.name, self.reason, False, "", key)
            for shape, rows in group.rows.items():
                revisions[shape] += [row + signed for row in rows]
        for shape, rows in revisions.items():
            insert_stored(session=self.session, model=Revision, names=(*shape.columns, *_SIGNED), rows=rows)
        for first in range(0, len(keys), MOST_KEYS):
            some = Revision.journal_id.in_(keys[first : first + MOST_KEYS])
            copy_rows(session=self.session, source=Revision, target=Reading, where=some)

    def _line(self, group: _Group) -> dict[str, Any]:
        home = group.home
        return journal.line(
            by=self.by, at=self.at, verb=group.verb, subject="reading", subject_id=str(home.id), name=home.kpi.name,
            unit=home.unit, before=self._before(group), after=group.after, why=self.reason,
        )  # fmt: skip

    def _before(self, group: _Group) -> dict[str, Any]:
        """Nothing in any of the fields: one and the same for all KPIs of which a file says as much."""
        key = tuple(group.shapes.items())
        if key not in self.empty:
            self.empty[key] = {day: shape.before for day, shape in key}
        return self.empty[key]


def _is_unstorable(home: Home, values: Values) -> bool:
    """Figures of a file have been checked when they were read; only a tolerance can make them longer."""
    return home.tolerance is not None and unstorable(kpi=home, reading=None, changed=values) != ""

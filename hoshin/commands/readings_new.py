"""Readings that are not there yet, by the hundred thousand: the rules and the journal of one, in few statements.

What stands in each row is known as soon as its figures are: it goes straight into the columns, and no reading is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import journal
from hoshin.commands.bands import NOTES, PERIOD_TARGETS, PLANNED, RECORDED, YEAR_TARGETS, Values, shown, unstorable
from hoshin.engine.calendars import FiscalCalendar, Frequency
from hoshin.engine.statuses import status_as_agreed
from hoshin.engine.verdicts import Band, Direction, band_of
from hoshin.model.cycles import Cycle, CycleKPI, CycleState, MonthLock
from hoshin.model.kpis import KPI, Reading, Revision
from hoshin.model.rows import insert_rows, insert_stored, stored_form
from hoshin.queries.kpis import subjects_of
from hoshin.queries.units import get_organisation

_FIRST = ("period", "kpi_id", "recorded_at")
_NEW = ("amended", "version")
_SIGNED = ("recorded_by", "reason", "amendment", "agreed_by", "journal_id")


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
    """What rows with the same fields have in common: their columns, in this order, and what it takes to write them."""

    names: tuple[str, ...]
    blank: tuple[str, ...]
    prefixes: tuple[str, ...]
    acts: tuple[Act, ...]
    before: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the figures, of the bands they make up, and of the verdict."""
        ends = ("band_low", "band_high", "first_low", "first_high")
        return (*self.names, *self.blank, *(f"{one}{end}" for one in self.prefixes for end in ends), "status")

    @property
    def verb(self) -> str:
        """The word of the journal."""
        return "planned" if Act.PLAN_TARGETS in self.acts else "recorded"


@cache
def _shape(names: tuple[str, ...]) -> _Shape:
    said = set(names)
    prefixes = [one for one, targets in (("", PERIOD_TARGETS), ("ytd_", YEAR_TARGETS)) if said & set(targets)]
    acts = [act for act, of in ((Act.PLAN_TARGETS, PLANNED), (Act.RECORD_ACTUALS, RECORDED)) if said & set(of)]
    blank = tuple(one for one in NOTES if one not in said)
    return _Shape(names, blank, tuple(prefixes), tuple(acts), dict.fromkeys(names, ""))


@dataclass(slots=True)
class _Group:
    """Figures of one KPI under one verb: what was and is by period, for one line of the journal, and their rows."""

    home: Home
    verb: str
    before: dict[str, Any] = field(default_factory=dict)
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
        self.allowed: set[tuple[int, Act]] = set()
        self.spans: dict[Frequency, dict[date, Where]] = {one: {} for one in Frequency}
        self.stored = {one: stored_form(session=session, model=Reading, name=one) for one in ("period", "target")}
        self.moment = stored_form(session=session, model=Reading, name="recorded_at")(at)
        self.shown = cache(lambda value: shown(value=value))

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
            self._require(home.id, shape.acts, subjects[home.id])
            self._take(group, shape, home, period, values)
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

    def _require(self, kpi: int, acts: Iterable[Act], subject: Subject) -> None:
        for act in acts:
            if (kpi, act) not in self.allowed:
                require(actor=self.by, act=act, subject=subject)
                self.allowed.add((kpi, act))

    def _take(self, group: _Group, shape: _Shape, home: Home, period: date, values: Values) -> None:
        """Work out the row of a cell: its figures, the bands they make up, and the verdict."""
        figure, day = self.stored["target"], period.isoformat()
        row = [self.stored["period"](period), home.id, self.moment]
        row += [figure(one) if isinstance(one, Decimal) else one for one in values.values()]
        row += [""] * len(shape.blank)
        band: Band | None = None
        for prefix in shape.prefixes:
            made = _band(home, values, prefix)
            low, high = (figure(made.low), figure(made.high)) if made else (None, None)
            row += (low, high, low, high)
            band = made if prefix == "" else band
        row.append(status_as_agreed(band=band, actual=values.get("actual")))  # type: ignore[arg-type] # no note
        group.rows[shape].append(tuple(row))
        group.before[day] = shape.before
        group.after[day] = {name: self.shown(value) for name, value in values.items()}

    def _keep(self, groups: Sequence[_Group]) -> None:
        """Write the lines of the journal, the readings, and a revision of each that knows its line."""
        keys = journal.write_all(session=self.session, lines=[self._line(one) for one in groups])
        readings: dict[_Shape, list[tuple[Any, ...]]] = defaultdict(list)
        revisions: dict[_Shape, list[tuple[Any, ...]]] = defaultdict(list)
        for group, key in zip(groups, keys, strict=True):
            signed = (self.by.name, self.reason, False, "", key)
            for shape, rows in group.rows.items():
                readings[shape] += [(*row, False, 1) for row in rows]
                revisions[shape] += [row + signed for row in rows]
        for shape, rows in readings.items():
            rows.sort(key=itemgetter(0, 1))
            names = (*_FIRST, *shape.columns, *_NEW)
            insert_stored(session=self.session, model=Reading, names=names, rows=rows)
        for shape, rows in revisions.items():
            names = (*_FIRST, *shape.columns, *_SIGNED)
            insert_stored(session=self.session, model=Revision, names=names, rows=rows)

    def _line(self, group: _Group) -> dict[str, Any]:
        home = group.home
        return journal.line(
            by=self.by, at=self.at, verb=group.verb, subject="reading", subject_id=str(home.id), name=home.kpi.name,
            unit=home.unit, before=group.before, after=group.after, why=self.reason,
        )  # fmt: skip


def _is_unstorable(home: Home, values: Values) -> bool:
    """Figures of a file have been checked when they were read; only a tolerance can make them longer."""
    return home.tolerance is not None and unstorable(kpi=home, reading=None, changed=values) != ""


def _band(home: Home, values: Mapping[str, Any], prefix: str) -> Band | None:
    return band_of(
        direction=home.direction,
        target=values.get(f"{prefix}target"),
        low=values.get(f"{prefix}low"),
        high=values.get(f"{prefix}high"),
        tolerance=home.tolerance,
    )

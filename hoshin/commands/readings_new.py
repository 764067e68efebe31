"""Readings that are not there yet, by the hundred thousand: the rules and the journal of one, in few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import journal
from hoshin.commands.bands import BANDS, FIGURES, NOTES, PLANNED, RECORDED, Values, derive, plain, standing, unstorable
from hoshin.commands.readings import CellWish
from hoshin.engine.calendars import FiscalCalendar, Frequency
from hoshin.engine.metrics import Reading as EngineReading
from hoshin.engine.statuses import status_of
from hoshin.engine.verdicts import Band, Direction
from hoshin.model.cycles import Cycle, CycleKPI, CycleState, MonthLock
from hoshin.model.kpis import KPI, Figures, Reading, Revision
from hoshin.model.rows import insert_rows
from hoshin.queries.kpis import subjects_of
from hoshin.queries.units import get_organisation

COPIED = (*FIGURES, *BANDS, "status")


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


Cell = tuple[Home, CellWish]


class NewReading(Figures):
    """The figures of a reading before there is one; it takes those of `Reading`, and is no row itself."""

    def __init__(self, *, kpi_id: int, period: date) -> None:
        self.__dict__.update(_EMPTY)
        self.kpi_id, self.period = kpi_id, period


_EMPTY: Mapping[str, Any] = {**dict.fromkeys(COPIED), **dict.fromkeys(NOTES, "")}


@dataclass(slots=True)
class _Change:
    """The new readings of one KPI under one verb: they stand in one line of the journal."""

    home: Home
    readings: list[tuple[NewReading, Values]] = field(default_factory=list)


class NewReadings:
    """The working table of one import: what is needed to say that a new reading may stand is loaded once."""

    def __init__(self, *, session: Session, by: Actor, at: datetime, reason: str) -> None:
        self.session, self.by, self.at, self.reason = session, by, at, reason
        self.calendar: FiscalCalendar = get_organisation(session=session).calendar
        self.cycles = [one for one in session.scalars(select(Cycle)) if one.state is not CycleState.CLOSED]
        self.note_members()
        self.locks = {(unit, month) for unit, month in session.execute(select(MonthLock.unit_id, MonthLock.month))}
        self.allowed: set[tuple[int, Act]] = set()
        self.spans: dict[tuple[date, Frequency], tuple[date, int] | None] = {}

    def note_members(self) -> None:
        """Learn which KPIs are on which plans, again after somebody else has put them there."""
        known = self.session.execute(select(CycleKPI.cycle_id, CycleKPI.kpi_id))
        self.members = {(cycle, kpi) for cycle, kpi in known}

    def record(self, *, cells: Sequence[Cell]) -> list[Cell]:
        """Record what needs no second look, and give back the rest: what is locked, misplaced or cannot be stored.

        None of the readings may be there yet. Raises Forbidden for KPIs that are not the actor's.
        """
        subjects = subjects_of(kpis={home.id: home.kpi for home, _ in cells}.values())
        changes: dict[tuple[int, str], _Change] = {}
        joined: list[tuple[int, int, datetime]] = []
        left = []
        for home, cell in cells:
            changed = {name: value for name, value in cell.values.items() if value is not None and value != ""}
            span = self._span(cell.period, home.frequency)
            if not changed or span is None or (home.unit, span[0]) in self.locks or _is_unstorable(home, changed):
                left.append((home, cell))
                continue
            group = home.id, self._verb(home, changed, subjects[home.id])
            if group not in changes:
                changes[group] = _Change(home)
            changes[group].readings.append((_made(home, cell.period, changed), changed))
            if (span[1], home.id) not in self.members:
                self.members.add((span[1], home.id))
                joined.append((span[1], home.id, self.at))
        insert_rows(session=self.session, model=CycleKPI, names=("cycle_id", "kpi_id", "recorded_at"), rows=joined)
        self._store(changes)
        return left

    def _span(self, day: date, frequency: Frequency) -> tuple[date, int] | None:
        """The last month of the period that begins on the day, and its cycle; None where either is not to be had."""
        if (day, frequency) not in self.spans:
            period = self.calendar.period_of(day=day, frequency=frequency)
            cycle = next((one.id for one in self.cycles if one.first_day <= day <= one.last_day), None)
            fits = period.first == day and cycle is not None
            self.spans[day, frequency] = (period.last.replace(day=1), cycle) if fits and cycle is not None else None
        return self.spans[day, frequency]

    def _verb(self, home: Home, changed: Values, subject: Subject) -> str:
        plans = not changed.keys().isdisjoint(PLANNED)
        if plans:
            self._require(home.id, Act.PLAN_TARGETS, subject)
        if not changed.keys().isdisjoint(RECORDED):
            self._require(home.id, Act.RECORD_ACTUALS, subject)
        return "planned" if plans else "recorded"

    def _require(self, kpi: int, act: Act, subject: Subject) -> None:
        if (kpi, act) not in self.allowed:
            require(actor=self.by, act=act, subject=subject)
            self.allowed.add((kpi, act))

    def _store(self, changes: Mapping[tuple[int, str], _Change]) -> None:
        """The readings, a line for each KPI and verb, and the revisions that point at the lines."""
        found = sorted(
            (one for change in changes.values() for one, _ in change.readings), key=lambda one: (one.period, one.kpi_id)
        )
        insert_rows(
            session=self.session, model=Reading, names=("period", "kpi_id", "recorded_at", "version", *COPIED),
            rows=([one.period, one.kpi_id, self.at, 1, *map(one.__dict__.__getitem__, COPIED)] for one in found),
        )  # fmt: skip
        lines = [self._line(verb, change) for (_, verb), change in changes.items()]
        keys = journal.write_all(session=self.session, lines=lines)
        insert_rows(
            session=self.session, model=Revision,
            names=("period", "kpi_id", "recorded_at", "recorded_by", "journal_id", "reason", *COPIED),
            rows=self._revisions(dict(zip(changes, keys, strict=True)), changes),
        )  # fmt: skip

    def _revisions(
        self, keys: Mapping[tuple[int, str], int], changes: Mapping[tuple[int, str], _Change]
    ) -> Iterator[list[Any]]:
        for group, change in changes.items():
            for one, _ in change.readings:
                head = [one.period, one.kpi_id, self.at, self.by.name, keys[group], self.reason]
                yield [*head, *map(one.__dict__.__getitem__, COPIED)]

    def _line(self, verb: str, change: _Change) -> dict[str, Any]:
        before: dict[str, Any] = defaultdict(dict)
        after: dict[str, Any] = {}
        for one, changed in change.readings:
            key = one.period.isoformat()
            before[key] = {name: standing(reading=None, name=name) or "" for name in changed}
            after[key] = plain(values=changed)
        return journal.line(
            by=self.by, at=self.at, verb=verb, subject="reading", subject_id=str(change.home.id),
            name=change.home.kpi.name, unit=change.home.unit, before=dict(before), after=after, why=self.reason,
        )  # fmt: skip


def _is_unstorable(home: Home, changed: Values) -> bool:
    """Figures of a file have been checked when they were read; only a tolerance can make them longer."""
    return home.tolerance is not None and unstorable(kpi=home, reading=None, changed=changed) != ""


def _made(home: Home, period: date, changed: Values) -> NewReading:
    made = NewReading(kpi_id=home.id, period=period)
    made.__dict__.update(changed)
    derive(kpi=home, reading=made, changed=changed, agreed=False)
    band = Band(made.band_low, made.band_high)
    made.status = status_of(reading=EngineReading(band=band, actual=made.actual, first_band=band))
    return made

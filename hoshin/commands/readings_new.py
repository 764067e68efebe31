"""Readings that are not there yet, by the hundred thousand: the rules and the journal of one, in few statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands.bands import PLANNED, RECORDED, Values, derive, standing, unstorable
from hoshin.commands.keeping import Kept, Signed, keep
from hoshin.commands.readings import CellWish
from hoshin.engine.calendars import FiscalCalendar, Frequency
from hoshin.engine.verdicts import Direction
from hoshin.model.cycles import Cycle, CycleKPI, CycleState, MonthLock
from hoshin.model.kpis import KPI, PlainReading
from hoshin.model.rows import insert_rows
from hoshin.queries.kpis import subjects_of
from hoshin.queries.units import get_organisation


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
        changes: dict[tuple[int, str], Kept] = {}
        joined: list[tuple[int, int, datetime]] = []
        left = []
        for home, cell in cells:
            changed = {name: value for name, value in cell.values.items() if value or isinstance(value, Decimal)}
            span = self._span(cell.period, home.frequency)
            if not changed or span is None or (home.unit, span[0]) in self.locks or _is_unstorable(home, changed):
                left.append((home, cell))
                continue
            group = home.id, self._verb(home, changed, subjects[home.id])
            if group not in changes:
                changes[group] = Kept(home.id, home.kpi.name, home.unit, group[1])
            empty = {name: standing(reading=None, name=name) for name in changed}
            changes[group].cells.append((_made(home, cell.period, changed), empty))
            if (span[1], home.id) not in self.members:
                self.members.add((span[1], home.id))
                joined.append((span[1], home.id, self.at))
        insert_rows(session=self.session, model=CycleKPI, names=("cycle_id", "kpi_id", "recorded_at"), rows=joined)
        keep(session=self.session, changes=list(changes.values()), signed=Signed(self.by, self.at, self.reason))
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


def _is_unstorable(home: Home, changed: Values) -> bool:
    """Figures of a file have been checked when they were read; only a tolerance can make them longer."""
    return home.tolerance is not None and unstorable(kpi=home, reading=None, changed=changed) != ""


def _made(home: Home, period: date, changed: Values) -> PlainReading:
    made = PlainReading.new(kpi_id=home.id, period=period)
    made.__dict__.update(changed)
    derive(kpi=home, reading=made, changed=changed, agreed=False)
    return made

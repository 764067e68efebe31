"""Targets and actuals: planned, amended with a reason, recorded; the one place that turns a target into its band."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import journal
from hoshin.engine.calendars import FiscalCalendar, month_end
from hoshin.engine.figures import show_figure
from hoshin.engine.plans import State
from hoshin.engine.verdicts import band_of
from hoshin.errors import Missing, Problem
from hoshin.model.cycles import Cycle, CycleKPI, MonthLock
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Reading, Revision
from hoshin.queries.attainment import today_in
from hoshin.queries.items import subject_for
from hoshin.queries.kpis import list_readings
from hoshin.queries.units import get_organisation

TARGETS = ("target", "low", "high", "ytd_target", "ytd_low", "ytd_high")
PLANNED = (*TARGETS, "stretch")
RECORDED = ("actual", "ytd_actual", "note")
FIGURES = (*PLANNED, *RECORDED)
BANDS = ("band_low", "band_high", "first_low", "first_high", "ytd_band_low", "ytd_band_high")

Value = Decimal | str | None
Key = tuple[int, date]
UNPLACED = Problem("")


@dataclass(frozen=True, slots=True, kw_only=True)
class CellWish:
    """What is to stand for one KPI and period: only the fields named in `values` change, None empties one.

    `period` is the period's first day; `version` the reading's version when the form was read (0: there was none,
    None: do not compare); `place` says where the cell stands in the form or file, for messages.
    """

    kpi_id: int
    period: date
    values: Mapping[str, Value]
    version: int | None = None
    place: Problem = UNPLACED


@dataclass(slots=True)
class Outcome:
    """What became of the cells: how many were saved or stood so already, and what is wrong with the others."""

    saved: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


def record_cells(
    *,
    session: Session,
    cells: Sequence[CellWish],
    by: Actor,
    at: datetime,
    reason: str = "",
    revise: bool = False,
) -> Outcome:
    """Save every cell that can be saved and report the others; the caller may refuse the whole for one of them.

    A changed target of a KPI in force is an amendment: it needs the head and a reason. A locked month changes only
    when `revise` is set, by the head, with a reason. Raises Missing or Forbidden for KPIs that are not the actor's.
    """
    recording = _Recording(session, by, at, reason.strip(), revise)
    recording.load(cells)
    for cell in cells:
        recording.take(cell)
    recording.write_journal()
    return recording.outcome


def rederive(*, session: Session, kpi: KPI, reason: str, by: Actor, at: datetime) -> int:
    """After a change of direction or tolerance: derive the bands of open periods anew; returns how many changed.

    A period is open while it is neither locked nor due; where nothing had been agreed yet (no band), any unlocked
    period is. A draft has agreed nothing at all.
    """
    recording = _Recording(session, by, at, reason, revise=False)
    readings = list_readings(session=session, kpi_ids=[kpi.id])
    recording.load([CellWish(kpi_id=kpi.id, period=one.period, values={}) for one in readings])
    changed = sum(recording.derive_again(kpi, one) for one in readings)
    recording.write_journal()
    return changed


def first_open_period(*, session: Session, kpi: KPI, today: date) -> date:
    """The first day of the KPI's first period that is neither locked nor due: where an amendment begins by default."""
    calendar = get_organisation(session=session).calendar
    months = session.scalars(select(MonthLock.month).where(MonthLock.unit_id == kpi.unit_id)).all()
    locked_until = month_end(day=max(months)) if months else date.min
    period = calendar.latest_due(as_of=today, frequency=kpi.frequency)
    while period.last <= locked_until or calendar.is_due(period=period, as_of=today):
        period = calendar.period_of(day=period.last + timedelta(days=1), frequency=kpi.frequency)
    return period.first


class _Recording:
    """The working table of one save: everything loaded in a fixed number of statements, then cell by cell."""

    def __init__(self, session: Session, by: Actor, at: datetime, reason: str, revise: bool) -> None:
        self.session, self.by, self.at, self.reason, self.revise = session, by, at, reason, revise
        self.outcome = Outcome()
        self.changes: dict[tuple[int, str], list[tuple[Reading, dict[str, Value]]]] = defaultdict(list)
        self.new_revisions: list[tuple[tuple[int, str], Revision]] = []

    def load(self, cells: Sequence[CellWish]) -> None:
        organisation = get_organisation(session=self.session)
        self.calendar: FiscalCalendar = organisation.calendar
        self.today = today_in(organisation=organisation, now=self.at)
        wanted = sorted({one.kpi_id for one in cells})
        self.kpis = {one.id: one for one in self.session.scalars(select(KPI).where(KPI.id.in_(wanted)))}
        self.subjects = {key: subject_for(session=self.session, item=kpi) for key, kpi in self.kpis.items()}
        first = min((one.period for one in cells), default=date.max)
        last = max((one.period for one in cells), default=date.min)
        found = list_readings(session=self.session, kpi_ids=wanted, first=first, last=last)
        self.readings: dict[Key, Reading] = {(one.kpi_id, one.period): one for one in found}
        self.cycles = self.session.scalars(select(Cycle)).all()
        on_plan = select(CycleKPI.cycle_id, CycleKPI.kpi_id).where(CycleKPI.kpi_id.in_(wanted))
        self.members = {(cycle, kpi) for cycle, kpi in self.session.execute(on_plan)}
        self.locks = {(unit, month) for unit, month in self.session.execute(select(MonthLock.unit_id, MonthLock.month))}

    def take(self, cell: CellWish) -> None:
        """Check one cell and save it, or note what is wrong with it."""
        kpi = self.kpis.get(cell.kpi_id)
        if kpi is None:
            raise Missing("there is no such KPI")
        reading = self.readings.get((kpi.id, cell.period))
        changed = {
            name: value
            for name, value in cell.values.items()
            if value != (getattr(reading, name) if reading else _empty(name))
        }
        problem = self._wrong(cell, kpi, reading, changed)
        if problem:
            self.outcome.problems.append(replace(cell.place, message=problem))
        elif changed:
            self._save(kpi, cell.period, reading, changed)
        else:
            self._join_cycle(kpi.id, cell.period)
            self.outcome.unchanged += 1

    def _wrong(self, cell: CellWish, kpi: KPI, reading: Reading | None, changed: Mapping[str, Value]) -> str:
        period = self.calendar.period_of(day=cell.period, frequency=kpi.frequency)
        if period.first != cell.period:
            return f"{cell.period} does not begin a {kpi.frequency.value}, the frequency of this KPI"
        if self._cycle_of(cell.period) is None:
            return f"{self.calendar.cycle_of(day=cell.period).name} has not been opened"
        if not changed:
            return ""
        self._require(kpi, reading, changed)
        if cell.version is not None and cell.version != (reading.version if reading else 0):
            now = ", ".join(f"{name} {_shown(getattr(reading, name))}" for name in changed) if reading else "nothing"
            return f"somebody else saved this cell in the meantime; it now holds {now}"
        if reading is not None and reading.recorded_at > self.at:
            return f"a later value is known since {reading.recorded_at:%Y-%m-%d}"
        return self._unreasoned(kpi, period.last, reading, changed)

    def _unreasoned(self, kpi: KPI, last: date, reading: Reading | None, changed: Mapping[str, Value]) -> str:
        if self._is_locked(kpi, last) and not (self.revise and self.reason):
            return f"{last:%Y-%m} is locked for this unit"
        if self._amends(kpi, reading, changed) and not self.reason:
            return "a target that was agreed changes: say why"
        return ""

    def _require(self, kpi: KPI, reading: Reading | None, changed: Mapping[str, Value]) -> None:
        subject: Subject = self.subjects[kpi.id]
        if any(name in RECORDED for name in changed):
            require(actor=self.by, act=Act.RECORD_ACTUALS, subject=subject)
        if any(name in PLANNED for name in changed):
            amends = self._amends(kpi, reading, changed)
            require(actor=self.by, act=Act.AMEND_TARGETS if amends else Act.PLAN_TARGETS, subject=subject)
        if self.revise:
            require(actor=self.by, act=Act.REVISE_LOCKED, subject=subject)

    @staticmethod
    def _amends(kpi: KPI, reading: Reading | None, changed: Iterable[str]) -> bool:
        """Whether an agreed target changes: the KPI is not a draft and the changed kind of target stood before."""
        if kpi.state is State.DRAFT or reading is None:
            return False
        of_year = [name for name in TARGETS if name.startswith("ytd_")]
        of_period = [name for name in TARGETS if not name.startswith("ytd_")]
        return any(
            any(name in group for name in changed) and any(getattr(reading, name) is not None for name in group)
            for group in (of_period, of_year)
        )

    def _is_locked(self, kpi: KPI, last: date) -> bool:
        return (kpi.unit_id, last.replace(day=1)) in self.locks

    def _cycle_of(self, day: date) -> Cycle | None:
        return next((one for one in self.cycles if one.first_day <= day <= one.last_day), None)

    def _join_cycle(self, kpi_id: int, period: date) -> None:
        cycle = self._cycle_of(period)
        if cycle is not None and (cycle.id, kpi_id) not in self.members:
            self.members.add((cycle.id, kpi_id))
            self.session.add(CycleKPI(cycle_id=cycle.id, kpi_id=kpi_id, recorded_at=self.at))

    def _save(self, kpi: KPI, period: date, reading: Reading | None, changed: Mapping[str, Value]) -> None:
        amends = self._amends(kpi, reading, changed)
        if reading is None:
            reading = Reading(kpi_id=kpi.id, period=period, note="", amended=False, version=0)
            self.session.add(reading)
            self.readings[kpi.id, period] = reading
        before = {name: getattr(reading, name) for name in changed}
        for name, value in changed.items():
            setattr(reading, name, value)
        self._derive(kpi, reading, agreed=amends)
        reading.amended = reading.amended or amends
        verb = "amended" if amends else "planned" if any(name in PLANNED for name in changed) else "recorded"
        self._keep(kpi, reading, before, verb, amends)
        self._join_cycle(kpi.id, period)
        self.outcome.saved += 1

    @staticmethod
    def _derive(kpi: KPI, reading: Reading, *, agreed: bool) -> None:
        """Set the bands from what was typed; what was first agreed stays when something had been agreed."""
        band = band_of(
            direction=kpi.direction, target=reading.target, low=reading.low, high=reading.high, tolerance=kpi.tolerance
        )
        of_year = band_of(
            direction=kpi.direction,
            target=reading.ytd_target,
            low=reading.ytd_low,
            high=reading.ytd_high,
            tolerance=kpi.tolerance,
        )
        reading.band_low, reading.band_high = (band.low, band.high) if band else (None, None)  # type: ignore[assignment]
        reading.ytd_band_low, reading.ytd_band_high = (of_year.low, of_year.high) if of_year else (None, None)  # type: ignore[assignment]
        if not agreed and not reading.amended:
            reading.first_low, reading.first_high = reading.band_low, reading.band_high

    def _keep(self, kpi: KPI, reading: Reading, before: dict[str, Value], verb: str, amends: bool) -> None:
        reading.version = (reading.version or 0) + 1
        reading.recorded_at = self.at
        group = (kpi.id, verb)
        self.changes[group].append((reading, before))
        revision = Revision(
            kpi_id=kpi.id,
            period=reading.period,
            recorded_at=self.at,
            recorded_by=self.by.name,
            amendment=amends,
            reason=self.reason,
            **{name: getattr(reading, name) for name in (*FIGURES, *BANDS)},
        )
        self.new_revisions.append((group, revision))

    def derive_again(self, kpi: KPI, reading: Reading) -> bool:
        """Rederive one reading where its period is open; whether its band changed."""
        period = self.calendar.period_of(day=reading.period, frequency=kpi.frequency)
        agreed = kpi.state is not State.DRAFT and reading.as_reading().band is not None
        due = self.calendar.is_due(period=period, as_of=self.today)
        if self._is_locked(kpi, period.last) or (agreed and due):
            return False
        before = (reading.band_low, reading.band_high, reading.ytd_band_low, reading.ytd_band_high)
        self._derive(kpi, reading, agreed=agreed)
        if before == (reading.band_low, reading.band_high, reading.ytd_band_low, reading.ytd_band_high):
            return False
        reading.amended = reading.amended or agreed
        self._keep(kpi, reading, {"band_low": before[0], "band_high": before[1]}, "amended", agreed)
        return True

    def write_journal(self) -> None:
        """One line for each KPI and kind of change; the revisions point at it."""
        lines: dict[tuple[int, str], JournalLine] = {}
        for (kpi_id, verb), changed in self.changes.items():
            kpi = self.kpis[kpi_id]
            lines[kpi_id, verb] = journal.write(
                session=self.session,
                by=self.by,
                at=self.at,
                verb=verb,
                thing=changed[0][0],
                subject_id=str(kpi_id),
                unit=kpi.unit_id,
                name=kpi.name,
                why=self.reason,
                before={one.period.isoformat(): _plain(before) for one, before in changed},
                after={
                    one.period.isoformat(): _plain({name: getattr(one, name) for name in before})
                    for one, before in changed
                },
            )
        self.session.flush()
        for group, revision in self.new_revisions:
            revision.journal_id = lines[group].id
            self.session.add(revision)
        self.session.flush()


def _empty(name: str) -> Value:
    return "" if name == "note" else None


def _plain(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: _shown(value) for name, value in values.items()}


def _shown(value: Value) -> str:
    return show_figure(value=value) if isinstance(value, Decimal) else (value or "")

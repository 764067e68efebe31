"""Targets and actuals: planned, amended with a reason, recorded; the one place that turns a target into its band."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, may, require
from hoshin.commands import agreed, closed
from hoshin.commands.bands import (
    BANDS,
    NOTES,
    PLANNED,
    RECORDED,
    TARGETS,
    Value,
    Values,
    amends,
    derive,
    is_agreed,
    now_says,
    said,
    shown,
    standing,
    unstorable,
)
from hoshin.commands.countermeasures_open import THE_FIGURES, open_due
from hoshin.commands.keeping import AMENDED, Kept, Signed, keep
from hoshin.commands.outcomes import Amendment, NotRecorded, Outcome
from hoshin.commands.proposing import Change, Desk
from hoshin.engine.calendars import MONTH_NAMES, FiscalCalendar, Period
from hoshin.engine.misses import may_ask
from hoshin.engine.open_periods import first_open
from hoshin.engine.plans import State
from hoshin.errors import Missing, Problem, Refused
from hoshin.model.cycles import CycleKPI, CycleState, MonthLock
from hoshin.model.kpis import KPI, PlainReading
from hoshin.model.proposals import Proposal
from hoshin.queries.attainment import today_in
from hoshin.queries.kpis import standing_readings, subjects_of
from hoshin.queries.packages import Hold, list_holds
from hoshin.queries.recording import load_years
from hoshin.queries.units import get_organisation, share_plan

Key = tuple[int, date]
_HELD = (
    select(KPI).where(KPI.id.in_(bindparam("kpis", expanding=True))).order_by(KPI.id).with_for_update(key_share=True)
)
UNPLACED = Problem("")
DROP_FIRST = """\
the target of {label} was agreed for the direction and tolerance as they are: propose to empty the open targets \
({who} agrees), change this, then propose the new ones"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellWish:
    """What is to stand for one KPI and period: only the fields named in `values` change, None empties one.

    `period` is the period's first day; `version` the reading's version when the form was read (0: there was none,
    None: do not compare); `place` says where the cell stands in the form or file, for messages.
    """

    kpi_id: int
    period: date
    values: Values
    version: int | None = None
    place: Problem = UNPLACED


def save_cells(
    *,
    session: Session,
    cells: Sequence[CellWish],
    by: Actor,
    at: datetime,
    reason: str = "",
    revise: bool = False,
    first: date | None = None,
) -> Outcome:
    """Save all the cells of one form, or none: raises NotRecorded when one of them cannot be saved.

    A miss that shows itself by them opens its countermeasure in the same transaction.
    """
    recording = _Recording(session, by, at, reason.strip(), revise, first)
    recording.run(cells)
    if recording.outcome.problems:
        raise NotRecorded(recording.outcome)
    if asking := recording.asking():
        open_due(session=session, by=THE_FIGURES, at=at, kpi_ids=asking)
    return recording.outcome


def record_cells(
    *,
    session: Session,
    cells: Sequence[CellWish],
    by: Actor,
    at: datetime,
    reason: str = "",
    revise: bool = False,
    first: date | None = None,
    proposes: bool = False,
    agreed_to: Proposal | None = None,
) -> Outcome:
    """Save every cell that can be saved and report the others; the caller may refuse the whole for one of them.

    A changed target of a KPI in force is an amendment: it needs the head and a reason, and no period that ends before
    `first` takes part in it. Where somebody stands above, it is proposed to her and counts when she agrees. A locked
    month changes only when `revise` is set, by the head, with a reason. With `proposes` nothing else than amendments
    is looked for, and the KPI's people may ask for them too; `agreed_to` is a proposal that is carried out.
    Raises Missing or Forbidden for KPIs that are not the actor's.
    """
    recording = _Recording(session, by, at, reason.strip(), revise, first)
    recording.proposes, recording.agreed_to = proposes, agreed_to
    recording.run(cells)
    return recording.outcome


def rederive(*, session: Session, kpi: KPI, reason: str, by: Actor, at: datetime) -> int:
    """After a change of direction or tolerance: derive the bands of open periods anew; returns how many changed.

    A period is open while it is neither locked nor due; where nothing had been agreed yet (no band), any unlocked
    period is. A draft has agreed nothing at all. Raises Refused when a band would have too many digits, and when an
    agreed one would change although somebody stands above who has to agree to that.
    """
    recording = _Recording(session, by, at, reason, revise=False)
    recording.load(kpi_ids=[kpi.id], first=date.min, last=date.max)
    changed = sum(recording.derive_again(kpi, one) for _, one in sorted(recording.readings.items()))
    recording.store()
    return changed


def first_open_period(*, session: Session, kpi: KPI, today: date) -> date:
    """The first day of the KPI's first period that is neither locked nor due: where an amendment begins by default."""
    calendar = get_organisation(session=session).calendar
    locked = session.scalars(select(MonthLock.month).where(MonthLock.unit_id == kpi.unit_id)).all()
    return first_open(calendar=calendar, frequency=kpi.frequency, locked=locked, today=today).first


class _Recording:
    """The working table of one save: everything loaded in a fixed number of statements, then cell by cell."""

    def __init__(
        self, session: Session, by: Actor, at: datetime, reason: str, revise: bool, start: date | None = None
    ) -> None:
        self.session, self.by, self.at, self.reason, self.revise, self.start = session, by, at, reason, revise, start
        self.outcome = Outcome()
        self.changes: dict[tuple[int, str], Kept] = {}
        self.waiting: set[Key] = set()
        self.touchy: set[int] = set()
        self.proposes = False
        self.agreed_to: Proposal | None = None

    def run(self, cells: Sequence[CellWish]) -> None:
        """Load what the cells need, take one after the other, and store what may stand."""
        days = [one.period for one in cells]
        wanted = sorted({one.kpi_id for one in cells})
        self.load(kpi_ids=wanted, first=min(days, default=date.max), last=max(days, default=date.min))
        for cell in cells:
            self.take(cell)
        self.store()

    def load(self, *, kpi_ids: Sequence[int], first: date, last: date) -> None:
        """Everything the cells need; the KPIs are held until the end, so that two savers take turns.

        The plan is shared before: a month that is being locked is locked, or waits until these figures stand.
        """
        self.organisation = share_plan(session=self.session)
        self.calendar: FiscalCalendar = self.organisation.calendar
        self.today = today_in(organisation=self.organisation, now=self.at)
        held = self.session.scalars(_HELD, {"kpis": kpi_ids}, execution_options={"populate_existing": True})
        self.kpis = {one.id: one for one in held}
        self.subjects = subjects_of(kpis=self.kpis.values())
        self.desk = Desk(session=self.session, kpis=self.kpis, by=self.by, today=self.today)
        self.readings = standing_readings(session=self.session, kpi_ids=kpi_ids, first=first, last=last)
        self.units = {one.unit_id for one in self.kpis.values()}
        self.years = load_years(session=self.session, kpi_ids=kpi_ids, unit_ids=self.units, since=first)

    @cached_property
    def holds(self) -> Mapping[int, Sequence[Hold]]:
        """The agreements that hold items of these units: asked for when the first agreed target would change."""
        return list_holds(session=self.session, unit_ids=self.units)

    def take(self, cell: CellWish) -> None:
        """Check one cell and save it, or note what is wrong with it."""
        kpi = self.kpis.get(cell.kpi_id)
        if kpi is None:
            raise Missing("there is no such KPI")
        if (kpi.id, cell.period) in self.waiting:  # twice in one save: the first must stand before it changes again
            self.store()
        reading = self.readings.get((kpi.id, cell.period))
        wished = {name: "" if name in NOTES and value is None else value for name, value in cell.values.items()}
        changed = {name: value for name, value in wished.items() if value != standing(reading=reading, name=name)}
        self._require(cell, kpi, reading, changed)
        problem = self._misplaced(cell, kpi) or self._wrong(cell, kpi, reading, changed)
        if problem:
            self.outcome.problems.append(replace(cell.place, message=problem))
        elif changed:
            self._save(kpi, cell.period, reading, self._put_before_the_level_above(cell, kpi, reading, changed))
        else:
            self._join_cycle(kpi.id, cell.period)
            self.outcome.unchanged += 1

    def _amends(self, kpi: KPI, period: date, reading: PlainReading | None, changed: Iterable[str]) -> bool:
        return amends(kpi=kpi, reading=reading, changed=changed) and not self._is_free(kpi, period)

    def _is_free(self, kpi: KPI, period: date) -> bool:
        """Whether the year is still being planned: its targets are drafts, except in a package that was agreed."""
        cycle = self.years.on(day=period)
        planned = cycle is not None and cycle.state is CycleState.PLANNING and self.today < cycle.span.first
        return planned and not agreed.is_held(holds=self.holds, item_id=kpi.id, day=period)

    def _put_before_the_level_above(
        self, cell: CellWish, kpi: KPI, reading: PlainReading | None, changed: dict[str, Value]
    ) -> dict[str, Value]:
        """What of the change may stand at once; agreed targets wait where somebody has to agree first."""
        if not (self._amends(kpi, cell.period, reading, changed) and self.desk.is_asked(kpi)):
            return changed
        waits = {name: value for name, value in changed.items() if name in TARGETS}
        self.desk.put[kpi.id].append(Change.of(period=cell.period, reading=reading, changed=waits))
        said = f"proposed to {self.desk.who(kpi)}: it counts when agreed"
        self.outcome.proposed.append(replace(cell.place, message=said))
        return {name: value for name, value in changed.items() if name not in waits}

    def _require(self, cell: CellWish, kpi: KPI, reading: PlainReading | None, changed: Values) -> None:
        subject: Subject = self.subjects[kpi.id]
        values = cell.values
        if any(name in RECORDED for name in values):
            require(actor=self.by, act=Act.RECORD_ACTUALS, subject=subject)
        if any(name in PLANNED for name in values) or not values:
            changes_agreed = self._amends(kpi, cell.period, reading, changed)
            act = Act.AMEND_TARGETS if changes_agreed else Act.PLAN_TARGETS
            require(actor=self.by, act=Act.PROPOSE_AMENDMENT if self.proposes else act, subject=subject)
        if self.revise:
            require(actor=self.by, act=Act.REVISE_LOCKED, subject=subject)

    def _misplaced(self, cell: CellWish, kpi: KPI) -> str:
        period = self.calendar.period_of(day=cell.period, frequency=kpi.frequency)
        if period.first != cell.period:
            return f"{cell.period} does not begin a {kpi.frequency.value}, the frequency of this KPI"
        cycle = self.years.on(day=cell.period)
        if cycle is None:
            return f"{self.calendar.cycle_of(day=cell.period).name} has not been opened"
        return closed.sentence(name=cycle.span.name) if cycle.state is CycleState.CLOSED else ""

    def _wrong(self, cell: CellWish, kpi: KPI, reading: PlainReading | None, changed: Values) -> str:
        joins = self._joins(kpi.id, cell.period)
        if not changed and not joins:
            return ""
        if changed and cell.version is not None and cell.version != (reading.version if reading else 0):
            now = ", ".join(f"{said(name=name)} {now_says(reading=reading, name=name) or 'empty'}" for name in changed)
            problem = f"somebody else saved this in the meantime; it now says {now}"
            self.outcome.stale.append(replace(cell.place, message=problem))
            return problem
        if changed and reading is not None and reading.recorded_at > self.at:
            return f"a later value is known since {reading.recorded_at:%Y-%m-%d}"
        period = self.calendar.period_of(day=cell.period, frequency=kpi.frequency)
        wrong = unstorable(kpi=kpi, reading=reading, changed=changed)
        return wrong or self._forbidding(cell, kpi, reading, changed, period)

    def _forbidding(
        self, cell: CellWish, kpi: KPI, reading: PlainReading | None, changed: Values, period: Period
    ) -> str:
        """Why a figure that fits may not be saved: the month is locked, or what was agreed changes."""
        locked = self.years.is_locked(unit_id=kpi.unit_id, day=period.last)
        if locked and not self.revise:
            return f"{MONTH_NAMES[period.last.month - 1]} {period.last.year} is locked for this unit"
        amended = self._amends(kpi, period.first, reading, changed)
        if amended and not self.by.is_system and agreed.is_held(holds=self.holds, item_id=kpi.id, day=period.first):
            return agreed.SENTENCE
        if wrong := self._not_to_propose(kpi, amended=amended):
            return wrong
        if amended and self.start is not None and period.last < self.start:
            first = self.calendar.label(period=self.calendar.period_of(day=self.start, frequency=kpi.frequency))
            return f"this was agreed, and the amendment applies from {first} on"
        if amended:
            self._note_amendment(kpi, period, reading, changed)
        if self.reason or not (locked or amended):
            return ""
        problem = "a locked month is revised: say why" if locked else "a target that was agreed changes: say why"
        self.outcome.unreasoned.append(replace(cell.place, message=problem))
        return problem

    def _not_to_propose(self, kpi: KPI, *, amended: bool) -> str:
        if amended and self.desk.is_asked(kpi):
            self.outcome.asks.add(self.desk.who(kpi))
            return self.desk.refuses(kpi)
        if not self.proposes:
            return ""
        if not amended:
            return "nothing was agreed for this period yet: it is planned among the targets"
        may_alone = may(actor=self.by, act=Act.AMEND_TARGETS, subject=self.subjects[kpi.id])
        return "" if may_alone else "nobody can agree to it: the unit has no head, and nobody stands above it"

    def _note_amendment(self, kpi: KPI, period: Period, reading: PlainReading | None, changed: Values) -> None:
        self.outcome.amendments += [
            Amendment(kpi.id, period, name, now_says(reading=reading, name=name), shown(value=value))
            for name, value in changed.items()
            if name in TARGETS
        ]

    def _joins(self, kpi_id: int, period: date) -> bool:
        cycle = self.years.on(day=period)
        return cycle is not None and (cycle.id, kpi_id) not in self.years.members

    def _join_cycle(self, kpi_id: int, period: date) -> None:
        cycle = self.years.on(day=period)
        if cycle is not None and (cycle.id, kpi_id) not in self.years.members:
            self.years.members.add((cycle.id, kpi_id))
            self.session.add(CycleKPI(cycle_id=cycle.id, kpi_id=kpi_id, recorded_at=self.at))

    def _save(self, kpi: KPI, period: date, reading: PlainReading | None, changed: Values) -> None:
        if not changed:
            return
        changes_agreed = self._amends(kpi, period, reading, changed)
        if reading is None:
            reading = self.readings[kpi.id, period] = PlainReading.new(kpi_id=kpi.id, period=period)
        before = {name: standing(reading=reading, name=name) for name in changed}
        was_agreed = kpi.state is not State.DRAFT and is_agreed(reading=reading) and not self._is_free(kpi, period)
        reading.__dict__.update(changed)
        derive(kpi=kpi, reading=reading, changed=changed, agreed=was_agreed)
        reading.amended = reading.amended or changes_agreed
        verb = AMENDED if changes_agreed else "planned" if any(name in PLANNED for name in changed) else "recorded"
        self._keep(kpi, reading, before, verb)
        self._join_cycle(kpi.id, period)
        self.outcome.saved += 1

    def _keep(self, kpi: KPI, reading: PlainReading, before: Values, verb: str) -> None:
        """Lay it ready for `store`."""
        group = (kpi.id, verb)
        if group not in self.changes:
            self.changes[group] = Kept(kpi.id, kpi.name, kpi.unit_id, verb)
        self.changes[group].cells.append((reading, before))
        self.waiting.add((kpi.id, reading.period))
        now = reading.verdicts()
        if may_ask(was=reading.status, now=now, direction=kpi.direction, baseline=kpi.baseline):
            self.touchy.add(kpi.id)

    def derive_again(self, kpi: KPI, reading: PlainReading) -> bool:
        """Rederive one reading where its period is open; whether its band changed."""
        period = self.calendar.period_of(day=reading.period, frequency=kpi.frequency)
        agreed = kpi.state is not State.DRAFT and is_agreed(reading=reading) and not self._is_free(kpi, period.first)
        due = self.calendar.is_due(period=period, as_of=self.today)
        if self.years.is_locked(unit_id=kpi.unit_id, day=period.last) or (agreed and due):
            return False
        wrong = unstorable(kpi=kpi, reading=reading, changed={})
        if wrong:
            raise Refused(Problem(f"{self.calendar.label(period=period)}: {wrong}", field="tolerance"))
        before = {name: getattr(reading, name) for name in BANDS}
        derive(kpi=kpi, reading=reading, changed=TARGETS, agreed=agreed)
        changed = {name: value for name, value in before.items() if value != getattr(reading, name)}
        if not changed:
            return False
        if agreed and self.desk.is_asked(kpi):
            label, who = self.calendar.label(period=period), self.desk.who(kpi)
            raise Refused(Problem(DROP_FIRST.format(label=label, who=who), field="direction"))
        reading.amended = reading.amended or agreed
        self._keep(kpi, reading, changed, AMENDED if agreed else "planned")
        return True

    def store(self) -> None:
        """What was laid ready is stored, and what is only proposed is put down."""
        self.desk.write(reason=self.reason, revises=self.revise, at=self.at)
        signed = Signed(self.by, self.at, self.reason, self.agreed_to)
        keep(session=self.session, changes=list(self.changes.values()), signed=signed)
        for key in self.waiting:
            self.readings[key].settle()
        self.changes.clear()
        self.waiting.clear()
        self.session.flush()

    def asking(self) -> set[int]:
        """The KPIs whose figures may ask for a countermeasure since something of them was saved."""
        return self.touchy

"""Targets and actuals: planned, amended with a reason, recorded; the one place that turns a target into its band."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, may, require
from hoshin.commands import agreed, closed, journal
from hoshin.commands.bands import (
    BANDS,
    FIGURES,
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
    plain,
    said,
    shown,
    standing,
    unstorable,
)
from hoshin.commands.countermeasures_open import THE_FIGURES, open_due
from hoshin.commands.outcomes import Amendment, NotRecorded, Outcome
from hoshin.commands.proposing import Change, Desk
from hoshin.engine.calendars import MONTH_NAMES, FiscalCalendar, Period
from hoshin.engine.open_periods import first_open
from hoshin.engine.plans import State
from hoshin.errors import Missing, Problem, Refused
from hoshin.model.cycles import Cycle, CycleKPI, CycleState, MonthLock
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Reading, Revision
from hoshin.model.proposals import Proposal
from hoshin.queries.attainment import today_in
from hoshin.queries.kpis import list_readings, subjects_of
from hoshin.queries.packages import list_holds
from hoshin.queries.units import get_organisation, share_plan

Key = tuple[int, date]
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
    outcome = record_cells(session=session, cells=cells, by=by, at=at, reason=reason, revise=revise, first=first)
    if outcome.problems:
        raise NotRecorded(outcome)
    if outcome.saved:
        open_due(session=session, by=THE_FIGURES, at=at, kpi_ids={one.kpi_id for one in cells})
    return outcome


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
    recording.load(cells)
    for cell in cells:
        recording.take(cell)
    recording.write_journal()
    return recording.outcome


def rederive(*, session: Session, kpi: KPI, reason: str, by: Actor, at: datetime) -> int:
    """After a change of direction or tolerance: derive the bands of open periods anew; returns how many changed.

    A period is open while it is neither locked nor due; where nothing had been agreed yet (no band), any unlocked
    period is. A draft has agreed nothing at all. Raises Refused when a band would have too many digits, and when an
    agreed one would change although somebody stands above who has to agree to that.
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
    locked = session.scalars(select(MonthLock.month).where(MonthLock.unit_id == kpi.unit_id)).all()
    return first_open(calendar=calendar, frequency=kpi.frequency, locked=locked, today=today).first


class _Recording:
    """The working table of one save: everything loaded in a fixed number of statements, then cell by cell."""

    def __init__(
        self, session: Session, by: Actor, at: datetime, reason: str, revise: bool, start: date | None = None
    ) -> None:
        self.session, self.by, self.at, self.reason, self.revise, self.start = session, by, at, reason, revise, start
        self.outcome = Outcome()
        self.changes: dict[tuple[int, str], list[tuple[Reading, dict[str, Value]]]] = defaultdict(list)
        self.new_revisions: list[tuple[tuple[int, str], Revision]] = []
        self.proposes = False
        self.agreed_to: Proposal | None = None

    def load(self, cells: Sequence[CellWish]) -> None:
        """Everything the cells need; the KPIs are held until the end, so that two savers take turns.

        The plan is shared before: a month that is being locked is locked, or waits until these figures stand.
        """
        share_plan(session=self.session)
        organisation = get_organisation(session=self.session)
        self.calendar: FiscalCalendar = organisation.calendar
        self.today = today_in(organisation=organisation, now=self.at)
        wanted = sorted({one.kpi_id for one in cells})
        held = select(KPI).where(KPI.id.in_(wanted)).order_by(KPI.id).with_for_update(key_share=True)
        fresh = held.execution_options(populate_existing=True)
        self.kpis = {one.id: one for one in self.session.scalars(fresh)}
        self.subjects = subjects_of(kpis=self.kpis.values())
        self.desk = Desk(session=self.session, kpis=self.kpis, by=self.by, today=self.today)
        self.holds = list_holds(session=self.session, unit_ids={one.unit_id for one in self.kpis.values()})
        first = min((one.period for one in cells), default=date.max)
        last = max((one.period for one in cells), default=date.min)
        found = list_readings(session=self.session, kpi_ids=wanted, first=first, last=last, fresh=True)
        self.readings: dict[Key, Reading] = {(one.kpi_id, one.period): one for one in found}
        self.cycles = self.session.scalars(select(Cycle).execution_options(populate_existing=True)).all()
        on_plan = select(CycleKPI.cycle_id, CycleKPI.kpi_id).where(CycleKPI.kpi_id.in_(wanted))
        self.members = {(cycle, kpi) for cycle, kpi in self.session.execute(on_plan)}
        self.locks = {(unit, month) for unit, month in self.session.execute(select(MonthLock.unit_id, MonthLock.month))}

    def take(self, cell: CellWish) -> None:
        """Check one cell and save it, or note what is wrong with it."""
        kpi = self.kpis.get(cell.kpi_id)
        if kpi is None:
            raise Missing("there is no such KPI")
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

    def _amends(self, kpi: KPI, period: date, reading: Reading | None, changed: Iterable[str]) -> bool:
        return amends(kpi=kpi, reading=reading, changed=changed) and not self._is_free(kpi, period)

    def _is_free(self, kpi: KPI, period: date) -> bool:
        """Whether the year is still being planned: its targets are drafts, except in a package that was agreed."""
        cycle = self._cycle_of(period)
        planned = cycle is not None and cycle.state is CycleState.PLANNING and self.today < cycle.first_day
        return planned and not agreed.is_held(holds=self.holds, item_id=kpi.id, day=period)

    def _put_before_the_level_above(
        self, cell: CellWish, kpi: KPI, reading: Reading | None, changed: dict[str, Value]
    ) -> dict[str, Value]:
        """What of the change may stand at once; agreed targets wait where somebody has to agree first."""
        if not (self._amends(kpi, cell.period, reading, changed) and self.desk.is_asked(kpi)):
            return changed
        waits = {name: value for name, value in changed.items() if name in TARGETS}
        self.desk.put[kpi.id].append(Change.of(period=cell.period, reading=reading, changed=waits))
        said = f"proposed to {self.desk.who(kpi)}: it counts when agreed"
        self.outcome.proposed.append(replace(cell.place, message=said))
        return {name: value for name, value in changed.items() if name not in waits}

    def _require(self, cell: CellWish, kpi: KPI, reading: Reading | None, changed: Values) -> None:
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
        cycle = self._cycle_of(cell.period)
        if cycle is None:
            return f"{self.calendar.cycle_of(day=cell.period).name} has not been opened"
        return closed.sentence(name=cycle.name) if cycle.state is CycleState.CLOSED else ""

    def _wrong(self, cell: CellWish, kpi: KPI, reading: Reading | None, changed: Values) -> str:
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

    def _forbidding(self, cell: CellWish, kpi: KPI, reading: Reading | None, changed: Values, period: Period) -> str:
        """Why a figure that fits may not be saved: the month is locked, or what was agreed changes."""
        locked = self._is_locked(kpi, period.last)
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

    def _note_amendment(self, kpi: KPI, period: Period, reading: Reading | None, changed: Values) -> None:
        self.outcome.amendments += [
            Amendment(kpi.id, period, name, now_says(reading=reading, name=name), shown(value=value))
            for name, value in changed.items()
            if name in TARGETS
        ]

    def _is_locked(self, kpi: KPI, last: date) -> bool:
        cycle = self._cycle_of(last)
        is_closed = cycle is not None and cycle.state is CycleState.CLOSED
        return is_closed or (kpi.unit_id, last.replace(day=1)) in self.locks

    def _cycle_of(self, day: date) -> Cycle | None:
        return next((one for one in self.cycles if one.first_day <= day <= one.last_day), None)

    def _joins(self, kpi_id: int, period: date) -> bool:
        cycle = self._cycle_of(period)
        return cycle is not None and (cycle.id, kpi_id) not in self.members

    def _join_cycle(self, kpi_id: int, period: date) -> None:
        cycle = self._cycle_of(period)
        if cycle is not None and (cycle.id, kpi_id) not in self.members:
            self.members.add((cycle.id, kpi_id))
            self.session.add(CycleKPI(cycle_id=cycle.id, kpi_id=kpi_id, recorded_at=self.at))

    def _save(self, kpi: KPI, period: date, reading: Reading | None, changed: Values) -> None:
        if not changed:
            return
        changes_agreed = self._amends(kpi, period, reading, changed)
        if reading is None:
            reading = Reading(kpi_id=kpi.id, period=period, note="", plan_note="", amended=False, version=0)
            self.session.add(reading)
            self.readings[kpi.id, period] = reading
        before = {name: standing(reading=reading, name=name) for name in changed}
        was_agreed = kpi.state is not State.DRAFT and is_agreed(reading=reading) and not self._is_free(kpi, period)
        for name, value in changed.items():
            setattr(reading, name, value)
        derive(kpi=kpi, reading=reading, changed=changed, agreed=was_agreed)
        reading.amended = reading.amended or changes_agreed
        verb = "amended" if changes_agreed else "planned" if any(name in PLANNED for name in changed) else "recorded"
        self._keep(kpi, reading, before, verb, changes_agreed)
        self._join_cycle(kpi.id, period)
        self.outcome.saved += 1

    def _keep(self, kpi: KPI, reading: Reading, before: dict[str, Value], verb: str, amendment: bool) -> None:
        reading.version = (reading.version or 0) + 1
        reading.recorded_at = self.at
        group = (kpi.id, verb)
        self.changes[group].append((reading, before))
        revision = Revision(
            kpi_id=kpi.id,
            period=reading.period,
            recorded_at=self.at,
            recorded_by=self.agreed_to.proposed_by if self.agreed_to else self.by.name,
            agreed_by=self.by.name if self.agreed_to else "",
            amendment=amendment,
            reason=self.agreed_to.reason if self.agreed_to else self.reason,
            **{name: getattr(reading, name) for name in (*FIGURES, *BANDS)},
        )
        self.new_revisions.append((group, revision))

    def derive_again(self, kpi: KPI, reading: Reading) -> bool:
        """Rederive one reading where its period is open; whether its band changed."""
        period = self.calendar.period_of(day=reading.period, frequency=kpi.frequency)
        agreed = kpi.state is not State.DRAFT and is_agreed(reading=reading) and not self._is_free(kpi, period.first)
        due = self.calendar.is_due(period=period, as_of=self.today)
        if self._is_locked(kpi, period.last) or (agreed and due):
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
        self._keep(kpi, reading, changed, "amended" if agreed else "planned", agreed)
        return True

    def write_journal(self) -> None:
        """One line for each KPI and kind of change; the revisions point at it; what is only proposed is put down."""
        self.desk.write(reason=self.reason, revises=self.revise, at=self.at)
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
                before={one.period.isoformat(): plain(values=before) for one, before in changed},
                after={
                    one.period.isoformat(): plain(values={name: getattr(one, name) for name in before})
                    for one, before in changed
                },
            )
        self.session.flush()
        for group, revision in self.new_revisions:
            revision.journal_id = lines[group].id
            self.session.add(revision)
        self.session.flush()

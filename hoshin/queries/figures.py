"""Attainment at every node of a plan of any size: the structure compiled once, a period read as one text (rules 4-9).

What was read is kept by this process under the versions of model.versions, which are read first and in the same
snapshot; a session that writes keeps nothing and is given nothing that was kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hoshin import measures
from hoshin.engine.calendars import FiscalCalendar, Frequency, NamedBy
from hoshin.engine.columns import (
    Columns,
    Flags,
    K,
    day_number,
    live_deployments,
    live_items,
    live_kpis,
    places,
    steps_of,
)
from hoshin.engine.counts import Counts
from hoshin.engine.forest import Forest, grow
from hoshin.engine.metrics import Asked, Mode, stretch_of
from hoshin.engine.plans import Kind, Rotation
from hoshin.engine.stretches import Stretch
from hoshin.engine.tallies import CODE, Codes, Layout, Tally, beside, lay_out, tally
from hoshin.engine.verdicts import Verdict
from hoshin.model.base import facts
from hoshin.model.cycles import Cycle, CycleKPI
from hoshin.model.journal import JournalLine
from hoshin.model.units import Organisation
from hoshin.model.versions import TOUCHED
from hoshin.queries.columns import read_columns, read_lists, undo
from hoshin.queries.plans import STRUCTURE, Facts, lines_after
from hoshin.queries.statuses import Stamp, Statuses, Versions, as_known, mended, read_statuses, read_versions
from hoshin.queries.stretches import read_figures

Made = TypeVar("Made")
NOT_DUE = CODE[Verdict.NOT_DUE]
MOST_MENDED = 200
"""So many changed metrics are walked up one by one; for more it is quicker to count everything again."""
MOST_ROWS = 5000
"""So many changed rows a tally carries beside its table before it is counted again."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The answer to one question: counts of every node now and as first agreed, by the kinds and keys of a report."""

    asked: Asked
    now: Tally
    first: Tally

    def counts(self, *, kind: str, key: int | str = 0) -> Counts:
        """The counts of objective 7, unit 3, level "priority" …; raises KeyError when there is no such node."""
        return self.now.counts(kind=kind, key=key)

    def as_first_agreed(self, *, kind: str, key: int | str = 0) -> Counts:
        """The same against the targets as first agreed (rule 6)."""
        return self.first.counts(kind=kind, key=key)


class _Kept(dict[Any, Any]):
    """The latest of what was made, by what it was made of; the oldest goes first."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def get_or_make(self, key: object, make: Callable[[], Made]) -> Made:
        found: Made | None = self.get(key)
        return self.put(key, make()) if found is None else found

    def put(self, key: object, made: Made) -> Made:
        self.pop(key, None)
        self[key] = made
        for oldest in list(self)[: max(len(self) - self.most, 0)]:
            self.pop(oldest, None)
        return made


@dataclass(frozen=True, slots=True)
class Ground:
    """The structure that questions are asked of, as it stands or as it was known, and the settings it is judged by."""

    columns: Columns
    calendar: FiscalCalendar
    least_strength: int
    rotations: Mapping[int, Rotation]
    known_at: datetime | None = None
    months: frozenset[int] = frozenset()
    present: Ground | None = None
    """For a past ground whose KPIs are those of today: the ground of today, whose readings are read already."""
    forests: _Kept = field(default_factory=lambda: _Kept(6))
    layouts: _Kept = field(default_factory=lambda: _Kept(30))
    members: _Kept = field(default_factory=lambda: _Kept(6))
    statuses: _Kept = field(default_factory=lambda: _Kept(40))
    tallies: _Kept = field(default_factory=lambda: _Kept(40))
    stretches: _Kept = field(default_factory=lambda: _Kept(12))


_grounds: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()


def forget(*, session: Session) -> None:
    """Keep nothing of what was read of this database, so that the next report begins from nothing."""
    bind = session.get_bind()
    if isinstance(bind, Engine):
        _grounds.pop(bind, None)


def get_ground(*, session: Session, organisation: Organisation, known_at: datetime | None = None) -> Ground:
    """The structure as it stands, or as it was known; read only when it has changed since it was last read."""
    if not _may_keep(session):
        session.flush()
        return _read_ground(session, organisation, known_at, read_columns(session=session))
    bind = session.get_bind()
    kept = _grounds.setdefault(bind, _Kept(3)) if isinstance(bind, Engine) else _Kept(1)
    version = _versions(session).structure
    for old in [one for one in kept if one[0] != version]:  # a large structure is not kept twice
        kept.pop(old, None)
    measures.looked_up(cache="structure", found=(version,) in kept)
    now: Ground = kept.get_or_make(
        (version,), lambda: _read_ground(session, organisation, None, read_columns(session=session))
    )
    if known_at is None:
        return kept.put((version,), now)
    key = (version, *_undone_mark(session, known_at))
    past: Ground = kept.get_or_make(key, lambda: _read_past(session, organisation, known_at, now))
    return past if past.known_at == known_at else replace(past, known_at=known_at, **_empty())


def _empty() -> dict[str, Any]:
    """Shelves for what rests on the very moment of a past ground."""
    return {"layouts": _Kept(30), "members": _Kept(6), "statuses": _Kept(40), "tallies": _Kept(40),
            "stretches": _Kept(12)}  # fmt: skip


def _read_past(session: Session, organisation: Organisation, known_at: datetime, now: Ground) -> Ground:
    past = _read_ground(session, organisation, known_at, now.columns)
    if past.columns.kpis is now.columns.kpis:
        past = replace(past, present=now)
    same = past.columns is now.columns and past.least_strength == now.least_strength
    return replace(past, forests=now.forests) if same else past


def _may_keep(session: Session) -> bool:
    """Only what is committed may be kept for others, and a session that writes sees more than that."""
    bind = session.get_bind()
    writes = bind.get_execution_options().get("hoshin_writes") or session.info.get(TOUCHED)
    return not (writes or session.new or session.dirty or session.deleted)


def _versions(session: Session) -> Versions:
    """The versions in the session's snapshot, read once in each transaction of a session that only looks."""
    if not _may_keep(session):
        return read_versions(session=session)
    known: tuple[object, Versions] | None = session.info.get(VERSIONS_READ)
    if known is None or known[0] is not session.get_transaction():
        found = read_versions(session=session)
        known = session.info[VERSIONS_READ] = (session.get_transaction(), found)
    return known[1]


VERSIONS_READ = "hoshin_versions_read"


def _undone_mark(session: Session, known_at: datetime) -> tuple[int, int]:
    """Two moments between which the structure did not change have the same mark."""
    marks = select(func.count(JournalLine.id), func.min(JournalLine.id))
    row = session.execute(marks.where(JournalLine.at > known_at, JournalLine.subject.in_(STRUCTURE))).one()
    return (int(row[0]), int(row[1] or 0))


def _read_ground(session: Session, organisation: Organisation, known_at: datetime | None, columns: Columns) -> Ground:
    undone = _undone(session, known_at) if known_at is not None else {}
    if undone:
        columns = undo(session=session, columns=columns, undone=undone)
    settings = undone.get("organisation", {}).get(organisation.id) or facts(of=organisation)
    rotations = dict(session.execute(select(Cycle.id, Cycle.rotation)).all())
    for key, row in undone.get("cycle", {}).items():
        if row is not None:
            rotations[key] = Rotation(row["rotation"])
    return Ground(
        columns,
        FiscalCalendar(settings["fiscal_start_month"], NamedBy(settings["named_by"]), settings["due_days"]),
        settings["least_strength"],
        rotations,
        known_at,
        frozenset(np.unique(columns.kpis[:, K.MONTHS]).tolist()),
    )


def _undone(session: Session, known_at: datetime) -> dict[str, dict[int, Facts | None]]:
    """What each row that changed since was at the moment: the earliest line since then tells."""
    undone: dict[str, dict[int, Facts | None]] = {}
    for subject, key, before in lines_after(session=session, known_at=known_at):
        undone.setdefault(subject, {})[int(key)] = before
    return undone


def count(*, session: Session, ground: Ground, cycle: Cycle, asked: Asked) -> Figures:
    """The counts of every node for the question. Few short statements when nothing changed.

    The ground must have been taken in the same transaction. Raises OverflowError where periods must be taken together
    and their figures are too large for that.
    """
    kept = _may_keep(session)
    versions = _versions(session)
    layout, live = _layout(session, ground, cycle, asked)
    if asked.mode is not Mode.PERIOD or asked.period.frequency is not Frequency.MONTH:
        return _count_stretch(session, ground, cycle, asked, layout, live)
    periods = _periods(ground, asked)
    statuses = {one: _statuses(session, ground, one, versions) for one in set(periods.values()) if one is not None}
    key = (cycle.id, asked.period.first, day_number(day=asked.as_of), tuple(sorted(periods.items(), key=str)))
    found: _Counted | None = ground.tallies.get(key) if kept else None
    is_whole = found is not None and found.layout is layout and found.statuses == statuses
    measures.looked_up(cache="counts", found=is_whole)
    if found is None or found.layout is not layout:
        found = _count(layout, live, ground, periods, statuses)
    elif found.statuses != statuses:
        found = _recount(found, live, ground, periods, statuses)
    ground.tallies.put(key, found)
    return Figures(asked, found.now, found.first)


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """A tally with what it was counted from."""

    layout: Layout
    statuses: Mapping[date, Statuses]
    now: Tally
    first: Tally


def _layout(session: Session, ground: Ground, cycle: Cycle, asked: Asked) -> tuple[Layout, Flags]:
    on = day_number(day=asked.last_day)
    return ground.layouts.get_or_make((cycle.id, on), lambda: _lay_out(session, ground, cycle, on))


def _lay_out(session: Session, ground: Ground, cycle: Cycle, on: int) -> tuple[Layout, Flags]:
    """Months in which the same items are in force share one forest."""
    columns, rotation = ground.columns, ground.rotations[cycle.id]
    live = live_items(columns=columns, cycle=cycle.id, on=on)
    deployed = live_deployments(columns=columns, on=on)
    key = (rotation, np.packbits(live).tobytes(), np.packbits(deployed).tobytes())
    first: Layout = ground.forests.get_or_make(
        key, lambda: lay_out(columns=columns, forest=_grow(ground, live, deployed, rotation), live=live)
    )
    members = ground.members.get_or_make(cycle.id, lambda: _members(session, ground, cycle))
    return first, live_kpis(columns=columns, members=members, on=on)


def _grow(ground: Ground, live: Flags, deployed: Flags, rotation: Rotation) -> Forest:
    columns = ground.columns
    steps, links = steps_of(
        columns=columns,
        live=live,
        deployed=deployed,
        rotation=Kind(rotation.value),
        least_strength=ground.least_strength,
    )
    return grow(size=len(columns.items), leaves=len(columns.kpis), steps=steps, links=links)


def _members(session: Session, ground: Ground, cycle: Cycle) -> Flags:
    """Which KPIs belong to the cycle, as far as that was recorded by the moment asked for."""
    keys = ground.columns.kpis[:, K.KEY]
    flags: Flags = np.zeros(len(keys) + 1, np.bool_)  # the last one takes what has no place
    if (ground.known_at is None or ground.present) and _many_members(session, cycle) == len(keys):
        flags[:] = True  # as many as there are KPIs at all
    else:
        source = "cycle_kpis WHERE cycle_id = :cycle"
        found = read_lists(session=session, columns=["kpi_id"], source=source, values={"cycle": cycle.id})[0]
        flags[places(keys=keys, of=found)] = True
    if ground.known_at is not None:
        later = select(CycleKPI.kpi_id).where(CycleKPI.cycle_id == cycle.id, CycleKPI.recorded_at > ground.known_at)
        flags[places(keys=keys, of=np.array(session.scalars(later).all(), np.int64))] = False
    return flags[:-1]


def _many_members(session: Session, cycle: Cycle) -> int:
    return session.scalar(select(func.count()).where(CycleKPI.cycle_id == cycle.id)) or 0


def _periods(ground: Ground, asked: Asked) -> dict[int, date | None]:
    """For each length of period in months the first day of the one that is judged, None while none is due (rule 8)."""
    return {months: _judged(ground.calendar, asked, months) for months in sorted(ground.months)}


def _count_stretch(
    session: Session, ground: Ground, cycle: Cycle, asked: Asked, layout: Layout, live: Flags
) -> Figures:
    """Periods taken together are judged by their figures (rule 7), which are many: only what they come to is kept."""
    versions, together, alone = _versions(session), {}, {}
    for months in sorted(ground.months):
        frequency = next(one for one in Frequency if one.months == months)
        if asked.mode is Mode.PERIOD and months >= asked.period.frequency.months:
            alone[months] = _judged(ground.calendar, asked, months)
        else:
            periods = stretch_of(frequency=frequency, asked=asked, calendar=ground.calendar)
            together[months] = [one.first for one in periods]
    involved = {*(one for periods in together.values() for one in periods), *alone.values()} - {None}
    stamps = {one: versions.of(period=one) for one in involved if one is not None}
    key = (cycle.id, asked)
    found: _Stretched | None = ground.stretches.get(key) if _may_keep(session) else None
    if found is None or found.layout is not layout or found.stamps != stamps:
        codes = _stretch_codes(session, ground, together)
        for months, period in alone.items():
            mine = ground.columns.kpis[:, K.MONTHS] == months
            one = None if period is None else _statuses(session, ground, period, versions)
            for code, judged in zip(codes, (one.now, one.first) if one else (None, None), strict=True):
                code[mine] = NOT_DUE if judged is None else judged[mine]
        counted = tally(layout=layout, codes=codes[0] * live)
        found = _Stretched(layout, stamps, counted, beside(one=counted, codes=codes[1] * live))
        ground.stretches.put(key, found)
    return Figures(asked, found.now, found.first)


@dataclass(frozen=True, slots=True, eq=False)
class _Stretched:
    """A tally of periods taken together, with their versions."""

    layout: Layout
    stamps: Mapping[date, Stamp]
    now: Tally
    first: Tally


def _stretch_codes(session: Session, ground: Ground, together: Mapping[int, list[date]]) -> tuple[Codes, Codes]:
    """The verdicts of the KPIs by the first days of the periods that are taken together; not due without any."""
    kpis = ground.columns.kpis
    single = [months for months, periods in together.items() if len(periods) == 1]
    stretch = Stretch(aggregation=kpis[:, K.AGGREGATION], alone=np.isin(kpis[:, K.MONTHS], single))
    typed = bool(stretch.given.any())
    for day in sorted({one for periods in together.values() for one in periods}):
        read = read_figures(
            session=session, keys=kpis[:, K.KEY], period=day, known_at=ground.known_at, typed_too=typed
        )
        chosen = np.isin(kpis[:, K.MONTHS], [months for months, periods in together.items() if day in periods])
        stretch.add(plain=read.plain, typed=read.typed, chosen=chosen)
    codes = stretch.codes()
    waiting = np.isin(kpis[:, K.MONTHS], [months for months, periods in together.items() if not periods])
    for one in codes:
        one[waiting] = NOT_DUE
    return codes


def _judged(calendar: FiscalCalendar, asked: Asked, months: int) -> date | None:
    frequency = next(one for one in Frequency if one.months == months)
    if frequency is asked.period.frequency:
        return asked.period.first if calendar.is_due(period=asked.period, as_of=asked.as_of) else None
    within = calendar.periods(first=asked.cycle.first, last=asked.period.last, frequency=frequency)
    return max((one.first for one in within if calendar.is_due(period=one, as_of=asked.as_of)), default=None)


def load_period(*, session: Session, ground: Ground, period: date) -> Statuses:
    """The stored verdicts of all KPIs for the period that begins on the day, now and as first agreed."""
    return _statuses(session, ground, period, _versions(session))


def _statuses(session: Session, ground: Ground, period: date, versions: Versions) -> Statuses:
    kept: Statuses | None = ground.statuses.get(period)
    stamp, keys = versions.of(period=period), ground.columns.kpis[:, K.KEY]
    is_current = kept is not None and kept.stamp == stamp
    measures.looked_up(cache="letters", found=is_current)
    if kept is not None and is_current:
        return kept
    if ground.present is not None:
        found = _statuses(session, ground.present, period, versions)
    elif kept is not None and kept.stamp.everything == stamp.everything and kept.stamp.number >= stamp.since:
        found = mended(session=session, keys=keys, period=period, kept=kept, stamp=stamp)
    else:
        others: Iterable[Statuses] = list(ground.statuses.values())
        found = read_statuses(
            session=session, keys=keys, period=period, stamp=stamp, kept=kept, others=others,
            current=ground.known_at is None,
        )  # fmt: skip
    if ground.known_at is not None:
        found = as_known(session=session, keys=keys, period=period, kept=found, known_at=ground.known_at)
    return ground.statuses.put(period, found)


def _count(
    layout: Layout, live: Flags, ground: Ground, periods: Mapping[int, date | None], statuses: Mapping[date, Statuses]
) -> _Counted:
    code = partial(_codes, live, ground, periods)
    now, first = (code({one: getattr(each, name) for one, each in statuses.items()}) for name in ("now", "first"))
    counted = tally(layout=layout, codes=now)
    return _Counted(layout, statuses, counted, beside(one=counted, codes=first))


def _codes(live: Flags, ground: Ground, periods: Mapping[int, date | None], verdicts: Mapping[date, Codes]) -> Codes:
    """How each KPI is counted: by the verdict of the period that is judged for its frequency."""
    if len(periods) == 1 and None not in periods.values():
        return next(iter(verdicts.values())) * live
    codes: Codes = np.zeros(len(live), np.uint8)
    for months, period in periods.items():
        chosen = live & (ground.columns.kpis[:, K.MONTHS] == months)
        np.copyto(codes, NOT_DUE if period is None else verdicts[period], where=chosen)
    return codes


def _recount(
    found: _Counted, live: Flags, ground: Ground, periods: Mapping[int, date | None], statuses: Mapping[date, Statuses]
) -> _Counted:
    """Walk up from the few metrics that changed, or count everything again."""
    changed = _changed(found, live, ground, periods, statuses)
    if changed is None or len(changed) > MOST_MENDED or len(found.now.changed) + len(found.first.changed) > MOST_ROWS:
        return _count(found.layout, live, ground, periods, statuses)
    now = found.now.after(changes={place: one for place, (one, _) in changed.items()})
    same = found.first is found.now and all(one == first for one, first in changed.values())
    first = now if same else found.first.after(changes={place: one for place, (_, one) in changed.items()})
    return _Counted(found.layout, statuses, now, first)


def _changed(
    found: _Counted, live: Flags, ground: Ground, periods: Mapping[int, date | None], statuses: Mapping[date, Statuses]
) -> dict[int, tuple[int, int]] | None:
    """The codes of the metrics that changed, by place; None when that is not known metric by metric."""
    changed: dict[int, tuple[int, int]] = {}
    for period, one in statuses.items():
        before = found.statuses[period]
        if one is before:
            continue
        if one.changed is None or one.before != before.stamp.number or ground.known_at is not None:
            return None
        for place in one.changed:
            if live[place] and periods[int(ground.columns.kpis[place, K.MONTHS])] == period:
                changed[place] = one.at(place=place)
    return changed

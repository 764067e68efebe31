"""Attainment at every node of a plan of any size: the structure compiled once, a period read as one text (rules 4-9).

What was read is kept by this process under the versions of model.versions, which are read first and in the same
snapshot; a session that writes keeps nothing and is given nothing that was kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TypeVar

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin import measures
from hoshin.engine.calendars import BY_MONTHS, FiscalCalendar, Frequency
from hoshin.engine.columns import (
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
from hoshin.engine.forest import Edges, Forest, grow
from hoshin.engine.metrics import Asked, Judgement, Mode, stretch_of
from hoshin.engine.plans import Kind, Rotation
from hoshin.engine.stretches import Stretch
from hoshin.engine.tallies import CODE, Codes, Layout, Tally, beside, lay_out, tally
from hoshin.engine.verdicts import Verdict
from hoshin.model.cycles import Cycle, CycleKPI
from hoshin.queries.columns import read_lists
from hoshin.queries.grounds import Ground, Year, may_keep, versions_in
from hoshin.queries.statuses import Stamp, Statuses, Versions, as_known, mended, read_statuses
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


def count(*, session: Session, ground: Ground, cycle: Cycle | Year, asked: Asked) -> Figures:
    """The counts of every node for the question. Few short statements when nothing changed.

    The ground must have been taken in the same transaction. Raises OverflowError where periods must be taken together
    and their figures are too large for that.
    """
    kept = may_keep(session=session)
    versions = versions_in(session=session)
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
    ground.tallies.put(key=key, made=found)
    return Figures(asked, found.now, found.first)


def count_judged(
    *, session: Session, ground: Ground, cycle: Cycle, asked: Asked, judgements: Mapping[int, Judgement]
) -> Figures:
    """The same from judgements that were made one by one, of all counted KPIs by their keys."""
    layout, live = _layout(session, ground, cycle, asked)
    at = places(keys=ground.columns.kpis[:, K.KEY], of=np.array(list(judgements), np.int64))
    now, first = (np.zeros(len(live), np.uint8) for _ in range(2))
    now[at] = [CODE[one.verdict] for one in judgements.values()]
    first[at] = [CODE[one.first or one.verdict] for one in judgements.values()]
    counted = tally(layout=layout, codes=now * live)
    return Figures(asked, counted, beside(one=counted, codes=first * live))


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """A tally with what it was counted from."""

    layout: Layout
    statuses: Mapping[date, Statuses]
    now: Tally
    first: Tally


def _layout(session: Session, ground: Ground, cycle: Cycle | Year, asked: Asked) -> tuple[Layout, Flags]:
    on = day_number(day=asked.last_day)
    return ground.layouts.get_or_make(key=(cycle.id, on), make=lambda: _lay_out(session, ground, cycle, on))


def _lay_out(session: Session, ground: Ground, cycle: Cycle | Year, on: int) -> tuple[Layout, Flags]:
    """Months in which the same items are in force share one forest."""
    columns, rotation = ground.columns, ground.years[cycle.id].rotation
    live = live_items(columns=columns, cycle=cycle.id, on=on)
    deployed = live_deployments(columns=columns, on=on)
    key = (rotation, np.packbits(live).tobytes(), np.packbits(deployed).tobytes())
    first: Layout = ground.forests.get_or_make(
        key=key, make=lambda: lay_out(columns=columns, forest=_grow(ground, live, deployed, rotation), live=live)
    )
    members = ground.members.get_or_make(key=cycle.id, make=lambda: _members(session, ground, cycle))
    return first, live_kpis(columns=columns, members=members, on=on)


def _grow(ground: Ground, live: Flags, deployed: Flags, rotation: Rotation) -> Forest:
    up, links = _steps(ground, live, deployed, rotation)
    return grow(size=len(ground.columns.items), leaves=len(ground.columns.kpis), steps=up, links=links)


def _steps(ground: Ground, live: Flags, deployed: Flags, rotation: Rotation) -> tuple[Edges, Edges]:
    return steps_of(
        columns=ground.columns,
        live=live,
        deployed=deployed,
        rotation=Kind(rotation.value),
        least_strength=ground.least_strength,
    )


def steps(*, ground: Ground, cycle: Cycle, asked: Asked, layout: Layout) -> Edges:
    """The steps up between the items that the question counts, by their places; the layout is that of its figures."""
    deployed = live_deployments(columns=ground.columns, on=day_number(day=asked.last_day))
    return _steps(ground, layout.live, deployed, ground.years[cycle.id].rotation)[0]


def _members(session: Session, ground: Ground, cycle: Cycle | Year) -> Flags:
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


def _many_members(session: Session, cycle: Cycle | Year) -> int:
    return session.scalar(select(func.count()).where(CycleKPI.cycle_id == cycle.id)) or 0


def _periods(ground: Ground, asked: Asked) -> dict[int, date | None]:
    """For each length of period in months the first day of the one that is judged, None while none is due (rule 8)."""
    return {months: _judged(ground.calendar, asked, months) for months in sorted(ground.months)}


def _count_stretch(
    session: Session, ground: Ground, cycle: Cycle | Year, asked: Asked, layout: Layout, live: Flags
) -> Figures:
    """Periods taken together are judged by their figures (rule 7), which are many: only what they come to is kept."""
    versions, together, alone = versions_in(session=session), {}, {}
    for months in sorted(ground.months):
        frequency = BY_MONTHS[months]
        if asked.mode is Mode.PERIOD and months >= asked.period.frequency.months:
            alone[months] = _judged(ground.calendar, asked, months)
        else:
            periods = stretch_of(frequency=frequency, asked=asked, calendar=ground.calendar)
            together[months] = [one.first for one in periods]
    involved = {*(one for periods in together.values() for one in periods), *alone.values()} - {None}
    stamps = {one: versions.of(period=one) for one in involved if one is not None}
    key = (cycle.id, asked)
    found: _Stretched | None = ground.stretches.get(key) if may_keep(session=session) else None
    if found is None or found.layout is not layout or found.stamps != stamps:
        codes = _stretch_codes(session, ground, together)
        for months, period in alone.items():
            mine = ground.columns.kpis[:, K.MONTHS] == months
            one = None if period is None else _statuses(session, ground, period, versions)
            for code, judged in zip(codes, (one.now, one.first) if one else (None, None), strict=True):
                code[mine] = NOT_DUE if judged is None else judged[mine]
        counted = tally(layout=layout, codes=codes[0] * live)
        found = _Stretched(layout, stamps, counted, beside(one=counted, codes=codes[1] * live))
        ground.stretches.put(key=key, made=found)
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
    frequency = BY_MONTHS[months]
    if frequency is asked.period.frequency:
        return asked.period.first if calendar.is_due(period=asked.period, as_of=asked.as_of) else None
    within = calendar.periods(first=asked.cycle.first, last=asked.period.last, frequency=frequency)
    return max((one.first for one in within if calendar.is_due(period=one, as_of=asked.as_of)), default=None)


def load_period(*, session: Session, ground: Ground, period: date) -> Statuses:
    """The stored verdicts of all KPIs for the period that begins on the day, now and as first agreed."""
    return _statuses(session, ground, period, versions_in(session=session))


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
        found = mended(session=session, keys=keys, period=period, kept=kept, stamp=stamp, news=versions.news)
    else:
        others: Iterable[Statuses] = list(ground.statuses.values())
        found = read_statuses(
            session=session, keys=keys, period=period, stamp=stamp, kept=kept, others=others,
            current=ground.known_at is None,
        )  # fmt: skip
    if ground.known_at is not None:
        found = as_known(session=session, keys=keys, period=period, kept=found, known_at=ground.known_at)
    return ground.statuses.put(key=period, made=found)


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
    if changed is None or len(changed) > MOST_MENDED or len(found.now.moved) + len(found.first.moved) > MOST_ROWS:
        return _count(found.layout, live, ground, periods, statuses)
    if not changed:
        return replace(found, statuses=statuses)
    now, first = found.now.both_after(other=found.first, changes=changed)
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

"""The structure that attainment is asked of, as it stands or as it was known: read once, kept under its version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hoshin import measures
from hoshin.engine.calendars import CycleSpan, FiscalCalendar, NamedBy
from hoshin.engine.columns import Columns, K
from hoshin.engine.plans import Rotation
from hoshin.model.base import facts
from hoshin.model.cycles import Cycle
from hoshin.model.journal import JournalLine
from hoshin.model.versions import TOUCHED
from hoshin.queries.columns import read_columns, undo
from hoshin.queries.plans import STRUCTURE, Facts, lines_after
from hoshin.queries.statuses import Statuses, Versions, read_versions
from hoshin.queries.units import get_organisation
from hoshin.readers import bind_of, engine_of, snapshot_of

Made = TypeVar("Made")


class Kept(dict[Any, Any]):
    """The latest of what was made, by what it was made of; the oldest goes first."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def get_or_make(self, *, key: object, make: Callable[[], Made]) -> Made:
        """What is kept under the key, else what is made now."""
        found: Made | None = self.get(key)
        return self.put(key=key, made=make()) if found is None else found

    def put(self, *, key: object, made: Made) -> Made:
        """Keep it as the latest."""
        self.pop(key, None)
        self[key] = made
        if len(self) > self.most:
            for oldest in list(self)[: len(self) - self.most]:
                self.pop(oldest, None)
        return made


@dataclass(frozen=True, slots=True)
class Year:
    """A cycle as far as attainment is concerned."""

    id: int
    span: CycleSpan
    rotation: Rotation


@dataclass(frozen=True, slots=True)
class Ground:
    """The structure that questions are asked of, as it stands or as it was known, and the settings it is judged by."""

    columns: Columns
    calendar: FiscalCalendar
    least_strength: int
    years: Mapping[int, Year]
    known_at: datetime | None = None
    months: frozenset[int] = frozenset()
    present: Ground | None = None
    """For a past ground whose KPIs are those of today: the ground of today, whose readings are read already."""
    forests: Kept = field(default_factory=lambda: Kept(6))
    layouts: Kept = field(default_factory=lambda: Kept(30))
    members: Kept = field(default_factory=lambda: Kept(6))
    statuses: Kept = field(default_factory=lambda: Kept(40))
    tallies: Kept = field(default_factory=lambda: Kept(40))
    stretches: Kept = field(default_factory=lambda: Kept(12))
    orders: Kept = field(default_factory=lambda: Kept(2))
    """The positions of KPIs and of other items, for lists."""
    below: Kept = field(default_factory=lambda: Kept(4))
    """What stands right below what, by the cycle and the day asked about."""

    def year(self, *, name: str) -> Year:
        """The cycle called FY2018; raises KeyError when there is none."""
        for one in self.years.values():
            if one.span.name == name:
                return one
        raise KeyError(name)


_grounds: WeakKeyDictionary[Engine, Kept] = WeakKeyDictionary()


def forget(*, session: Session) -> None:
    """Keep nothing of what was read of this database, so that the next report begins from nothing."""
    engine = engine_of(session=session)
    if engine is not None:
        _grounds.pop(engine, None)


def get_ground(*, session: Session, known_at: datetime | None = None) -> Ground:
    """The structure as it stands, or as it was known; read only when it has changed since it was last read."""
    if not may_keep(session=session):
        session.flush()
        return _read_ground(session, known_at, read_columns(session=session))
    kept = _kept(session)
    version = _versions(session).structure
    for old in [one for one in kept if one[0] != version]:  # a large structure is not kept twice
        kept.pop(old, None)
    measures.looked_up(cache="structure", found=(version,) in kept)
    now: Ground = kept.get_or_make(
        key=(version,), make=lambda: _read_ground(session, None, read_columns(session=session))
    )
    if known_at is None:
        return kept.put(key=(version,), made=now)
    key = (version, *_undone_mark(session, known_at))
    past: Ground = kept.get_or_make(key=key, make=lambda: _read_past(session, known_at, now))
    return past if past.known_at == known_at else replace(past, known_at=known_at, **_empty())


def _empty() -> dict[str, Any]:
    """Shelves for what rests on the very moment of a past ground."""
    return {"layouts": Kept(30), "members": Kept(6), "statuses": Kept(40), "tallies": Kept(40),
            "stretches": Kept(12)}  # fmt: skip


def _read_past(session: Session, known_at: datetime, now: Ground) -> Ground:
    past = _read_ground(session, known_at, now.columns)
    if past.columns.kpis is now.columns.kpis:
        past = replace(past, present=now)
    same = past.columns is now.columns and past.least_strength == now.least_strength
    return replace(past, forests=now.forests) if same else past


def may_keep(*, session: Session) -> bool:
    """Only what is committed may be kept for others, and a session that writes sees more than that."""
    writes = bind_of(session=session).get_execution_options().get("hoshin_writes") or session.info.get(TOUCHED)
    return not (writes or session.new or session.deleted or session.identity_map.check_modified())


def _kept(session: Session) -> Kept:
    engine = engine_of(session=session)
    return Kept(1) if engine is None else _grounds.setdefault(engine, Kept(3))


def _latest(kept: Kept) -> tuple[date, int] | None:
    """The period whose letters were read last, and the number of changes they hold."""
    grounds: list[Ground] = [one for key, one in list(kept.items()) if len(key) == 1]
    letters: list[tuple[date, Statuses]] = list(grounds[-1].statuses.items()) if grounds else []
    return (letters[-1][0], letters[-1][1].stamp.number) if letters else None


def versions_in(*, session: Session) -> Versions:
    """The versions in the session's snapshot, read once in each transaction of a session that only looks.

    What changed since its letters were read comes along for the period that was asked for last.
    """
    return _versions(session) if may_keep(session=session) else read_versions(session=session)


def _versions(session: Session) -> Versions:
    known: tuple[object, Versions] | None = session.info.get(VERSIONS_READ)
    if known is None or known[0] is not snapshot_of(session=session):
        found = read_versions(session=session, after=_latest(_kept(session)))
        known = session.info[VERSIONS_READ] = (snapshot_of(session=session), found)
    return known[1]


VERSIONS_READ = "hoshin_versions_read"


def _undone_mark(session: Session, known_at: datetime) -> tuple[int, int]:
    """Two moments between which the structure did not change have the same mark."""
    marks = select(func.count(JournalLine.id), func.min(JournalLine.id))
    row = session.execute(marks.where(JournalLine.at > known_at, JournalLine.subject.in_(STRUCTURE))).one()
    return (int(row[0]), int(row[1] or 0))


def _read_ground(session: Session, known_at: datetime | None, columns: Columns) -> Ground:
    organisation = get_organisation(session=session)
    undone = _undone(session, known_at) if known_at is not None else {}
    if undone:
        columns = undo(session=session, columns=columns, undone=undone)
    settings = undone.get("organisation", {}).get(organisation.id) or facts(of=organisation)
    years = {one.id: Year(one.id, one.span, one.rotation) for one in session.scalars(select(Cycle))}
    for key, row in undone.get("cycle", {}).items():
        if row is not None and key in years:
            years[key] = replace(years[key], rotation=Rotation(row["rotation"]))
    return Ground(
        columns,
        FiscalCalendar(settings["fiscal_start_month"], NamedBy(settings["named_by"]), settings["due_days"]),
        settings["least_strength"],
        years,
        known_at,
        frozenset(np.unique(columns.kpis[:, K.MONTHS]).tolist()),
    )


def _undone(session: Session, known_at: datetime) -> dict[str, dict[int, Facts | None]]:
    """What each row that changed since was at the moment: the earliest line since then tells."""
    undone: dict[str, dict[int, Facts | None]] = {}
    for subject, key, before in lines_after(session=session, known_at=known_at):
        undone.setdefault(subject, {})[int(key)] = before
    return undone

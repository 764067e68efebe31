"""The one place where figures are stored: the reading, its revision and its line in the journal, in few statements."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, insert, inspect, text, update
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import journal
from hoshin.commands.bands import BANDS, FIGURES, Values, plain
from hoshin.db import stored_decimal
from hoshin.errors import Stale
from hoshin.model.base import table_of
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import PlainReading, Reading, Revision
from hoshin.model.prepared import Prepared
from hoshin.model.proposals import Proposal
from hoshin.model.rows import insert_rows
from hoshin.model.versions import MOST_LISTED, note_readings

COPIED = (*FIGURES, *BANDS, "status")
AMENDED = "amended"
"""The verb of the journal under which an agreed target changes."""

_READING = ("period", "kpi_id", "amended", "recorded_at", "version", *COPIED)
_SIGNED = ("amendment", "recorded_by", "agreed_by", "reason")
_FIGURES = ("period", "kpi_id", "recorded_at", *COPIED)
_REVISION = (*_FIGURES, *_SIGNED, "journal_id")
_READINGS, _REVISIONS, _JOURNAL = (table_of(model=one) for one in (Reading, Revision, JournalLine))
_AS_READ = (
    (_READINGS.c.period == bindparam("of_period"))
    & (_READINGS.c.kpi_id == bindparam("of_kpi"))
    & (_READINGS.c.version == bindparam("was"))
)
_INSERT = {
    Reading: Prepared(statement=lambda _: insert(_READINGS).inline(), names=_READING),
    Revision: Prepared(statement=lambda _: insert(_REVISIONS).inline(), names=_REVISION),
}


@dataclass(slots=True)
class Kept:
    """Figures of one KPI that changed under one verb, which stand in one line of the journal.

    `cells` holds each reading as it shall be, with what its changed fields said before.
    """

    kpi_id: int
    name: str
    unit: int
    verb: str
    cells: list[tuple[PlainReading, Values]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who changes figures, when and why; `agreed_to` is the proposal that is carried out, if it is one."""

    by: Actor
    at: datetime
    reason: str = ""
    agreed_to: Proposal | None = None


def keep(*, session: Session, changes: Sequence[Kept], signed: Signed) -> None:
    """Store every reading with its verdict, a revision of each, and a line in the journal for each change.

    Nothing is checked here but that the readings still stand as they were read: raises Stale when somebody has changed
    one since. What the session itself holds of them is read again when it is next looked at.
    """
    if not changes:
        return
    session.flush()
    readings = [one for change in changes for one, _ in change.cells]
    for one in readings:
        one.status, one.recorded_at, one.version = one.verdicts(), signed.at, one.version + 1
    if len(readings) == 1 and session.get_bind().dialect.name == "postgresql":
        _keep_one(session, changes[0], signed)
    else:
        _keep_all(session, changes, readings, signed)
    _forget(session, readings)


def _keep_all(session: Session, changes: Sequence[Kept], readings: Sequence[PlainReading], signed: Signed) -> None:
    """Table by table."""
    keys = journal.write_all(session=session, lines=[_line(one, signed) for one in changes])
    new = sorted((one for one in readings if one.version == 1), key=lambda one: (one.period, one.kpi_id))
    _insert(session, Reading, _READING, [_columns(one, _READING) for one in new])
    _update(session, [one for one in readings if one.version > 1])
    _insert(session, Revision, _REVISION, list(_revisions(changes, keys, signed)))


def _insert(session: Session, model: type[Reading | Revision], names: Sequence[str], rows: list[list[Any]]) -> None:
    """New rows; many go in as many do, and their period is then read whole by whoever kept it."""
    if len(rows) > MOST_LISTED:
        insert_rows(session=session, model=model, names=names, rows=rows)
    elif rows:
        if model is Reading:
            keys = [(row[0], row[1]) for row in rows]
            note_readings(session=session, keys=keys, new={period for period, _ in keys})
        told = [dict(zip(names, row, strict=True)) for row in rows]
        _INSERT[model].run(connection=session.connection(), rows=told)


def _update(session: Session, readings: Sequence[PlainReading]) -> None:
    """Write what changed of readings that are there, those with the same columns together."""
    note_readings(session=session, keys=((one.period, one.kpi_id) for one in readings))
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for one in readings:
        changed = one.changes()
        groups[tuple(changed)].append({**changed, **_as_read(one)})
    for names, rows in groups.items():
        if _setting(names).run(connection=session.connection(), rows=rows).rowcount != len(rows):
            raise Stale({})


@lru_cache(maxsize=256)
def _setting(names: tuple[str, ...]) -> Prepared:
    """What sets these columns and no others, so that no index is written for nothing."""
    return Prepared(statement=lambda _: update(_READINGS).where(_AS_READ), names=names)


def _keep_one(session: Session, change: Kept, signed: Signed) -> None:
    """One reading in one statement: a server that is asked over a network is asked once, and has its plans ready."""
    reading, _ = change.cells[0]
    is_new, key = reading.version == 1, (reading.period, reading.kpi_id)
    note_readings(session=session, keys=[key], new=[reading.period] if is_new else [])
    told = {
        "was": reading.version - 1,
        "reading": _as_json(dict(zip(_READING, _columns(reading, _READING), strict=True))),
        "line": _as_json(_line(change, signed)),
        "signed": _as_json(dict(zip(_SIGNED, _signature(change, signed), strict=True))),
    }
    [[key]] = _KEEP_ONE.ask(connection=session.connection(), row=told)
    if key is None:
        raise Stale({})


_KEEP_ONE = Prepared(
    statement=lambda _: text("""
        SELECT keep_reading(:was, CAST(:reading AS json), CAST(:line AS json), CAST(:signed AS json))
    """)
)
"""Made by the migrations; see 0016."""


def _as_json(row: Mapping[str, Any]) -> str:
    """A row as PostgreSQL makes one of it: decimals as they are stored, times in full."""
    return json.dumps(row, default=_plain)


def _plain(value: object) -> object:
    return stored_decimal(value=value) if isinstance(value, Decimal) else str(value)


def _as_read(reading: PlainReading) -> dict[str, Any]:
    """The reading by its key, as long as nobody else has changed it."""
    return {"of_period": reading.period, "of_kpi": reading.kpi_id, "was": reading.version - 1}


def _columns(reading: PlainReading, names: Sequence[str]) -> list[Any]:
    return list(map(reading.__dict__.__getitem__, names))


def _forget(session: Session, readings: Sequence[PlainReading]) -> None:
    """Let the session read again what it holds of them."""
    identity = inspect(Reading).identity_key_from_primary_key
    for one in readings:
        held = session.identity_map.get(identity((one.period, one.kpi_id)))
        if held is not None:
            session.expire(held)


def _revisions(changes: Sequence[Kept], keys: Sequence[int], signed: Signed) -> Iterator[list[Any]]:
    for change, key in zip(changes, keys, strict=True):
        said = _signature(change, signed)
        for one, _ in change.cells:
            yield [*_columns(one, _FIGURES), *said, key]


def _signature(change: Kept, signed: Signed) -> tuple[bool, str, str, str]:
    """Whether a revision amends, who recorded and who agreed to it, and why."""
    amends, proposal = change.verb == AMENDED, signed.agreed_to
    if proposal is None:
        return amends, signed.by.name, "", signed.reason
    return amends, proposal.proposed_by, signed.by.name, proposal.reason


def _line(change: Kept, signed: Signed) -> dict[str, Any]:
    before = {one.period.isoformat(): plain(values=was) for one, was in change.cells}
    after = {
        one.period.isoformat(): plain(values={name: one.__dict__[name] for name in was}) for one, was in change.cells
    }
    return journal.line(
        by=signed.by, at=signed.at, verb=change.verb, subject="reading", subject_id=str(change.kpi_id),
        name=change.name, unit=change.unit, before=before, after=after, why=signed.reason,
    )  # fmt: skip

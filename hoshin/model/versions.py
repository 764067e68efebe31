"""How often the plan's structure and each period's figures have changed: what reports are kept under, counted up here.

Every session counts by itself, just before its commit, whoever changed what; so no command can forget it, and the rows
of this table are held only for a moment. What was changed past the sessions counts through `touch_everything`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import String, delete, event, insert, inspect, update
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, SessionTransaction, UOWTransaction, mapped_column

from hoshin.model.base import Base

STRUCTURE: Mapping[str, frozenset[str]] = {
    "organisation": frozenset({"name", "fiscal_start_month", "named_by", "due_days", "least_strength"}),
    "cycles": frozenset({"name", "first_day", "last_day", "rotation"}),
    "units": frozenset({"name", "parent_id", "position"}),
    "people": frozenset({"name"}),
    "items": frozenset(
        {"kind", "unit_id", "cycle_id", "name", "owner_id", "state", "valid_from", "valid_to", "position"}
    ),
    "kpis": frozenset({"frequency", "aggregation", "kpi_class"}),
    "correlations": frozenset({"upper_id", "lower_id", "strength"}),
    "deployments": frozenset({"source_id", "objective_id", "state", "valid_from", "valid_to"}),
    "cycle_kpis": frozenset({"cycle_id", "kpi_id", "recorded_at"}),
}
"""What attainment reads of the plan besides readings: the tables, and those of their columns that matter to it."""

UNSEEN = frozenset(
    {
        "failed_sign_ins", "heartbeats", "job_files", "job_orders", "jobs", "journal", "mails", "password_resets",
        "reading_changes", "revisions", "sign_ins", "versions",
    }
)  # fmt: skip
"""What no kept page shows: it changes beside what does, or for one browser alone."""

READINGS = "readings"
REST_SUBJECT = "rest"
STRUCTURE_SUBJECT = "structure"
KEPT_CHANGES = 512
"""So many of a period's latest changes are kept reading by reading; who is further behind reads the whole period."""
MOST_LISTED = 100
"""A transaction that changes more readings of one period than this does not list them."""


class Version(Base):
    """How often a subject has changed: "structure", "readings" (all at once), a period by its first day, or the "rest".

    The rest is whatever else a page shows: texts, rights, months that are locked.

    `rows` counts only the changes that brought or took readings; after `since` every changed reading is listed.
    """

    __tablename__ = "versions"

    subject: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    rows: Mapped[int] = mapped_column(default=0)
    since: Mapped[int] = mapped_column(default=0)


class Change(Base):
    """That the reading of a KPI changed with the so-manieth change of its period."""

    __tablename__ = "reading_changes"

    period: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kpi_id: Mapped[int] = mapped_column(primary_key=True)


@dataclass(slots=True)
class _Touched:
    """What a transaction has changed so far; more than it really did does no harm."""

    structure: bool = False
    everything: bool = False
    rest: bool = False
    kpis: dict[date, set[int]] = field(default_factory=lambda: defaultdict(set))
    rows: set[date] = field(default_factory=set)


TOUCHED = "hoshin_touched"


def _touched(session: Session) -> _Touched:
    found: _Touched = session.info.setdefault(TOUCHED, _Touched())
    return found


def touch_everything(*, session: Session) -> None:
    """Say that readings and structure may have changed in ways a session does not see, such as by bare SQL."""
    touched = _touched(session)
    touched.structure = touched.everything = touched.rest = True


def note_table(*, session: Session, table: str) -> None:
    """Say that rows of that table change in a way that a session does not see, such as many at once."""
    touched = _touched(session)
    touched.everything |= table == READINGS
    touched.structure |= table in STRUCTURE
    touched.rest |= table not in UNSEEN and table != READINGS and table not in STRUCTURE


@event.listens_for(Session, "after_flush")
def _note_flush(session: Session, _context: UOWTransaction) -> None:
    for thing in (*session.new, *session.deleted):
        _note(session, thing, whole=True)
    for thing in session.dirty:
        if session.is_modified(thing):
            _note(session, thing, whole=False)


def _note(session: Session, thing: object, *, whole: bool) -> None:
    mapper, touched = inspect(thing).mapper, _touched(session)
    tables = [table.name for table in mapper.tables]
    if READINGS in tables:
        period, kpi_id = mapper.primary_key_from_instance(thing)
        touched.kpis[period].add(kpi_id)
        if whole:
            touched.rows.add(period)
        return
    counts: frozenset[str] = frozenset().union(*(STRUCTURE.get(one, ()) for one in tables))
    changed = _changed(thing)
    if whole or changed & counts:
        touched.structure |= bool(counts)
    if (changed - counts and not whole) if counts else UNSEEN.isdisjoint(tables):
        touched.rest = True


def _changed(thing: object) -> frozenset[str]:
    return frozenset(one.key for one in inspect(thing).attrs if one.history.has_changes())


@event.listens_for(Session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    """A statement that changes many rows at once does not say which: everything it may have meant counts."""
    if state.is_insert or state.is_update or state.is_delete:
        table = getattr(getattr(state.statement, "table", None), "name", "")
        note_table(session=state.session, table=table)


@event.listens_for(Session, "before_commit")
def _count_up(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    touched: _Touched | None = session.info.pop(TOUCHED, None)
    if touched is None:
        return
    if touched.rest:
        _bump(session, REST_SUBJECT)
    if touched.structure:
        _bump(session, STRUCTURE_SUBJECT)
    if touched.everything:
        _bump(session, READINGS)
    for period in sorted(touched.kpis):  # always in this order, so that two writers never wait for each other
        _count_period(session, period, touched.kpis[period], rows=period in touched.rows)


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    """What a savepoint takes back stays noted; the end of the whole transaction forgets."""
    if transaction.parent is None:
        session.info.pop(TOUCHED, None)


def _count_period(session: Session, period: date, kpis: Iterable[int], *, rows: bool) -> None:
    listed = sorted(kpis)
    number = _bump(session, period.isoformat(), rows=rows, breaks=len(listed) > MOST_LISTED)
    if len(listed) <= MOST_LISTED:
        session.execute(insert(Change), [{"period": period, "number": number, "kpi_id": one} for one in listed])
    if number % KEPT_CHANGES == 0:
        _drop_changes(session, period, number - KEPT_CHANGES)


def _drop_changes(session: Session, period: date, upto: int) -> None:
    session.execute(delete(Change).where(Change.period == period, Change.number <= upto))
    mine = (Version.subject == period.isoformat(), Version.since < upto)
    session.execute(update(Version).where(*mine).values(since=upto))


def _insert(session: Session) -> Callable[[type[Version]], Any]:
    """The INSERT of this kind of database, which alone knows ON CONFLICT; the other kind is not even imported."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - slow to import

        return postgresql.insert
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - only one of the two is needed

    return sqlite.insert


def _bump(session: Session, subject: str, *, rows: bool = False, breaks: bool = False) -> int:
    """Count one up and give the new number; from here on the row is this transaction's until it ends."""
    first = _insert(session)(Version).values(subject=subject, number=1, rows=int(rows), since=int(breaks))
    more: dict[str, Any] = {"number": Version.number + 1, "rows": Version.rows + int(rows)}
    if breaks:
        more["since"] = Version.number + 1
    done = first.on_conflict_do_update(index_elements=["subject"], set_=more).returning(Version.number)
    return int(session.execute(done).scalar_one())

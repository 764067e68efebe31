"""How often the plan's structure and each period's figures have changed: what reports are kept under, counted up here.

Every session counts by itself, just before its commit, whoever changed what; so no command can forget it, and the rows
of this table are held only for a moment. What was changed past the sessions counts through `touch_everything`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import (
    String,
    UpdateBase,
    case,
    delete,
    event,
    insert,
    inspect,
    update,
)
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, SessionTransaction, UOWTransaction, mapped_column

from hoshin.model.base import Base, table_of
from hoshin.model.prepared import Prepared
from hoshin.transactions import say_last

STRUCTURE: Mapping[str, frozenset[str]] = {
    "organisation": frozenset({"name", "fiscal_start_month", "named_by", "due_days", "least_strength"}),
    "cycles": frozenset({"name", "first_day", "last_day", "rotation"}),
    "units": frozenset({"name", "parent_id", "position", "kind", "restricted", "archived_at", "checkin_by"}),
    "people": frozenset({"name", "deactivated_at"}),
    "items": frozenset(
        {"kind", "unit_id", "cycle_id", "name", "owner_id", "state", "valid_from", "valid_to", "position"}
    ),
    "kpis": frozenset({"frequency", "aggregation", "kpi_class"}),
    "correlations": frozenset({"upper_id", "lower_id", "strength"}),
    "deployments": frozenset({"source_id", "objective_id", "state", "valid_from", "valid_to"}),
    "cycle_kpis": frozenset({"cycle_id", "kpi_id", "recorded_at"}),
}
"""What attainment reads of the plan besides readings, and what is kept with it: the tables and those of their columns
that matter to it, of a unit all that lists and rights rest on, and who there is."""

UNSEEN = frozenset(
    {
        "deeds", "failed_sign_ins", "heartbeats", "job_files", "job_orders", "jobs", "journal", "mails",
        "password_resets", "reading_changes", "revisions", "sign_ins", "versions",
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


def note_readings(*, session: Session, keys: Iterable[tuple[date, int]], new: Iterable[date] = ()) -> None:
    """Say that these readings (period, KPI) change past the session, and that those periods have new ones."""
    touched = _touched(session)
    for period, kpi_id in keys:
        touched.kpis[period].add(kpi_id)
    touched.rows.update(new)


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
    changed = frozenset() if whole else _changed(thing)
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
    changed = {period: sorted(kpis) for period, kpis in sorted(touched.kpis.items())}
    # always in this order, so that two writers never wait for each other
    bumps = [_Bump(REST_SUBJECT)] if touched.rest else []
    bumps += [_Bump(STRUCTURE_SUBJECT)] if touched.structure else []
    bumps += [_Bump(READINGS)] if touched.everything else []
    bumps += [
        _Bump(period.isoformat(), rows=period in touched.rows, breaks=len(kpis) > MOST_LISTED)
        for period, kpis in changed.items()
    ]
    alone = len(bumps) == len(changed) == 1 and not bumps[0].breaks
    if alone and session.get_bind().dialect.name == "postgresql":
        say_last(session=session, statement=_counting_one(bumps[0], *changed.items()))
    elif bumps:
        _list_changes(session, changed, _count(session, bumps))


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    """What a savepoint takes back stays noted; the end of the whole transaction forgets."""
    if transaction.parent is None:
        session.info.pop(TOUCHED, None)


@dataclass(frozen=True, slots=True)
class _Bump:
    """One subject that counts one up; `breaks` when it is not told which readings changed."""

    subject: str
    rows: bool = False
    breaks: bool = False

    def as_row(self) -> dict[str, Any]:
        """The row of a subject that changes for the first time."""
        return {"subject": self.subject, "number": 1, "rows": int(self.rows), "since": int(self.breaks)}


def _count(session: Session, bumps: Sequence[_Bump]) -> dict[str, int]:
    """Count all of them up in one statement; from here on the rows are this transaction's until it ends."""
    asked, connection = [one.as_row() for one in bumps], session.connection()
    if len(asked) == 1:
        return {subject: number for subject, number in _COUNT.ask(connection=connection, row=asked[0])}  # noqa: C416
    return {one.subject: one.number for one in connection.execute(_counting(connection.dialect.name), asked)}


@cache
def _counting(database: str) -> UpdateBase:
    """The statement in the words of this kind of database, which alone knows ON CONFLICT; made once."""
    dialect = import_module(f"sqlalchemy.dialects.{database}")  # slow to import, and only one of them is needed
    table = table_of(model=Version).c
    first = dialect.insert(table_of(model=Version))
    more = {
        "number": table.number + 1,
        "rows": table.rows + first.excluded.rows,
        "since": case((first.excluded.since > 0, table.number + 1), else_=table.since),
    }
    counting: UpdateBase = first.on_conflict_do_update(index_elements=["subject"], set_=more).returning(
        table.subject, table.number
    )
    return counting


_COUNT = Prepared(statement=_counting, names=[one.name for one in table_of(model=Version).c])
_LIST = Prepared(
    statement=lambda _: insert(table_of(model=Change)).inline(),
    names=[one.name for one in table_of(model=Change).c],
)


def _list_changes(session: Session, changed: Mapping[date, Sequence[int]], numbers: Mapping[str, int]) -> None:
    """Say which readings changed with which number, unless they are too many; what is long ago goes."""
    of_period = [(period, numbers[period.isoformat()], kpis) for period, kpis in changed.items()]
    listed = [
        {"period": period, "number": number, "kpi_id": one}
        for period, number, kpis in of_period
        if len(kpis) <= MOST_LISTED
        for one in kpis
    ]
    if listed:
        _LIST.run(connection=session.connection(), rows=listed)
    for period, number, _ in of_period:
        if number % KEPT_CHANGES == 0:
            _drop_changes(session, period, number - KEPT_CHANGES)


def _counting_one(bump: _Bump, changed: tuple[date, Sequence[int]]) -> str:
    """What counts one period up, lists what changed and drops what is long ago; its row keeps others waiting after it.

    Made by the migrations (see 0016 and 0020), it does just what `_counting` and `_list_changes` do. The values stand
    in the words, as nothing but words can come with the commit: they are days and numbers of our own.
    """
    period, kpis = changed
    keys = ", ".join(str(int(one)) for one in kpis)
    subject, rows, since = bump.subject, int(bump.rows), int(bump.breaks)
    return f"SELECT count_up('{subject}', {rows}, {since}, '{period.isoformat()}', ARRAY[{keys}], {KEPT_CHANGES})"


def _drop_changes(session: Session, period: date, upto: int) -> None:
    session.execute(delete(Change).where(Change.period == period, Change.number <= upto))
    mine = (Version.subject == period.isoformat(), Version.since < upto)
    session.execute(update(Version).where(*mine).values(since=upto))

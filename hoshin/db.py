"""The one place that knows which database this is: engines, sessions, exact column types and migrations."""

from __future__ import annotations

import errno
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import BigInteger, Connection, DateTime, Dialect, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.dialects import registry
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.types import TypeDecorator

from hoshin.config import Limits, resource_dir
from hoshin.errors import Refused
from hoshin.readers import Reader
from hoshin.transactions import asked_anew, begin_on_postgresql, begin_on_sqlite

if TYPE_CHECKING:  # alembic is imported only when there is something to migrate: a start must not wait for it
    from alembic.config import Config

Kept = TypeVar("Kept")
SCALE = 4
BUSY_MILLISECONDS = 30_000
"""How long a writer on SQLite waits for its turn, longer than the import of 100,000 rows holds others up."""
HELD_PAGES = 32_768
"""So many changed pages (128 MiB) SQLite holds back until the commit: one that it wrote earlier would keep every reader
waiting until then, where there is no WAL. The import of 100,000 rows changes half as many."""
SNAPSHOT = "SELECT CAST(pg_current_snapshot() AS text)"
RING, RUNG = "ring", "rung"
"""What rings, and that it is to be rung, among what a session knows."""
registry.register("postgresql.hoshin", "hoshin.dialect", "Dialect")  # imported when it is needed: that takes a while
SAFE_WAL = ((3, 44, 6), (3, 50, 7), (3, 51, 3))


def stored_decimal(*, value: Decimal) -> int:
    """The value as it is stored, a whole number; ValueError for one that would lose digits: a programming error."""
    scaled = value.scaleb(SCALE)
    if scaled != scaled.to_integral_value() or abs(scaled) >= 10**18:
        raise ValueError(f"{value} cannot be stored exactly")
    return int(scaled)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal with four places, kept as a scaled integer: exact on SQLite and PostgreSQL alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Scale up; a value that would lose digits is a programming error."""
        return None if value is None else stored_decimal(value=value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Scale down."""
        return None if value is None else Decimal(value).scaleb(-SCALE)


class UTCInstant(TypeDecorator[datetime]):
    """An instant, stored in UTC; naive datetimes are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; SQLite drops offsets, so it is given none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand out aware instants only."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """One engine with the two kinds of session: readers see one snapshot, writers queue up for their turn."""

    def __init__(
        self,
        *,
        url: str,
        replica_url: str = "",
        limits: Limits | None = None,
        ring: Callable[[], None] | None = None,
    ) -> None:
        """`ring` is called after each commit of a session for changes of which `ring_when_committed` was told."""
        self.engine = make_engine(url=url, limits=limits)
        self._noted = {RING: ring} if ring else {}
        self._writing = self.engine.execution_options(hoshin_writes=True)
        self._looking = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._watcher = _SQLiteWatcher(self.engine) if self.engine.dialect.name == "sqlite" else None
        self._replica = Replica(url=replica_url, limits=limits) if replica_url else None
        self._kept: dict[object, Any] = {}
        self.epoch = secrets.token_hex(6) if self._watcher else ""
        """Told apart from other times in which this database was served: a SQLite file may come back from a backup."""

    def kept(self, *, make: Callable[[], Kept]) -> Kept:
        """What this process keeps of this database for `make`, made when it is first asked for; goes with it."""
        found: Kept = self._kept[make] if make in self._kept else self._kept.setdefault(make, make())
        return found

    def reading(self) -> Session:
        """A session for looking only: one consistent snapshot, no lock that could starve a writer."""
        return Reader(engine=self.engine)

    def writing(self) -> Session:
        """A session for changes: on SQLite it takes the write lock at once instead of failing half-way."""
        return Session(self._writing, autoflush=True, info=dict(self._noted))

    def reporting(self, *, beside: Session) -> Session | None:
        """A session on the replica that sees all that `beside`, a session on the primary, may see; None without one."""
        return self._replica.caught_up_with(primary=beside) if self._replica else None

    @property
    def beside(self) -> Path | None:
        """The file of the database, where it is one that others can put something beside."""
        name = self.engine.url.database if self.engine.dialect.name == "sqlite" else None
        return Path(name) if name and name != ":memory:" else None

    @property
    def writers_are_alone(self) -> bool:
        """Whether nobody else can write while one transaction does, as on SQLite."""
        return self.engine.dialect.name == "sqlite"

    def state(self, *, session: Callable[[], Session] | None = None) -> str:
        """What can be seen in the session, as a word: while it stays the same, nothing at all has been committed.

        On SQLite no session is needed, and none is made. Without one it is what a session begun now would see.
        """
        if self._watcher:
            return self._watcher.state()
        if session is not None:
            return str(session().connection().exec_driver_sql(SNAPSHOT).scalar_one())
        return asked_anew(ask=self._snapshot)

    def _snapshot(self) -> str:
        with self._looking.connect() as connection:
            return str(connection.exec_driver_sql(SNAPSHOT).scalar_one())

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        if self._watcher:
            self._watcher.close()
        if self._replica:
            self._replica.engine.dispose()


def ring_when_committed(*, session: Session) -> None:
    """Wake the job process as soon as all that the session does has been committed; a rollback wakes nobody."""
    session.info[RUNG] = True


@event.listens_for(Session, "after_commit")
def _ring(session: Session) -> None:
    ring: Callable[[], None] | None = session.info.get(RING)
    if ring and not session.in_nested_transaction() and session.info.pop(RUNG, False):
        ring()


@event.listens_for(Session, "after_transaction_end")
def _forget_to_ring(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(RUNG, None)


class _SQLiteWatcher:
    """A connection of its own that never writes: SQLite tells it whether any other one has committed anything.

    The number means something to this connection alone, so the word begins with a name that no other one has.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine, self._lock = engine, threading.Lock()
        self._connection: Any = None
        self._process, self._name = 0, ""

    def state(self) -> str:
        """The name and the number, of the process that asks."""
        with self._lock:
            try:
                if self._process != os.getpid():  # a connection must not be taken along into a child
                    self._connection = sqlite3.connect(self._engine.url.database or "", check_same_thread=False)
                    self._process, self._name = os.getpid(), secrets.token_hex(6)
                return f"{self._name}:{self._connection.execute('PRAGMA data_version').fetchone()[0]}"
            except sqlite3.Error as error:  # said as by every other statement
                raise OperationalError("PRAGMA data_version", None, error) from error

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection, self._process = None, 0


class Replica:
    """A streaming replica. It is used only for as long as it has everything that the primary had when it was asked."""

    PATIENCE = 0.1
    """Seconds to wait for it to catch up; reading from the primary costs about as much."""
    PAUSE = 5.0
    """Seconds for which nobody asks again after it was not there."""

    def __init__(self, *, url: str, limits: Limits | None = None) -> None:
        self.engine = make_engine(url=url, limits=limits)
        if self.engine.dialect.name != "postgresql":
            raise ValueError("HOSHIN_REPLICA_URL names a PostgreSQL replica")
        self._polling = self.engine.execution_options(hoshin_writes=True)
        self._away_until = 0.0
        self._askers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="replica")
        self._unanswered: Future[bool] | None = None

    def caught_up_with(self, *, primary: Session) -> Session | None:
        """A reading session whose snapshot holds every commit the primary has finished by now, or None."""
        waiting = self._unanswered is not None and not self._unanswered.done()
        if waiting or time.monotonic() < self._away_until:
            return None
        place = primary.scalar(text("SELECT CAST(pg_current_wal_flush_lsn() AS text)"))
        asked = self._askers.submit(self._reaches, str(place))
        try:
            reached = asked.result(timeout=self.PATIENCE * 5)
        except (SQLAlchemyError, TimeoutError):  # a pooler in between may keep us waiting for a server that is gone
            reached = False
            self._unanswered, self._away_until = asked, time.monotonic() + self.PAUSE
        return Reader(engine=self.engine) if reached else None

    def _reaches(self, place: str) -> bool:
        with self._polling.connect() as connection:
            return _within(self.PATIENCE, lambda: _has_replayed(connection, place))


def _has_replayed(connection: Connection, place: str) -> bool:
    query = text("SELECT pg_last_wal_replay_lsn() >= CAST(:place AS pg_lsn)")
    return bool(connection.scalar(query, {"place": place}))


def _within(seconds: float, happens: Callable[[], bool]) -> bool:
    """Whether it happens before the time is up."""
    end = time.monotonic() + seconds
    while not happens():
        if time.monotonic() >= end:
            return False
        time.sleep(0.002)
    return True


def make_engine(*, url: str, limits: Limits | None = None) -> Engine:
    """An engine for `sqlite:///…` or `postgresql://…` (psycopg 3) with the settings this product relies on.

    On PostgreSQL nothing outlives a transaction (no prepared statement, no setting of a session), so that a pgbouncer
    in transaction mode may stand in between.
    """
    limits = limits or Limits()
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        begin_on_sqlite(engine=engine)
        return engine
    if parsed.get_backend_name() != "postgresql":
        raise ValueError(f"HOSHIN_DATABASE_URL names {parsed.get_backend_name()}; SQLite and PostgreSQL are supported")
    engine = create_engine(
        parsed.set(drivername="postgresql+hoshin"),
        pool_size=limits.pool_size,
        max_overflow=limits.pool_overflow,
        connect_args={"prepare_threshold": None, "autocommit": True},  # see hoshin.transactions
        hide_parameters=True,
    )
    begin_on_postgresql(engine=engine, limits=limits)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event says BEGIN, the driver must not
    cursor = connection.cursor()
    version = tuple(int(part) for part in cursor.execute("SELECT sqlite_version()").fetchone()[0].split("."))
    cursor.execute(f"PRAGMA journal_mode={'WAL' if _wal_is_safe(version) else 'DELETE'}")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    cursor.execute(f"PRAGMA cache_spill={HELD_PAGES}")
    cursor.close()


def _wal_is_safe(version: Sequence[int]) -> bool:
    """SQLite before 3.44.6, 3.50.7 and 3.51.3 can corrupt a WAL database that two connections share."""
    mended = any(tuple(version[:2]) == safe[:2] and tuple(version) >= safe for safe in SAFE_WAL)
    return mended or tuple(version) >= SAFE_WAL[-1]


def hold_table(*, session: Session, name: str) -> None:
    """Let nobody else add to a table until the transaction ends; on SQLite a writer is alone from its start."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))


def _alembic(engine: Engine) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(resource_dir(name="migrations")))
    config.attributes["engine"] = engine
    return config


def upgrade(*, engine: Engine, revision: str = "head") -> None:
    """Bring the database to the revision, by default the newest; nothing happens when it is there already.

    Raises Refused when a newer version of the planner has migrated the database further.
    """
    newest = newest_revision()
    if revision == "head":
        present = present_revision(engine=engine)
        if present == newest:
            return
        if present is not None and present > newest:
            raise Refused(f"the database is at revision {present}, newer than this planner knows ({newest}): update it")
    from alembic import command  # noqa: PLC0415 - see above

    command.upgrade(_alembic(engine), revision)
    _private(engine)


def downgrade(*, engine: Engine, revision: str) -> None:
    """Take the database back to an older revision."""
    from alembic import command  # noqa: PLC0415 - see above

    command.downgrade(_alembic(engine), revision)


def is_current(*, engine: Engine) -> bool:
    """Whether every migration has been applied."""
    return present_revision(engine=engine) == newest_revision()


def newest_revision() -> str:
    """The newest migration there is: a revision is the number that its file's name begins with."""
    return max(one.name.partition("_")[0] for one in (resource_dir(name="migrations") / "versions").glob("0*.py"))


def present_revision(*, engine: Engine) -> str | None:
    """The revision that the database is at; None before the first."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def _private(engine: Engine) -> None:
    """The company's strategy is for the account that runs the planner only."""
    name = engine.url.database
    if engine.url.get_backend_name() == "sqlite" and name and Path(name).exists():
        os.chmod(name, 0o600)


def back_up(*, engine: Engine, path: Path) -> None:
    """Copy a SQLite database as it stands at one moment to a new file that only this account may read.

    Raises Refused for another kind of database, and OSError where the file is there already or cannot be written whole
    (a full disk); then nothing of it stays.
    """
    if engine.dialect.name != "sqlite":
        raise Refused("this is PostgreSQL, which brings its own tool: pg_dump --format=custom hoshin > hoshin.dump")
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(path)) as copy, engine.connect() as connection:
            source: Any = connection.connection.driver_connection
            source.backup(copy)
    except BaseException as error:
        for one in (path, path.with_name(f"{path.name}-journal")):
            one.unlink(missing_ok=True)
        if isinstance(error, sqlite3.Error):
            raise OSError(errno.EIO, str(error)) from error
        raise

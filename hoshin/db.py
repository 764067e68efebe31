"""The one place that knows which database this is: engines, sessions, exact column types and migrations."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Connection, DateTime, Dialect, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from hoshin.config import resource_dir
from hoshin.errors import Refused

if TYPE_CHECKING:  # alembic is imported only when there is something to migrate: a start must not wait for it
    from alembic.config import Config

SCALE = 4
SAFE_WAL = ((3, 44, 6), (3, 50, 7), (3, 51, 3))


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal with four places, kept as a scaled integer: exact on SQLite and PostgreSQL alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Scale up; a value that would lose digits is a programming error."""
        if value is None:
            return None
        scaled = value.scaleb(SCALE)
        if scaled != scaled.to_integral_value() or abs(scaled) >= 10**18:
            raise ValueError(f"{value} cannot be stored exactly")
        return int(scaled)

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

    def __init__(self, *, url: str) -> None:
        self.engine = make_engine(url=url)
        self._writing = self.engine.execution_options(hoshin_writes=True)

    def reading(self) -> Session:
        """A session for looking only: one consistent snapshot, no lock that could starve a writer."""
        return Session(self.engine, autoflush=False)

    def writing(self) -> Session:
        """A session for changes: on SQLite it takes the write lock at once instead of failing half-way."""
        return Session(self._writing, autoflush=True)


def make_engine(*, url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql://…` (psycopg 3) with the settings this product relies on."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.get_backend_name() != "postgresql":
        raise ValueError(f"HOSHIN_DATABASE_URL names {parsed.get_backend_name()}; SQLite and PostgreSQL are supported")
    engine = create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event below says BEGIN, the driver must not
    cursor = connection.cursor()
    version = tuple(int(part) for part in cursor.execute("SELECT sqlite_version()").fetchone()[0].split("."))
    cursor.execute(f"PRAGMA journal_mode={'WAL' if _wal_is_safe(version) else 'DELETE'}")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def _wal_is_safe(version: Sequence[int]) -> bool:
    """SQLite before 3.44.6, 3.50.7 and 3.51.3 can corrupt a WAL database that two connections share."""
    mended = any(tuple(version[:2]) == safe[:2] and tuple(version) >= safe for safe in SAFE_WAL)
    return mended or tuple(version) >= SAFE_WAL[-1]


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("hoshin_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if not connection.get_execution_options().get("hoshin_writes"):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


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

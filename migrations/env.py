"""Runs the migrations on the engine that hoshin.db hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, Engine, MetaData

TURN = 4_677_846  # any number that nobody else on the server has chosen as a lock
CONSTRAINTS = MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"})


def _run(connection: Connection) -> None:
    """One transaction for all; SQLite's foreign keys are off outside of it, or a rebuilt table loses its children."""
    sqlite = connection.dialect.name == "sqlite"
    raw = connection.connection.dbapi_connection
    if sqlite and raw is not None:
        raw.cursor().execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("metadata", CONSTRAINTS),
        render_as_batch=sqlite,
        compare_type=True,
    )
    with context.begin_transaction():
        if not sqlite:  # two that start at once migrate one after the other; on SQLite every writer waits anyway
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")
        context.run_migrations()
        if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
            raise RuntimeError(f"the migration would leave {len(broken)} rows without what they refer to")
    if sqlite and raw is not None:
        raw.cursor().execute("PRAGMA foreign_keys=ON")


_engine: Engine = context.config.attributes["engine"]
with _engine.execution_options(hoshin_writes=True).connect() as _connection:
    _run(_connection)

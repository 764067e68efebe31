"""A whole organisation goes from one database into another, empty one: every row, every key, nothing changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session

from hoshin.db import hold_table
from hoshin.errors import Refused
from hoshin.model.base import Base

CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Moved:
    """How many rows of one table were written, and found there afterwards."""

    table: str
    rows: int


def move_all(*, source: Session, target: Session) -> list[Moved]:
    """Copy every table and return what was copied, tables with rows only, parents before children.

    Both are writing sessions on databases at the same, newest revision: nobody may write into the source meanwhile, or
    that would be lost. The source keeps everything. Raises Refused when the target is not empty or a row got lost.
    """
    tables = Base.metadata.sorted_tables
    filled = [one.name for one in tables if target.execute(select(one).limit(1)).first() is not None]
    if filled:
        raise Refused(f"the database to move into is not empty: it has {', '.join(filled[:3])}")
    for table in tables:
        hold_table(session=source, name=table.name)
        hold_table(session=target, name=table.name)
    return [moved for table in tables if (moved := _move(source, target, table)).rows]


def _move(source: Session, target: Session, table: Table) -> Moved:
    inward = [one.parent for one in table.foreign_keys if one.column.table is table]
    rows = 0
    for chunk in _chunks(source, table):
        target.execute(insert(table), [one | dict.fromkeys(map(_key, inward)) for one in chunk])
        rows += len(chunk)
    for column in inward:  # whoever is above may come later in the table
        _point(source, target, table, column)
    found = target.scalar(select(func.count()).select_from(table)) or 0
    if found != rows:
        raise Refused(f"{rows} rows of {table.name} were read and {found} written: nothing was moved")
    _count_on(target, table)
    return Moved(table.name, rows)


def _chunks(source: Session, table: Table) -> Iterator[list[dict[str, Any]]]:
    query = select(table).order_by(*table.primary_key.columns)
    found = source.execute(query.execution_options(yield_per=CHUNK))
    for part in found.mappings().partitions():
        yield [dict(one) for one in part]


def _key(column: Column[Any]) -> str:
    return str(column.key)


def _point(source: Session, target: Session, table: Table, column: Column[Any]) -> None:
    key = next(iter(table.primary_key.columns))
    pairs: Sequence[Any] = source.execute(select(key, column).where(column.is_not(None))).all()
    if pairs:
        statement = update(table).where(key == bindparam("of")).values({column.key: bindparam("to")})
        target.connection().execute(statement, [{"of": one, "to": to} for one, to in pairs])


def _count_on(target: Session, table: Table) -> None:
    """PostgreSQL numbers new rows after the highest key that was brought."""
    column = table.autoincrement_column
    if column is None or target.get_bind().dialect.name != "postgresql":
        return
    query = text("SELECT pg_get_serial_sequence(:table, :column)")
    sequence = target.scalar(query, {"table": table.name, "column": column.name})
    highest = target.scalar(select(func.max(column)))
    if sequence and highest:
        target.execute(text("SELECT setval(CAST(:sequence AS regclass), :highest)"),
                       {"sequence": sequence, "highest": highest})  # fmt: skip

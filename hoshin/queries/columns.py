"""The plan as columns, each table read as one long text of numbers: as it stands, or as it was known at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from hoshin.engine.calendars import Frequency
from hoshin.engine.columns import CLASSES, KINDS, NONE, STATES, Columns, day_number, patched
from hoshin.engine.forest import Whole
from hoshin.engine.metrics import KPIClass
from hoshin.engine.plans import Kind, State

Facts = dict[str, Any]
Undone = Mapping[str, Mapping[int, Facts | None]]
"""By subject and key what a row was before, None where it was not there yet."""


def _cases(column: str, words: Iterable[str]) -> str:
    chosen = " ".join(f"WHEN '{word}' THEN {place}" for place, word in enumerate(words))
    return f"CASE {column} {chosen} ELSE {NONE} END"


STATE = _cases("state", [one.value for one in STATES])
LIFE = (STATE, "@valid_from", "@valid_to")
MONTHS = "CASE frequency WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 ELSE 12 END"
CLASS = _cases("kpi_class", [one.value for one in CLASSES])
KIND = _cases("kind", [one.value for one in KINDS])
IS_ITEM = " OR ".join(f"kind = '{one.value}'" for one in KINDS)

UNITS = ("id", f"coalesce(parent_id, {NONE})")
ITEMS = ("id", KIND, "unit_id", f"coalesce(cycle_id, {NONE})", *LIFE)
KPIS = ("id", "unit_id", f"coalesce(owner_id, {NONE})", CLASS, MONTHS, *LIFE)
LINKS = ("id", "upper_id", "lower_id", "strength")
DEPLOYMENTS = ("id", "source_id", "objective_id", *LIFE)
"""What is read of each table: one number for each column of engine.columns, a day (marked @) without its dashes."""


def read_columns(*, session: Session) -> Columns:
    """The structure as it stands, in five statements."""
    joined = "items JOIN kpis USING (id)" if _is_postgresql(session) else "kpis CROSS JOIN items USING (id)"
    return Columns(
        units=_table(session, "units", UNITS),
        items=_table(session, f"items WHERE {IS_ITEM}", ITEMS),
        kpis=_table(session, joined, KPIS),  # CROSS tells SQLite which of the two leads: nine times as fast
        links=_table(session, "correlations", LINKS),
        deployments=_table(session, "deployments", DEPLOYMENTS),
    )


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _table(session: Session, source: str, columns: Sequence[str]) -> Whole:
    rows = read_numbers(session=session, columns=[_number(session, one) for one in columns], source=source)
    keys = rows[:, 0]
    return rows if bool((keys[1:] > keys[:-1]).all()) else rows[np.argsort(keys)]


def _number(session: Session, column: str) -> str:
    if not column.startswith("@"):
        return column
    if _is_postgresql(session):
        return f"coalesce(to_char({column[1:]}, 'YYYYMMDD'), '0')"
    return f"coalesce(replace({column[1:]}, '-', ''), 0)"


def read_numbers(
    *,
    session: Session,
    columns: Sequence[str],
    source: str,
    order: str = "",
    values: Mapping[str, object] | None = None,
) -> Whole:
    """Rows of whole numbers; the database joins them to one text, which costs a fraction of reading rows.

    Columns and source are this product's own words, never typed ones; see `read_text` for `order`.
    """
    if len(columns) == 1:
        each = columns[0]
    elif _is_postgresql(session):
        each = f"concat_ws(',', {', '.join(columns)})"
    else:
        each = f"printf('{','.join(['%d'] * len(columns))}', {', '.join(columns)})"
    found = read_text(session=session, each=each, source=source, between=",", order=order, values=values)
    return np.fromstring(found, np.int64, sep=",").reshape(-1, len(columns))


def read_text(
    *, session: Session, each: str, source: str, between: str, order: str, values: Mapping[str, object] | None = None
) -> str:
    """One text of all rows; empty when there is none. On PostgreSQL in the `order`; on SQLite as the source gives them.

    There, a source that names its index gives them in the index's order, and sorting them would double the time.
    """
    if _is_postgresql(session):
        ordered = f" ORDER BY {order}" if order else ""
        query = f"SELECT string_agg(({each})::text, '{between}'{ordered}) FROM {source}"  # noqa: S608
    else:
        query = f"SELECT group_concat({each}, '{between}') FROM {source}"  # noqa: S608
    return session.scalar(text(query).bindparams(**(values or {}))) or ""


def undo(*, columns: Columns, undone: Undone) -> Columns:
    """The columns with the rows that the journal's lines tell of as they were before."""
    items = {key: row for kind in KINDS for key, row in undone.get(kind.value, {}).items()}
    return replace(
        columns,
        units=patched(table=columns.units, rows=_rows(undone.get("unit", {}), _unit)),
        items=patched(table=columns.items, rows=_rows(items, _item)),
        kpis=patched(table=columns.kpis, rows=_rows(undone.get(Kind.KPI.value, {}), _kpi)),
        links=patched(table=columns.links, rows=_rows(undone.get("correlation", {}), _link)),
        deployments=patched(table=columns.deployments, rows=_rows(undone.get("deployment", {}), _deployment)),
    )


def _rows(facts: Mapping[int, Facts | None], make: Any) -> dict[int, Sequence[int] | None]:
    return {key: None if row is None else make(row) for key, row in facts.items()}


def _key(value: int | None) -> int:
    return NONE if value is None else value


def _life(row: Facts) -> tuple[int, int, int]:
    first, last = (None if row[name] is None else date.fromisoformat(row[name]) for name in ("valid_from", "valid_to"))
    return STATES.index(State(row["state"])), day_number(day=first), day_number(day=last)


def _unit(row: Facts) -> Sequence[int]:
    return (row["id"], _key(row["parent_id"]))


def _item(row: Facts) -> Sequence[int]:
    return (row["id"], KINDS.index(Kind(row["kind"])), row["unit_id"], _key(row["cycle_id"]), *_life(row))


def _kpi(row: Facts) -> Sequence[int]:
    known = row.get("kpi_class")
    months = Frequency(row["frequency"]).months
    place = NONE if not known else CLASSES.index(KPIClass(known))
    return (row["id"], row["unit_id"], _key(row["owner_id"]), place, months, *_life(row))


def _link(row: Facts) -> Sequence[int]:
    return (row["id"], row["upper_id"], row["lower_id"], row["strength"])


def _deployment(row: Facts) -> Sequence[int]:
    return (row["id"], row["source_id"], row["objective_id"], *_life(row))

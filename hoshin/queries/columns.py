"""The plan as columns, each table read as one long text of numbers: as it stands, or as it was known at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class _Table:
    """What is read of a table: one number for each column, in the order of engine.columns."""

    source: str
    columns: tuple[str, ...]
    key: str = "id"


def _cases(column: str, words: Iterable[str]) -> str:
    chosen = " ".join(f"WHEN '{word}' THEN {place}" for place, word in enumerate(words))
    return f"CASE {column} {chosen} ELSE {NONE} END"


STATE = _cases("state", [one.value for one in STATES])
LIFE = (STATE, "@valid_from", "@valid_to")
MONTHS = "CASE frequency WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 ELSE 12 END"
CLASS = _cases("kpi_class", [one.value for one in CLASSES])
KIND = _cases("kind", [one.value for one in KINDS])
TABLES = {
    "units": _Table("units", ("id", f"coalesce(parent_id, {NONE})")),
    "items": _Table(
        "items",
        ("id", KIND, "unit_id", f"coalesce(cycle_id, {NONE})", *LIFE),
    ),
    "kpis": _Table(
        "items JOIN kpis USING (id)",
        ("id", "unit_id", f"coalesce(owner_id, {NONE})", CLASS, MONTHS, *LIFE),
    ),
    "links": _Table("correlations", ("id", "upper_id", "lower_id", "strength")),
    "deployments": _Table("deployments", ("id", "source_id", "objective_id", *LIFE)),
}
WHERE = {"items": " WHERE kind <> 'kpi'"}


def read_columns(*, session: Session) -> Columns:
    """The structure as it stands, in five statements."""
    return Columns(**{name: _read(session, name) for name in TABLES})


def _read(session: Session, name: str) -> Whole:
    table = TABLES[name]
    parts = [_number(session, one) for one in table.columns]
    return read_numbers(
        session=session,
        each=" || ',' || ".join(parts),
        source=f"{table.source}{WHERE.get(name, '')}",
        order=table.key,
        width=len(parts),
    )


def _number(session: Session, column: str) -> str:
    """The column as the text of a number; a day (marked @) without its dashes."""
    if not column.startswith("@"):
        return f"({column})"
    if session.get_bind().dialect.name == "postgresql":
        return f"coalesce(to_char({column[1:]}, 'YYYYMMDD'), '0')"
    return f"coalesce(replace({column[1:]}, '-', ''), '0')"


def read_numbers(
    *, session: Session, each: str, source: str, order: str, width: int = 1, values: Mapping[str, object] | None = None
) -> Whole:
    """Rows of whole numbers, ordered; the database joins them to one text, which costs a tenth of reading rows."""
    found = read_text(session=session, each=each, source=source, order=order, between=",", values=values)
    return np.fromstring(found, np.int64, sep=",").reshape(-1, width)


def read_text(
    *, session: Session, each: str, source: str, order: str, between: str, values: Mapping[str, object] | None = None
) -> str:
    """One text of all rows, ordered; empty when there is none. The parts are this product's own words, never typed."""
    if session.get_bind().dialect.name == "postgresql":
        query = f"SELECT string_agg(({each})::text, '{between}' ORDER BY {order}) FROM {source}"  # noqa: S608
    else:
        rows = f"SELECT {each} AS one FROM {source} ORDER BY {order}"  # noqa: S608
        query = f"SELECT group_concat(one, '{between}') FROM ({rows})"  # noqa: S608
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

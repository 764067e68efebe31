"""The plan as columns, each table read as one long text of numbers: as it stands, or as it was known at a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from typing import Any

import numpy as np
from sqlalchemy import BindParameter, bindparam, text
from sqlalchemy.orm import Session

from hoshin.engine.calendars import Frequency
from hoshin.engine.columns import (
    AGGREGATIONS,
    CLASSES,
    KINDS,
    NONE,
    STATES,
    Columns,
    Flags,
    I,
    day_number,
    patched,
    places,
)
from hoshin.engine.forest import Whole
from hoshin.engine.metrics import Aggregation, KPIClass
from hoshin.engine.plans import Kind, State

Facts = dict[str, Any]
Undone = Mapping[str, Mapping[int, Facts | None]]
"""By subject and key what a row was before, None where it was not there yet."""


@dataclass(frozen=True, slots=True)
class _Words:
    """A column that holds one of a few words, and the number that each is read as; whatever else is read as `other`."""

    column: str
    numbers: Mapping[str, int]
    other: int

    @property
    def bits(self) -> int:
        """How many bits tell the answers apart."""
        return len(self.numbers).bit_length()

    @property
    def place(self) -> str:
        """SQL for which of the answers it is, the other one being the last."""
        cases = " ".join(f"WHEN '{word}' THEN {at}" for at, word in enumerate(self.numbers))
        return f"CASE {self.column} {cases} ELSE {len(self.numbers)} END"

    def read(self, places: Whole) -> Whole:
        """The numbers for the places."""
        return np.array([*self.numbers.values(), self.other], np.int32)[places]


@dataclass(frozen=True, slots=True)
class _Number:
    """A column that holds a key of one of these tables, or NONE."""

    column: str
    tables: tuple[str, ...]

    def bits(self, largest: Mapping[str, int]) -> int:
        """How many bits hold it, NONE being 0, when these are the largest keys."""
        return (max(largest[one] for one in self.tables) + 1).bit_length()


@dataclass(frozen=True, slots=True)
class _Table:
    """What is read of one table, in the order of engine.columns: keys, then words, then the days of a life."""

    source: str
    numbers: tuple[_Number, ...]
    words: tuple[_Words, ...] = ()
    days: bool = False

    @property
    def dated(self) -> str:
        """The source of those of its rows that have a day."""
        return f"{self.source} WHERE valid_from IS NOT NULL OR valid_to IS NOT NULL"


ACTIVE, DRAFT, ENDED = (STATES.index(one) for one in (State.ACTIVE, State.DRAFT, State.ENDED))
STATE = _Words("state", {State.ACTIVE.value: ACTIVE, State.DRAFT.value: DRAFT}, ENDED)
CLASS = _Words("kpi_class", {one.value: CLASSES.index(one) for one in CLASSES}, NONE)
AGGREGATION = _Words(
    "aggregation",
    {one.value: AGGREGATIONS.index(one) for one in (Aggregation.LAST, Aggregation.SUM, Aggregation.AVERAGE)},
    AGGREGATIONS.index(Aggregation.GIVEN),
)
MONTHS = _Words("frequency", {"month": 1, "quarter": 3}, 12)
STRENGTH = _Words("strength", {"1": 1, "3": 3}, 9)
KIND = _Words("kind", {Kind.KPI.value: len(KINDS)} | {one.value: place for place, one in enumerate(KINDS)}, NONE)
"""A word costs the more the later it is found, so the frequent ones come first."""
CYCLE_OR_OWNER = f"coalesce(cycle_id, owner_id, {NONE})"
"""What has a cycle is asked for that; of the others, objectives and KPIs, only KPIs are asked for their owner."""

KEYED = ("units", "items", "cycles", "people", "correlations", "deployments")
UNITS = _Table("units", (_Number("id", ("units",)), _Number(f"coalesce(parent_id, {NONE})", ("units",))))
ITEMS = _Table(
    "items",
    (_Number("id", ("items",)), _Number("unit_id", ("units",)), _Number(CYCLE_OR_OWNER, ("cycles", "people"))),
    (KIND, STATE),
    days=True,
)
KPIS = _Table("kpis", (_Number("id", ("items",)),), (CLASS, MONTHS, AGGREGATION))
ENDS = (_Number("upper_id", ("items",)), _Number("lower_id", ("items",)))
LINKS = _Table("correlations", ENDS, (STRENGTH,))
KEYED_LINKS = _Table("correlations", (_Number("id", ("correlations",)), *ENDS), (STRENGTH,))
DEPLOYMENTS = _Table(
    "deployments",
    (_Number("id", ("deployments",)), _Number("source_id", ("items",)), _Number("objective_id", ("items",))),
    (STATE,),
    days=True,
)


def read_columns(*, session: Session) -> Columns:
    """The structure as it stands, in one statement for each table and one for the days in it."""
    largest = _largest_keys(session)
    items = _read(session, ITEMS, largest)
    is_kpi = items[:, I.KIND] == len(KINDS)
    nodes = _chosen(items, ~is_kpi, I)
    nodes[nodes[:, I.KIND] == KINDS.index(Kind.OBJECTIVE), I.CYCLE] = NONE
    return Columns(
        units=_read(session, UNITS, largest),
        items=nodes,
        kpis=_beside(_chosen(items, is_kpi, METRIC), _read(session, KPIS, largest)),
        links=_read(session, LINKS, largest),
        deployments=_read(session, DEPLOYMENTS, largest),
    )


METRIC = (I.KEY, I.UNIT, I.CYCLE, I.STATE, I.FIRST, I.LAST)
"""What a KPI has of an item, in the order of its own columns; where a node has its cycle stands its owner."""


def _chosen(rows: Whole, chosen: Flags, columns: Iterable[int]) -> Whole:
    """Some columns of some rows, each column in one piece."""
    return np.stack([rows[chosen, one] for one in columns]).T


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _largest_keys(session: Session) -> Mapping[str, int]:
    """By table; a foreign key is never larger."""
    each = ", ".join(f"(SELECT coalesce(max(id), 0) FROM {one})" for one in KEYED)  # noqa: S608
    return dict(zip(KEYED, session.execute(text(f"SELECT {each}")).one(), strict=True))


@dataclass(frozen=True, slots=True)
class _Part:
    """A column as whole numbers from 0 on, in SQL, how many bits they take, and what they are read as."""

    sql: str
    bits: int
    read: Callable[[Whole], Whole]


def _parts(table: _Table, largest: Mapping[str, int]) -> Iterator[_Part]:
    for number in table.numbers:
        yield _Part(f"({number.column} + 1)", number.bits(largest), lambda found: found - 1)
    for word in table.words:
        yield _Part(word.place, word.bits, word.read)


def _packed(parts: Iterable[_Part]) -> list[list[_Part]]:
    """Those that one number of 63 bits holds stand together."""
    packs: list[list[_Part]] = []
    room = 0
    for one in parts:
        if one.bits > room:
            packs.append([])
            room = 63
        packs[-1].append(one)
        room -= one.bits
    return packs


def _as_one(pack: Sequence[_Part]) -> str:
    """The SQL of the number that holds them all, the last one lowest."""
    first, *others = pack
    return reduce(lambda sql, one: f"({sql} * {1 << one.bits} + {one.sql})", others, f"CAST({first.sql} AS bigint)")


def _apart(pack: Sequence[_Part], number: Whole) -> list[Whole]:
    found: list[Whole] = []
    for one in reversed(pack):
        found.insert(0, one.read(number & (1 << one.bits) - 1))
        number = number >> one.bits
    return found


def _read(session: Session, table: _Table, largest: Mapping[str, int]) -> Whole:
    """Columns ride on one another, for what a database takes its time for is each text it makes."""
    packs = _packed(_parts(table, largest))
    asked = [_as_one(each) for each in packs]
    read = read_lists(session=session, columns=asked, source=table.source)
    found = [column for each in packs for column in _apart(each, read.pop(0))]
    lives = [np.zeros(len(found[0]), np.int32)] * (2 * table.days)
    rows = _table([*found, *lives])
    if table.days and len(rows):
        days = read_lists(session=session, columns=["id", *_days(session)], source=table.dated)
        rows[places(keys=rows[:, 0], of=days[0]), -2:] = np.column_stack(days[1:])
    return rows


def _table(columns: Sequence[Whole]) -> Whole:
    """One array of the columns, ordered by the first one, of the smallest numbers that hold a key."""
    first = columns[0]
    order = None if bool((first[1:] >= first[:-1]).all()) else np.argsort(first)
    largest = max((int(one.max(initial=0)) for one in columns), default=0)
    rows = np.empty((len(first), len(columns)), np.int32 if largest < 2**31 else np.int64, order="F")
    for place, one in enumerate(columns):
        rows[:, place] = one if order is None else one[order]
    return rows


def _beside(metrics: Whole, kpis: Whole) -> Whole:
    """The rows of both that have the same key, side by side without saying it twice."""
    if not np.array_equal(metrics[:, 0], kpis[:, 0]):
        _, one, other = np.intersect1d(metrics[:, 0], kpis[:, 0], assume_unique=True, return_indices=True)
        metrics, kpis = metrics[one], kpis[other]
    return np.concatenate([metrics.T, kpis.T[1:]]).T


def _days(session: Session) -> list[str]:
    plain = "to_char({}, 'YYYYMMDD')" if _is_postgresql(session) else "replace({}, '-', '')"
    return [f"coalesce({plain.format(one)}, '0')" for one in ("valid_from", "valid_to")]


def read_lists(
    *,
    session: Session,
    columns: Sequence[str],
    source: str,
    order: str = "",
    values: Mapping[str, object] | None = None,
) -> list[Whole]:
    """Columns of whole numbers; the database joins each to one text, which costs a fraction of reading rows.

    Columns and source are this product's own words, never typed ones; see `read_texts` for `order`.
    """
    texts = read_texts(session=session, columns=columns, source=source, between=",", order=order, values=values)
    return [np.fromstring(texts.pop(0), np.int64, sep=",") for _ in columns]  # each text goes before the next is read


def read_texts(
    *,
    session: Session,
    columns: Sequence[str],
    source: str,
    between: str,
    order: str = "",
    values: Mapping[str, object] | None = None,
) -> list[str]:
    """One text of all rows for each column; empty when there is none. On PostgreSQL in the `order`, if there is one;
    on SQLite as the source gives them. All columns have the same order.

    There, a source that names its index gives them in the index's order, and sorting them would double the time.
    """
    if _is_postgresql(session):
        ordered = f" ORDER BY {order}" if order else ""
        each = [f"string_agg(({one})::text, '{between}'{ordered})" for one in columns]
    else:
        each = [f"group_concat({one}, '{between}')" for one in columns]
    query = f"SELECT {', '.join(each)} FROM {source}"  # noqa: S608
    bound = [one if isinstance(one, BindParameter) else bindparam(name, one) for name, one in (values or {}).items()]
    return [one or "" for one in session.execute(text(query).bindparams(*bound)).one()]


def undo(*, session: Session, columns: Columns, undone: Undone) -> Columns:
    """The columns with the rows that the journal's lines tell of as they were before."""
    items = {key: row for kind in KINDS for key, row in undone.get(kind.value, {}).items()}
    return replace(
        columns,
        units=patched(table=columns.units, rows=_rows(undone.get("unit", {}), _unit)),
        items=patched(table=columns.items, rows=_rows(items, _item)),
        kpis=patched(table=columns.kpis, rows=_rows(undone.get(Kind.KPI.value, {}), _kpi)),
        links=_links(session, undone["correlation"]) if "correlation" in undone else columns.links,
        deployments=patched(table=columns.deployments, rows=_rows(undone.get("deployment", {}), _deployment)),
    )


def _links(session: Session, undone: Mapping[int, Facts | None]) -> Whole:
    """Links are kept without their keys, by which the journal names them, so they are read with them."""
    table = _read(session, KEYED_LINKS, _largest_keys(session))
    return patched(table=table, rows=_rows(undone, _link))[:, 1:]


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
    return (row["id"], row["unit_id"], _key(row["cycle_id"]), KINDS.index(Kind(row["kind"])), *_life(row))


def _kpi(row: Facts) -> Sequence[int]:
    known = row.get("kpi_class")
    months = Frequency(row["frequency"]).months
    place = NONE if not known else CLASSES.index(KPIClass(known))
    aggregation = AGGREGATIONS.index(Aggregation(row["aggregation"]))
    return (row["id"], row["unit_id"], _key(row["owner_id"]), *_life(row), place, months, aggregation)


def _link(row: Facts) -> Sequence[int]:
    return (row["id"], row["upper_id"], row["lower_id"], row["strength"])


def _deployment(row: Facts) -> Sequence[int]:
    return (row["id"], row["source_id"], row["objective_id"], *_life(row))

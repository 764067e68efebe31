"""Many rows of one table at once, past the objects: for what is read by the hundred thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import JSON, Column, ColumnElement, Connection, Dialect, func, insert, inspect, literal, select
from sqlalchemy.orm import Session, make_transient_to_detached

from hoshin.model.base import Base, table_of
from hoshin.model.versions import note_table

BATCH = 5_000
Row = TypeVar("Row", bound=Base)


def insert_rows(*, session: Session, model: type[Base], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows whose values stand in the order of the names; other columns take their default. Gives their number.

    The values are those of the model: the types turn them into what the database stores, as they do for objects.
    """
    session.flush()
    note_table(session=session, table=model.__tablename__)
    connection = session.connection()
    columns, defaults = _columns(model, names)
    converters = [_converter(one, connection.dialect) for one in columns]
    waiting, number = iter(rows), 0
    while batch := list(islice(waiting, BATCH)):
        filled = [[*one, *defaults] for one in batch] if defaults else batch
        told = [
            (column, list(map(turn, values)))
            for column, turn, values in zip(columns, converters, zip(*filled, strict=True), strict=True)
            if any(one is not None for one in values)  # a column that nobody fills need not be sent
        ]
        _insert(connection, [column for column, _ in told], zip(*(values for _, values in told), strict=True))
        number += len(batch)
    return number


def insert_stored(
    *, session: Session, model: type[Base], names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """As `insert_rows`, of values that `stored_form` has turned; no other column is filled."""
    session.flush()
    note_table(session=session, table=model.__tablename__)
    columns = table_of(model=model).columns
    _insert(session.connection(), [columns[one] for one in names], iter(rows))


def copy_rows(*, session: Session, source: type[Base], target: type[Base], where: ColumnElement[bool]) -> None:
    """Copy rows from one table into another, all columns that both have; the others take their default."""
    session.flush()
    note_table(session=session, table=target.__tablename__)
    found = table_of(model=source).columns
    shared = [one.name for one in table_of(model=target).columns if one.name in found]
    columns, defaults = _columns(target, shared)
    asked = select(*(found[one] for one in shared), *map(literal, defaults)).where(where)
    session.connection().execute(insert(table_of(model=target)).from_select([one.name for one in columns], asked))


def stored_form(*, session: Session, model: type[Base], name: str) -> Callable[[Any], Any]:
    """What turns a value of that column into what the database stores, each value once."""
    return _converter(table_of(model=model).columns[name], session.connection().dialect)


def made(*, model: type[Row], values: Mapping[str, Any]) -> Row:
    """A new object with these values, which nobody notes one by one, as what is inserted stands in it anyway."""
    thing = model()
    thing.__dict__.update(values)
    return thing


def insert_objects(*, session: Session, things: Sequence[Base], held: bool = True) -> None:
    """New objects of one class, with their keys, inserted table by table; afterwards the session holds them, or not.

    What is not set takes its default, as it would when the session inserted them one by one.
    """
    if not things:
        return
    for one in reversed(list(inspect(type(things[0])).iterate_to_root())):  # the common table first
        columns = one.local_table.columns
        names = [one.get_property_by_column(column).key for column in columns]
        _fill_in(things, {name: column.default for name, column in zip(names, columns, strict=True)})
        rows = ([*map(thing.__dict__.__getitem__, names)] for thing in things)
        insert_rows(session=session, model=one.class_, names=[column.name for column in columns], rows=rows)
    if held:
        for thing in things:
            make_transient_to_detached(thing)
        session.add_all(things)


def _fill_in(things: Sequence[Base], defaults: Mapping[str, Any]) -> None:
    """Give those that say nothing of a column its default."""
    fresh = {name: one.arg for name, one in defaults.items() if one is not None and one.is_callable}
    steady = {name: getattr(one, "arg", None) for name, one in defaults.items() if name not in fresh}
    for values in (one.__dict__ for one in things):
        for name in steady.keys() - values.keys():
            values[name] = steady[name]
        for name in fresh.keys() - values.keys():
            values[name] = fresh[name](None)


def reserve_keys(*, session: Session, model: type[Base], number: int) -> Sequence[int]:
    """So many keys that nobody else gets: rows that bring theirs along need not be asked for them one by one."""
    session.flush()
    key = next(iter(inspect(model).base_mapper.primary_key))
    if session.get_bind().dialect.name == "postgresql":
        sequence = func.nextval(func.pg_get_serial_sequence(key.table.description, key.name))
        return session.scalars(select(sequence).select_from(func.generate_series(1, number))).all()
    last = session.scalar(select(func.max(key))) or 0  # whoever writes here is alone
    return range(last + 1, last + 1 + number)


def _columns(model: type[Base], names: Sequence[str]) -> tuple[list[Column[Any]], list[Any]]:
    """The named columns and, behind them, those that have a default of their own."""
    table = model.__table__
    steady = {
        one.name: one.default.arg
        for one in table.columns
        if one.name not in names and one.default is not None and one.default.is_scalar
    }
    return [table.columns[one] for one in (*names, *steady)], list(steady.values())


def _converter(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """What turns a value into its stored form; each value is turned once."""
    turn = column.type.dialect_impl(dialect).bind_processor(dialect)
    if turn is None:
        return lambda value: value
    if isinstance(column.type, JSON):
        return _StoredOnce(turn).of
    return _Stored(turn).__getitem__


class _StoredOnce:
    """The stored forms of values that cannot be told apart by what they say: one that comes again and again is turned
    once."""

    def __init__(self, turn: Callable[[Any], Any]) -> None:
        self.turn = turn
        self.last: tuple[Any, Any] = (None, None)

    def of(self, value: Any) -> Any:
        """That of this value; nothing stays nothing."""
        if value is not self.last[0]:
            self.last = (value, self.turn(value) if value is not None else None)
        return self.last[1]


class _Stored(dict[Any, Any]):
    """Values and their stored forms; one that comes for the first time is turned."""

    def __init__(self, turn: Callable[[Any], Any]) -> None:
        super().__init__({None: None})
        self.turn = turn

    def __missing__(self, value: Any) -> Any:
        self[value] = found = self.turn(value)
        return found


def _insert(connection: Connection, columns: Sequence[Column[Any]], rows: Iterator[tuple[Any, ...]]) -> None:
    """Into SQLite through one prepared statement, into PostgreSQL through COPY."""
    names, table = ", ".join(f'"{one.name}"' for one in columns), columns[0].table.name
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(rows))  # noqa: S608
        return
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - the transaction is open
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)

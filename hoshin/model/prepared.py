"""Statements compiled once for each kind of database and then sent as they are, for what is asked all the time.

Whoever changes readings or the structure this way says so to `model.versions`, which cannot see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, Connection, CursorResult, Dialect

from hoshin import bare

Convert = Callable[[Any], Any]


class Prepared:
    """A statement with named values; whatever it returns are plain numbers and texts, unless it says which columns."""

    def __init__(
        self,
        *,
        statement: Callable[[str], ClauseElement],
        names: Sequence[str] = (),
        gives: Sequence[ColumnElement[Any]] = (),
    ) -> None:
        """`statement` makes it for a database by its name, when that is first asked; `names` are those of its values,
        where it does not name them itself, and `gives` the columns of its rows that are to be as the model has them.
        """
        self._statement, self._names, self._gives = statement, names, gives
        self._texts: dict[str, _Text] = {}

    def run(self, *, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> CursorResult[Any]:
        """Execute it for each of the rows, which give every named value as the model has it."""
        text = self._text(connection.dialect)
        sent = [text.filled(row) for row in rows]
        return connection.exec_driver_sql(text.sql, sent if len(sent) > 1 else sent[0])

    def ask(self, *, connection: Connection, row: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """The rows that it gives for these values."""
        text = self._text(connection.dialect)
        if connection.dialect.name == "postgresql":
            found: Sequence[Sequence[Any]] = bare.ask(connection=connection, words=text.sql, values=text.filled(row))
        else:
            found = connection.exec_driver_sql(text.sql, text.filled(row)).all()
        return [text.read(one) for one in found] if text.turns else found

    def _text(self, dialect: Dialect) -> _Text:
        text = self._texts.get(dialect.name)
        if text is None:
            made = _compiled(self._statement(dialect.name), dialect, self._names, self._gives)
            text = self._texts[dialect.name] = made
        return text


@dataclass(frozen=True, slots=True)
class _Text:
    """The words of one kind of database, and what turns each value into its stored form, in the order of the marks."""

    sql: str
    places: Sequence[tuple[str, Convert | None, Any]]
    by_name: bool
    turns: Sequence[Convert | None]
    """What turns each column of a row into what the model has."""

    def filled(self, row: Mapping[str, Any]) -> Any:
        values = [
            fixed if name not in row else convert(row[name]) if convert is not None else row[name]
            for name, convert, fixed in self.places
        ]
        return dict(zip((name for name, _, _ in self.places), values, strict=True)) if self.by_name else tuple(values)


    def read(self, row: Sequence[Any]) -> list[Any]:
        return [one if turn is None else turn(one) for one, turn in zip(row, self.turns, strict=True)]


def _compiled(
    statement: ClauseElement, dialect: Dialect, names: Sequence[str], gives: Sequence[ColumnElement[Any]]
) -> _Text:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names) or None)
    order = compiled.positiontup or list(compiled.binds)
    bound = [compiled.binds[name] for name in order]
    places = [
        (name, one.type.dialect_impl(dialect).bind_processor(dialect), one.value)
        for name, one in zip(order, bound, strict=True)
    ]
    turns = [one.type.dialect_impl(dialect).result_processor(dialect, None) for one in gives]
    return _Text(str(compiled), places, compiled.positiontup is None, turns)

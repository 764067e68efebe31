"""Statements compiled once for each kind of database and then sent as they are, for what is asked all the time.

Whoever changes readings or the structure this way says so to `model.versions`, which cannot see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, Connection, CursorResult, Dialect

Convert = Callable[[Any], Any]


class Prepared:
    """A statement with named values; whatever it returns are plain numbers and texts."""

    def __init__(self, *, statement: Callable[[str], ClauseElement], names: Sequence[str]) -> None:
        """`statement` makes it for a database by its name, when that is first asked; `names` are its columns."""
        self._statement, self._names = statement, names
        self._texts: dict[str, _Text] = {}

    def run(self, *, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> CursorResult[Any]:
        """Execute it for each of the rows, which give every named value as the model has it."""
        dialect = connection.dialect
        text = self._texts.get(dialect.name)
        if text is None:
            text = self._texts[dialect.name] = _compiled(self._statement(dialect.name), dialect, self._names)
        sent = [text.filled(row) for row in rows]
        return connection.exec_driver_sql(text.sql, sent if len(sent) > 1 else sent[0])


@dataclass(frozen=True, slots=True)
class _Text:
    """The words of one kind of database, and what turns each value into its stored form, in the order of the marks."""

    sql: str
    places: Sequence[tuple[str, Convert | None, Any]]
    by_name: bool

    def filled(self, row: Mapping[str, Any]) -> Any:
        values = [
            fixed if name not in row else convert(row[name]) if convert is not None else row[name]
            for name, convert, fixed in self.places
        ]
        return dict(zip((name for name, _, _ in self.places), values, strict=True)) if self.by_name else tuple(values)


def _compiled(statement: ClauseElement, dialect: Dialect, names: Sequence[str]) -> _Text:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
    order = compiled.positiontup or list(compiled.binds)
    bound = [compiled.binds[name] for name in order]
    places = [
        (name, one.type.dialect_impl(dialect).bind_processor(dialect), one.value)
        for name, one in zip(order, bound, strict=True)
    ]
    return _Text(str(compiled), places, by_name=compiled.positiontup is None)

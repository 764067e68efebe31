"""What all tables share: named constraints, stored words, and the facts of a row for the journal."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Enum, MetaData, Table, inspect
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

TITLE = 500
"""The longest name or title, in characters: real plans have 300."""


class Base(DeclarativeBase):
    """The base of every table class."""

    metadata = MetaData(naming_convention=NAMES)


def table_of(*, model: type[Base]) -> Table:
    """The table behind a class, for statements that pass the objects by."""
    return Base.metadata.tables[model.__tablename__]


def stored(*, words: type[StrEnum], name: str) -> Enum:
    """A column type that stores the word itself and lets the database refuse any other."""
    return Enum(
        words,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=20,
        values_callable=lambda kind: [one.value for one in kind],
    )


def facts(*, of: Base) -> dict[str, Any]:
    """The columns of a row as JSON can hold them, for the journal's before and after."""
    names, held = _told(type(of)), of.__dict__
    found = {one: held[one] if one in held else getattr(of, one) for one in names}
    return {one: value if type(value) in _AS_IT_IS else _plain(value) for one, value in found.items()}


@cache
def _told(model: type[Base]) -> tuple[str, ...]:
    return tuple(one.key for one in inspect(model).column_attrs if one.key not in _UNTOLD)


_UNTOLD = frozenset({"password_hash", "token_hash", "placed", "sought"})
"""What is secret, and what only repeats other columns."""


_AS_IT_IS = (type(None), str, int)


def _plain(value: object) -> object:
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.value if isinstance(value, StrEnum) else value

"""Reads the JSON of an editor: rows, whole numbers and texts; whatever is not shaped as agreed is refused by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hoshin.errors import Problem, Refused
from hoshin.forms.fields import LARGEST_KEY, clean

MOST = 1000

Row = Mapping[str, Any]


def read_rows(*, payload: object, name: str) -> Sequence[Row]:
    """The list of objects under that name, at most MOST of them; raises Refused."""
    rows = payload.get(name) if isinstance(payload, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused(Problem("a list of objects is expected", field=name))
    if len(rows) > MOST:
        raise Refused(Problem(f"at most {MOST} changes at a time", field=name))
    return rows


def read_whole(*, row: Row, name: str) -> int:
    """A whole number that can be a key or a version, 0 when it is not given; raises Refused."""
    value = row.get(name, 0)
    if type(value) is not int or not 0 <= value <= LARGEST_KEY:
        raise Refused(Problem("a whole number is expected", field=name))
    return value


def read_text(*, row: Row, name: str, most: int) -> str:
    """A text, cleaned, empty when it is not given; raises Refused."""
    value = row.get(name, "")
    if not isinstance(value, str) or len(value) > most:
        raise Refused(Problem(f"a text of at most {most} characters is expected", field=name))
    try:
        return clean(text=value)
    except ValueError as error:
        raise Refused(Problem(str(error), field=name)) from error

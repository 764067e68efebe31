"""Reads what the plain forms of a matrix send: pasted titles, pasted blocks, one item's change, and taking back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wtforms import Field, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from hoshin.commands.links import CorrelationWish
from hoshin.commands.matrix import ItemChange, WithdrawWish
from hoshin.commands.owners import PartWish
from hoshin.errors import Problem, Refused
from hoshin.forms.fields import Form, clean, key, read_key, words
from hoshin.forms.matrix import read_cells, read_items, read_parts

LONGEST_PASTE = 200_000


def _is_text(_form: Form, field: Field) -> None:
    """As any text, but with the empty cells at its beginning: they are part of where it lies."""
    try:
        clean(text=field.data or "")
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _pasted(label: str) -> TextAreaField:
    most = Length(max=LONGEST_PASTE, message=f"{label}: at most {LONGEST_PASTE} characters")
    return TextAreaField(label, [InputRequired(f"{label}: please paste something"), most, _is_text])


class TitlesForm(Form):
    """A column of titles for one arm."""

    side = words(label="Arm", choices=[])
    text = _pasted("Titles, one a line")


class BlockForm(Form):
    """A block of signs and the cell where it begins; `cross` is what an x stands for."""

    row = key(label="First row", required=True)
    column = key(label="First column", required=True)
    text = _pasted("The block")
    cross = words(label="An x stands for", choices=[("9", "strong"), ("3", "medium"), ("1", "weak")], default="3")


def read_item(*, typed: Mapping[str, Any]) -> ItemChange:
    """The one change of a form about an item; raises Refused."""
    row = {name: typed.get(name, "") for name in ("do", "key", "name", "was", "kind", "kpi_kind", "after")}
    try:
        version = read_key(typed.get("version")) or 0
    except ValueError as error:
        raise Refused(Problem("a whole number is expected", field="version")) from error
    return read_items(payload={"items": [{**row, "version": version}]})[0]


def read_part(*, typed: Mapping[str, Any]) -> PartWish:
    """Somebody's part in an item as a form says it, compared with nothing; raises Refused."""
    try:
        item, person = (read_key(typed.get(name)) or 0 for name in ("item", "person"))
    except ValueError as error:
        raise Refused(Problem("a whole number is expected")) from error
    [found] = read_parts(payload={"parts": [{"item": item, "person": person, "part": typed.get("part", "")}]})
    return found


def read_back(*, items: str, cells: str) -> tuple[list[ItemChange], list[CorrelationWish]]:
    """What is taken back after a paste: the numbers of its items, its cells as they were; raises Refused."""
    try:
        keys = [read_key(one) for one in items.split(",") if one]
        rows = json.loads(cells or "[]")
    except ValueError as error:
        raise Refused(Problem("this cannot be taken back: it was not sent whole")) from error
    withdrawn: list[ItemChange] = [WithdrawWish(key=str(one)) for one in reversed(keys)]
    return withdrawn, read_cells(payload={"cells": rows})

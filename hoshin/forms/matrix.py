"""Reads what the matrix editor sends: JSON in, wishes out; whatever is not shaped as agreed is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hoshin.commands.links import CorrelationWish
from hoshin.commands.matrix import AddWish, ItemChange, PlaceWish, RenameWish, WithdrawWish
from hoshin.commands.owners import Part, PartWish
from hoshin.engine.plans import Kind
from hoshin.errors import Problem, Refused
from hoshin.forms.fields import LARGEST_KEY, clean
from hoshin.model.kpis import KPIKind

MOST = 1000
LONGEST_REASON = 2000
LONGEST_TEXT = 5000
"""Longer names than an item may have still reach the command, which says so for that item alone."""


def read_cells(*, payload: object) -> list[CorrelationWish]:
    """The wishes of `{"cells": [{upper, lower, strength, rationale, version}, …]}`; raises Refused."""
    return [
        CorrelationWish(
            upper_id=_whole(row, "upper"),
            lower_id=_whole(row, "lower"),
            strength=_whole(row, "strength"),
            rationale=_text(row, "rationale", LONGEST_REASON),
            version=_whole(row, "version"),
        )
        for row in _rows(payload, "cells")
    ]


def read_parts(*, payload: object) -> list[PartWish]:
    """The wishes of `{"parts": [{item, person, part, was, owner}, …]}`; raises Refused."""
    return [
        PartWish(
            item_id=_whole(row, "item"),
            person_id=_whole(row, "person"),
            part=_word(row, "part", Part),
            was=_word(row, "was", Part) if row.get("was") else None,
            owner_id=_whole(row, "owner") or None,
        )
        for row in _rows(payload, "parts")
    ]


def read_items(*, payload: object) -> list[ItemChange]:
    """The wishes of `{"items": [{do: add | rename | place | withdraw, key, …}, …]}`; raises Refused."""
    return [_item(row) for row in _rows(payload, "items")]


def _item(row: Mapping[str, Any]) -> ItemChange:
    do = _text(row, "do", 20)
    if do not in _READERS:
        raise Refused(Problem("add, rename, place or withdraw", field="do"))
    return _READERS[do](row)


def _add(row: Mapping[str, Any]) -> ItemChange:
    return AddWish(
        key=_key(row, "key"),
        kind=_word(row, "kind", Kind),
        name=" ".join(_text(row, "name", LONGEST_TEXT).split()),
        kpi_kind=_word(row, "kpi_kind", KPIKind) if row.get("kpi_kind") else KPIKind.RESULT,
        after=_key(row, "after"),
    )


def _rename(row: Mapping[str, Any]) -> ItemChange:
    return RenameWish(
        key=_key(row, "key"),
        name=" ".join(_text(row, "name", LONGEST_TEXT).split()),
        was=_text(row, "was", LONGEST_TEXT),
        version=_whole(row, "version"),
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any]], ItemChange]] = {
    "add": _add,
    "rename": _rename,
    "place": lambda row: PlaceWish(key=_key(row, "key"), after=_key(row, "after")),
    "withdraw": lambda row: WithdrawWish(key=_key(row, "key")),
}


def _rows(payload: object, name: str) -> list[Mapping[str, Any]]:
    rows = payload.get(name) if isinstance(payload, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused(Problem("a list of changes is expected", field=name))
    if len(rows) > MOST:
        raise Refused(Problem(f"at most {MOST} changes at a time", field=name))
    return rows


def _whole(row: Mapping[str, Any], name: str) -> int:
    value = row.get(name, 0)
    if type(value) is not int or not 0 <= value <= LARGEST_KEY:
        raise Refused(Problem("a whole number is expected", field=name))
    return value


def _text(row: Mapping[str, Any], name: str, most: int) -> str:
    value = row.get(name, "")
    if not isinstance(value, str) or len(value) > most:
        raise Refused(Problem(f"a text of at most {most} characters is expected", field=name))
    try:
        return clean(text=value)
    except ValueError as error:
        raise Refused(Problem(str(error), field=name)) from error


def _key(row: Mapping[str, Any], name: str) -> str:
    return _text(row, name, 60)


def _word(row: Mapping[str, Any], name: str, words: Callable[[str], Any]) -> Any:
    try:
        return words(_text(row, name, 20))
    except ValueError as error:
        raise Refused(Problem("not one of the words", field=name)) from error

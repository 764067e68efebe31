"""Reads what the matrix editor sends: JSON in, wishes out; whatever is not shaped as agreed is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hoshin.commands.links import CorrelationWish
from hoshin.commands.matrix import AddWish, ItemChange, PlaceWish, RenameWish, WithdrawWish
from hoshin.commands.owners import Part, PartWish
from hoshin.engine.plans import Kind
from hoshin.errors import Problem, Refused
from hoshin.forms.payload import read_rows, read_text, read_whole
from hoshin.model.kpis import KPIKind

LONGEST_REASON = 2000
LONGEST_TEXT = 5000
"""Longer names than an item may have still reach the command, which says so for that item alone."""


def read_cells(*, payload: object) -> list[CorrelationWish]:
    """The wishes of `{"cells": [{upper, lower, strength, rationale, version}, …]}`; raises Refused."""
    return [
        CorrelationWish(
            upper_id=read_whole(row=row, name="upper"),
            lower_id=read_whole(row=row, name="lower"),
            strength=read_whole(row=row, name="strength"),
            rationale=read_text(row=row, name="rationale", most=LONGEST_REASON),
            version=read_whole(row=row, name="version"),
        )
        for row in read_rows(payload=payload, name="cells")
    ]


def read_parts(*, payload: object) -> list[PartWish]:
    """The wishes of `{"parts": [{item, person, part, was, owner}, …]}`; raises Refused."""
    return [
        PartWish(
            item_id=read_whole(row=row, name="item"),
            person_id=read_whole(row=row, name="person"),
            part=_word(row, "part", Part),
            was=_word(row, "was", Part) if row.get("was") else None,
            owner_id=read_whole(row=row, name="owner") or None,
        )
        for row in read_rows(payload=payload, name="parts")
    ]


def read_items(*, payload: object) -> list[ItemChange]:
    """The wishes of `{"items": [{do: add | rename | place | withdraw, key, …}, …]}`; raises Refused."""
    return [_item(row) for row in read_rows(payload=payload, name="items")]


def _item(row: Mapping[str, Any]) -> ItemChange:
    do = read_text(row=row, name="do", most=20)
    if do not in _READERS:
        raise Refused(Problem("add, rename, place or withdraw", field="do"))
    return _READERS[do](row)


def _add(row: Mapping[str, Any]) -> ItemChange:
    return AddWish(
        key=_key(row, "key"),
        kind=_word(row, "kind", Kind),
        name=" ".join(read_text(row=row, name="name", most=LONGEST_TEXT).split()),
        kpi_kind=_word(row, "kpi_kind", KPIKind) if row.get("kpi_kind") else KPIKind.RESULT,
        after=_key(row, "after"),
    )


def _rename(row: Mapping[str, Any]) -> ItemChange:
    return RenameWish(
        key=_key(row, "key"),
        name=" ".join(read_text(row=row, name="name", most=LONGEST_TEXT).split()),
        was=read_text(row=row, name="was", most=LONGEST_TEXT),
        version=read_whole(row=row, name="version"),
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any]], ItemChange]] = {
    "add": _add,
    "rename": _rename,
    "place": lambda row: PlaceWish(key=_key(row, "key"), after=_key(row, "after")),
    "withdraw": lambda row: WithdrawWish(key=_key(row, "key")),
}


def _key(row: Mapping[str, Any], name: str) -> str:
    return read_text(row=row, name=name, most=60)


def _word(row: Mapping[str, Any], name: str, words: Callable[[str], Any]) -> Any:
    try:
        return words(read_text(row=row, name=name, most=20))
    except ValueError as error:
        raise Refused(Problem("not one of the words", field=name)) from error

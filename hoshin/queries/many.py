"""Conditions about so many keys that they would not fit into one statement as so many parameters."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import JSON, ColumnElement, Integer, Text, bindparam, cast, func, select
from sqlalchemy.orm import Session


def among(*, session: Session, column: Any, keys: Iterable[int]) -> ColumnElement[bool]:
    """Whether the column holds one of the keys, which are handed over as one text: drivers bind some ten thousand."""
    told = bindparam(None, f"[{','.join(map(str, keys))}]", Text())
    if session.get_bind().dialect.name == "sqlite":
        wanted = select(func.json_each(told).table_valued("value").c.value)
    else:
        wanted = select(cast(func.json_array_elements_text(cast(told, JSON)).table_valued("value").c.value, Integer))
    found: ColumnElement[bool] = column.in_(wanted)
    return found


def among_words(*, session: Session, column: Any, words: Iterable[str]) -> ColumnElement[bool]:
    """The same for words."""
    told = bindparam(None, json.dumps(sorted(words)), Text())
    if session.get_bind().dialect.name == "sqlite":
        wanted = select(func.json_each(told).table_valued("value").c.value)
    else:
        wanted = select(func.json_array_elements_text(cast(told, JSON)).table_valued("value").c.value)
    found: ColumnElement[bool] = column.in_(wanted)
    return found

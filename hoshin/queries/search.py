"""Search over what the reader may see: items, units and people, whatever the case and accents, on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, case, cast, func, literal, not_, or_, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
from hoshin.model.folded import fold
from hoshin.model.items import Item
from hoshin.model.people import Person
from hoshin.model.units import Unit


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its kind (an item's, or unit or person), key, name, and the unit it belongs to."""

    kind: str
    key: int
    name: str
    unit_id: int | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, and whether there may be more than was looked at."""

    hits: list[Hit]
    is_cut: bool


MOST = 1000
"""So many items, units and people each are looked at, those first that begin with the words; whoever gets that many
wants other words."""


def search(*, session: Session, actor: Actor, text: str) -> Found:
    """What the actor may see and whose name holds every word of the text; names that begin with it come first.

    At most six statements. The database finds plain names, whose lower case it knows; names with other letters than
    English ones, which SQLite cannot fold, are folded here, alike for both databases.
    """
    words = fold(text=text).split()
    if not words:
        return Found([], False)
    found, is_cut = list[Hit](), False
    for some in _candidates(session, actor, words):
        found += some[:MOST]
        is_cut |= len(some) > MOST
    start = " ".join(words)
    found.sort(key=lambda one: (not fold(text=one.name).startswith(start), fold(text=one.name), one.key))
    return Found(found, is_cut)


def _holds(hit: Hit, words: list[str]) -> bool:
    folded = fold(text=f"{hit.name} {hit.detail}")
    return all(word in folded for word in words)


Rows = Any
"""A query for kind, key, name, unit and detail."""
Texts = Sequence[Any]
"""The columns that hold the words, the name first."""


def _candidates(session: Session, actor: Actor, words: list[str]) -> Iterator[list[Hit]]:
    """What was found among items, units and people, of each no more than one more than is looked at."""
    items = select(Item.kind, Item.id, Item.name, Item.unit_id, literal("").label("detail"))
    items = items.where(readable_items(actor=actor), Item.archived_at.is_(None))
    units = select(literal("unit").label("kind"), Unit.id, Unit.name, Unit.parent_id, literal("").label("detail"))
    people = select(literal("person").label("kind"), Person.id, Person.name, Person.home_unit_id, Person.title)
    sources: Sequence[tuple[Any, Texts]] = (
        (items, [Item.name]),
        (units.where(Unit.archived_at.is_(None)), [Unit.name]),
        (people.where(Person.deactivated_at.is_(None)), [Person.name, Person.title]),
    )
    for rows, texts in sources:
        yield [*_plain(session, rows, texts, words), *_folded(session, rows, texts, words)]


def _plain(session: Session, rows: Rows, texts: Texts, words: list[str]) -> Iterator[Hit]:
    """Among the names of English letters alone."""
    if not all(word.isascii() for word in words):
        return
    holding = [or_(*(func.lower(one).contains(word, autoescape=True) for one in texts)) for word in words]
    begins = func.lower(texts[0]).startswith(" ".join(words), autoescape=True)
    plain = [not_(_has_other_letters(session, one)) for one in texts]
    name = func.lower(texts[0])
    order = (case((begins, 0), else_=1), name if _is_sqlite(session) else name.collate("C"), rows.selected_columns.id)
    for row in session.execute(rows.where(*plain, *holding).order_by(*order).limit(MOST + 1)):
        yield _hit(row)


def _folded(session: Session, rows: Rows, texts: Texts, words: list[str]) -> Iterator[Hit]:
    """Among all others."""
    other = or_(*(_has_other_letters(session, one) for one in texts))
    for row in session.execute(rows.where(other)):
        hit = _hit(row)
        if _holds(hit, words):
            yield hit


def _hit(row: Any) -> Hit:
    kind, key, name, unit_id, detail = row
    return Hit(str(getattr(kind, "value", kind)), key, name, unit_id, detail)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _has_other_letters(session: Session, column: Any) -> ColumnElement[bool]:
    """Whether the text takes more bytes than it has letters."""
    octets = func.length(cast(column, LargeBinary)) if _is_sqlite(session) else func.octet_length(column)
    found: ColumnElement[bool] = octets != func.length(column)
    return found

"""Search over what the reader may see: items, units and people, whatever the case and accents, on both databases."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
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


def fold(*, text: str) -> str:
    """The text without case and accents, so that "Éclair" and "eclair" are one."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in parts if not unicodedata.combining(one))


def search(*, session: Session, actor: Actor, text: str) -> list[Hit]:
    """What the actor may see and whose name holds every word of the text; names that begin with it come first.

    Three statements. SQLite's lower() knows ASCII only, so names are folded here, alike for both databases.
    """
    words = fold(text=text).split()
    if not words:
        return []
    found = [one for one in _candidates(session, actor) if _holds(one, words)]
    start = " ".join(words)
    return sorted(found, key=lambda one: (not fold(text=one.name).startswith(start), fold(text=one.name), one.key))


def _holds(hit: Hit, words: list[str]) -> bool:
    folded = fold(text=f"{hit.name} {hit.detail}")
    return all(word in folded for word in words)


def _candidates(session: Session, actor: Actor) -> Iterable[Hit]:
    items = select(Item.id, Item.kind, Item.name, Item.unit_id)
    for row in session.execute(items.where(readable_items(actor=actor), Item.archived_at.is_(None))):
        yield Hit(row.kind.value, row.id, row.name, row.unit_id)
    for key, name, above in session.execute(
        select(Unit.id, Unit.name, Unit.parent_id).where(Unit.archived_at.is_(None))
    ):
        yield Hit("unit", key, name, above)
    for key, name, title, home in session.execute(
        select(Person.id, Person.name, Person.title, Person.home_unit_id).where(Person.deactivated_at.is_(None))
    ):
        yield Hit("person", key, name, home, title)

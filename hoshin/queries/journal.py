"""The journal as its readers see it: filtered, the latest first, in pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_history, readable_items
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.journal import JournalLine
from hoshin.queries.many import among
from hoshin.queries.unit_plans import people_names


@dataclass(frozen=True, slots=True)
class JournalWish:
    """Which lines are wanted; what is None does not narrow them down. `before` is the instant after the last one."""

    unit_id: int | None = None
    subject: str | None = None
    person_id: int | None = None
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What keys in a journal line stand for; an item the reader may not see has no name here."""

    people: Mapping[int, str]
    items: dict[int, str]
    cycles: dict[int, str]


def count_lines(*, session: Session, actor: Actor, wish: JournalWish) -> int:
    """How many lines the actor may read and wants."""
    return session.scalar(select(func.count(JournalLine.id)).where(*_conditions(actor, wish))) or 0


def list_lines(
    *, session: Session, actor: Actor, wish: JournalWish, offset: int = 0, most: int = 50
) -> Sequence[JournalLine]:
    """Those lines, the latest first."""
    query = select(JournalLine).where(*_conditions(actor, wish))
    query = query.order_by(JournalLine.at.desc(), JournalLine.id.desc())
    return session.scalars(query.offset(offset).limit(most)).all()


def list_subjects(*, session: Session) -> Sequence[str]:
    """The words under which the journal keeps things."""
    return session.scalars(select(JournalLine.subject).distinct().order_by(JournalLine.subject)).all()


def load_names(*, session: Session, actor: Actor, lines: Iterable[JournalLine]) -> Names:
    """The names that these journal lines may speak of; three statements."""
    spoken = {key for one in lines for facts in (one.before, one.after) for key in _whole_numbers(facts)}
    items = select(Item.id, Item.name).where(readable_items(actor=actor))
    return Names(
        people=people_names(session=session),
        items=dict(session.execute(items.where(among(session=session, column=Item.id, keys=spoken))).all()),
        cycles=dict(session.execute(select(Cycle.id, Cycle.name)).all()),
    )


def _whole_numbers(value: Any) -> Iterator[int]:
    """Whatever may be a key, however deep it lies."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _whole_numbers(one)
    elif isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST:
        yield value


LARGEST = 2**31 - 1
"""No key is larger."""


def _conditions(actor: Actor, wish: JournalWish) -> list[ColumnElement[bool]]:
    wanted = [readable_history(actor=actor, unit=JournalLine.unit_id)]
    if wish.unit_id is not None:
        wanted.append(JournalLine.unit_id == wish.unit_id)
    if wish.subject is not None:
        wanted.append(JournalLine.subject == wish.subject)
    if wish.person_id is not None:
        wanted.append(JournalLine.by_id == wish.person_id)
    if wish.since is not None:
        wanted.append(JournalLine.at >= wish.since)
    if wish.before is not None:
        wanted.append(JournalLine.at < wish.before)
    return wanted


def last_line_about(*, session: Session, subject: str, subject_id: str) -> JournalLine | None:
    """The latest line about one thing that says more than its place in a list, or None."""
    query = select(JournalLine).where(JournalLine.subject == subject, JournalLine.subject_id == subject_id)
    query = query.where(JournalLine.verb != "reordered").order_by(JournalLine.id.desc())
    return session.scalars(query.limit(1)).first()

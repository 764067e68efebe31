"""The list of people, narrowed down, put in order and cut by the database: it costs no more than what it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from hoshin.model.folded import fold
from hoshin.model.people import Grant, Person, Role
from hoshin.queries.many import among

Rows = Any
"""A query for the columns of an entry and its place."""
AT_ONCE = 1000
"""So many people are read at a time where all are wanted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody in the list of people, with her roles today."""

    id: int
    name: str
    email: str
    title: str
    home_unit_id: int | None
    active: bool
    roles: tuple[tuple[Role, int], ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose name, address or title holds the text, whatever the case and accents; who is at home in the unit or has a
    role there today; who has the role today, in the unit where one is named; those who have left only where `gone`.

    None and "" stand for any.
    """

    text: str = ""
    unit: int | None = None
    role: Role | None = None
    gone: bool = False


def count_entries(*, session: Session, wish: Wanted, today: date) -> int:
    """How many people there are of that kind."""
    return session.scalar(select(func.count()).select_from(Person).where(*_conditions(wish, today))) or 0


def list_entries(
    *, session: Session, wish: Wanted, today: date, offset: int = 0, most: int | None = None
) -> list[Entry]:
    """Those people by name, at most so many, in two statements."""
    query = _people(wish, today).offset(offset or None).limit(most)
    return _entries(session, session.execute(query).all(), today)


def each_entry(*, session: Session, wish: Wanted, today: date) -> Iterator[Entry]:
    """All of them by name, read some at a time."""
    query = _people(wish, today).limit(AT_ONCE)
    some = session.execute(query).all()
    while some:
        yield from _entries(session, some, today)
        last = tuple_(*(literal(one) for one in (some[-1].placed, some[-1].id)))
        some = session.execute(query.where(tuple_(Person.placed, Person.id) > last)).all()


def holding(*, today: date) -> ColumnElement[bool]:
    """Whether a role is held today."""
    begun = or_(Grant.valid_from.is_(None), Grant.valid_from <= today)
    return and_(begun, or_(Grant.valid_to.is_(None), Grant.valid_to >= today))


def _people(wish: Wanted, today: date) -> Rows:
    columns = (Person.id, Person.name, Person.email, Person.title, Person.home_unit_id, Person.deactivated_at)
    query = select(*columns, Person.placed).where(*_conditions(wish, today))
    return query.order_by(Person.placed, Person.id)


def _conditions(wish: Wanted, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [] if wish.gone else [Person.deactivated_at.is_(None)]
    if wish.text:
        found.append(Person.sought.contains(fold(text=wish.text), autoescape=True))
    if wish.unit is None and wish.role is None:
        return found
    held: list[Any] = [holding(today=today)]
    if wish.unit is not None:
        held.append(Grant.unit_id == wish.unit)
    if wish.role is not None:
        held.append(Grant.role == wish.role)
    fits: ColumnElement[bool] = Person.id.in_(select(Grant.person_id).where(*held))
    return [*found, fits if wish.role else or_(fits, Person.home_unit_id == wish.unit)]


def _entries(session: Session, people: Sequence[Any], today: date) -> list[Entry]:
    theirs = among(session=session, column=Grant.person_id, keys=[one.id for one in people])
    granted = select(Grant.person_id, Grant.role, Grant.unit_id).where(holding(today=today), theirs)
    roles: dict[int, list[tuple[Role, int]]] = defaultdict(list)
    for key, role, unit in session.execute(granted.order_by(Grant.id)):
        roles[key].append((role, unit))
    return [
        Entry(one.id, one.name, one.email or "", one.title, one.home_unit_id, one.deactivated_at is None,
              tuple(roles[one.id]))
        for one in people
    ]  # fmt: skip

"""Small builders of rows for tests: an organisation, units and people; each adds to the session and flushes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands.passwords import new_token, token_hash
from hoshin.model.people import Grant, Person, Role, SignIn
from hoshin.model.units import Organisation, Unit
from hoshin.queries.people import load_actor
from hoshin.queries.units import top_unit

NOW = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
PASSWORD = "correct horse battery"
PASSWORD_HASH = "$argon2id$v=19$m=65536,t=3,p=4$LGQ91o2TdwIp6Gn9bdLWdQ$SFM44hQ+GmhzlhNw/j86LcKNotpoJ8JE0ZMxmiMipYw"
"""The hash of PASSWORD, ready made: hashing is slow on purpose."""


def organisation(session: Session, name: str = "Northwind Instruments", **settings: Any) -> Organisation:
    """The organisation and its top unit."""
    made = Organisation(id=1, name=name, founded_at=NOW, **settings)
    session.add_all([made, Unit(name=name, kind="company")])
    session.flush()
    return made


def unit(session: Session, name: str = "Operations", parent: Unit | None = None, **more: Any) -> Unit:
    """A unit, below the top one unless a parent is named, after its sisters."""
    parent = parent or top_unit(session=session)
    place = session.scalar(select(func.count(Unit.id)).where(Unit.parent_id == parent.id)) or 0
    made = Unit(name=name, parent_id=parent.id, **{"position": place, "kind": "department", **more})
    session.add(made)
    session.flush()
    return made


def person(
    session: Session,
    name: str = "Ada Example",
    role: Role | None = None,
    unit: Unit | None = None,
    *,
    first: date | None = None,
    last: date | None = None,
    **more: Any,
) -> Person:
    """Somebody at home in the unit (default: the top one) with one role there; signs in with PASSWORD."""
    home = unit or top_unit(session=session)
    address = f"{name.casefold().replace(' ', '.')}@example.org"
    made = Person(name=name, **{"email": address, "home_unit_id": home.id, "password_hash": PASSWORD_HASH, **more})
    session.add(made)
    session.flush()
    if role is not None:
        grant(session, made, role, home, first=first, last=last)
    return made


def grant(
    session: Session, person: Person, role: Role, unit: Unit, *, first: date | None = None, last: date | None = None
) -> Grant:
    """One more role."""
    made = Grant(person_id=person.id, role=role, unit_id=unit.id, valid_from=first, valid_to=last)
    session.add(made)
    session.flush()
    return made


def actor(session: Session, person: Person, today: date = TODAY) -> Actor:
    """The person's rights on that day."""
    return load_actor(session=session, person=person, today=today)


def sign_in(session: Session, person: Person) -> str:
    """An open sign-in of the person; gives the secret token of the browser."""
    token = new_token()
    session.add(SignIn(person_id=person.id, token_hash=token_hash(token=token), begun_at=NOW, seen_at=NOW))
    session.flush()
    return token

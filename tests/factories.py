"""Small builders of rows for tests: an organisation, units and people; each adds to the session and flushes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands.passwords import new_token, token_hash
from hoshin.engine.calendars import FiscalCalendar
from hoshin.engine.plans import Kind, State
from hoshin.model.actions import Action
from hoshin.model.cycles import Cycle, CycleKPI
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.kpis import KPI
from hoshin.model.links import Correlation, Deployment
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


def sign_in(session: Session, person: Person, at: datetime = NOW) -> str:
    """An open sign-in of the person; gives the secret token of the browser."""
    token = new_token()
    session.add(SignIn(person_id=person.id, token_hash=token_hash(token=token), begun_at=at, seen_at=at))
    session.flush()
    return token


def cycle(session: Session, year: int = 2026, **more: Any) -> Cycle:
    """The cycle of that calendar year; the same one when it is there already."""
    span = FiscalCalendar().cycle_named(name=str(year))
    found = session.scalars(select(Cycle).where(Cycle.name == span.name)).first()
    if found is None:
        found = Cycle(name=span.name, first_day=span.first, last_day=span.last, **more)
        session.add(found)
        session.flush()
    return found


def objective(session: Session, name: str = "Delight customers", unit: Unit | None = None, **more: Any) -> Objective:
    """An objective in force, of the top unit unless another one is named."""
    return _item(session, Objective, Kind.OBJECTIVE, name, unit, more)


def priority(
    session: Session,
    name: str = "Halve lead time",
    unit: Unit | None = None,
    *,
    cycle: Cycle | None = None,
    **more: Any,
) -> Priority:
    """A priority in force for the whole cycle (default: 2026)."""
    return _item(session, Priority, Kind.PRIORITY, name, unit, _dated(session, cycle) | more)


def action(
    session: Session, name: str = "Map the flow", unit: Unit | None = None, *, cycle: Cycle | None = None, **more: Any
) -> Action:
    """An action in force for the whole cycle (default: 2026)."""
    return _item(session, Action, Kind.ACTION, name, unit, _dated(session, cycle) | more)


def kpi(
    session: Session, name: str = "Lead time", unit: Unit | None = None, *, cycle: Cycle | None = None, **more: Any
) -> KPI:
    """A KPI in force and on the plan of the cycle, when one is named."""
    made = _item(session, KPI, Kind.KPI, name, unit, more)
    if cycle is not None:
        session.add(CycleKPI(cycle_id=cycle.id, kpi_id=made.id, recorded_at=NOW))
        session.flush()
    return made


AnyItem = TypeVar("AnyItem", bound=Item)


def _item(
    session: Session, row: type[AnyItem], kind: Kind, name: str, unit: Unit | None, more: dict[str, Any]
) -> AnyItem:
    home = unit or top_unit(session=session)
    made = row(kind=kind, name=name, unit_id=home.id, **{"state": State.ACTIVE, **more})
    session.add(made)
    session.flush()
    return made


def _dated(session: Session, wanted: Cycle | None) -> dict[str, Any]:
    found = wanted or cycle(session)
    return {"cycle_id": found.id, "valid_from": found.first_day, "valid_to": found.last_day}


def link(session: Session, upper: Item, lower: Item, strength: int = 3) -> Correlation:
    """A correlation, upper first."""
    made = Correlation(upper_id=upper.id, lower_id=lower.id, strength=strength)
    session.add(made)
    session.flush()
    return made


def deployment(session: Session, source: Item, objective: Objective, **more: Any) -> Deployment:
    """An answer in force."""
    made = Deployment(source_id=source.id, objective_id=objective.id, **{"state": State.ACTIVE, **more})
    session.add(made)
    session.flush()
    return made

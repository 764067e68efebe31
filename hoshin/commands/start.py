"""An empty database becomes an organisation: once, whoever is first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import journal
from hoshin.commands.cycles import ensure_cycle
from hoshin.commands.settings import check_calendar
from hoshin.engine.calendars import NamedBy
from hoshin.errors import HoshinError, Problem, Refused
from hoshin.model.people import Grant, Person, Role
from hoshin.model.units import Organisation, Unit
from hoshin.queries.attainment import today_in
from hoshin.queries.units import find_organisation


class Taken(HoshinError):
    """Somebody else has begun in this database already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPerson:
    """One of the two people to begin with; without a password somebody has to make her a reset link."""

    name: str
    email: str
    password_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartWish:
    """The organisation to begin with; without an executive the administrator is both."""

    name: str
    time_zone: str
    fiscal_start_month: int
    named_by: NamedBy
    administrator: FirstPerson
    executive: FirstPerson | None = None


@dataclass(frozen=True, slots=True)
class Founded:
    """The people that can go on from here."""

    administrator: Person
    executive: Person


def found_organisation(*, session: Session, wish: StartWish, by: Actor, at: datetime) -> Founded:
    """The organisation, its top unit, the cycle that holds today, and its first people. Taken when there is one."""
    require(actor=by, act=Act.START)
    if find_organisation(session=session) is not None:
        raise Taken("this planner has been set up already")
    _check(wish)
    by = by if by.name else Actor(name=wish.administrator.name)
    known, top = _organisation(session, wish, by, at)
    span = known.calendar.cycle_of(day=today_in(organisation=known, now=at))
    ensure_cycle(session=session, span=span, by=by, at=at)
    administrator = _person(session, wish.administrator, top, by, at)
    executive = _person(session, wish.executive, top, by, at) if wish.executive else administrator
    for person, role in ((administrator, Role.ADMINISTRATOR), (executive, Role.EXECUTIVE)):
        grant = Grant(person_id=person.id, role=role, unit_id=top.id)
        journal.created(session=session, by=by, at=at, thing=grant, name=f"{person.name}: {role.value}, {top.name}")
    return Founded(administrator, executive)


def _check(wish: StartWish) -> None:
    problems = check_calendar(time_zone=wish.time_zone, fiscal_start_month=wish.fiscal_start_month)
    if wish.executive and wish.executive.email.casefold() == wish.administrator.email.casefold():
        said = "this is the administrator's address; leave both fields empty when it is the same person"
        problems.append(Problem(said, field="executive_email"))
    if problems:
        raise Refused.because(problems)


def _organisation(session: Session, wish: StartWish, by: Actor, at: datetime) -> tuple[Organisation, Unit]:
    known = Organisation(
        id=1,
        name=wish.name,
        time_zone=wish.time_zone,
        fiscal_start_month=wish.fiscal_start_month,
        named_by=wish.named_by,
        founded_at=at,
    )
    try:
        journal.created(session=session, by=by, at=at, thing=known)
    except IntegrityError as error:  # two began at once, and the other was first
        raise Taken("this planner has been set up already") from error
    top = Unit(name=wish.name, kind="company")
    journal.created(session=session, by=by, at=at, thing=top)
    return known, top


def _person(session: Session, wish: FirstPerson, home: Unit, by: Actor, at: datetime) -> Person:
    person = Person(
        name=wish.name, email=wish.email.casefold(), password_hash=wish.password_hash, home_unit_id=home.id
    )
    journal.created(session=session, by=by, at=at, thing=person)
    return person

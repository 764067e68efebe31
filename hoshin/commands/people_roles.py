"""Roles are given and ended, each on a unit and dated; what has been in force is never erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import journal
from hoshin.commands.people import refuse_without_administrator, today_of
from hoshin.errors import Problem, Refused
from hoshin.model.people import Grant, Person, Role
from hoshin.model.units import Unit
from hoshin.queries.people import get_grant, get_person, list_grants
from hoshin.queries.units import lock_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantWish:
    """A role on a unit from a day (None: today) to a day (None: for good), ends included."""

    role: Role
    unit_id: int
    first: date | None = None
    last: date | None = None


def add_grant(*, session: Session, person_id: int, wish: GrantWish, by: Actor, at: datetime) -> Grant:
    """Give somebody a role; Refused when she has it on one of these days already."""
    require(actor=by, act=Act.MANAGE_PEOPLE)
    lock_plan(session=session)
    person = get_person(session=session, person_id=person_id)
    first = wish.first or today_of(session=session, at=at)
    unit = session.get(Unit, wish.unit_id)
    problems = _problems(session, person, wish, first, unit)
    if problems or unit is None:
        raise Refused.because(problems)
    grant = Grant(person_id=person.id, role=wish.role, unit_id=unit.id, valid_from=first, valid_to=wish.last)
    journal.created(session=session, by=by, at=at, thing=grant, name=_name(person, grant, unit))
    return grant


def _problems(
    session: Session, person: Person, wish: GrantWish, first: date, unit: Unit | None
) -> list[Problem]:
    problems = []
    if unit is None or unit.archived_at is not None:
        problems.append(Problem("this unit is not there or archived", field="unit_id"))
    if wish.last is not None and wish.last < first:
        problems.append(Problem("this day lies before the first one", field="last"))
    mine = list_grants(session=session, person_id=person.id)
    alike = (one for one in mine if (one.role, one.unit_id) == (wish.role, wish.unit_id))
    if any(_overlap(one, first, wish.last) for one in alike):
        problems.append(Problem(f"{person.name} has this role there on some of these days already", field="role"))
    return problems


def _overlap(grant: Grant, first: date, last: date | None) -> bool:
    begins_before = last is None or grant.valid_from is None or grant.valid_from <= last
    return begins_before and (grant.valid_to is None or first <= grant.valid_to)


def end_grant(*, session: Session, grant_id: int, last: date | None, by: Actor, at: datetime) -> None:
    """End a role after its last day, by default at once: yesterday was the last; one not yet begun is taken back."""
    require(actor=by, act=Act.MANAGE_PEOPLE)
    lock_plan(session=session)
    grant = get_grant(session=session, grant_id=grant_id)
    person = get_person(session=session, person_id=grant.person_id)
    if grant.role is Role.ADMINISTRATOR and person.deactivated_at is None:
        refuse_without_administrator(session=session, person=person, at=at)
    yesterday = today_of(session=session, at=at) - timedelta(days=1)
    last = yesterday if last is None else last
    _check_end(grant, last, yesterday)
    name = _name(person, grant, session.get(Unit, grant.unit_id))
    if grant.valid_from is not None and grant.valid_from > last:
        journal.removed(session=session, by=by, at=at, thing=grant, name=name)
        return
    with journal.changing(session=session, by=by, at=at, thing=grant, verb="ended", name=name):
        grant.valid_to = last


def _check_end(grant: Grant, last: date, yesterday: date) -> None:
    if grant.valid_to is not None and grant.valid_to <= yesterday:
        raise Refused(Problem("this role has ended already", field="last"))
    if last < yesterday:
        raise Refused(Problem("what has been in force stays: choose yesterday or a later day", field="last"))
    if grant.valid_to is not None and last > grant.valid_to:
        raise Refused(Problem("this role ends before that day already", field="last"))


def _name(person: Person, grant: Grant, unit: Unit | None) -> str:
    return f"{person.name}: {grant.role.value}, {unit.name if unit else ''}"

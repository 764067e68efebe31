"""People come and go: who they are, and whether they can sign in at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import journal
from hoshin.commands.account import end_all, note
from hoshin.commands.passwords import new_token, token_hash
from hoshin.errors import Problem, Refused, Stale
from hoshin.model.people import PasswordReset, Person, Role
from hoshin.model.units import Unit
from hoshin.queries.attainment import today_in
from hoshin.queries.people import (
    count_lasting_administrators,
    find_by_email,
    get_person,
    list_grants,
    list_resets,
    list_sign_ins,
)
from hoshin.queries.units import get_organisation, lock_plan

LINK_LIVES = timedelta(hours=24)
LAST_ADMINISTRATOR = "nobody else is an active administrator without an end date; name another one first"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWish:
    """Who somebody is; without an e-mail address she cannot sign in. `version` is None for somebody new."""

    name: str
    email: str | None = None
    title: str = ""
    home_unit_id: int | None = None
    version: int | None = None


def create_person(*, session: Session, wish: PersonWish, by: Actor, at: datetime) -> Person:
    """A new person, not yet able to sign in."""
    require(actor=by, act=Act.MANAGE_PEOPLE)
    lock_plan(session=session)
    _check(session, wish, None)
    person = Person(
        name=wish.name, email=_folded(wish.email), title=wish.title, home_unit_id=wish.home_unit_id
    )
    journal.created(session=session, by=by, at=at, thing=person)
    return person


def change_person(*, session: Session, person_id: int, wish: PersonWish, by: Actor, at: datetime) -> Person:
    """Correct who somebody is."""
    require(actor=by, act=Act.MANAGE_PEOPLE)
    lock_plan(session=session)
    person = get_person(session=session, person_id=person_id)
    if wish.version != person.version:
        raise Stale(theirs={"Name": person.name, "E-mail": person.email or "", "Title": person.title})
    _check(session, wish, person)
    with journal.changing(session=session, by=by, at=at, thing=person):
        person.name, person.email, person.title = wish.name, _folded(wish.email), wish.title
        person.home_unit_id = wish.home_unit_id
    return person


def _folded(email: str | None) -> str | None:
    return (email or "").strip().casefold() or None


def _check(session: Session, wish: PersonWish, person: Person | None) -> None:
    problems = []
    twin = find_by_email(session=session, email=wish.email) if wish.email else None
    if twin is not None and twin is not person:
        gone = ", who is deactivated" if twin.deactivated_at else ""
        problems.append(Problem(f"this address belongs to {twin.name}{gone} already", field="email"))
    home = session.get(Unit, wish.home_unit_id) if wish.home_unit_id else None
    kept = person is not None and person.home_unit_id == wish.home_unit_id
    if wish.home_unit_id is not None and not kept and (home is None or home.archived_at is not None):
        problems.append(Problem("this unit is not there or archived", field="home_unit_id"))
    if problems:
        raise Refused.because(problems)


def deactivate_person(*, session: Session, person_id: int, by: Actor, at: datetime) -> Person:
    """Keep somebody out from now on, on every browser; what she did and owns stays."""
    require(actor=by, act=Act.MANAGE_PEOPLE)
    lock_plan(session=session)
    person = get_person(session=session, person_id=person_id)
    refuse_without_administrator(session=session, person=person, at=at)
    with journal.changing(session=session, by=by, at=at, thing=person, verb="deactivated"):
        person.deactivated_at = person.deactivated_at or at
    end_all(rows=list_sign_ins(session=session, person_id=person.id), at=at)
    return person


def refuse_without_administrator(*, session: Session, person: Person, at: datetime) -> None:
    """Refused when this person administers and nobody else does for good; `lock_plan` must hold."""
    today = today_of(session=session, at=at)
    grants = list_grants(session=session, person_id=person.id)
    administers = any(one.role is Role.ADMINISTRATOR and one.holds(today=today) for one in grants)
    if administers and count_lasting_administrators(session=session, today=today, but=person.id) == 0:
        raise Refused(LAST_ADMINISTRATOR)


def reactivate_person(*, session: Session, person_id: int, by: Actor, at: datetime) -> Person:
    """Let somebody in again, with the roles and the password she had."""
    require(actor=by, act=Act.MANAGE_PEOPLE)
    lock_plan(session=session)
    person = get_person(session=session, person_id=person_id)
    with journal.changing(session=session, by=by, at=at, thing=person, verb="reactivated"):
        person.deactivated_at = None
    return person


def make_reset_link(*, session: Session, person_id: int, by: Actor, at: datetime) -> str:
    """The secret end of a link that lets somebody choose a password once within 24 hours; older links end."""
    require(actor=by, act=Act.MANAGE_PEOPLE)
    lock_plan(session=session)
    person = get_person(session=session, person_id=person_id)
    if person.deactivated_at is not None or not person.email:
        raise Refused("only an active person with an e-mail address can sign in")
    for older in list_resets(session=session, person_id=person.id, at=at):
        older.expires_at = at
    token = new_token()
    session.add(PasswordReset(person_id=person.id, token_hash=token_hash(token=token), expires_at=at + LINK_LIVES))
    note(session=session, by=by, at=at, verb="made a reset link", person=person)
    return token


def set_password(*, session: Session, person_id: int, password_hash: str, by: Actor, at: datetime) -> Person:
    """Give somebody a password and end all her sign-ins."""
    require(actor=by, act=Act.MANAGE_PEOPLE)
    lock_plan(session=session)
    person = get_person(session=session, person_id=person_id)
    person.password_hash = password_hash
    end_all(rows=list_sign_ins(session=session, person_id=person.id), at=at)
    note(session=session, by=by, at=at, verb="set the password", person=person)
    return person


def today_of(*, session: Session, at: datetime) -> date:
    """The organisation's calendar day at that instant."""
    return today_in(organisation=get_organisation(session=session), now=at)

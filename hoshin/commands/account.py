"""What people do with their own way in: a new password, ending other browsers, and using a reset link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import journal
from hoshin.commands.passwords import token_hash
from hoshin.errors import Missing, Problem, Refused
from hoshin.model.base import facts
from hoshin.model.people import Person, SignIn
from hoshin.queries.people import find_reset, get_person, list_sign_ins

GONE = "this link has been used, has expired or was never given out"


@dataclass(frozen=True, slots=True)
class PasswordWish:
    """Hashes, so that nothing slow happens inside a transaction: the one that was checked, and the new one."""

    checked_hash: str | None
    new_hash: str


def change_password(*, session: Session, wish: PasswordWish, keep: int | None, by: Actor, at: datetime) -> Person:
    """Replace one's own password and end all sign-ins but `keep`; Refused when it has changed since it was checked."""
    require(actor=by, act=Act.CHANGE_OWN_ACCOUNT)
    person = get_person(session=session, person_id=by.person or 0)
    session.refresh(person, with_for_update=True)  # two browsers that change it take turns
    if person.password_hash != wish.checked_hash:
        raise Refused(Problem("your password has just been changed elsewhere", field="old"))
    person.password_hash = wish.new_hash
    end_all(rows=(one for one in list_sign_ins(session=session, person_id=person.id) if one.id != keep), at=at)
    note(session=session, by=by, at=at, verb="changed the password", person=person)
    return person


def end_sign_in(*, session: Session, sign_in: int, by: Actor, at: datetime) -> None:
    """End one of one's own sign-ins; Missing when it is not one's own or has ended."""
    require(actor=by, act=Act.CHANGE_OWN_ACCOUNT)
    mine = [one for one in list_sign_ins(session=session, person_id=by.person or 0) if one.id == sign_in]
    if not mine:
        raise Missing("there is no such sign-in")
    end_all(rows=mine, at=at)


def end_other_sign_ins(*, session: Session, keep: int, by: Actor, at: datetime) -> int:
    """End all of one's own sign-ins but one; gives how many."""
    require(actor=by, act=Act.CHANGE_OWN_ACCOUNT)
    others = [one for one in list_sign_ins(session=session, person_id=by.person or 0) if one.id != keep]
    end_all(rows=others, at=at)
    return len(others)


def reset_password(*, session: Session, token: str, new_hash: str, by: Actor, at: datetime) -> Person:
    """Set a password through a reset link, once; ends all sign-ins. Missing when the link opens nothing (any more)."""
    require(actor=by, act=Act.RESET_PASSWORD)
    reset = find_reset(session=session, token_hash=token_hash(token=token), at=at, lock=True)
    if reset is None:
        raise Missing(GONE)
    reset.used_at = at
    person = get_person(session=session, person_id=reset.person_id)
    person.password_hash = new_hash
    end_all(rows=list_sign_ins(session=session, person_id=person.id), at=at)
    by = Actor(person=person.id, name=person.name)
    note(session=session, by=by, at=at, verb="used a reset link", person=person)
    return person


def end_all(*, rows: Iterable[SignIn], at: datetime) -> None:
    """End these sign-ins now."""
    for one in rows:
        one.ended_at = at


def note(*, session: Session, by: Actor, at: datetime, verb: str, person: Person) -> None:
    """A journal line about somebody's way in; never the secret itself."""
    session.flush()
    known = facts(of=person)
    journal.write(session=session, by=by, at=at, verb=verb, thing=person, before=known, after=known)

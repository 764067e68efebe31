"""Signing in and out: one row for each signed-in browser, and guessing made slow for each address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands.passwords import new_token, token_hash
from hoshin.model.people import FailedSignIn, SignIn
from hoshin.queries.people import count_failures, find_by_email, find_sign_in

MOST_FAILURES = 10
WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SignInWish:
    """What somebody typed to get in."""

    email: str
    password: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted attempt: whose password has to fit, or that this address has to wait."""

    person: int | None
    password_hash: str | None
    must_wait: bool


def count_attempt(*, session: Session, wish: SignInWish, by: Actor, at: datetime) -> None:
    """Count an attempt as failed before the password is looked at, so that guessing in parallel gains nothing.

    An address that has to wait is not counted any further: who goes on guessing does not keep its owner out longer.
    """
    require(actor=by, act=Act.SIGN_IN)
    session.execute(delete(FailedSignIn).where(FailedSignIn.at < at - WINDOW))
    email = _folded(wish.email)
    if count_failures(session=session, email=email, since=at - WINDOW) <= MOST_FAILURES:
        session.add(FailedSignIn(email=email, at=at))


def look_up(*, session: Session, wish: SignInWish, by: Actor, at: datetime) -> Attempt:
    """What the attempt has to be checked against; the checking itself is slow and belongs outside a transaction."""
    require(actor=by, act=Act.SIGN_IN)
    email = _folded(wish.email)
    must_wait = count_failures(session=session, email=email, since=at - WINDOW) > MOST_FAILURES
    person = find_by_email(session=session, email=email)
    if person is None or person.deactivated_at is not None:
        return Attempt(None, None, must_wait)
    return Attempt(person.id, person.password_hash, must_wait)


def begin_sign_in(*, session: Session, person: int, wish: SignInWish, by: Actor, at: datetime) -> str:
    """Open a sign-in for somebody whose password was right; gives the secret token of her browser."""
    require(actor=by, act=Act.SIGN_IN)
    session.execute(delete(FailedSignIn).where(FailedSignIn.email == _folded(wish.email)))
    token = new_token()
    session.add(
        SignIn(
            person_id=person, token_hash=token_hash(token=token), agent=wish.agent[:200], begun_at=at, seen_at=at
        )
    )
    return token


def sign_out(*, session: Session, token: str, by: Actor, at: datetime) -> None:
    """End the sign-in behind this token; nothing happens when it has ended already."""
    require(actor=by, act=Act.SIGN_OUT)
    found = find_sign_in(session=session, token_hash=token_hash(token=token))
    if found is not None:
        found[0].ended_at = at


def _folded(email: str) -> str:
    return email.strip().casefold()[:254]

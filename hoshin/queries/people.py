"""People, their rights and their sign-ins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor, DeputyFact, GrantFact, build_actor
from hoshin.errors import Missing
from hoshin.model.people import Deputy, FailedSignIn, Grant, PasswordReset, Person, SignIn
from hoshin.queries.units import list_unit_facts


def find_by_email(*, session: Session, email: str) -> Person | None:
    """The person who signs in with this address; addresses are stored folded."""
    return session.scalars(select(Person).where(Person.email == email.strip().casefold())).first()


def get_person(*, session: Session, person_id: int) -> Person:
    """A person; raises Missing when there is none."""
    found = session.get(Person, person_id)
    if found is None:
        raise Missing("there is no such person")
    return found


def find_person(*, session: Session, person_id: int) -> Person | None:
    """A person, or None."""
    return session.get(Person, person_id)


def find_sign_in(*, session: Session, token_hash: str) -> tuple[SignIn, Person] | None:
    """The open sign-in behind a token and its active person, or None."""
    row = session.execute(
        select(SignIn, Person)
        .join(Person, Person.id == SignIn.person_id)
        .where(SignIn.token_hash == token_hash, SignIn.ended_at.is_(None), Person.deactivated_at.is_(None))
    ).first()
    return None if row is None else (row[0], row[1])


def find_reset(*, session: Session, token_hash: str, at: datetime, lock: bool = False) -> PasswordReset | None:
    """The unused, unexpired password reset of an active person behind a token, or None; `lock` it to use it once."""
    query = (
        select(PasswordReset)
        .join(Person, Person.id == PasswordReset.person_id)
        .where(
            PasswordReset.token_hash == token_hash,
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > at,
            Person.deactivated_at.is_(None),
        )
    )
    return session.scalars(query.with_for_update(of=PasswordReset) if lock else query).first()


def count_failures(*, session: Session, email: str, since: datetime) -> int:
    """How many sign-ins with this address were refused since then."""
    return (
        session.scalar(select(func.count(FailedSignIn.id)).where(FailedSignIn.email == email, FailedSignIn.at >= since))
        or 0
    )


def list_sign_ins(*, session: Session, person_id: int) -> Sequence[SignIn]:
    """The open sign-ins of a person, the latest seen first."""
    return session.scalars(
        select(SignIn)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
    ).all()


def list_people(*, session: Session, everyone: bool = False) -> Sequence[Person]:
    """People by name; deactivated ones only when everyone is asked for."""
    query = select(Person).order_by(Person.name, Person.id)
    return session.scalars(query if everyone else query.where(Person.deactivated_at.is_(None))).all()


def list_grants(*, session: Session, person_id: int | None = None) -> Sequence[Grant]:
    """The grants of one person, or of everybody."""
    query = select(Grant).order_by(Grant.person_id, Grant.unit_id, Grant.id)
    return session.scalars(query if person_id is None else query.where(Grant.person_id == person_id)).all()


def list_deputies(*, session: Session, unit_id: int | None = None) -> Sequence[Deputy]:
    """The deputies of one unit, or all of them, the latest first."""
    query = select(Deputy).order_by(Deputy.valid_from.desc(), Deputy.id.desc())
    return session.scalars(query if unit_id is None else query.where(Deputy.unit_id == unit_id)).all()


def load_actor(*, session: Session, person: Person, today: date) -> Actor:
    """The person's rights today, in three statements."""
    grants = [
        GrantFact(one.role, one.unit_id, one.valid_from, one.valid_to)
        for one in list_grants(session=session, person_id=person.id)
    ]
    standing_in = session.execute(
        select(Deputy.unit_id, Person.name)
        .join(Person, Person.id == Deputy.head_id)
        .where(Deputy.deputy_id == person.id, Deputy.valid_from <= today, Deputy.valid_to >= today)
    )
    return build_actor(
        person=person.id,
        name=person.name,
        home=person.home_unit_id,
        grants=grants,
        deputies=[DeputyFact(unit, head) for unit, head in standing_in],
        units=list_unit_facts(session=session),
        today=today,
    )

"""People, their rights and their sign-ins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, union
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor, DeputyFact, GrantFact, build_actor
from hoshin.access.scope import readable_items
from hoshin.engine.plans import Kind
from hoshin.errors import Missing
from hoshin.model.items import Item
from hoshin.model.people import Deputy, FailedSignIn, Grant, PasswordReset, Person, Role, SignIn
from hoshin.queries.beside import keep_with_structure
from hoshin.queries.many import among
from hoshin.queries.unit_lists import list_unit_facts, rights_tree


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


def find_sign_in(
    *, session: Session, token_hash: str, seen_since: datetime | None = None
) -> tuple[SignIn, Person] | None:
    """The open sign-in behind a token and its active person, or None; also when it has not been seen since then."""
    query = (
        select(SignIn, Person)
        .join(Person, Person.id == SignIn.person_id)
        .where(SignIn.token_hash == token_hash, SignIn.ended_at.is_(None), Person.deactivated_at.is_(None))
    )
    if seen_since is not None:
        query = query.where(SignIn.seen_at >= seen_since)
    row = session.execute(query).first()
    return None if row is None else (row[0], row[1])


@dataclass(frozen=True, slots=True)
class Reader:
    """An active person who has signed in: what her rights begin with, and the key of the sign-in."""

    id: int
    name: str
    home_unit_id: int | None
    sign_in_id: int


def find_reader(*, session: Session, token_hash: str, seen_since: datetime) -> Reader | None:
    """Who reads with an open sign-in's token, as `find_sign_in` finds her, or None."""
    row = session.execute(_READER, {"token": token_hash, "since": seen_since}).first()
    return None if row is None else Reader(*row)


_SIGN_IN, _PERSON = SignIn.__table__.c, Person.__table__.c
_READER = (
    select(_PERSON.id, _PERSON.name, _PERSON.home_unit_id, _SIGN_IN.id)
    .join_from(SignIn.__table__, Person.__table__, _PERSON.id == _SIGN_IN.person_id)
    .where(_SIGN_IN.token_hash == bindparam("token"), _SIGN_IN.ended_at.is_(None), _PERSON.deactivated_at.is_(None))
    .where(_SIGN_IN.seen_at >= bindparam("since"))
)
"""Made once, as every page begins with it."""


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


def list_resets(*, session: Session, person_id: int, at: datetime) -> Sequence[PasswordReset]:
    """The reset links of a person that still open something."""
    return session.scalars(
        select(PasswordReset).where(
            PasswordReset.person_id == person_id, PasswordReset.used_at.is_(None), PasswordReset.expires_at > at
        )
    ).all()


def count_lasting_administrators(*, session: Session, today: date, but: int | None) -> int:
    """How many active people, one left out, administer today and without an end date."""
    query = (
        select(func.count(Person.id.distinct()))
        .join(Grant, Grant.person_id == Person.id)
        .where(
            Grant.role == Role.ADMINISTRATOR,
            Grant.valid_to.is_(None),
            or_(Grant.valid_from.is_(None), Grant.valid_from <= today),
            Person.deactivated_at.is_(None),
        )
    )
    return session.scalar(query if but is None else query.where(Person.id != but)) or 0


def get_grant(*, session: Session, grant_id: int) -> Grant:
    """One role of one person; raises Missing when there is none."""
    found = session.get(Grant, grant_id)
    if found is None:
        raise Missing("there is no such role")
    return found


def count_items(*, session: Session, actor: Actor, person_id: int) -> dict[Kind, int]:
    """How many items the person owns, by kind, out of those the actor may read."""
    query = (
        select(Item.kind, func.count(Item.id))
        .where(Item.owner_id == person_id, Item.archived_at.is_(None), readable_items(actor=actor))
        .group_by(Item.kind)
    )
    return dict(session.execute(query).all())


def heads_by_unit(*, session: Session, today: date) -> dict[int, list[str]]:
    """The names of those who head each unit today, by name; one statement."""
    query = (
        select(Grant.unit_id, Person.name)
        .join(Person, Person.id == Grant.person_id)
        .where(Grant.role == Role.HEAD, Person.deactivated_at.is_(None))
        .where(or_(Grant.valid_from.is_(None), Grant.valid_from <= today))
        .where(or_(Grant.valid_to.is_(None), Grant.valid_to >= today))
        .order_by(Person.id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for unit, name in session.execute(query):
        found[unit].append(name)
    return {unit: sorted(names, key=str.casefold) for unit, names in found.items()}


def count_at_home(*, session: Session) -> dict[int, int]:
    """How many active people are at home in each unit; one statement."""
    query = select(Person.home_unit_id, func.count()).where(Person.deactivated_at.is_(None))
    return {unit: many for unit, many in session.execute(query.group_by(Person.home_unit_id)) if unit is not None}


def names_of_people(*, session: Session, person_ids: Collection[int], active: bool = False) -> dict[int, str]:
    """The names of these people, by key; of those who have left too unless only the active ones are asked for."""
    query = select(Person.id, Person.name).where(Person.id.in_(list(person_ids)))
    return dict(session.execute(query.where(Person.deactivated_at.is_(None)) if active else query).all())


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


def count_active(*, session: Session) -> int:
    """How many people there are who have not left; kept until somebody comes or goes."""
    query = select(func.count(Person.id)).where(Person.deactivated_at.is_(None))
    return keep_with_structure(session=session, name="active", make=lambda: session.scalar(query) or 0)


def list_near(*, session: Session, unit_ids: Collection[int], keep: Collection[int]) -> dict[int, str]:
    """The active people of these units and of those above them, the heads right below, and those kept; by name."""
    parents = {one.key: one.parent for one in list_unit_facts(session=session)}
    here = set(unit_ids)
    for unit in unit_ids:
        above = parents.get(unit)
        while above is not None and above not in here:
            here.add(above)
            above = parents.get(above)
    below = [unit for unit, parent in parents.items() if parent in here]
    roles = select(Grant.person_id).where(Grant.unit_id.in_(here))
    heads = select(Grant.person_id).where(Grant.role == Role.HEAD, Grant.unit_id.in_(below))
    home = select(Person.id).where(Person.home_unit_id.in_(here))
    kept = select(Person.id).where(Person.id.in_(list(keep)))
    near = Person.id.in_(union(home, roles, heads, kept))  # said with "or" it would be asked of everybody there is
    query = select(Person.id, Person.name).where(near, Person.deactivated_at.is_(None))
    return dict(session.execute(query.order_by(Person.name, Person.id)).all())


def list_grants(*, session: Session, person_id: int | None = None) -> Sequence[Grant]:
    """The grants of one person, or of everybody."""
    query = select(Grant).order_by(Grant.person_id, Grant.unit_id, Grant.id)
    return session.scalars(query if person_id is None else query.where(Grant.person_id == person_id)).all()


def list_belongings(*, session: Session, unit_id: int) -> tuple[Sequence[Person], Sequence[Grant], Sequence[Deputy]]:
    """The people at home in a unit, and the roles and deputies there, ended ones too."""
    return (
        session.scalars(select(Person).where(Person.home_unit_id == unit_id).order_by(Person.id)).all(),
        session.scalars(select(Grant).where(Grant.unit_id == unit_id).order_by(Grant.id)).all(),
        list_deputies(session=session, unit_id=unit_id),
    )


def list_deputies(*, session: Session, unit_id: int | None = None) -> Sequence[Deputy]:
    """The deputies of one unit, or all of them, the latest first."""
    query = select(Deputy).order_by(Deputy.valid_from.desc(), Deputy.id.desc())
    return session.scalars(query if unit_id is None else query.where(Deputy.unit_id == unit_id)).all()


def load_actor(*, session: Session, person: Person | Reader, today: date) -> Actor:
    """The person's rights today, in three statements."""
    return load_actors(session=session, people=[person], today=today)[0]


def load_actors(*, session: Session, people: Sequence[Person | Reader], today: date) -> list[Actor]:
    """The rights of these people today, in their order; three statements, however many there are."""
    wanted = [one.id for one in people]
    grants: dict[int, list[GrantFact]] = defaultdict(list)
    held = select(Grant.person_id, Grant.role, Grant.unit_id, Grant.valid_from, Grant.valid_to)
    for key, role, unit, first, last in session.execute(held.where(_of(session, Grant.person_id, wanted))):
        grants[key].append(GrantFact(role, unit, first, last))
    deputies: dict[int, list[DeputyFact]] = defaultdict(list)
    for key, unit, head in session.execute(_standing_in(_of(session, Deputy.deputy_id, wanted), today)):
        deputies[key].append(DeputyFact(unit, head))
    tree = rights_tree(session=session)
    return [
        build_actor(
            person=one.id, name=one.name, home=one.home_unit_id, grants=grants[one.id], deputies=deputies[one.id],
            tree=tree, today=today,
        )
        for one in people
    ]  # fmt: skip


def _of(session: Session, column: Any, keys: Sequence[int]) -> ColumnElement[bool]:
    """Whether the column holds one of the keys; said plainly for one, which every page asks for."""
    one: ColumnElement[bool] = column == keys[0]
    return one if len(keys) == 1 else among(session=session, column=column, keys=keys)


def _standing_in(theirs: ColumnElement[bool], today: date) -> Select[int, int, str]:
    """The units that these people head for somebody else today: as long as she is active and head there herself."""
    still_head = (
        select(Grant.id)
        .where(
            Grant.person_id == Deputy.head_id,
            Grant.unit_id == Deputy.unit_id,
            Grant.role.in_((Role.HEAD, Role.EXECUTIVE)),
            or_(Grant.valid_from.is_(None), Grant.valid_from <= today),
            or_(Grant.valid_to.is_(None), Grant.valid_to >= today),
        )
        .exists()
    )
    return (
        select(Deputy.deputy_id, Deputy.unit_id, Person.name)
        .join(Person, Person.id == Deputy.head_id)
        .where(theirs, Deputy.valid_from <= today, Deputy.valid_to >= today)
        .where(Person.deactivated_at.is_(None), still_head)
    )

"""An empty database begins with the example organisation, and a few of its people can sign in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor, system_actor
from hoshin.access.rules import require
from hoshin.commands.example import load
from hoshin.commands.example_wish import ExampleOrganisation, Paper, Shown, people_to_show
from hoshin.commands.people import set_password
from hoshin.model.people import Role
from hoshin.queries.people import find_by_email


def people_to_begin_with(*, wish: ExampleOrganisation) -> Sequence[Shown]:
    """Those whom the example shows, and an administrator: in the browser nobody else could let people in."""
    administrators = (one for one in wish.people if any(role is Role.ADMINISTRATOR for role, _ in one.roles))
    return [
        *people_to_show(wish=wish),
        *(Shown("administrator", one.name, one.email) for one in list(administrators)[:1]),
    ]


def begin_with_example(
    *,
    session: Session,
    wish: ExampleOrganisation,
    hashes: Mapping[str, str],
    paper: Paper | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Load the example and set the passwords, given as hashes by e-mail address. Taken when there is something."""
    require(actor=by, act=Act.START)
    load(session=session, wish=wish, paper=paper, by=by, at=at)
    setter = system_actor(name="Hoshin (example)")
    for email, password_hash in hashes.items():
        person = find_by_email(session=session, email=email)
        if person is not None:
            set_password(session=session, person_id=person.id, password_hash=password_hash, by=setter, at=at)

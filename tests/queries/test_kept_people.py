"""What a process keeps of people: how many there are and in which order, right for whoever asks next."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hoshin.model.people import Person, Role
from hoshin.model.units import Unit
from hoshin.queries.people import count_active, list_near
from tests import factories
from tests.factories import NOW
from tests.statements import counted


def _joins(session: Session) -> None:
    factories.person(session, "Zoe")


CHANGES: dict[str, tuple[Callable[[Session], None], int]] = {
    "somebody leaves": (lambda session: setattr(session.get_one(Person, 1), "deactivated_at", NOW), 1),
    "somebody joins": (_joins, 3),
    "somebody is renamed": (lambda session: setattr(session.get_one(Person, 1), "name", "Renamed"), 2),
}


@pytest.mark.parametrize("change", CHANGES)
def test_who_is_there_is_counted_once_until_it_changes(session: Session, engine: Engine, change: str) -> None:
    factories.organisation(session)
    for name in ("Ada", "Ben"):
        factories.person(session, name)
    session.commit()
    with Session(engine, autoflush=False) as reader:
        assert count_active(session=reader) == 2
    with Session(engine, autoflush=False) as reader, counted(engine) as seen:
        assert count_active(session=reader) == 2
    assert not any("FROM people" in one for one in seen)
    happens, many = CHANGES[change]
    happens(session)
    assert count_active(session=session) == many
    session.commit()
    with Session(engine, autoflush=False) as reader:
        assert count_active(session=reader) == many


def test_who_is_near_is_whoever_belongs_there_or_is_kept(session: Session) -> None:
    """At home there, with a role there or above, heading what is right below these, or chosen; none has left."""
    factories.organisation(session)
    works = factories.unit(session, "Works")
    paint, sales = factories.unit(session, "Paint shop", works), factories.unit(session, "Sales")
    top = session.get_one(Unit, works.parent_id)
    factories.person(session, "Home", unit=works)
    factories.person(session, "Gone", unit=works, deactivated_at=NOW)
    factories.person(session, "Far", Role.STAFF, sales)
    kept = factories.person(session, "Kept", unit=sales)
    roles = (
        ("Here", Role.STAFF, works), ("Above", Role.EXECUTIVE, top), ("Beside", Role.HEAD, sales),
        ("Below", Role.HEAD, paint), ("Deep", Role.STAFF, paint),
    )  # fmt: skip
    for name, role, unit in roles:
        factories.grant(session, factories.person(session, name, unit=sales), role, unit)
    session.flush()
    near = list_near(session=session, unit_ids=[works.id], keep=[kept.id])
    assert list(near.values()) == ["Above", "Below", "Beside", "Here", "Home", "Kept"]

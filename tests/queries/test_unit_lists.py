"""The tree of units that a process keeps: nobody is shown an old one, whatever of a unit has changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from hoshin.model.units import CheckInBy, Unit
from hoshin.queries.unit_lists import list_units, rights_tree
from tests import factories
from tests.factories import NOW
from tests.statements import counted

CHANGES: dict[str, Callable[[Unit], None]] = {
    "name": lambda unit: setattr(unit, "name", "Renamed"),
    "kind": lambda unit: setattr(unit, "kind", "team"),
    "restricted": lambda unit: setattr(unit, "restricted", True),
    "archived_at": lambda unit: setattr(unit, "archived_at", NOW),
    "checkin_by": lambda unit: setattr(unit, "checkin_by", CheckInBy.TEAM),
}


def _reader(engine: Engine) -> Session:
    return Session(engine, autoflush=False)


def _plant(session: Session) -> int:
    factories.organisation(session)
    made = factories.unit(session, "Works")
    factories.unit(session, "Paint shop", made)
    session.commit()
    return made.id


def test_the_tree_is_read_once_and_tells_ways(session: Session, engine: Engine) -> None:
    _plant(session)
    with _reader(engine) as reader:
        assert [one.path for one in list_units(session=reader)][1:] == ["Works", "Works / Paint shop"]
    with _reader(engine) as reader, counted(engine) as seen:
        assert len(list_units(session=reader)) == 3
        assert rights_tree(session=reader).restricted == frozenset()
    assert not any("FROM units" in one for one in seen)


@pytest.mark.parametrize("column", CHANGES)
def test_whatever_changes_is_seen_by_the_next_who_asks(session: Session, engine: Engine, column: str) -> None:
    key = _plant(session)
    with _reader(engine) as reader:
        before = {one.id: one for one in list_units(session=reader)}[key]
        assert rights_tree(session=reader).restricted == frozenset()
    unit = session.get_one(Unit, key)
    CHANGES[column](unit)
    assert getattr({one.id: one for one in list_units(session=session)}[key], column) == getattr(unit, column)
    session.commit()
    with _reader(engine) as reader:
        after = {one.id: one for one in list_units(session=reader)}[key]
        assert getattr(after, column) == getattr(unit, column) != getattr(before, column)
        assert (key in rights_tree(session=reader).restricted) == (column == "restricted")


def test_units_that_move_come_and_go_are_seen(session: Session, engine: Engine) -> None:
    key = _plant(session)
    with _reader(engine) as reader:
        list_units(session=reader)
    other = factories.unit(session, "Yard")
    session.get_one(Unit, key).parent_id = other.id
    session.commit()
    with _reader(engine) as reader:
        assert [one.path for one in list_units(session=reader)][1:] == [
            "Yard", "Yard / Works", "Yard / Works / Paint shop",
        ]  # fmt: skip
    session.execute(delete(Unit).where(Unit.name == "Paint shop"))
    session.commit()
    with _reader(engine) as reader:
        assert [one.path for one in list_units(session=reader)][1:] == ["Yard", "Yard / Works"]

"""Nobody gets past the access table by calling a command directly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import NOBODY, Actor
from hoshin.commands import (
    account,
    cycle_settings,
    deputies,
    locks,
    people,
    people_roles,
    settings,
    units,
    units_move,
    vision,
)
from hoshin.commands.deputies import DeputyWish
from hoshin.commands.people import PersonWish
from hoshin.commands.units import UnitWish
from hoshin.engine.calendars import NamedBy
from hoshin.errors import Forbidden
from hoshin.model.journal import JournalLine
from hoshin.model.people import Role
from tests import factories

SETTINGS = settings.SettingsWish(
    name="X", time_zone="UTC", fiscal_start_month=1, named_by=NamedBy.END, due_days=1, least_strength=1, version=1
)
COMMANDS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "create_person": (people.create_person, {"wish": PersonWish(name="X")}),
    "change_person": (people.change_person, {"person_id": 1, "wish": PersonWish(name="X", version=1)}),
    "deactivate_person": (people.deactivate_person, {"person_id": 1}),
    "reactivate_person": (people.reactivate_person, {"person_id": 1}),
    "make_reset_link": (people.make_reset_link, {"person_id": 1}),
    "set_password": (people.set_password, {"person_id": 1, "password_hash": "x"}),
    "add_grant": (
        people_roles.add_grant,
        {"person_id": 1, "wish": people_roles.GrantWish(role=Role.ADMINISTRATOR, unit_id=1)},
    ),
    "end_grant": (people_roles.end_grant, {"grant_id": 1, "last": None}),
    "create_unit": (units.create_unit, {"parent_id": 1, "wish": UnitWish(name="X")}),
    "change_unit": (units.change_unit, {"unit_id": 1, "wish": UnitWish(name="X", version=1)}),
    "shift_unit": (units.shift_unit, {"unit_id": 2, "down": True}),
    "archive_unit": (units.archive_unit, {"unit_id": 2}),
    "restore_unit": (units.restore_unit, {"unit_id": 2}),
    "move_unit": (units_move.move_unit, {"unit_id": 2, "parent_id": 1}),
    "merge_unit": (units_move.merge_unit, {"unit_id": 2, "into_id": 1}),
    "change_settings": (settings.change_settings, {"wish": SETTINGS}),
    "set_locks": (locks.set_locks, {"wish": locks.LockWish(cells=[], lock=True)}),
    "write_vision": (
        vision.write_vision, {"wish": vision.VisionWish(true_north="X", current_state="", version=1)}
    ),
    "open_next_cycle": (cycle_settings.open_next_cycle, {"name": "FY2026"}),
    "name_deputy": (
        deputies.name_deputy,
        {"unit_id": 2, "wish": DeputyWish(head_id=1, deputy_id=2, first=None, last=factories.TODAY)},
    ),
    "end_deputy": (deputies.end_deputy, {"unit_id": 2, "deputy_id": 1}),
}  # fmt: skip


@pytest.fixture
def staff(session: Session) -> Actor:
    """A member of staff of the top unit, in a company with one more unit."""
    factories.organisation(session)
    factories.unit(session)
    return factories.actor(session, factories.person(session, "Stan", Role.STAFF))


@pytest.mark.parametrize("name", COMMANDS)
def test_staff_administer_nothing(session: Session, staff: Actor, name: str) -> None:
    command, wish = COMMANDS[name]
    for actor in (staff, NOBODY):
        with pytest.raises(Forbidden):
            command(session=session, by=actor, at=factories.NOW, **wish)
    assert session.scalar(select(func.count(JournalLine.id))) == 0


def test_an_account_is_for_who_has_signed_in(session: Session) -> None:
    with pytest.raises(Forbidden):
        account.end_other_sign_ins(session=session, keep=1, by=NOBODY, at=factories.NOW)

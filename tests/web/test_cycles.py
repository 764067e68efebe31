"""Cycles, month locks and settings in the browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.plans import State
from hoshin.engine.signals import Scheme
from hoshin.model.cycles import Cycle, CycleState, MonthLock
from hoshin.model.items import Priority
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Reading
from hoshin.model.people import Person, Role
from hoshin.model.units import Organisation, Unit
from hoshin.queries.units import top_unit
from tests import factories
from tests.web.conftest import Arrange

SignedIn = Callable[[Person], FlaskClient]


@dataclass
class Cast:
    """Who plays."""

    admin: Person
    executive: Person
    head: Person
    unit: Unit


@pytest.fixture
def cast(arrange: Arrange) -> Cast:
    """A company with the cycle FY2026."""

    def work(session: Session) -> Cast:
        factories.organisation(session)
        session.add(Cycle(name="FY2026", first_day=date(2026, 1, 1), last_day=date(2026, 12, 31)))
        unit = factories.unit(session, "Operations")
        return Cast(
            factories.person(session, "Zoë Admin", Role.ADMINISTRATOR),
            factories.person(session, "Eva Executive", Role.EXECUTIVE),
            factories.person(session, "Hedda Head", Role.HEAD, unit),
            unit,
        )

    return arrange(work)


def test_executives_open_the_next_cycle_once(client_for: SignedIn, cast: Cast, look: Arrange) -> None:
    client = client_for(cast.executive)
    assert "Open FY2027" in client.get("/cycles").text
    assert client.post("/cycles", data={"name": "FY2027"}).status_code == 303
    assert "FY2027 is not the next cycle" in client.post(
        "/cycles", data={"name": "FY2027"}, follow_redirects=True
    ).text
    found = look(lambda session: session.execute(select(Cycle.name, Cycle.state).order_by(Cycle.name)).all())
    assert [tuple(one) for one in found] == [("FY2026", CycleState.OPEN), ("FY2027", CycleState.PLANNING)]
    assert client_for(cast.head).post("/cycles", data={"name": "FY2028"}).status_code == 403
    assert "FY2027,2027-01-01,2027-12-31,planning" in client.get("/cycles?format=csv").text


def test_a_cycle_far_ahead_is_refused(client_for: SignedIn, cast: Cast) -> None:
    client = client_for(cast.admin)
    for name in ("FY2027", "FY2028"):
        client.post("/cycles", data={"name": name})
    assert "too far ahead" in client.post("/cycles", data={"name": "FY2029"}, follow_redirects=True).text


def test_the_settings_of_a_cycle(client_for: SignedIn, cast: Cast) -> None:
    client = client_for(cast.executive)
    typed = {"state": "planning", "rotation": "action", "version": "1"}
    assert client_for(cast.head).post("/cycles/FY2026", data=typed).status_code == 403
    assert client.post("/cycles/FY2026", data={**typed, "state": "lost"}).status_code == 422
    assert client.post("/cycles/FY2026", data={**typed, "state": "closed"}).status_code == 422
    assert client.post("/cycles/FY2026", data=typed).status_code == 303
    assert "actions become objectives" in client.get("/cycles").text
    assert client.post("/cycles/FY2026", data=typed).status_code == 409
    assert client.get("/cycles/FY1999").status_code == 404
    assert client.get("/cycles/FY2026'--").status_code == 400


def test_months_are_locked_singly_and_by_column(client_for: SignedIn, cast: Cast, look: Arrange) -> None:
    client, address = client_for(cast.admin), "/cycles/FY2026/locks"
    cell = f"{cast.unit.id}:2026-02-01"
    assert client.post(address, data={"cells": [cell], "lock": "yes"}).status_code == 303
    assert client.post(address, data={"months": ["2026-02-01"], "lock": "yes"}).status_code == 303
    assert look(lambda session: len(session.scalars(select(MonthLock.id)).all())) == 2
    assert client.post(address, data={"cells": [cell], "unlock": "yes"}).status_code == 422
    assert client.post(address, data={"cells": [cell], "unlock": "yes", "why": "Typing error"}).status_code == 303
    left = look(lambda session: session.scalars(select(MonthLock.unit_id)).all())
    assert left == [look(lambda session: top_unit(session=session).id)]
    lines = look(lambda session: session.execute(select(JournalLine.verb, JournalLine.why)).all())
    assert [tuple(one) for one in lines] == [("created", ""), ("created", ""), ("removed", "Typing error")]


@pytest.mark.parametrize("cell", ["1:1999-01-01", "999999:2026-02-01", "x", "1:2026-02-01\0"])
def test_cells_that_are_none_are_refused(client_for: SignedIn, cast: Cast, cell: str) -> None:
    client, address = client_for(cast.admin), "/cycles/FY2026/locks"
    assert client.post(address, data={"cells": [cell], "lock": "yes"}).status_code == 422
    assert client.post(address, data={"lock": "yes"}).status_code == 422
    assert client_for(cast.executive).post(address, data={"cells": [cell], "lock": "yes"}).status_code == 403


def _settings(**more: str) -> dict[str, str]:
    return {
        "name": "Northwind Instruments", "time_zone": "Europe/Paris", "fiscal_start_month": "1", "named_by": "end",
        "due_days": "10", "least_strength": "1", "scheme": "binary", "amber_percent": "5", "version": "1", **more,
    }  # fmt: skip


def test_settings_are_changed_by_administrators(client_for: SignedIn, cast: Cast, look: Arrange) -> None:
    client = client_for(cast.admin)
    assert client_for(cast.executive).post("/settings", data=_settings()).status_code == 403
    typed = _settings(name="Southwind", due_days="0", least_strength="3", scheme="three colours", amber_percent="0")
    assert client.post("/settings", data=typed).status_code == 303
    known = look(lambda session: session.get(Organisation, 1))
    assert known is not None
    assert (known.name, known.time_zone, known.due_days, known.least_strength) == ("Southwind", "Europe/Paris", 0, 3)
    assert (known.scheme, known.amber_percent) == (Scheme.THREE, 0)
    assert look(lambda session: top_unit(session=session).name) == "Southwind"
    assert client.post("/settings", data=typed).status_code == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [("due_days", "91"), ("due_days", "-1"), ("due_days", "9" * 40), ("least_strength", "2"), ("time_zone", "x"),
     ("amber_percent", "101"), ("scheme", "rainbow")],
)
def test_settings_out_of_range_name_their_field(client_for: SignedIn, cast: Cast, field: str, value: str) -> None:
    answer = client_for(cast.admin).post("/settings", data=_settings(**{field: value}))
    assert answer.status_code == 422
    assert f'id="{field}-errors"' in answer.text


def _priority(session: Session) -> int:
    cycle = session.scalars(select(Cycle)).one()
    made = Priority(
        unit_id=top_unit(session=session).id, cycle_id=cycle.id, name="Half the lead time", state=State.ACTIVE,
        valid_from=cycle.first_day, valid_to=cycle.last_day,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


@pytest.mark.parametrize(
    ("month", "named_by", "first"), [("7", "end", date(2025, 7, 1)), ("7", "start", date(2026, 7, 1))]
)
def test_the_fiscal_year_moves_while_nothing_is_recorded(
    client_for: SignedIn, cast: Cast, arrange: Arrange, look: Arrange, month: str, named_by: str, first: date
) -> None:
    priority = arrange(_priority)
    client = client_for(cast.admin)
    client.post("/cycles", data={"name": "FY2027"})
    typed = _settings(fiscal_start_month=month, named_by=named_by)
    assert client.post("/settings", data=typed).status_code == 303
    days = look(lambda session: session.scalars(select(Cycle.first_day).order_by(Cycle.name)).all())
    assert days == [first, first.replace(year=first.year + 1)]
    assert look(lambda session: session.get(Priority, priority).valid_from) == first  # type: ignore[union-attr]


def test_the_fiscal_year_stays_once_figures_are_recorded(
    client_for: SignedIn, cast: Cast, arrange: Arrange
) -> None:
    def work(session: Session) -> None:
        kpi = KPI(unit_id=cast.unit.id, name="Scrap")
        session.add(kpi)
        session.flush()
        session.add(Reading(period=date(2026, 1, 1), kpi_id=kpi.id, recorded_at=factories.NOW))

    arrange(work)
    answer = client_for(cast.admin).post("/settings", data=_settings(fiscal_start_month="7"))
    assert answer.status_code == 422
    assert 'id="fiscal_start_month-errors"' in answer.text

"""A small company whose figures the tests of grids, KPI pages, bowling charts and lines of sight read and write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.commands.readings import CellWish, save_cells
from hoshin.engine.metrics import KPIClass
from hoshin.engine.verdicts import Direction
from hoshin.model.kpis import KPI
from hoshin.model.people import Person, Role
from hoshin.model.units import Unit
from tests import factories

SignedIn = Callable[[Person], FlaskClient]
BEFORE = factories.NOW.replace(month=1, day=2)


@dataclass
class House:
    """Operations with its people; lead time is linked up to the vision, safety is daily management."""

    head: Person
    staff: Person
    facilitator: Person
    outsider: Person
    unit: Unit
    lead_time: KPI
    safety: KPI
    objective: int
    priority: int


def build(session: Session) -> House:
    """The company in FY2026; today is 20 May, so April is the latest due month."""
    factories.organisation(session, true_north="No customer waits.")
    cycle = factories.cycle(session)
    unit = factories.unit(session)
    head = factories.person(session, "Hedy", Role.HEAD, unit)
    staff = factories.person(session, "Sam", Role.STAFF, unit)
    facilitator = factories.person(session, "Fay", Role.FACILITATOR, unit)
    outsider = factories.person(session, "Otto", Role.STAFF)
    lead_time = factories.kpi(
        session, "Lead time", unit, direction=Direction.AT_MOST, owner_id=staff.id, uom="days", baseline=Decimal(10)
    )
    safety = factories.kpi(
        session, "Accidents", unit, direction=Direction.AT_MOST, owner_id=head.id, kpi_class=KPIClass.FUNDAMENTAL
    )
    objective = factories.objective(session)
    priority = factories.priority(session, unit=unit, cycle=cycle)
    factories.link(session, objective, priority, 9)
    factories.link(session, priority, lead_time, 3)
    return House(head, staff, facilitator, outsider, unit, lead_time, safety, objective.id, priority.id)


def record(session: Session, kpi: KPI, month: int, **figures: int | None) -> None:
    """Figures of one month of 2026, recorded at the beginning of the year."""
    values = {name: None if value is None else Decimal(value) for name, value in figures.items()}
    cell = CellWish(kpi_id=kpi.id, period=date(2026, month, 1), values=values)
    save_cells(session=session, cells=[cell], by=system_actor(name="shell"), at=BEFORE, reason="the plan changed")


def cell(name: str, kpi: KPI, month: int, typed: str, seen: str = "", version: int = 0) -> dict[str, str]:
    """What a browser sends for one input of a grid, with the hidden one beside it."""
    key = f"{name}.{kpi.id}.2026-{month:02}-01"
    return {key: typed, f"seen.{key}": f"{version}|{seen}"}

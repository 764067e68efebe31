"""A small plan as rows: two departments, one of them restricted, with hits, misses, gaps and an amended target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from hoshin.engine.metrics import KPIClass
from hoshin.engine.plans import State
from hoshin.engine.verdicts import Direction
from hoshin.model.cycles import Cycle
from hoshin.model.items import Objective, Priority
from hoshin.model.kpis import KPI, Reading, Revision
from hoshin.model.people import Person, Role
from hoshin.model.units import Unit
from hoshin.queries.units import top_unit
from tests import factories
from tests.factories import NOW

APRIL, MARCH = date(2026, 4, 1), date(2026, 3, 1)
"""At factories.NOW, in May 2026, April is the latest due month and March the one before."""


@dataclass(slots=True)
class Planted:
    """What stands in the plan; see `plant`."""

    top: Unit
    operations: Unit
    secret: Unit
    cycle: Cycle
    objective: Objective
    priority: Priority
    answer: Objective
    hidden: KPI
    kpis: dict[str, KPI]
    executive: Person
    head: Person
    staff: Person
    administrator: Person
    auditor: Person


def plant(session: Session, *, more: int = 0) -> Planted:
    """Northwind with six KPIs in force: of five due in April two hit, two miss, one is silent.

    "Grow" ← "Win back customers" ← the restricted unit's "Build the new line" ← a hidden KPI; `more` adds as many
    further KPIs, each with an action, a priority and two readings, to Operations.
    """
    factories.organisation(session, true_north="Every customer stays.")
    top = top_unit(session=session)
    cycle = factories.cycle(session)
    operations = factories.unit(session, "Operations")
    secret = factories.unit(session, "Laboratory", restricted=True)
    ada = factories.person(session, "Ada Chief", Role.EXECUTIVE, top)
    bo = factories.person(session, "Bo Head", Role.HEAD, operations)
    cy = factories.person(session, "Cy Staff", Role.STAFF, operations)
    admin = factories.person(session, "Di Admin", Role.ADMINISTRATOR, top)
    auditor = factories.person(session, "Ed Auditor", Role.AUDITOR, operations)
    grow = factories.objective(session, "Grow", owner_id=ada.id)
    win = factories.priority(session, "Win back customers", owner_id=ada.id)
    answer = factories.objective(session, "Build the new line", secret)
    factories.link(session, grow, win, 9)
    factories.deployment(session, win, answer)
    kpis = {
        name: _kpi(session, name, unit, cycle, owner, kpi_class)
        for name, unit, owner, kpi_class in (
            ("Repeat orders", operations, bo, KPIClass.BREAKTHROUGH),
            ("Complaints", operations, cy, KPIClass.FUNDAMENTAL),
            ("Lead time", operations, bo, KPIClass.BREAKTHROUGH),
            ("Prototypes", secret, None, KPIClass.BREAKTHROUGH),
            ("Audits done", top, ada, KPIClass.FUNDAMENTAL),
        )
    }
    factories.kpi(session, "A draft", operations, state=State.DRAFT)
    factories.link(session, win, kpis["Repeat orders"], 3)
    factories.link(session, grow, kpis["Lead time"], 1)
    factories.link(session, answer, kpis["Prototypes"], 9)
    _read(session, kpis["Repeat orders"], ("5", "6"), ("5", "5"))
    _read(session, kpis["Complaints"], ("0", "0"), ("0", "3"), Direction.AT_MOST)
    _read(session, kpis["Lead time"], ("5", "4"), ("5", "4"))
    _read(session, kpis["Prototypes"], ("1", "0"), ("1", "1"))
    _read(session, kpis["Audits done"], ("2", "2"), ("2", None))
    for number in range(more):
        _extra(session, number, operations, cycle, grow, bo)
    session.flush()
    return Planted(
        top, operations, secret, cycle, grow, win, answer, kpis["Prototypes"], kpis, ada, bo, cy, admin, auditor
    )


def _kpi(session: Session, name: str, unit: Unit, cycle: Cycle, owner: Person | None, kpi_class: KPIClass) -> KPI:
    return factories.kpi(
        session, name, unit, cycle=cycle, owner_id=owner.id if owner else None, kpi_class=kpi_class,
        direction=Direction.AT_MOST if name == "Complaints" else Direction.AT_LEAST, uom="pieces",
    )  # fmt: skip


def _extra(session: Session, number: int, unit: Unit, cycle: Cycle, grow: Objective, owner: Person) -> None:
    priority = factories.priority(session, f"Priority {number}", unit)
    action = factories.action(session, f"Action {number}", unit, owner_id=owner.id)
    kpi = _kpi(session, f"KPI {number}", unit, cycle, owner, KPIClass.BREAKTHROUGH)
    for upper, lower in ((grow, priority), (priority, action), (action, kpi)):
        factories.link(session, upper, lower)
    _read(session, kpi, ("5", "6"), ("5", "4"))


def _read(
    session: Session,
    kpi: KPI,
    march: tuple[str, str | None],
    april: tuple[str, str | None],
    direction: Direction = Direction.AT_LEAST,
) -> None:
    for period, (target, actual) in ((MARCH, march), (APRIL, april)):
        read(session, kpi, period, target, actual, direction)


def read(
    session: Session,
    kpi: KPI,
    period: date,
    target: str,
    actual: str | None,
    direction: Direction = Direction.AT_LEAST,
) -> None:
    """One reading as it stands, with the revision that tells of it."""
    plan = Decimal(target)
    low, high = (None, plan) if direction is Direction.AT_MOST else (plan, None)
    figures = {
        "kpi_id": kpi.id, "period": period, "target": plan, "actual": Decimal(actual) if actual else None,
        "band_low": low, "band_high": high, "first_low": low, "first_high": high,
    }  # fmt: skip
    session.add(Reading(**figures, recorded_at=NOW))
    session.add(Revision(**figures, recorded_at=NOW, recorded_by="a test", journal_id=0))

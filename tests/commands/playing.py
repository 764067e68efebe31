"""A small company that plays catchball: the top unit, Operations below it and Assembly below that, each with a head."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import catchball, readings
from hoshin.commands.catchball import OfferWish
from hoshin.commands.readings import CellWish
from hoshin.commands.throws import ThrowWish, throw_all
from hoshin.engine.plans import State
from hoshin.engine.verdicts import Direction
from hoshin.model.catchball import Ball
from hoshin.model.cycles import Cycle
from hoshin.model.items import Objective, Priority
from hoshin.model.kpis import KPI
from hoshin.model.links import Deployment
from hoshin.model.people import Person, Role
from hoshin.model.units import Unit
from hoshin.queries.units import top_unit
from tests import factories
from tests.factories import NOW


@dataclass
class Company:
    """The units, their heads and the priority that Operations hands down."""

    cycle: Cycle
    top: Unit
    ops: Unit
    line: Unit
    chief: Person
    opal: Person
    lena: Person
    staff: Person
    objective: Objective
    priority: Priority

    def of(self, session: Session, person: Person) -> Actor:
        """The person's rights."""
        return factories.actor(session, person)


def company(session: Session) -> Company:
    """The company, with nothing thrown yet."""
    factories.organisation(session)
    cycle = factories.cycle(session, catchball=True)
    top = top_unit(session=session)
    ops = factories.unit(session, "Operations")
    line = factories.unit(session, "Assembly", ops)
    chief = factories.person(session, "Cleo", Role.EXECUTIVE, top)
    objective = factories.objective(session, "Deliver on time", ops)
    priority = factories.priority(session, "Halve lead time", ops, cycle=cycle)
    factories.link(session, objective, priority, 9)
    return Company(
        cycle=cycle, top=top, ops=ops, line=line, chief=chief,
        opal=factories.person(session, "Opal", Role.HEAD, ops),
        lena=factories.person(session, "Lena", Role.HEAD, line),
        staff=factories.person(session, "Stan", Role.STAFF, line),
        objective=objective, priority=priority,
    )  # fmt: skip


def thrown(session: Session, firm: Company) -> Ball:
    """The priority in Assembly's hand."""
    wish = ThrowWish(
        unit_id=firm.ops.id, source_ids=[firm.priority.id], unit_ids=[firm.line.id], message="Customers leave"
    )
    return throw_all(session=session, wish=wish, by=firm.of(session, firm.opal), at=NOW)[0]


def answer_of(session: Session, ball: Ball) -> Objective:
    """The objective that answers."""
    deployment = session.get_one(Deployment, ball.deployment_id)
    return session.get_one(Objective, deployment.objective_id)


def write_plan(session: Session, firm: Company, ball: Ball) -> tuple[Priority, KPI]:
    """Assembly's draft of how: a priority and a KPI with a target for May, below its objective."""
    objective = answer_of(session, ball)
    how = factories.priority(session, "One-piece flow", firm.line, cycle=firm.cycle, state=State.DRAFT)
    kpi = factories.kpi(
        session, "Days from order", firm.line, cycle=firm.cycle, state=State.DRAFT, direction=Direction.AT_MOST
    )
    factories.link(session, objective, how, 9)
    factories.link(session, how, kpi, 9)
    plan_target(session, firm, kpi, "10")
    return how, kpi


def plan_target(session: Session, firm: Company, kpi: KPI, target: str) -> None:
    """Assembly's head plans May."""
    cell = CellWish(kpi_id=kpi.id, period=date(2026, 5, 1), values={"target": Decimal(target)})
    readings.save_cells(session=session, cells=[cell], by=firm.of(session, firm.lena), at=NOW, reason="better known")


def wish(session: Session, ball: Ball, **more: object) -> OfferWish:
    """A counter-offer to what lies on the table, with a reason unless another one is given."""
    objective = answer_of(session, ball)
    given = {"number": ball.number, "wording": objective.name, "reason": "two lines are down", **more}
    return OfferWish(**given)  # type: ignore[arg-type] # as OfferWish has them


def agreed(session: Session, firm: Company) -> tuple[Ball, Priority, KPI]:
    """Agreed upon with Assembly's plan: Lena accepts and brings it along, Opal signs."""
    ball = thrown(session, firm)
    how, kpi = write_plan(session, firm, ball)
    catchball.accept(session=session, ball_id=ball.id, number=1, by=firm.of(session, firm.lena), at=NOW)
    catchball.accept(session=session, ball_id=ball.id, number=2, by=firm.of(session, firm.opal), at=NOW)
    return ball, how, kpi


def only_ball(session: Session) -> Ball:
    """The one ball there is."""
    return session.scalars(select(Ball)).one()

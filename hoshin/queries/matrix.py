"""Everything that the sheets of one unit show (X-matrix, tree, linear sheet) in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.engine.checks import Finding
from hoshin.model.cycles import Cycle
from hoshin.model.units import Organisation, Unit
from hoshin.queries.attainment import Attainment, load_unit, today_in
from hoshin.queries.checks import check_today
from hoshin.queries.unit_lists import UnitLine, list_units
from hoshin.queries.unit_plans import UnitPlan, helpers_by_action, load_unit_plan, people_homes
from hoshin.queries.units import get_organisation, get_unit


@dataclass(frozen=True, slots=True)
class MatrixFacts:
    """The unit and its surroundings, its plan of the cycle, attainment at the latest due period, and the check."""

    organisation: Organisation
    unit: Unit
    units: Sequence[UnitLine]
    cycle: Cycle
    plan: UnitPlan
    attainment: Attainment
    findings: Sequence[Finding]
    helpers: Mapping[int, Sequence[int]]
    homes: Mapping[int, int]


def load_matrix(*, session: Session, actor: Actor, unit_id: int, cycle: Cycle, now: datetime) -> MatrixFacts:
    """What the actor may read of the unit's sheet; raises Missing for a unit that is not theirs to read."""
    unit = get_unit(session=session, actor=actor, unit_id=unit_id)
    organisation = get_organisation(session=session)
    plan = load_unit_plan(session=session, actor=actor, unit_id=unit_id, cycle=cycle)
    helpers = helpers_by_action(session=session, action_ids=[one.id for one in plan.actions])
    people = _people(plan, helpers)
    attainment = load_unit(session=session, cycle=cycle, unit_id=unit_id, now=now, busy=people)
    return MatrixFacts(
        organisation=organisation,
        unit=unit,
        units=list_units(session=session),
        cycle=cycle,
        plan=plan,
        attainment=attainment,
        findings=check_today(
            session=session,
            plan=attainment.plan,
            cycle=cycle,
            today=today_in(organisation=organisation, now=now),
            is_part=attainment.known_at is None,
        ),
        helpers=helpers,
        homes=people_homes(session=session, person_ids=people),
    )


def _people(plan: UnitPlan, helpers: Mapping[int, Sequence[int]]) -> frozenset[int]:
    """Everybody who has a part in something on the sheet."""
    found = {one.owner_id for one in plan.items} | {one.owner_id for one in plan.far.values()}
    found |= {one.sponsor_id for one in plan.objectives} | {one.reporter_id for one in plan.kpis}
    found |= {person for supporting in helpers.values() for person in supporting}
    return frozenset(person for person in found if person is not None)

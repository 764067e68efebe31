"""Moving and merging units: no circle under any interleaving, and the past stays as it was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.commands.units_move import merge_unit, move_unit
from hoshin.engine import plans
from hoshin.engine.plans import State
from hoshin.errors import Refused
from hoshin.model.cycles import Cycle, CycleKPI
from hoshin.model.items import Objective, Priority
from hoshin.model.kpis import KPI, Reading
from hoshin.model.links import Correlation
from hoshin.model.units import Unit
from hoshin.queries.plans import load_plan
from hoshin.queries.unit_lists import list_units
from tests import factories
from tests.factories import NOW

BY = system_actor(name="test")
LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize("looked_before", [False, True], ids=["fresh", "units loaded before waiting"])
def test_two_halves_of_a_circle_at_once(engine: Engine, looked_before: bool) -> None:
    """Somebody moves A below B while somebody else moves B below A; the form had shown the tree before."""
    writing = engine.execution_options(hoshin_writes=True)
    with Session(writing) as session:
        factories.organisation(session)
        a, b = factories.unit(session, "A").id, factories.unit(session, "B").id
        session.commit()

    def late() -> None:
        with Session(writing) as second:
            kept = list_units(session=second) if looked_before else []
            move_unit(session=second, unit_id=b, parent_id=a, by=BY, at=NOW)
            second.commit()
            assert kept is not None

    with ThreadPoolExecutor(1) as pool, Session(writing) as first:
        move_unit(session=first, unit_id=a, parent_id=b, by=BY, at=NOW)
        waiting = pool.submit(late)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.4)
        first.commit()
        with pytest.raises(Refused, match="B → A → B"):
            waiting.result(timeout=60)


def _plant(session: Session) -> tuple[Unit, Unit, Cycle]:
    """A unit with an objective, a priority and a KPI that belong together, and another unit."""
    factories.organisation(session)
    old, new = factories.unit(session, "Old"), factories.unit(session, "New")
    cycle = Cycle(name="FY2026", first_day=date(2026, 1, 1), last_day=date(2026, 12, 31))
    session.add(cycle)
    session.flush()
    objective = Objective(unit_id=old.id, name="Zero defects", state=State.ACTIVE)
    priority = Priority(unit_id=old.id, cycle_id=cycle.id, name="Halve scrap", state=State.ACTIVE)
    kpi = KPI(unit_id=old.id, name="Scrap", state=State.ACTIVE)
    session.add_all([objective, priority, kpi])
    session.flush()
    session.add_all(
        [
            Correlation(upper_id=objective.id, lower_id=priority.id, strength=9),
            Correlation(upper_id=priority.id, lower_id=kpi.id, strength=3),
            Reading(period=date(2026, 1, 1), kpi_id=kpi.id, recorded_at=NOW),
            CycleKPI(cycle_id=cycle.id, kpi_id=kpi.id, recorded_at=NOW),
        ]
    )
    session.flush()
    return old, new, cycle


def _structure(plan: plans.Plan) -> tuple[object, ...]:
    return (
        sorted((one.key, one.name, one.parent or 0) for one in plan.units),
        sorted((one.key, one.kind, one.unit, one.name) for one in plan.items),
        sorted((one.upper, one.lower) for one in plan.links),
    )


def test_a_merge_can_be_undone_in_the_mind(session: Session) -> None:
    """What was known before the merge reads as it did, and everything is in the other unit afterwards."""
    old, new, cycle = _plant(session)
    before = _structure(load_plan(session=session, cycle=cycle))
    merge_unit(session=session, unit_id=old.id, into_id=new.id, by=BY, at=LATER)
    session.flush()
    after = load_plan(session=session, cycle=cycle)
    assert {one.unit for one in after.items} == {new.id}
    assert _structure(load_plan(session=session, cycle=cycle, known_at=NOW)) == before
    assert session.scalars(select(Unit.archived_at).where(Unit.id == old.id)).one() == LATER


def test_a_move_can_be_undone_in_the_mind(session: Session) -> None:
    old, new, cycle = _plant(session)
    before = _structure(load_plan(session=session, cycle=cycle))
    move_unit(session=session, unit_id=old.id, parent_id=new.id, by=BY, at=LATER)
    assert _structure(load_plan(session=session, cycle=cycle)) != before
    assert _structure(load_plan(session=session, cycle=cycle, known_at=NOW)) == before

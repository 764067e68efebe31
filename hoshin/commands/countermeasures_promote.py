"""A step of a countermeasure becomes an action on the matrix."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import journal
from hoshin.commands.actions import ActionWish, create_action
from hoshin.commands.countermeasures import hold
from hoshin.commands.links import MEDIUM, CorrelationWish, correlate
from hoshin.errors import Missing, Problem, Refused
from hoshin.model.actions import Action, Status
from hoshin.model.base import TITLE
from hoshin.model.countermeasures import CountermeasureAction
from hoshin.queries.attainment import today_in
from hoshin.queries.cycles import find_cycle_on
from hoshin.queries.units import get_organisation


def promote_step(*, session: Session, countermeasure_id: int, step_id: int, by: Actor, at: datetime) -> Action:
    """Put a step on the matrix of the KPI's unit as a draft action that moves the KPI; the two stay tied.

    The action belongs to the cycle of its due day (today's without one). Raises Refused when the step stands there
    already or there is no such cycle, Forbidden for who may not write the unit's plan.
    """
    answer = hold(session=session, countermeasure_id=countermeasure_id, by=by)
    step = session.get(CountermeasureAction, step_id)
    if step is None or step.countermeasure_id != countermeasure_id:
        raise Missing("there is no such step")
    if step.action_id is not None:
        raise Refused(Problem("this step stands on the matrix already"))
    day = step.due_on or today_in(organisation=get_organisation(session=session), now=at)
    cycle = find_cycle_on(session=session, day=day)
    if cycle is None:
        raise Refused(Problem(f"no cycle that holds {day} has been opened"))
    kpi = answer.kpi
    wish = ActionWish(
        unit_id=kpi.unit_id,
        cycle_id=cycle.id,
        name=step.text[:TITLE],
        description=f"Countermeasure for {kpi.name}: {answer.countermeasure.gap}",
        owner_id=step.owner_id,
        due_on=step.due_on,
        status=Status.DONE if step.done_on else Status.OPEN,
        progress=100 if step.done_on else 0,
    )
    action = create_action(session=session, wish=wish, by=by, at=at)
    link = CorrelationWish(upper_id=action.id, lower_id=kpi.id, strength=MEDIUM, rationale="Countermeasure")
    correlate(session=session, wish=link, by=by, at=at)
    with journal.changing(
        session=session, by=by, at=at, thing=step, verb="promoted", unit=kpi.unit_id, name=step.text[:TITLE]
    ):
        step.action_id = action.id
    return action

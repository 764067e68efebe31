"""Several balls are thrown together: items of one unit's plan, to the units that are to answer, with one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import balls, catchball
from hoshin.commands.catchball import OfferWish
from hoshin.commands.links import AnswerWish, TakeOverWish, answer, deployed_kind, plays_catchball, take_over
from hoshin.engine.catchball import BallState
from hoshin.engine.plans import Kind, State
from hoshin.errors import Problem, Refused
from hoshin.model.catchball import Ball
from hoshin.model.items import Item, Objective
from hoshin.model.links import Deployment
from hoshin.model.units import Unit
from hoshin.queries.catchball import find_ball
from hoshin.queries.items import find_named, get_item
from hoshin.queries.links import find_deployment, list_deployments
from hoshin.queries.units import lock_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrowWish:
    """Which items go to which units, with one message, and what is asked for and offered with each of them."""

    unit_id: int
    source_ids: Sequence[int]
    unit_ids: Sequence[int]
    message: str = ""
    target: str = ""
    resources: str = ""


def throw_all(*, session: Session, wish: ThrowWish, by: Actor, at: datetime) -> list[Ball]:
    """Throw every item to every unit, all or none; where a unit has not taken it over, a draft is written for it."""
    require(actor=by, act=Act.THROW, subject=Subject(unit=wish.unit_id))
    lock_plan(session=session)
    sources = [get_item(session=session, actor=by, item_id=one, kind=Item) for one in wish.source_ids]
    problems = _problems(session, wish, sources)
    if problems:
        raise Refused.because(problems)
    return [_throw(session, wish, source, unit, by, at) for source in sources for unit in wish.unit_ids]


def _problems(session: Session, wish: ThrowWish, sources: Sequence[Item]) -> list[Problem]:
    problems = [] if sources else [Problem("choose at least one", field="source_ids")]
    problems += [] if wish.unit_ids else [Problem("choose at least one unit", field="unit_ids")]
    for source in sources:
        wrong = _wrong_source(session, wish, source)
        problems += [Problem(f"“{source.name}”: {wrong}", field="source_ids")] if wrong else []
    for unit_id in wish.unit_ids:
        unit = session.get(Unit, unit_id)
        if unit is None or unit.archived_at is not None or unit.id == wish.unit_id:
            problems.append(Problem("a ball goes to another unit that is there", field="unit_ids"))
    return problems or _in_play(session, wish, sources)


def _wrong_source(session: Session, wish: ThrowWish, source: Item) -> str:
    if source.unit_id != wish.unit_id:
        return "this stands on another unit’s plan"
    if not plays_catchball(session=session, source=source):
        return "its cycle does not play catchball"
    if source.state is State.ENDED or source.archived_at is not None:
        return "it has ended"
    return "" if source.kind is deployed_kind(session=session, source=source) else "this kind is not handed down"


def _in_play(session: Session, wish: ThrowWish, sources: Sequence[Item]) -> list[Problem]:
    problems = []
    for source in sources:
        for unit_id in wish.unit_ids:
            deployment = _answer_of(session, source, unit_id)
            ball = find_ball(session=session, deployment_id=deployment.id) if deployment else None
            waits = ball is None or ball.state in (BallState.DRAFT, BallState.WITHDRAWN)
            if deployment is not None and not (waits and deployment.state is State.DRAFT):
                name = session.get_one(Unit, unit_id).name
                problems.append(Problem(f"{name} has “{source.name}” already", field="unit_ids"))
    return problems


def _answer_of(session: Session, source: Item, unit_id: int) -> Deployment | None:
    """The unit’s answer to the item that has not ended."""
    for one in list_deployments(session=session, item_ids=[source.id]):
        lasts = one.source_id == source.id and one.state is not State.ENDED
        if lasts and session.get_one(Objective, one.objective_id).unit_id == unit_id:
            return one
    return None


def _throw(session: Session, wish: ThrowWish, source: Item, unit_id: int, by: Actor, at: datetime) -> Ball:
    deployment = _answer_of(session, source, unit_id) or _draft(session, source, unit_id, by, at)
    ball = find_ball(session=session, deployment_id=deployment.id) or balls.new_ball(
        session=session, deployment=deployment, unit=unit_id, name=source.name, by=by, at=at
    )
    objective = session.get_one(Objective, deployment.objective_id)
    offer = OfferWish(
        number=ball.number,
        wording=objective.name,
        rationale=objective.description or source.description,
        target=wish.target,
        valid_from=objective.valid_from or source.valid_from,
        valid_to=objective.valid_to or source.valid_to,
        resources=wish.resources,
        reason=wish.message,
    )
    return catchball.throw(session=session, ball_id=ball.id, wish=offer, by=by, at=at)


def _draft(session: Session, source: Item, unit_id: int, by: Actor, at: datetime) -> Deployment:
    """A draft objective of the other unit, or the one it has by that name; the thrower may do no more there."""
    both = replace(by, is_system=True)
    twin = find_named(session=session, kind=Kind.OBJECTIVE, unit_id=unit_id, name=source.name)
    if isinstance(twin, Objective) and twin.archived_at is None and twin.state is not State.ENDED:
        wish = AnswerWish(source_id=source.id, objective_id=twin.id)
        return answer(session=session, wish=wish, by=both, at=at)
    new = TakeOverWish(source_id=source.id, unit_id=unit_id, description=source.description)
    objective = take_over(session=session, wish=new, by=both, at=at)
    found = find_deployment(session=session, source_id=source.id, objective_id=objective.id)
    if found is None:
        raise Refused(Problem("the answer could not be drafted"))
    return found

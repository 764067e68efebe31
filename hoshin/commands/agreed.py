"""What two sides have signed is not rewritten by one: agreed items are held, and a changed thrown item reopens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands.balls import Play, make_move
from hoshin.engine.catchball import OPEN, BallState, Move, Verb
from hoshin.engine.plans import State
from hoshin.errors import Problem, Refused
from hoshin.model.catchball import Ball
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective
from hoshin.model.links import Deployment
from hoshin.queries.catchball import find_ball, get_ball
from hoshin.queries.packages import Hold, list_agreed_balls, list_holds, snapshot_source

HELD = ("name", "valid_from", "valid_to", "due_on", "direction", "tolerance", "aggregation")
"""The wording, the dates, and what decides a KPI's hits."""

SENTENCE = "both sides agreed on this: reopen it in catchball to change it"
HOW = "both sides agreed on this: reopen its ball in catchball, and offer to {}"


def check_held(*, session: Session, item: Item, wish: object) -> list[Problem]:
    """What the wish changes of an agreed item: each field it has in common with the item that may not change alone."""
    names = (*HELD, "description") if isinstance(item, Objective) else HELD
    changed = [one for one in names if hasattr(wish, one) and getattr(wish, one) != getattr(item, one, None)]
    if not changed or item.id not in list_holds(session=session, unit_ids=[item.unit_id]):
        return []
    return [Problem(SENTENCE, field=one) for one in changed]


def refuse_renaming(*, session: Session, item: Item, name: str) -> None:
    """Raise Refused when an agreed item would get another name."""
    if name != item.name and item.id in list_holds(session=session, unit_ids=[item.unit_id]):
        raise Refused(Problem(SENTENCE, field="name"))


def refuse_ending(*, session: Session, item: Item, by: Actor) -> None:
    """Raise Refused when one side alone would end an item that an agreement holds."""
    if not by.is_system and item.id in list_holds(session=session, unit_ids=[item.unit_id]):
        raise Refused(Problem(HOW.format("end the answer" if isinstance(item, Objective) else "take it out")))


def parting(*, session: Session, upper: Item, lower: Item, by: Actor) -> str:
    """Why one side alone may not take away the link between two items of one agreed package; empty when it may."""
    holds = {} if by.is_system else list_holds(session=session, unit_ids=[upper.unit_id])
    both = {one.ball_id for one in holds.get(upper.id, ())} & {one.ball_id for one in holds.get(lower.id, ())}
    return HOW.format("take the lower one out") if both else ""


def is_held(*, holds: Mapping[int, Sequence[Hold]], item_id: int, day: date) -> bool:
    """Whether an agreement holds the item's figures for the period that begins on that day."""
    return any(one.first <= day <= one.last for one in holds.get(item_id, ()))


def refuse_unagreed(*, session: Session, item: Item) -> None:
    """Raise Refused when an objective waits for an agreement: it comes into force with the second signature."""
    if is_unagreed(session=session, item=item):
        raise Refused(Problem("this is in catchball: it comes into force when both sides have signed"))


def is_unagreed(*, session: Session, item: Item) -> bool:
    """Whether it is an objective that waits for an agreement."""
    return session.scalars(_unagreed().where(Deployment.objective_id == item.id).limit(1)).first() is not None


def unagreed_deployments(*, session: Session, deployment_ids: Iterable[int]) -> frozenset[int]:
    """Those of the deployments that wait for two signatures."""
    return frozenset(session.scalars(_unagreed().where(Deployment.id.in_(list(deployment_ids)))))


def _unagreed() -> Select[int]:
    """The drafted answers whose ball is not agreed, in cycles that play catchball."""
    return (
        select(Deployment.id)
        .join(Ball, Ball.deployment_id == Deployment.id)
        .join(Item, Item.id == Deployment.source_id)
        .join(Cycle, Cycle.id == Item.cycle_id)
        .where(Cycle.catchball, Deployment.state == State.DRAFT, Ball.state != BallState.AGREED)
    )


def refuse_in_play(*, session: Session, deployment: Deployment, objective: Item) -> None:
    """Raise Refused when one side alone would end an answer whose ball is in somebody's hand, or agreed."""
    ball = find_ball(session=session, deployment_id=deployment.id)
    if ball is not None and ball.state in OPEN:
        raise Refused(Problem("its ball is in play: withdraw it, or come to an agreement first"))
    holds = list_holds(session=session, unit_ids=[objective.unit_id])
    if ball is not None and any(one.ball_id == ball.id for one in holds.get(objective.id, ())):
        raise Refused(Problem(HOW.format("end the answer")))


def reopen_changed(*, session: Session, source: Item, by: Actor, at: datetime) -> list[Ball]:
    """The thrown item has changed: every ball that was agreed on its old words is reopened, nothing is overwritten."""
    reopened = []
    for found, offer in list_agreed_balls(session=session, source_id=source.id):
        now = snapshot_source(source=source)
        changed = [word for key, word in CHANGED.items() if key in offer.source and offer.source[key] != now[key]]
        if not changed:
            continue
        ball = get_ball(session=session, ball_id=found.id, lock=True)
        said = f"“{source.name}” has changed since it was agreed: {', '.join(changed)}"
        play = Play(move=Move(Verb.REOPEN, None, reason=said), hand=None, unit=source.unit_id, name=source.name)
        make_move(session=session, ball=ball, play_=play, by=by, at=at)
        reopened.append(ball)
    return reopened


CHANGED = {
    "name": "its wording",
    "description": "its description",
    "from": "its first day",
    "until": "its last day",
    "due": "its due day",
}

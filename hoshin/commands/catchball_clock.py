"""What the clock does with balls that lie: after some days their holder is reminded, after twice as many they go up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import balls, journal
from hoshin.commands.balls import Play
from hoshin.engine.catchball import OPEN, BallState, Move, Side, Verb
from hoshin.engine.hands import Court, people_of
from hoshin.model.catchball import Ball
from hoshin.model.cycles import Cycle, CycleState
from hoshin.model.items import Item
from hoshin.model.links import Deployment
from hoshin.queries.attainment import today_in
from hoshin.queries.catchball import Listed, get_ball, list_balls, load_court
from hoshin.queries.units import get_organisation, lock_plan


@dataclass(frozen=True, slots=True)
class Moved:
    """How many balls were pointed out to their holders, and how many went to the superior."""

    reminded: int
    escalated: int


def remind_and_escalate(*, session: Session, by: Actor, at: datetime) -> Moved:
    """Remind after the organisation's days in one hand, escalate after twice as many; twice in a row changes nothing.

    Where nobody stands above both sides, or catchball has been switched off for the cycle, the ball stays where it is.
    """
    lock_plan(session=session)
    organisation = get_organisation(session=session)
    patience = timedelta(days=organisation.catchball_days)
    waiting = session.scalars(
        select(Ball.id)
        .join(Deployment, Deployment.id == Ball.deployment_id)
        .join(Item, Item.id == Deployment.source_id)
        .join(Cycle, Cycle.id == Item.cycle_id)
        .where(Ball.state.in_(OPEN - {BallState.ESCALATED}), Ball.held_since <= at - patience)
        .where(Cycle.state != CycleState.CLOSED, Cycle.catchball)
    ).all()
    if not waiting:
        return Moved(0, 0)
    court = load_court(session=session, today=today_in(organisation=organisation, now=at))
    listed = [one for one in list_balls(session=session, actor=by) if one.ball.id in set(waiting)]
    escalated = sum(_escalate(session, one, court, patience, by, at) for one in listed)
    reminded = sum(_remind(session, one, patience, by, at) for one in listed)
    return Moved(reminded, escalated)


def _escalate(session: Session, listed: Listed, court: Court, patience: timedelta, by: Actor, at: datetime) -> bool:
    ball = get_ball(session=session, ball_id=listed.ball.id, lock=True)
    lies = at - ball.held_since if ball.held_since else timedelta()
    superior = people_of(court=court, match=listed.match, side=Side.SUPERIOR)
    if ball.state is BallState.ESCALATED or lies < 2 * patience or not superior:
        return False
    move = Move(Verb.ESCALATE, None, reason=f"unanswered for {lies.days} days")
    play = Play(move=move, hand=None, unit=listed.match.catcher, name=listed.source)
    balls.make_move(session=session, ball=ball, play_=play, by=by, at=at)
    return True


def _remind(session: Session, listed: Listed, patience: timedelta, by: Actor, at: datetime) -> bool:
    ball = listed.ball
    if ball.state is BallState.ESCALATED or ball.reminded_at is not None or ball.held_since is None:
        return False
    with journal.changing(
        session=session, by=by, at=at, thing=ball, verb=balls.REMINDED, unit=listed.match.catcher, name=listed.source
    ):
        ball.reminded_at = at
    said = f"in one hand for {(at - ball.held_since).days} days; after {2 * patience.days} it goes to the superior"
    balls.say(session=session, ball=ball, word=balls.REMINDED, text=said, side=None, by=by, at=at)
    return True

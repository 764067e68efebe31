"""Catchball is played: a ball is thrown, returned, accepted, escalated, settled, withdrawn, reopened, spoken about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import balls, closed
from hoshin.commands.agreements import Amendment, amended, put_agreement_in_force
from hoshin.commands.balls import Content, Play
from hoshin.engine.catchball import BallState, Game, Move, Side, Verb
from hoshin.engine.hands import Court, Hand, Match, find_hand, people_of
from hoshin.engine.plans import Kind, State
from hoshin.errors import Problem, Refused
from hoshin.model.base import TITLE
from hoshin.model.catchball import Ball, Offer
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective
from hoshin.model.links import Deployment
from hoshin.queries.attainment import today_in
from hoshin.queries.catchball import find_offer, get_ball, load_court, sponsors_of, subject_of
from hoshin.queries.items import find_named
from hoshin.queries.packages import snapshot_package, snapshot_source
from hoshin.queries.units import get_organisation, lock_plan

OFFERED = ("wording", "rationale", "target", "valid_from", "valid_to", "resources")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWish:
    """What somebody offers, having read the offer called `number`; `to` is where a superior sends the ball.

    `amendments` ask for changes of items that were agreed before.
    """

    number: int
    wording: str
    rationale: str = ""
    target: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    resources: str = ""
    reason: str = ""
    to: Side = Side.CATCHER
    amendments: Sequence[Amendment] = ()


@dataclass(slots=True)
class Table:
    """One ball being played, held until the transaction ends, with all that a move needs to know."""

    session: Session
    by: Actor
    at: datetime
    ball: Ball
    deployment: Deployment
    source: Item
    objective: Objective
    cycle: Cycle
    match: Match
    court: Court

    @classmethod
    def take(cls, session: Session, ball_id: int, by: Actor, at: datetime, act: Act = Act.PLAY_BALL) -> Table:
        """Everything as it stands now; raises Missing or Forbidden for balls that are not the actor's to play."""
        lock_plan(session=session)
        ball = get_ball(session=session, ball_id=ball_id, lock=True)
        deployment = session.get_one(Deployment, ball.deployment_id, populate_existing=True)
        source = session.get_one(Item, deployment.source_id, populate_existing=True)
        objective = session.get_one(Objective, deployment.objective_id, populate_existing=True)
        sponsors = sponsors_of(session=session, source_ids=[source.id]).get(source.id, frozenset())
        match = Match(source.unit_id, objective.unit_id, sponsors)
        require(actor=by, act=act, subject=subject_of(match=match))
        today = today_in(organisation=get_organisation(session=session), now=at)
        court = load_court(session=session, today=today, units=(match.thrower, match.catcher))
        cycle = session.get_one(Cycle, source.cycle_id, populate_existing=True)
        closed.refuse_closed(session=session, cycle_id=cycle.id)
        return cls(session, by, at, ball, deployment, source, objective, cycle, match, court)

    def hand(self, side: Side | None) -> Hand | None:
        """How the actor may play for a side."""
        if side is None or self.by.person is None:
            return None
        return find_hand(court=self.court, match=self.match, side=side, person=self.by.person)

    def choose_side(self, *wanted: Side | None) -> Side:
        """The side the actor plays: the first of those wanted that is hers, else any; Refused when she has none."""
        mine = [one for one in Side if self.hand(one) is not None]
        if not mine:
            raise Refused(Problem("you sign for neither side of this ball: its two units’ heads do, or their deputies"))
        return next((one for one in wanted if one in mine), mine[0])

    def offer(self) -> Offer | None:
        """The offer on the table."""
        return find_offer(session=self.session, ball_id=self.ball.id, number=self.ball.number)

    def move(self, move: Move, content: Content | None = None, word: str = "") -> Game:
        """Make a move of the actor’s."""
        hand = self.hand(move.side)
        unit = self.match.unit(side=move.side) if move.side else self.match.catcher
        people = hand.people if hand else frozenset[int]()
        play = Play(
            move=replace(move, people=people), hand=hand, unit=unit, name=self.source.name, content=content, word=word
        )
        return balls.make_move(session=self.session, ball=self.ball, play_=play, by=self.by, at=self.at)

    def standing(self, content: Content) -> Content:
        """The content with both items’ plans as they stand now."""
        return replace(
            content,
            source=snapshot_source(source=self.source),
            package=snapshot_package(session=self.session, objective=self.objective, cycle=self.cycle),
        )


def throw(*, session: Session, ball_id: int, wish: OfferWish, by: Actor, at: datetime) -> Ball:
    """Throw a drafted or withdrawn ball: what is wanted and why; the answering unit may begin with its own offer."""
    table = Table.take(session, ball_id, by, at)
    _refuse_ended(table)
    side = table.choose_side(Side.THROWER, Side.CATCHER)
    table.move(Move(Verb.THROW, side, number=wish.number, reason=wish.reason), _content(table, wish))
    return table.ball


def accept(*, session: Session, ball_id: int, number: int, by: Actor, at: datetime) -> Ball:
    """Accept the offer called `number` without a word.

    Where the answering unit has written its plan since, its acceptance brings the plan along for the other side to
    sign; the second signature puts everything in force.
    """
    table = Table.take(session, ball_id, by, at)
    side = table.choose_side(table.ball.holder)
    offer = table.offer()
    if offer is not None and number == offer.number and side is table.ball.holder and side is not Side.SUPERIOR:
        changed = _changed(table, offer)
        if changed and side is Side.CATCHER:
            move = Move(Verb.RETURN, side, number=number, counters=False)
            table.move(move, table.standing(_as_before(table, offer)), word=balls.ANSWERED)
            return table.ball
        if changed and table.ball.state is not BallState.REOPENED:
            raise Refused(Problem(f"{changed} since this offer was made: return it, so that both sign the same"))
    game = table.move(Move(Verb.ACCEPT, side, number=number))
    if game.state is BallState.AGREED and offer is not None:
        _refuse_ended(table)
        put_agreement_in_force(
            session=session, deployment=table.deployment, objective=table.objective, offer=offer, by=by, at=at
        )
    return table.ball


def _changed(table: Table, offer: Offer) -> str:
    """What has changed since the offer was made, in words; empty when nothing has."""
    now = table.standing(_as_before(table, offer))
    if now.source != offer.source:
        return "what was thrown has changed"
    return "the plan that answers has changed" if now.package != offer.package else ""


def _as_before(table: Table, offer: Offer) -> Content:
    """The words of the offer once more, with its amendments unless they are carried out already."""
    kept = {name: getattr(offer, name) for name in OFFERED}
    return Content(**kept, changes=[] if offer.number == table.ball.agreed else offer.changes)


def return_ball(*, session: Session, ball_id: int, wish: OfferWish, by: Actor, at: datetime) -> Ball:
    """Return the ball with a counter-offer and the reason for it."""
    table = Table.take(session, ball_id, by, at)
    side = table.choose_side(table.ball.holder)
    table.move(Move(Verb.RETURN, side, number=wish.number, reason=wish.reason), _content(table, wish))
    return table.ball


def record(*, session: Session, ball_id: int, wish: OfferWish, by: Actor, at: datetime) -> Ball:
    """Write down what was agreed in conversation; the other side confirms it by accepting."""
    table = Table.take(session, ball_id, by, at)
    _refuse_ended(table)
    side = table.choose_side(table.ball.holder if table.ball.holder is not Side.SUPERIOR else None)
    table.move(Move(Verb.RECORD, side, number=wish.number, reason=wish.reason), _content(table, wish))
    return table.ball


def settle(*, session: Session, ball_id: int, wish: OfferWish, by: Actor, at: datetime) -> Ball:
    """The superior of both makes an offer; both sides sign it, the one it is sent to first."""
    table = Table.take(session, ball_id, by, at)
    side = table.choose_side(Side.SUPERIOR)
    move = Move(Verb.SETTLE, side, number=wish.number, reason=wish.reason, to=wish.to)
    table.move(move, _content(table, wish))
    return table.ball


def comment(*, session: Session, ball_id: int, text: str, by: Actor, at: datetime) -> Ball:
    """Say something; nothing moves."""
    table = Table.take(session, ball_id, by, at, Act.COMMENT_ON_BALL)
    if not text.strip():
        raise Refused(Problem("a comment says something", field="text"))
    balls.say(
        session=session,
        ball=table.ball,
        word=balls.WORDS[Verb.COMMENT],
        text=text,
        side=_speaks_for(table),
        by=by,
        at=at,
    )
    return table.ball


def _speaks_for(table: Table) -> Side | None:
    """The side of whoever only speaks: the one she plays, else her unit’s."""
    mine = next((one for one in Side if table.hand(one) is not None), None)
    near = table.by.member_of | table.by.facilitates
    return mine or next((one for one in (Side.CATCHER, Side.THROWER) if table.match.unit(side=one) in near), None)


def withdraw(*, session: Session, ball_id: int, reason: str, by: Actor, at: datetime) -> Ball:
    """Take the ball back before it is agreed; of an amendment, what was agreed before stands again."""
    table = Table.take(session, ball_id, by, at)
    side = table.choose_side(table.ball.withdraws)
    table.move(Move(Verb.WITHDRAW, side, reason=reason))
    return table.ball


def escalate(*, session: Session, ball_id: int, reason: str, by: Actor, at: datetime) -> Ball:
    """Ask the superior of both sides, with a reason."""
    table = Table.take(session, ball_id, by, at)
    side = table.choose_side(table.ball.holder, Side.THROWER, Side.CATCHER)
    if side is Side.SUPERIOR and table.ball.state is not BallState.ESCALATED:
        raise Refused(Problem("one of the two sides escalates"))
    refuse_without_superior(court=table.court, match=table.match)
    table.move(Move(Verb.ESCALATE, side, reason=reason))
    return table.ball


def refuse_without_superior(*, court: Court, match: Match) -> None:
    """Raise Refused when nobody stands above both sides."""
    if not people_of(court=court, match=match, side=Side.SUPERIOR):
        said = "nobody stands above both sides: name a sponsor for the objective that this serves"
        raise Refused(Problem(said))


def reopen(*, session: Session, ball_id: int, reason: str, by: Actor, at: datetime) -> Ball:
    """Ask for an amendment of what was agreed; until it is agreed, the agreement before keeps counting."""
    table = Table.take(session, ball_id, by, at)
    _refuse_ended(table)
    side = table.choose_side(Side.THROWER, Side.CATCHER)
    if side is Side.SUPERIOR:
        raise Refused(Problem("one of the two sides reopens what it agreed to"))
    table.move(Move(Verb.REOPEN, side, reason=reason))
    return table.ball


def _refuse_ended(table: Table) -> None:
    if State.ENDED in (table.deployment.state, table.objective.state, table.source.state):
        raise Refused(Problem("one of the two ends is over: there is nothing left to agree upon"))
    if table.objective.archived_at is not None or table.source.archived_at is not None:
        raise Refused(Problem("one of the two ends is archived: restore it first"))


def _content(table: Table, wish: OfferWish) -> Content:
    """What the wish offers, with the plans as they stand; Refused with every problem."""
    problems = _problems(table, wish)
    if problems:
        raise Refused.because(problems)
    kept = {name: getattr(wish, name) for name in OFFERED}
    changes = amended(session=table.session, objective=table.objective, cycle=table.cycle, amendments=wish.amendments)
    return table.standing(Content(**kept, changes=changes))


def _problems(table: Table, wish: OfferWish) -> list[Problem]:
    problems = []
    if not wish.wording.strip():
        problems.append(Problem("say what is offered", field="wording"))
    if len(wish.wording) > TITLE:
        problems.append(Problem(f"at most {TITLE} characters", field="wording"))
    unit = table.objective.unit_id
    twin = find_named(session=table.session, kind=Kind.OBJECTIVE, unit_id=unit, name=wish.wording)
    if twin is not None and twin.id != table.objective.id:
        problems.append(Problem("the answering unit has another objective of that name", field="wording"))
    if wish.valid_from and wish.valid_to and wish.valid_from > wish.valid_to:
        problems.append(Problem("this day lies before the first one", field="valid_to"))
    return problems

"""A ball's rows follow its game: every move writes the ball, what was offered, who signed and what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import journal
from hoshin.engine.catchball import BallState, Game, Move, Refusal, Side, Signed, Verb, play
from hoshin.engine.hands import Hand
from hoshin.errors import Problem, Refused
from hoshin.model.catchball import Ball, Message, Offer, Signature
from hoshin.model.links import Deployment
from hoshin.model.people import Person
from hoshin.queries.catchball import find_ball, find_offer, list_signatures

WORDS = {
    Verb.THROW: "thrown", Verb.ACCEPT: "signed", Verb.RETURN: "returned", Verb.RECORD: "recorded",
    Verb.COMMENT: "commented", Verb.ESCALATE: "escalated", Verb.SETTLE: "settled", Verb.WITHDRAW: "withdrawn",
    Verb.REOPEN: "reopened",
}  # fmt: skip
"""What the thread and the journal say of a move."""

ANSWERED, AGREED, REMINDED = "answered", "agreed", "reminded"
"""An acceptance that brings a plan along, the second signature, and the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is offered: the words, days and means asked for, and the items as they stand; `changes` are amendments."""

    wording: str
    rationale: str = ""
    target: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    resources: str = ""
    source: dict[str, Any] = field(default_factory=dict)
    package: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """A move with everything that its rows need: who plays for whom, in which unit, and what is offered with it.

    `word` is said instead of the move's own; `name` is what the ball is about.
    """

    move: Move
    hand: Hand | None
    unit: int
    name: str
    content: Content | None = None
    word: str = ""


def new_ball(*, session: Session, deployment: Deployment, unit: int, name: str, by: Actor, at: datetime) -> Ball:
    """The ball of a new answer, or of one that had ended and begins again: in nobody's hand yet."""
    found = find_ball(session=session, deployment_id=deployment.id)
    if found is None:
        found = Ball(deployment_id=deployment.id, state=BallState.DRAFT, round=0, number=0, last=0, agreed=0)
        journal.created(session=session, by=by, at=at, thing=found, unit=unit, name=name)
        return found
    with journal.changing(session=session, by=by, at=at, thing=found, verb="begun again", unit=unit, name=name):
        found.state, found.holder, found.held_since, found.withdraws = BallState.DRAFT, None, None, Side.THROWER
        found.number, found.agreed, found.agreed_at, found.round = 0, 0, None, 0
    return found


def game_of(*, session: Session, ball: Ball) -> Game:
    """The ball as the rules see it."""
    offer = find_offer(session=session, ball_id=ball.id, number=ball.number)
    signatures = list_signatures(session=session, offer_ids=[offer.id] if offer else [])
    return Game(
        state=ball.state,
        holder=ball.holder,
        round=ball.round,
        number=ball.number,
        last=ball.last,
        agreed=ball.agreed,
        signed=() if ball.state is BallState.REOPENED else tuple(_signed(one) for one in signatures),
        withdraws=ball.withdraws,
    )


def _signed(one: Signature) -> Signed:
    return Signed(one.side, frozenset(key for key in (one.person_id, one.principal_id) if key is not None))


def make_move(*, session: Session, ball: Ball, play_: Play, by: Actor, at: datetime) -> Game:
    """Make the move and write all its rows; the caller holds the ball. Raises Refused when the rules refuse it."""
    move = play_.move
    found = play(game=game_of(session=session, ball=ball), move=move)
    if isinstance(found, Refusal):
        raise Refused(Problem(found.sentence, field="reason" if found.sentence == "say why" else ""))
    word = AGREED if move.verb is Verb.ACCEPT and found.state is BallState.AGREED else play_.word or WORDS[move.verb]
    if move.verb is not Verb.COMMENT:
        with journal.changing(
            session=session, by=by, at=at, thing=ball, verb=word, unit=play_.unit, name=play_.name, why=move.reason
        ):
            _follow(ball, found, at)
    signer = _signer(session, play_.hand)
    if play_.content is not None:
        _write_offer(session, ball, play_, signer, by, at)
    if move.side in (Side.THROWER, Side.CATCHER) and (play_.content is not None or move.verb is Verb.ACCEPT):
        _sign(session, ball, play_, signer, by, at)
    say(session=session, ball=ball, word=word, text=move.reason, side=move.side, by=by, at=at, on_behalf_of=signer)
    return found


def _follow(ball: Ball, game: Game, at: datetime) -> None:
    moved = (ball.holder, ball.number) != (game.holder, game.number) or ball.state is not game.state
    if moved:
        ball.held_since, ball.reminded_at = (at if game.holder else None), None
    if game.state is BallState.AGREED and (ball.agreed != game.agreed or ball.agreed_at is None):
        ball.agreed_at = at
    if ball.thrown_at is None and game.number:
        ball.thrown_at = at
    ball.state, ball.holder, ball.withdraws = game.state, game.holder, game.withdraws
    ball.round, ball.number, ball.last, ball.agreed = game.round, game.number, game.last, game.agreed


def _signer(session: Session, hand: Hand | None) -> str:
    """The name of whom a deputy stands in for; empty for everybody who plays in her own name."""
    if hand is None or hand.person == hand.principal:
        return ""
    return session.get_one(Person, hand.principal).name


def _write_offer(session: Session, ball: Ball, play_: Play, signer: str, by: Actor, at: datetime) -> None:
    content, move = play_.content, play_.move
    if content is None or move.side is None:
        raise ValueError("an offer is made by a side")
    session.add(
        Offer(
            ball_id=ball.id, number=ball.number, round=ball.round, side=move.side, person_id=by.person,
            person_name=by.name, on_behalf_of=signer, at=at, in_conversation=move.verb is Verb.RECORD,
            wording=content.wording, rationale=content.rationale, target=content.target,
            valid_from=content.valid_from, valid_to=content.valid_to, resources=content.resources,
            reason=move.reason, source=content.source, package=content.package, changes=content.changes,
        )
    )  # fmt: skip
    session.flush()


def _sign(session: Session, ball: Ball, play_: Play, signer: str, by: Actor, at: datetime) -> None:
    offer = find_offer(session=session, ball_id=ball.id, number=ball.number)
    if offer is None or play_.hand is None or play_.move.side is None:
        raise ValueError("somebody signs an offer for a side")
    session.add(
        Signature(
            offer_id=offer.id, side=play_.move.side, person_id=by.person, principal_id=play_.hand.principal,
            person_name=by.name, on_behalf_of=signer, at=at,
        )
    )  # fmt: skip
    session.flush()


def say(
    *,
    session: Session,
    ball: Ball,
    word: str,
    text: str,
    side: Side | None,
    by: Actor,
    at: datetime,
    on_behalf_of: str = "",
) -> Message:
    """The next line of the ball's thread; the caller holds the ball."""
    last = session.scalar(select(func.max(Message.place)).where(Message.ball_id == ball.id)) or 0
    line = Message(
        ball_id=ball.id, place=last + 1, at=at, side=side, person_id=by.person, person_name=by.name,
        on_behalf_of=on_behalf_of, verb=word, round=ball.round, number=ball.number, text=text,
    )  # fmt: skip
    session.add(line)
    session.flush()
    return line

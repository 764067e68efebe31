"""The rules of catchball: one negotiation as a frozen game, each move giving the next game or a refusal in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class BallState(StrEnum):
    """Where a ball is; only what is or was agreed counts."""

    DRAFT = "draft"
    THROWN = "thrown"
    RETURNED = "returned"
    AGREED = "agreed"
    ESCALATED = "escalated"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


class Side(StrEnum):
    """Who plays: the unit whose item is thrown, the unit that answers, and who stands above both."""

    THROWER = "thrower"
    CATCHER = "catcher"
    SUPERIOR = "superior"

    @property
    def other(self) -> Side:
        """The other one of the two sides."""
        return Side.CATCHER if self is Side.THROWER else Side.THROWER


class Verb(StrEnum):
    """What may be done with a ball."""

    THROW = "throw"
    ACCEPT = "accept"
    RETURN = "return"
    RECORD = "record"
    COMMENT = "comment"
    ESCALATE = "escalate"
    SETTLE = "settle"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


OPEN = frozenset({BallState.THROWN, BallState.RETURNED, BallState.ESCALATED, BallState.REOPENED})
"""In somebody's hand."""

SETTLED = {
    BallState.DRAFT: "it has not been thrown yet",
    BallState.AGREED: "it is agreed already: reopen it to change what was agreed",
    BallState.WITHDRAWN: "it was withdrawn",
}


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature on the offer on the table; `people` are who signed and for whom."""

    side: Side
    people: frozenset[int]


@dataclass(frozen=True, slots=True)
class Game:
    """One ball. `number` is the offer on the table (0: none yet), `last` the highest number, `agreed` the agreed one.

    `withdraws` is the side that may take the ball back: the thrower, or whoever reopened what had been agreed.
    """

    state: BallState = BallState.DRAFT
    holder: Side | None = None
    round: int = 0
    number: int = 0
    last: int = 0
    agreed: int = 0
    signed: tuple[Signed, ...] = ()
    withdraws: Side = Side.THROWER


@dataclass(frozen=True, slots=True)
class Move:
    """What somebody wants to do, and the offer they have read; `side` None is the clock, or the change of an item.

    `counters` says that a returned offer asks for something else than the one before, which needs a reason.
    """

    verb: Verb
    side: Side | None
    people: frozenset[int] = frozenset()
    number: int = 0
    reason: str = ""
    counters: bool = True
    to: Side = Side.CATCHER


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a move is not possible."""

    sentence: str


def play(*, game: Game, move: Move) -> Game | Refusal:
    """The game after the move, or why it cannot be made; the game before stays as it was."""
    refused = next((said for rule in _RULES[move.verb] if (said := rule(game, move))), "")
    return Refusal(refused) if refused else _MOVES[move.verb](game, move)


def signs_for_both(*, game: Game, side: Side, people: frozenset[int]) -> bool:
    """Whether one of these people has signed the offer on the table for the other side."""
    return any(one.people & people for one in game.signed if one.side is not side)


# ---------------------------------------------------------------- what refuses a move


def _is_open(game: Game, move: Move) -> str:
    return "" if game.state in OPEN else SETTLED[game.state]


def _has_the_ball(game: Game, move: Move) -> str:
    return "" if move.side is game.holder else "it is not your turn: the ball is in another hand"


def _is_a_party(game: Game, move: Move) -> str:
    return "" if move.side in (Side.THROWER, Side.CATCHER) else "only one of the two sides can do this"


def _has_read_it(game: Game, move: Move) -> str:
    return "" if move.number == game.number else "a newer offer lies on the table: read it first"


def _says_why(game: Game, move: Move) -> str:
    return "" if move.reason.strip() or not move.counters else "say why"


def _offers_something(game: Game, move: Move) -> str:
    nothing = game.state is BallState.REOPENED
    return "say what should change, or withdraw the amendment" if nothing else ""


def _is_somebody_else(game: Game, move: Move) -> str:
    twice = move.side is not None and signs_for_both(game=game, side=move.side, people=move.people)
    return "nobody signs for both sides: the next superior signs for one of them" if twice else ""


def _has_not_signed(game: Game, move: Move) -> str:
    twice = any(one.side is move.side for one in game.signed)
    return "your side has signed this offer already" if twice else ""


def _can_be_thrown(game: Game, move: Move) -> str:
    if game.state is BallState.DRAFT:
        return ""
    if game.state is not BallState.WITHDRAWN:
        return "it has been thrown already"
    return "" if move.side is Side.THROWER else "it was withdrawn: only who threw it can throw it again"


def _can_be_recorded(game: Game, move: Move) -> str:
    return "" if game.state in OPEN or game.state is BallState.DRAFT else SETTLED[game.state]


def _can_be_escalated(game: Game, move: Move) -> str:
    return "it lies with the superior already" if game.state is BallState.ESCALATED else ""


def _is_escalated(game: Game, move: Move) -> str:
    if game.state is not BallState.ESCALATED:
        return "it is between the two sides: nobody has escalated it"
    return "" if move.side is Side.SUPERIOR else "it lies with the superior of both sides"


def _is_agreed(game: Game, move: Move) -> str:
    return "" if game.state is BallState.AGREED else "only what is agreed can be reopened"


def _may_withdraw(game: Game, move: Move) -> str:
    if game.state is not BallState.DRAFT and game.state not in OPEN:
        return SETTLED[game.state]
    return "" if move.side is game.withdraws else "only who threw it can withdraw it"


Rule = Callable[[Game, Move], str]

_RULES: Mapping[Verb, tuple[Rule, ...]] = {
    Verb.THROW: (_is_a_party, _can_be_thrown, _has_read_it),
    Verb.ACCEPT: (_is_open, _has_the_ball, _is_a_party, _has_read_it, _offers_something, _has_not_signed,
                  _is_somebody_else),
    Verb.RETURN: (_is_open, _has_the_ball, _is_a_party, _has_read_it, _says_why),
    Verb.RECORD: (_is_a_party, _can_be_recorded, _has_read_it),
    Verb.COMMENT: (),
    Verb.ESCALATE: (_is_open, _can_be_escalated, _says_why),
    Verb.SETTLE: (_is_escalated, _has_read_it, _says_why),
    Verb.WITHDRAW: (_may_withdraw,),
    Verb.REOPEN: (_is_agreed, _says_why),
}  # fmt: skip


# ---------------------------------------------------------------- what a move does


def _offer(game: Game, move: Move, to: Side, *, round_: int) -> Game:
    """A new offer on the table, signed by who makes it; a superior's is signed by nobody yet."""
    side = move.side
    signed = (Signed(side, move.people),) if side in (Side.THROWER, Side.CATCHER) and side is not None else ()
    return replace(
        game, state=BallState.RETURNED, holder=to, round=round_, number=game.last + 1, last=game.last + 1, signed=signed
    )


def _throw(game: Game, move: Move) -> Game:
    thrown = _offer(game, move, (move.side or Side.THROWER).other, round_=game.round + 1)
    return replace(thrown, state=BallState.THROWN) if move.side is Side.THROWER else thrown


def _accept(game: Game, move: Move) -> Game:
    side = move.side or Side.CATCHER
    signed = (*game.signed, Signed(side, move.people))
    if len(signed) < 2:
        return replace(game, state=BallState.RETURNED, holder=side.other, signed=signed)
    return replace(game, state=BallState.AGREED, holder=None, signed=signed, agreed=game.number, withdraws=Side.THROWER)


def _return(game: Game, move: Move) -> Game:
    """A round is over when the ball leaves the thrower’s hand again."""
    again = move.side is Side.THROWER
    return _offer(game, move, (move.side or Side.CATCHER).other, round_=game.round + again)


def _record(game: Game, move: Move) -> Game:
    return _offer(game, move, (move.side or Side.CATCHER).other, round_=max(game.round, 1))


def _comment(game: Game, move: Move) -> Game:
    return game


def _escalate(game: Game, move: Move) -> Game:
    return replace(game, state=BallState.ESCALATED, holder=Side.SUPERIOR)


def _settle(game: Game, move: Move) -> Game:
    return _offer(game, move, move.to, round_=game.round + 1)


def _withdraw(game: Game, move: Move) -> Game:
    """What had been agreed stands again; what never was is off the table."""
    if game.agreed:
        return replace(game, state=BallState.AGREED, holder=None, number=game.agreed, signed=(), withdraws=Side.THROWER)
    return replace(game, state=BallState.WITHDRAWN, holder=None, signed=())


def _reopen(game: Game, move: Move) -> Game:
    """By a side, which then says what should change; by a changed item, which the answering side then looks at.

    A superior who reopens has it as if it had been escalated: the next move is an offer for both sides.
    """
    return replace(
        game, state=BallState.ESCALATED if move.side is Side.SUPERIOR else BallState.REOPENED,
        holder=move.side or Side.CATCHER, round=game.round + 1, signed=(), withdraws=move.side or Side.THROWER,
    )  # fmt: skip


_MOVES: Mapping[Verb, Callable[[Game, Move], Game]] = {
    Verb.THROW: _throw,
    Verb.ACCEPT: _accept,
    Verb.RETURN: _return,
    Verb.RECORD: _record,
    Verb.COMMENT: _comment,
    Verb.ESCALATE: _escalate,
    Verb.SETTLE: _settle,
    Verb.WITHDRAW: _withdraw,
    Verb.REOPEN: _reopen,
}

"""Catchball: who holds the ball, what each may do with it, and random games against a model of the rules in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings, strategies as st

from hoshin.engine.catchball import OPEN, BallState, Game, Move, Refusal, Side, Verb, play

T, C, S = Side.THROWER, Side.CATCHER, Side.SUPERIOR
ANN, BOB, EVE = frozenset({1}), frozenset({2}), frozenset({3})
PEOPLE = {T: ANN, C: BOB, S: EVE, None: frozenset[int]()}


def after(*moves: Move) -> Game:
    """The game after these moves, none of which may be refused."""
    game = Game()
    for move in moves:
        found = play(game=game, move=move)
        assert isinstance(found, Game), f"{move.verb}: {found.sentence}"
        game = found
    return game


def move(verb: Verb, side: Side | None, number: int = 0, reason: str = "because", **more: object) -> Move:
    """A move by the side's own head."""
    return replace(Move(verb, side, PEOPLE[side], number, reason), **more)  # type: ignore[arg-type] # as Move has them


THROWN = (move(Verb.THROW, T),)
RETURNED = (*THROWN, move(Verb.RETURN, C, 1))
AGREED = (*RETURNED, move(Verb.ACCEPT, T, 2))


def refused(game: Game, wanted: Move) -> str:
    """The sentence that refuses the move."""
    found = play(game=game, move=wanted)
    assert isinstance(found, Refusal), f"{wanted.verb} was possible"
    return found.sentence


def test_a_ball_is_thrown_returned_and_agreed() -> None:
    assert (after(*THROWN).state, after(*THROWN).holder, after(*THROWN).round) == (BallState.THROWN, C, 1)
    assert (after(*RETURNED).state, after(*RETURNED).holder, after(*RETURNED).number) == (BallState.RETURNED, T, 2)
    agreed = after(*AGREED)
    assert (agreed.state, agreed.holder, agreed.agreed) == (BallState.AGREED, None, 2)
    assert {one.side for one in agreed.signed} == {T, C}


def test_accepting_unchanged_needs_no_word() -> None:
    assert after(*THROWN, move(Verb.ACCEPT, C, 1, reason="")).state is BallState.AGREED


def test_a_counter_offer_needs_a_reason_and_an_unchanged_answer_does_not() -> None:
    assert refused(after(*THROWN), move(Verb.RETURN, C, 1, reason="  ")) == "say why"
    assert after(*THROWN, move(Verb.RETURN, C, 1, reason="", counters=False)).holder is T


def test_rounds_are_counted_by_the_balls_that_leave_the_throwers_hand() -> None:
    three = (*RETURNED, move(Verb.RETURN, T, 2), move(Verb.RETURN, C, 3), move(Verb.RETURN, T, 4))
    assert (after(*three).round, after(*three).number) == (3, 5)


@pytest.mark.parametrize(
    ("before", "wanted", "sentence"),
    [
        (THROWN, move(Verb.ACCEPT, T, 1), "it is not your turn"),
        (THROWN, move(Verb.RETURN, S, 1), "it is not your turn"),
        (RETURNED, move(Verb.ACCEPT, T, 1), "a newer offer"),
        (AGREED, move(Verb.ACCEPT, T, 2), "it is agreed already"),
        (THROWN, move(Verb.THROW, T, 1), "thrown already"),
        (THROWN, move(Verb.WITHDRAW, C, 1), "only who threw it"),
        (AGREED, move(Verb.WITHDRAW, T, 2), "it is agreed already"),
        ((), move(Verb.ACCEPT, C, 0), "not been thrown yet"),
        (RETURNED, move(Verb.REOPEN, T, 2), "only what is agreed"),
        (AGREED, move(Verb.REOPEN, T, 2, reason=""), "say why"),
        (RETURNED, move(Verb.SETTLE, S, 2), "nobody has escalated it"),
        (THROWN, move(Verb.RECORD, S, 1), "one of the two sides"),
    ],
)
def test_a_move_out_of_turn_is_refused_with_a_sentence(before: tuple[Move, ...], wanted: Move, sentence: str) -> None:
    assert sentence in refused(after(*before), wanted)


def test_the_same_person_does_not_sign_for_both_sides() -> None:
    both = replace(move(Verb.ACCEPT, C, 1), people=ANN)
    assert "nobody signs for both sides" in refused(after(*THROWN), both)
    assert after(*THROWN, replace(both, people=EVE)).state is BallState.AGREED, "the superior signs for one"


def test_the_superior_offers_and_both_sides_sign() -> None:
    settled = (*THROWN, move(Verb.ESCALATE, T, 1), move(Verb.SETTLE, S, 1, to=C))
    assert after(*THROWN, move(Verb.ESCALATE, None)).holder is S, "by the clock"
    assert (after(*settled).holder, after(*settled).signed) == (C, ())
    once = after(*settled, move(Verb.ACCEPT, C, 2))
    assert (once.state, once.holder) == (BallState.RETURNED, T)
    assert after(*settled, move(Verb.ACCEPT, C, 2), move(Verb.ACCEPT, T, 2)).state is BallState.AGREED


def test_what_was_agreed_in_conversation_is_recorded_by_either_side_and_confirmed_by_the_other() -> None:
    by_thrower = after(*THROWN, move(Verb.RECORD, T, 1, reason=""))
    assert by_thrower.holder is C, "whoever held the ball before"
    assert after(*THROWN, move(Verb.RECORD, T, 1), move(Verb.ACCEPT, C, 2)).agreed == 2


def test_an_amendment_leaves_what_was_agreed_until_it_is_agreed_itself() -> None:
    reopened = (*AGREED, move(Verb.REOPEN, C, 2))
    assert (after(*reopened).state, after(*reopened).holder, after(*reopened).agreed) == (BallState.REOPENED, C, 2)
    assert "say what should change" in refused(after(*reopened), move(Verb.ACCEPT, C, 2))
    assert "only who threw" in refused(after(*reopened), move(Verb.WITHDRAW, T))
    back = after(*reopened, move(Verb.RETURN, C, 2), move(Verb.WITHDRAW, C))
    assert (back.state, back.number, back.agreed, back.last) == (BallState.AGREED, 2, 2, 3)
    assert after(*reopened, move(Verb.RETURN, C, 2), move(Verb.ACCEPT, T, 3)).agreed == 3


def test_a_changed_item_reopens_the_ball_in_the_hand_of_who_answers_it() -> None:
    assert after(*AGREED, move(Verb.REOPEN, None)).holder is C


def test_a_withdrawn_ball_can_be_thrown_again_by_who_threw_it() -> None:
    withdrawn = (*RETURNED, move(Verb.WITHDRAW, T))
    assert after(*withdrawn).state is BallState.WITHDRAWN
    assert "only who threw it" in refused(after(*withdrawn), move(Verb.THROW, C, 2))
    assert after(*withdrawn, move(Verb.THROW, T, 2)).number == 3


def test_a_superior_who_reopens_can_settle_it() -> None:
    reopened = after(*AGREED, move(Verb.REOPEN, S, 2, "the budget has changed"))
    assert (reopened.state, reopened.holder, reopened.agreed) == (BallState.ESCALATED, S, 2)
    settled = play(game=reopened, move=move(Verb.SETTLE, S, 2, "two thirds of it"))
    assert isinstance(settled, Game)
    assert (settled.number, settled.holder, settled.agreed) == (3, C, 2)


# ---------------------------------------------------------------- random games


@dataclass
class Model:
    """The rules once more, as somebody would keep them on a sheet of paper."""

    with_whom: str = "nobody"
    signatures: dict[int, dict[Side, int]] = field(default_factory=dict)
    table: int = 0
    offers: int = 0
    agreed: int = 0
    taker: Side = T
    over: str = "draft"

    def may(self, wanted: Move) -> bool:
        """Whether the sheet allows the move."""
        in_play = self.with_whom != "nobody"
        reads = wanted.number == self.table
        mine = wanted.side is not None and self.with_whom == wanted.side.value
        party = wanted.side in (T, C)
        why = bool(wanted.reason)
        match wanted.verb:
            case Verb.THROW:
                again = self.over == "withdrawn" and wanted.side is T
                return party and reads and not in_play and (self.over == "draft" or again)
            case Verb.ACCEPT:
                signed = self.signatures.get(self.table, {})
                clash = any(person in wanted.people for side, person in signed.items() if side is not wanted.side)
                return (
                    in_play
                    and mine
                    and party
                    and reads
                    and not clash
                    and self.over != "reopened"
                    and (wanted.side not in signed)
                )
            case Verb.RETURN:
                return in_play and mine and party and reads and (why or not wanted.counters)
            case Verb.RECORD:
                return party and reads and (in_play or self.over == "draft")
            case Verb.ESCALATE:
                return in_play and self.with_whom != "superior" and (why or not wanted.counters)
            case Verb.SETTLE:
                return self.with_whom == "superior" and mine and reads and (why or not wanted.counters)
            case Verb.WITHDRAW:
                return (in_play or self.over == "draft") and wanted.side is self.taker
            case Verb.REOPEN:
                return self.over == "agreed" and not in_play and (why or not wanted.counters)
        return True

    def do(self, wanted: Move) -> None:
        """Write the move on the sheet."""
        side = wanted.side
        match wanted.verb:
            case Verb.THROW | Verb.RETURN | Verb.RECORD | Verb.SETTLE:
                self.offers += 1
                self.table = self.offers
                signs = side in (T, C) and side is not None
                self.signatures[self.table] = {side: min(wanted.people)} if signs and side else {}
                receiver = wanted.to if wanted.verb is Verb.SETTLE else C if side is T else T
                self.with_whom, self.over = receiver.value, "open"
            case Verb.ACCEPT:
                assert side is not None
                self.signatures[self.table][side] = min(wanted.people)
                if set(self.signatures[self.table]) == {T, C}:
                    self.with_whom, self.over, self.agreed, self.taker = "nobody", "agreed", self.table, T
                else:
                    self.with_whom = (C if side is T else T).value
            case Verb.ESCALATE:
                self.with_whom, self.over = "superior", "open"
            case Verb.WITHDRAW:
                self.with_whom, self.over = "nobody", "agreed" if self.agreed else "withdrawn"
                self.table, self.taker = self.agreed or self.table, T
            case Verb.REOPEN:
                self.with_whom, self.over, self.taker = (side or C).value, "reopened", side or T


moves = st.builds(
    Move,
    verb=st.sampled_from(Verb),
    side=st.sampled_from([T, C, S]),
    people=st.sampled_from([ANN, BOB, EVE]),
    number=st.integers(0, 6),
    reason=st.sampled_from(["", "because"]),
    counters=st.booleans(),
    to=st.sampled_from([T, C]),
)


@given(st.lists(st.tuples(moves, st.booleans()), max_size=25))
@settings(max_examples=400, deadline=None)
def test_a_random_game_goes_as_the_sheet_says(wanted: list[tuple[Move, bool]]) -> None:
    """Half of the moves are made by somebody who has read the newest offer; the others may be late."""
    game, model = Game(), Model()
    for one, has_read in wanted:
        tried = replace(one, number=game.number) if has_read else one
        found = play(game=game, move=tried)
        assert isinstance(found, Game) == model.may(tried), f"{tried} on {game}: {found}"
        if isinstance(found, Game):
            model.do(tried)
            game = found
        _holds(game, model)


def _holds(game: Game, model: Model) -> None:
    assert (game.holder is not None) == (game.state in OPEN), "a ball in play is in exactly one hand"
    assert (game.holder.value if game.holder else "nobody") == model.with_whom
    assert (game.number, game.last, game.agreed) == (model.table, model.offers, model.agreed)
    if game.state is BallState.AGREED:
        signed = model.signatures[game.number]
        assert set(signed) == {T, C}
        assert signed[T] != signed[C], "two people have signed the same offer"

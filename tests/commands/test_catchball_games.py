"""Random games of catchball played through the commands: heads change, offers are stale, the sheet of rules holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.commands import catchball
from hoshin.commands.balls import game_of
from hoshin.db import make_engine
from hoshin.engine.catchball import BallState, Move, Side, Verb
from hoshin.engine.plans import State
from hoshin.errors import HoshinError
from hoshin.model.catchball import Ball, Message, Offer, Signature
from hoshin.model.links import Deployment
from hoshin.model.people import Grant, Person, Role
from tests import factories
from tests.commands import playing
from tests.commands.playing import Company
from tests.engine.test_catchball import Model
from tests.factories import NOW

SIDES = {"ops": Side.THROWER, "line": Side.CATCHER, "top": Side.SUPERIOR}
VERBS = tuple(one for one in Verb if one not in (Verb.THROW, Verb.COMMENT))


@dataclass(frozen=True)
class Step:
    """Somebody tries a move, or another person becomes the head of a unit; without a seat, who holds the ball."""

    verb: Verb | None
    seat: str
    second: bool
    is_stale: bool
    reason: str


steps = st.builds(
    Step,
    verb=st.sampled_from((*VERBS, Verb.ACCEPT, Verb.RETURN, None)),
    seat=st.sampled_from((*SIDES, "", "", "", "")),
    second=st.sampled_from((False, False, False, True)),
    is_stale=st.sampled_from((False, False, False, True)),
    reason=st.sampled_from(("because", "because", "")),
)


class Room:
    """One game: two people for each seat, of whom one sits in it, the ball, and the sheet of paper."""

    def __init__(self, session: Session, firm: Company, people: dict[str, tuple[Person, Person]]) -> None:
        self.session, self.firm, self.people = session, firm, people
        self.sitting = dict.fromkeys(people, 0)
        self.ball = playing.thrown(session, firm)
        self.sheet = Model()
        self.sheet.do(Move(Verb.THROW, Side.THROWER, frozenset({people["ops"][0].id})))

    def change(self, seat: str) -> None:
        """The other one becomes the head."""
        before = self.people[seat][self.sitting[seat]]
        self.sitting[seat] = 1 - self.sitting[seat]
        after = self.people[seat][self.sitting[seat]]
        grant = self.session.scalars(select(Grant).where(Grant.person_id == before.id)).one()
        grant.person_id = after.id
        self.session.flush()

    def tried(self, step: Step) -> None:
        """The move, by whoever sits there or sat there; the commands and the sheet say the same of it."""
        holder = next((seat for seat, side in SIDES.items() if side is self.ball.holder), "line")
        seat = step.seat or holder
        if step.verb is None:
            self.change(seat)
            return
        place = self.sitting[seat] if not step.second else 1 - self.sitting[seat]
        who, side = self.people[seat][place], SIDES[seat]
        number = self.ball.number - step.is_stale
        move = Move(step.verb, side, frozenset({who.id}), number, step.reason)
        allowed = not step.second and self.sheet.may(move) and not (_is_the_sides(step.verb) and side is Side.SUPERIOR)
        before = game_of(session=self.session, ball=self.ball)
        try:
            with self.session.begin_nested():
                self._play(step.verb, who, number, step.reason)
            done = True
        except HoshinError:
            done = False
            self.session.refresh(self.ball)
            assert game_of(session=self.session, ball=self.ball) == before, "a refusal changes nothing"
        assert done == allowed, f"{step} on {before}"
        if done:
            self.sheet.do(move)

    def _play(self, verb: Verb, who: Person, number: int, reason: str) -> None:
        known: dict[str, Any] = {
            "session": self.session, "ball_id": self.ball.id, "by": self.firm.of(self.session, who), "at": NOW,
        }  # fmt: skip
        if verb is Verb.ACCEPT:
            catchball.accept(**known, number=number)
        elif verb in (Verb.RETURN, Verb.RECORD, Verb.SETTLE):
            wish = playing.wish(self.session, self.ball, number=number, reason=reason, target=f"{number}")
            play = {Verb.RETURN: catchball.return_ball, Verb.RECORD: catchball.record, Verb.SETTLE: catchball.settle}
            play[verb](**known, wish=wish)
        else:
            move = {
                Verb.ESCALATE: catchball.escalate, Verb.WITHDRAW: catchball.withdraw, Verb.REOPEN: catchball.reopen,
            }[verb]  # fmt: skip
            move(**known, reason=reason)

    def check(self) -> None:
        """What is kept is what the sheet says, and it is one history."""
        ball = self.ball
        assert (ball.holder.value if ball.holder else "nobody") == self.sheet.with_whom
        assert (ball.number, ball.last, ball.agreed) == (self.sheet.table, self.sheet.offers, self.sheet.agreed)
        places = self.session.scalars(select(Message.place).where(Message.ball_id == ball.id)).all()
        assert sorted(places) == list(range(1, len(places) + 1))
        deployment = self.session.get_one(Deployment, ball.deployment_id)
        assert (deployment.state is State.ACTIVE) == bool(ball.agreed), "only what both have signed counts"
        if ball.state is BallState.AGREED:
            signed = select(Signature.person_id).join(Offer, Offer.id == Signature.offer_id)
            people = self.session.scalars(signed.where(Offer.ball_id == ball.id, Offer.number == ball.agreed)).all()
            assert len(people) == len(set(people)) == 2, "two people signed the same offer"


def _is_the_sides(verb: Verb) -> bool:
    return verb in (Verb.ESCALATE, Verb.REOPEN)


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    """The rules are no database's: once is enough."""
    engine = make_engine(url=sqlite_url)
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        yield session
    engine.dispose()


def test_random_games_through_the_commands_go_as_the_sheet_says(session: Session) -> None:
    """Each game is played in a savepoint of its own."""
    firm = playing.company(session)
    people = {
        "ops": (firm.opal, factories.person(session, "Olga", Role.STAFF, firm.ops)),
        "line": (firm.lena, factories.person(session, "Nora", Role.STAFF, firm.line)),
        "top": (firm.chief, factories.person(session, "Carl", Role.STAFF, firm.top)),
    }
    for _, other in people.values():  # who sits in no seat has no rights there
        grant = session.scalars(select(Grant).where(Grant.person_id == other.id)).one()
        session.delete(grant)
    session.flush()

    reached = set[BallState]()

    @given(st.lists(steps, min_size=4, max_size=14))
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    def play(wanted: list[Step]) -> None:
        outer = session.begin_nested()
        room = Room(session, firm, people)
        for step in wanted:
            room.tried(step)
            room.check()
            reached.add(room.ball.state)
        outer.rollback()
        session.expire_all()

    play()
    assert reached >= {BallState.AGREED, BallState.ESCALATED, BallState.RETURNED}, "no dull games"
    assert session.scalars(select(Ball)).all() == []

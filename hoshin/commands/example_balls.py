"""The example plays catchball this year: a few balls in play on the day it is loaded, each moved by somebody named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import catchball, journal
from hoshin.commands.catchball import OfferWish
from hoshin.commands.example_wish import ExampleMove
from hoshin.commands.throws import ThrowWish, throw_all
from hoshin.engine.catchball import Verb
from hoshin.model.catchball import Ball, Offer
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.people import Person
from hoshin.model.units import Unit
from hoshin.queries.attainment import today_in
from hoshin.queries.people import load_actor
from hoshin.queries.units import get_organisation


@dataclass(slots=True)
class Balls:
    """Plays the moves in their order; the balls are known by what was thrown and where to."""

    session: Session
    items: Mapping[str, Item]
    units: Mapping[str, Unit]
    people: Mapping[str, Person]
    now: datetime

    def play(self, *, moves: Sequence[ExampleMove], cycle: Cycle, by: Actor) -> None:
        """All of them, each on its day before now and by its person; the cycle plays catchball from now on."""
        ordered = sorted(moves, key=lambda one: -one.days)
        begun = self._at(max((one.days for one in ordered), default=0))
        with journal.changing(session=self.session, by=by, at=begun, thing=cycle):
            cycle.catchball = True
        known: dict[tuple[str, str], Ball] = {}
        for one in ordered:
            self._move(one, known)

    def _at(self, days: int) -> datetime:
        return self.now - timedelta(days=days)

    def _move(self, one: ExampleMove, known: dict[tuple[str, str], Ball]) -> None:
        at, key = self._at(one.days), (one.source, one.unit)
        by = self._actor(one.who, at)
        if one.move is Verb.THROW:
            known[key] = self._throw(one, by, at)
            return
        ball = known[key].id
        if one.move is Verb.RETURN:
            catchball.return_ball(session=self.session, ball_id=ball, wish=self._offer(known[key], one), by=by, at=at)
        elif one.move is Verb.ACCEPT:
            number = known[key].number
            catchball.accept(session=self.session, ball_id=ball, number=number, by=by, at=at)
        elif one.move is Verb.COMMENT:
            catchball.comment(session=self.session, ball_id=ball, text=one.text, by=by, at=at)
        elif one.move is Verb.ESCALATE:
            catchball.escalate(session=self.session, ball_id=ball, reason=one.text, by=by, at=at)
        elif one.move is Verb.WITHDRAW:
            catchball.withdraw(session=self.session, ball_id=ball, reason=one.text, by=by, at=at)

    def _actor(self, email: str, at: datetime) -> Actor:
        today = today_in(organisation=get_organisation(session=self.session), now=at)
        return load_actor(session=self.session, person=self.people[email], today=today)

    def _throw(self, one: ExampleMove, by: Actor, at: datetime) -> Ball:
        source = self.items[one.source]
        wish = ThrowWish(
            unit_id=source.unit_id, source_ids=[source.id], unit_ids=[self.units[one.unit].id], message=one.text,
            target=one.target, resources=one.resources,
        )  # fmt: skip
        return throw_all(session=self.session, wish=wish, by=by, at=at)[0]

    def _offer(self, ball: Ball, one: ExampleMove) -> OfferWish:
        """What lies on the table, with another target and other means."""
        offer = self.session.scalars(select(Offer).where(Offer.ball_id == ball.id, Offer.number == ball.number)).one()
        return OfferWish(
            number=ball.number, wording=offer.wording, rationale=offer.rationale, target=one.target,
            valid_from=offer.valid_from, valid_to=offer.valid_to, resources=one.resources, reason=one.text,
        )  # fmt: skip

"""Everything that the page of one ball rests on, read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.engine.catchball import Side
from hoshin.engine.hands import Court, find_hand
from hoshin.model.catchball import Message, Offer, Signature
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective
from hoshin.queries.catchball import (
    Listed,
    list_messages,
    list_offers,
    list_signatures,
    load_court,
    load_listed,
    subject_of,
)
from hoshin.queries.packages import snapshot_package, snapshot_source


@dataclass(frozen=True, slots=True)
class BallView:
    """A ball with its offers, signatures and thread, and what its two ends look like now."""

    listed: Listed
    source: Item
    objective: Objective
    cycle: Cycle
    court: Court
    offers: Sequence[Offer]
    signatures: Sequence[Signature]
    messages: Sequence[Message]
    source_now: dict[str, Any]
    package_now: list[dict[str, Any]]

    def offer(self, *, number: int) -> Offer | None:
        """One of the offers, or None."""
        return next((one for one in self.offers if one.number == number), None)

    def signatures_on(self, *, offer: Offer | None) -> list[Signature]:
        """Who has signed it."""
        return [one for one in self.signatures if offer is not None and one.offer_id == offer.id]

    def sides_of(self, *, actor: Actor) -> list[Side]:
        """The sides that the actor may play."""
        if actor.person is None:
            return []
        match = self.listed.match
        return [
            side
            for side in Side
            if find_hand(court=self.court, match=match, side=side, person=actor.person) is not None
        ]


def load_ball(*, session: Session, actor: Actor, ball_id: int, today: date) -> BallView:
    """The ball, when the actor may read it; raises Missing otherwise."""
    listed = load_listed(session=session, ball_id=ball_id)
    require(actor=actor, act=Act.READ_BALL, subject=subject_of(match=listed.match))
    source = session.get_one(Item, listed.source_id)
    objective = session.get_one(Objective, listed.objective_id)
    cycle = session.get_one(Cycle, source.cycle_id)
    offers = list_offers(session=session, ball_id=ball_id)
    return BallView(
        listed=listed,
        source=source,
        objective=objective,
        cycle=cycle,
        court=load_court(session=session, today=today, units=(listed.match.thrower, listed.match.catcher)),
        offers=offers,
        signatures=list_signatures(session=session, offer_ids=[one.id for one in offers]),
        messages=list_messages(session=session, ball_id=ball_id),
        source_now=snapshot_source(source=source),
        package_now=snapshot_package(session=session, objective=objective, cycle=cycle),
    )

"""The resources that the example's leaders promised for its objectives: given, still owed, or taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import promises
from hoshin.commands.example_wish import ExamplePromise
from hoshin.commands.promises import PromiseWish
from hoshin.model.items import Item
from hoshin.model.people import Person
from hoshin.queries.attainment import today_in
from hoshin.queries.units import get_organisation


@dataclass(slots=True)
class Promises:
    """Lets each be made and kept on its day before now."""

    session: Session
    items: Mapping[str, Item]
    people: Mapping[str, Person]
    now: datetime

    def keep(self, *, wishes: Sequence[ExamplePromise], by: Actor) -> None:
        """All of them."""
        organisation = get_organisation(session=self.session)
        today = today_in(organisation=organisation, now=self.now)
        for one in wishes:
            at = self.now - timedelta(days=one.days)
            wish = PromiseWish(
                text=one.text, person_id=self.people[one.who].id,
                promised_on=today_in(organisation=organisation, now=at), due_on=today - timedelta(days=one.due_days),
            )  # fmt: skip
            item = self.items[one.objective].id
            made = promises.promise(session=self.session, objective_id=item, wish=wish, by=by, at=at)
            if one.given_days is not None:
                given = self.now - timedelta(days=one.given_days)
                promises.give(session=self.session, promise_id=made.id, version=made.version, by=by, at=given)
            elif one.withdrawn:
                promises.withdraw(
                    session=self.session, promise_id=made.id, reason=one.withdrawn, version=made.version, by=by,
                    at=self.now - timedelta(days=max(one.due_days, 1)),
                )  # fmt: skip

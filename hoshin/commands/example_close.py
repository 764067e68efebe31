"""The example's last year is closed in January: each item with its word and its reason, as the heads have said it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import bulk, journal
from hoshin.commands.example_wish import ExampleClosing
from hoshin.engine.closing import Fate, TargetRule
from hoshin.engine.plans import State
from hoshin.model.closing import ClosingChoice
from hoshin.model.cycles import Cycle, CycleState
from hoshin.model.items import Item
from hoshin.model.people import Person
from hoshin.queries.closing import list_to_decide

CLOSED_AFTER = timedelta(days=25)
"""How long after its last day the year is closed: its last figures are due and locked by then."""
BEFORE = timedelta(days=3)
"""How long before the last yes the heads gave their words."""


@dataclass(frozen=True, slots=True)
class Close:
    """What the close of last year needs to know of what has been loaded."""

    session: Session
    items: Mapping[str, Item]
    people: Mapping[str, Person]

    def close(self, *, cycle: Cycle, wishes: Sequence[ExampleClosing], by: Actor, at: datetime) -> None:
        """Give every item its word, and close the cycle; what goes on stands on this year's plan already."""
        said = {one.key: one for one in wishes}
        keys = {item.id: key for key, item in self.items.items()}
        found = list_to_decide(session=self.session, cycle=cycle)
        chosen = [(item, said.get(keys.get(item.id, "")) or said[item.kind.value]) for item in found]
        rows = [self._row(cycle, item, wish, at - BEFORE) for item, wish in chosen]
        names = {item.id: item for item in found}
        bulk.add_rows(
            session=self.session, rows=rows, by=by, at=at - BEFORE, unit=lambda one: names[one.item_id].unit_id,
            name=lambda one: names[one.item_id].name,
        )  # fmt: skip
        for item, wish in chosen:
            if wish.fate is Fate.END:
                self._end(item, wish, by, at)
        with journal.changing(session=self.session, by=by, at=at, thing=cycle, verb="closed"):
            cycle.state, cycle.closed_at, cycle.closed_by = CycleState.CLOSED, at, by.name

    def _row(self, cycle: Cycle, item: Item, wish: ExampleClosing, at: datetime) -> ClosingChoice:
        became = self.items.get(wish.goes_on)
        lives_on = item.id if item.cycle_id is None and wish.fate is not Fate.END else None
        owner = self.session.get(Person, item.owner_id) if item.owner_id is not None else None
        who = self.people.get(wish.who) or owner
        return ClosingChoice(
            cycle_id=cycle.id, item_id=item.id, fate=wish.fate, reason=wish.reason,
            wording=became.name if became is not None else "", targets=TargetRule.EMPTY, chosen_at=at,
            chosen_by=who.name if who is not None else "", carried_id=became.id if became is not None else lives_on,
        )  # fmt: skip

    def _end(self, item: Item, wish: ExampleClosing, by: Actor, at: datetime) -> None:
        with journal.changing(session=self.session, by=by, at=at, thing=item, verb="ended", why=wish.reason):
            item.state, item.end_reason = State.ENDED, wish.reason

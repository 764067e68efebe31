"""The example has amendments that wait: its people propose other targets than agreed to the level above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from hoshin.commands.example_wish import ExampleProposal
from hoshin.commands.proposals import ProposalWish, propose
from hoshin.commands.readings import CellWish
from hoshin.engine.calendars import CycleSpan
from hoshin.model.items import Item
from hoshin.model.people import Person
from hoshin.queries.kpis import list_readings
from hoshin.queries.people import load_actor


@dataclass(slots=True)
class Proposals:
    """Puts each of them, by its person and on its day before now."""

    session: Session
    items: Mapping[str, Item]
    people: Mapping[str, Person]
    now: datetime
    year: CycleSpan
    today: date

    def propose(self, *, wishes: Sequence[ExampleProposal]) -> None:
        """All of them; in the last days of a year there is no later month left to amend."""
        for one in wishes:
            at = self.now - timedelta(days=one.days)
            if at.date() <= self.year.first:  # nobody can amend what had not been planned yet
                at = self.now
            cells = self._cells(one)
            if cells:
                by = load_actor(session=self.session, person=self.people[one.who], today=self.today)
                wish = ProposalWish(cells=cells, reason=one.reason)
                propose(session=self.session, wish=wish, by=by, at=at)

    def _cells(self, one: ExampleProposal) -> list[CellWish]:
        kpi = self.items[one.kpi].id
        later = list_readings(session=self.session, kpi_ids=[kpi], first=self.today, last=self.year.last)
        return [
            CellWish(kpi_id=kpi, period=reading.period, values={"target": one.target})
            for reading in later
            if reading.target is not None
        ]

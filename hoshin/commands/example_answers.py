"""The example answers its misses: countermeasures opened by its figures, written by their owners, some closed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import countermeasures as commands
from hoshin.commands.countermeasures import CauseWish, CloseWish, SheetWish, ShortWish, StepWish
from hoshin.commands.countermeasures_open import THE_FIGURES, open_due
from hoshin.commands.example_wish import ExampleCountermeasure
from hoshin.engine.misses import Occasion, may_close
from hoshin.model.countermeasures import Countermeasure, Worked
from hoshin.model.items import Item
from hoshin.model.kpis import KPI
from hoshin.model.people import Person
from hoshin.queries.attainment import today_in
from hoshin.queries.countermeasures import list_of_kpis, list_watched
from hoshin.queries.people import load_actor
from hoshin.queries.units import get_organisation

ASKED = (180, 90, 30, 0)
"""How many days before now the figures were asked for misses."""
WRITTEN = timedelta(days=4)
"""How long after that an answer was written."""
LOOKED_AT = timedelta(days=2)
"""How long before now it was looked at which may be closed."""


BACK = "Back on plan, two periods in a row, before anything was written down"


@dataclass(slots=True)
class Answers:
    """Lets the figures ask, and people answer and close."""

    session: Session
    items: Mapping[str, Item]
    people: Mapping[str, Person]
    now: datetime

    def give(self, *, wishes: Sequence[ExampleCountermeasure]) -> None:
        """All of it, in the order of the days."""
        for days in ASKED:
            at = self.now - timedelta(days=days)
            if not days:
                self._close(wishes)
            open_due(session=self.session, by=THE_FIGURES, at=at)
            for one, found in self._asked(wishes):
                if not found.is_written and days:
                    self._write(one, found, at + WRITTEN)

    def _asked(self, wishes: Sequence[ExampleCountermeasure]) -> list[tuple[ExampleCountermeasure, Countermeasure]]:
        """The open answers to misses that somebody has words for."""
        by_kpi = {self.items[one.kpi].id: one for one in wishes}
        found = list_of_kpis(session=self.session, kpi_ids=list(by_kpi))
        return [(by_kpi[one.kpi_id], one) for one in found if one.is_open and one.occasion is Occasion.MISS]

    def _write(self, one: ExampleCountermeasure, found: Countermeasure, at: datetime) -> None:
        by = self._owner(found.kpi_id, at)
        day = at.date()
        short = ShortWish(
            gap=found.gap, cause=one.cause, action=one.action, doer_id=self.people[one.doer].id,
            due_on=day + timedelta(days=one.days), owner_id=found.owner_id, version=found.version,
        )  # fmt: skip
        commands.write_short(session=self.session, countermeasure_id=found.id, wish=short, by=by, at=at)
        if one.causes:
            self._write_a3(one, found, by, at)

    def _write_a3(self, one: ExampleCountermeasure, found: Countermeasure, by: Actor, at: datetime) -> None:
        causes = [CauseWish(text=text, share=share) for text, share in one.causes]
        commands.put_causes(
            session=self.session, countermeasure_id=found.id, causes=causes, version=found.version, by=by, at=at
        )
        steps = []
        for text, who, effect, days in one.steps:
            due = at.date() + timedelta(days=days)
            done = due if due < self.now.date() else None
            steps.append(
                StepWish(text=text, owner_id=self.people[who].id, due_on=due, effect=effect, done_on=done)
            )
        commands.put_steps(
            session=self.session, countermeasure_id=found.id, steps=steps, version=found.version, by=by, at=at
        )
        sheet = SheetWish(
            title="", background=one.background, current_condition="", problem=one.problem,
            target_condition=one.target, follow_up=one.follow_up, version=found.version,
        )  # fmt: skip
        commands.write_sheet(session=self.session, countermeasure_id=found.id, wish=sheet, by=by, at=at)

    def _close(self, wishes: Sequence[ExampleCountermeasure]) -> None:
        """Close whatever may be closed, in the words of its row where it has one; the rest stays open."""
        at = self.now - LOOKED_AT
        words = {self.items[one.kpi].id: (one.worked, one.outcome) for one in wishes}
        for found in list_of_kpis(session=self.session, kpi_ids=self._well_again(at)):
            if not found.is_open or found.occasion is not Occasion.MISS:
                continue
            by = self._owner(found.kpi_id, at)
            worked, outcome = words.get(found.kpi_id, (Worked.PARTLY, BACK))
            wish = CloseWish(worked=worked, outcome=outcome, version=found.version)
            commands.close(session=self.session, countermeasure_id=found.id, wish=wish, by=by, at=at)

    def _well_again(self, at: datetime) -> list[int]:
        """The KPIs that have hit often enough in a row."""
        organisation = get_organisation(session=self.session)
        today, wanted = today_in(organisation=organisation, now=at), organisation.hits_to_close
        watched = list_watched(session=self.session, today=today)
        ill = {one.kpi.id for one in watched if not may_close(among=one.marks, hits=wanted)}
        return [one.kpi.id for one in watched if one.kpi.id not in ill]

    def _owner(self, kpi_id: int, at: datetime) -> Actor:
        kpi = self.session.get_one(KPI, kpi_id)
        person = self.session.get_one(Person, kpi.owner_id)
        today = today_in(organisation=get_organisation(session=self.session), now=at)
        return load_actor(session=self.session, person=person, today=today)

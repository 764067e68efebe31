"""The example's weeks: roadblocks, check-ins, actions that wait for others or come again, and a round of scoring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import checkins, roadblocks, schedules, scorings
from hoshin.commands.example_wish import (
    ExampleCheckIn,
    ExampleObstacle,
    ExampleOrganisation,
    ExampleSchedule,
    ExampleScore,
)
from hoshin.commands.roadblocks import HandlingWish, RoadblockWish
from hoshin.commands.schedules import ScheduleWish
from hoshin.engine.recurrence import Step
from hoshin.engine.weeks import week_of
from hoshin.model.items import Item
from hoshin.model.people import Person
from hoshin.model.units import Unit
from hoshin.queries.attainment import today_in
from hoshin.queries.cycles import nearest_cycle
from hoshin.queries.people import load_actor
from hoshin.queries.units import get_organisation


@dataclass(slots=True)
class Weeks:
    """Lets each of them happen, by its person and on its day before now."""

    session: Session
    items: Mapping[str, Item]
    units: Mapping[str, Unit]
    people: Mapping[str, Person]
    now: datetime

    def pass_by(self, *, wish: ExampleOrganisation) -> None:
        """All of it, in the order of the days."""
        self._obstacles(wish.obstacles)
        for one in sorted(wish.checkins, key=lambda each: -each.weeks):
            self._check_in(one)
        for rule in wish.schedules:
            self._schedule(rule)
        for unit in {one.unit: one for one in wish.scores}:
            self._score([one for one in wish.scores if one.unit == unit])

    def _obstacles(self, moves: Sequence[ExampleObstacle]) -> None:
        known: dict[str, int] = {}
        for one in sorted(moves, key=lambda each: -each.days):
            at = self.now - timedelta(days=one.days)
            by = self._actor(one.who, at)
            if one.move == "raise":
                item = self.items[one.item].id if one.item else None
                new = RoadblockWish(unit_id=self.units[one.unit].id, name=one.text, item_id=item)
                known[one.key] = roadblocks.raise_roadblock(session=self.session, wish=new, by=by, at=at).id
                continue
            step = roadblocks.escalate if one.move == "escalate" else roadblocks.resolve
            said = HandlingWish(version=None, line=one.text)
            step(session=self.session, roadblock_id=known[one.key], wish=said, by=by, at=at)

    def _check_in(self, one: ExampleCheckIn) -> None:
        at = self.now - timedelta(weeks=one.weeks)
        today = today_in(organisation=get_organisation(session=self.session), now=at)
        wish = checkins.CheckInWish(
            unit_id=self.units[one.unit].id, week=week_of(day=today), progress=one.progress,
            roadblocks=one.roadblocks, next=one.next,
        )  # fmt: skip
        checkins.check_in(session=self.session, wish=wish, by=self._actor(one.who, at), at=at)

    def _schedule(self, one: ExampleSchedule) -> None:
        wish = ScheduleWish(
            blockers=tuple(self.items[key].id for key in one.waits_for),
            step=Step(one.step) if one.step else None,
            every=one.every,
        )
        item = self.items[one.item].id
        by = self._actor(one.who, self.now)
        schedules.schedule(session=self.session, item_id=item, wish=wish, by=by, at=self.now)

    def _score(self, scores: Sequence[ExampleScore]) -> None:
        """One round of a unit: opened by its head, scored by each alone on the days after, and closed."""
        [first, *_] = scores
        begun, ended = self.now - timedelta(days=first.opened), self.now - timedelta(days=first.closed)
        head, unit = self._actor(first.who, begun), self.units[first.unit]
        cycle = nearest_cycle(session=self.session, day=self.now.date())
        if cycle is None:
            return
        made = scorings.open_scoring(session=self.session, unit_id=unit.id, cycle_id=cycle.id, by=head, at=begun)
        for place, who in enumerate(dict.fromkeys(one.who for one in scores), start=1):
            at = begun + timedelta(days=place)
            mine = {
                (self.items[one.upper].id, self.items[one.lower].id): one.strength for one in scores if one.who == who
            }
            wish = scorings.ScoresWish(scoring_id=made.id, scores=mine)
            scorings.save_scores(session=self.session, wish=wish, by=self._actor(who, at), at=at)
        scorings.close_scoring(session=self.session, scoring_id=made.id, version=None, by=head, at=ended)

    def _actor(self, email: str, at: datetime) -> Actor:
        today = today_in(organisation=get_organisation(session=self.session), now=at)
        return load_actor(session=self.session, person=self.people[email], today=today)

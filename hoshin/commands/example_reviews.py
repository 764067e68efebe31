"""The example's meetings: reviews held with minutes and a frozen pack, and the president's diagnosis twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import diagnosis, journal, meetings
from hoshin.commands.diagnosis import FindingWish
from hoshin.commands.example_wish import ExampleFinding, ExampleMeeting, Paper
from hoshin.commands.meetings import DecisionWish, HoldWish, MinutesWish, TaskWish
from hoshin.commands.reviews import depths_of, name_of
from hoshin.engine.cadence import Meeting, ReviewKind, meetings as meetings_of
from hoshin.engine.diagnosis import Phase
from hoshin.model.cycles import Cycle
from hoshin.model.people import Person
from hoshin.model.reviews import Presence, Review, ReviewMove, ReviewState
from hoshin.model.units import Unit
from hoshin.queries.agenda import load_agenda, reader_of
from hoshin.queries.attainment import today_in
from hoshin.queries.diagnosis import list_areas, list_findings
from hoshin.queries.people import load_actor
from hoshin.queries.reviews import find_previous, list_expected
from hoshin.queries.unit_lists import list_units
from hoshin.queries.units import get_organisation

BROUGHT_FORWARD = timedelta(days=12)
"""How long before now this year's diagnosis took place where its day is still to come."""
FORWARD = "Brought forward, so that what it finds can still be mended this year"
AFTERNOON = time(14)


@dataclass(slots=True)
class Reviews:
    """Holds the reviews of the last weeks, and the diagnoses of last year and this one, each on its day."""

    session: Session
    units: Mapping[str, Unit]
    people: Mapping[str, Person]
    cycles: Mapping[int, Cycle]
    heads: Mapping[str, str]
    now: datetime
    paper: Paper

    def hold(self, *, wishes: Sequence[ExampleMeeting], findings: Sequence[ExampleFinding], by: Actor) -> None:
        """All of them, the earliest first, so that each one knows those before it."""
        planned = [(self._meeting(one), one) for one in wishes]
        for found, one in sorted(
            ((found, one) for found, one in planned if found is not None), key=lambda pair: pair[0][1].on
        ):
            self._hold(self._planned(found, one.unit, one.kind, by), one)
        self._diagnose(findings, by)

    def _today(self) -> date:
        return today_in(organisation=get_organisation(session=self.session), now=self.now)

    def _at(self, day: date) -> datetime:
        zone = ZoneInfo(get_organisation(session=self.session).time_zone)
        return min(datetime.combine(day, AFTERNOON, zone).astimezone(UTC), self.now)

    def _meetings(self, unit: str, kind: ReviewKind, cycle: Cycle) -> list[Meeting]:
        depths = depths_of(units=list_units(session=self.session))
        return meetings_of(
            kind=kind, cycle=cycle.span, calendar=get_organisation(session=self.session).calendar,
            depth=depths[self.units[unit].id], deepest=max(depths.values()),
        )  # fmt: skip

    def _meeting(self, one: ExampleMeeting) -> tuple[Cycle, Meeting] | None:
        """The last one before today for `back` 1, the one before it for 2; None where there was none yet."""
        past = [
            (cycle, each)
            for cycle in self.cycles.values()
            for each in self._meetings(one.unit, one.kind, cycle)
            if each.on < self._today()
        ]
        past.sort(key=lambda pair: pair[1].on, reverse=True)
        return past[one.back - 1] if one.back <= len(past) else None

    def _planned(self, found: tuple[Cycle, Meeting], unit: str, kind: ReviewKind, by: Actor) -> Review:
        cycle, meeting = found
        review = Review(
            unit_id=self.units[unit].id, cycle_id=cycle.id, kind=kind, first_day=meeting.first, last_day=meeting.last,
            generated_on=meeting.on, planned_on=meeting.on, begins=time(14), lasts=60, uid=str(uuid4()), sequence=0,
            announced_at=self._at(cycle.first_day), state=ReviewState.PLANNED, minutes="", place="", held_by="",
        )  # fmt: skip
        journal.created(
            session=self.session, by=by, at=self._at(cycle.first_day), thing=review, unit=review.unit_id,
            name=name_of(review=review),
        )  # fmt: skip
        return review

    def _head(self, unit: str, at: datetime) -> Actor:
        today = today_in(organisation=get_organisation(session=self.session), now=at)
        return load_actor(session=self.session, person=self.people[self.heads[unit]], today=today)

    def _hold(self, review: Review, one: ExampleMeeting) -> None:
        at = self._at(review.planned_on)
        by = self._head(one.unit, at)
        expected = list_expected(session=self.session, unit_id=review.unit_id, today=review.planned_on)
        away = {self.people[email].id for email in one.absent}
        wish = MinutesWish(
            minutes=one.minutes,
            presence={
                each.id: Presence.EXCUSED if each.id in away else Presence.PRESENT for each in expected
            },
            decisions=[
                DecisionWish(text=text, done_on=self._done(review, 7) if done else None) for text, done in one.decisions
            ],
            actions=[
                TaskWish(
                    text=text, owner_id=self.people[who].id, due_on=review.planned_on + timedelta(days=days),
                    done_on=self._done(review, days) if done else None,
                )
                for text, who, days, done in one.tasks
            ],
            version=review.version,
        )  # fmt: skip
        meetings.keep_minutes(session=self.session, review_id=review.id, wish=wish, by=by, at=at)
        self._freeze(review, by, at)

    def _done(self, review: Review, days: int) -> date | None:
        """The day on which something was done; None while that day is still to come."""
        day = review.planned_on + timedelta(days=days)
        return day if day < self._today() else None

    def _freeze(self, review: Review, by: Actor, at: datetime) -> None:
        """The pack as every reader of the unit may see it."""
        reader = reader_of(session=self.session, unit_id=review.unit_id)
        agenda = load_agenda(session=self.session, actor=reader, review=review, at=at)
        before = find_previous(session=self.session, review=review)
        content = self.paper(
            agenda=agenda, before=before,
            findings=list_findings(session=self.session, review_id=review.id),
            earlier=list_findings(session=self.session, review_id=before.id) if before else (),
        )  # fmt: skip
        meetings.hold(
            session=self.session, review_id=review.id, wish=HoldWish(version=review.version), content=content, by=by,
            at=at,
        )  # fmt: skip

    def _diagnose(self, findings: Sequence[ExampleFinding], by: Actor) -> None:
        """Last year's on its day, this year's by now at the latest; none in a year that is too young for one."""
        diagnosis.ensure_areas(session=self.session, by=by, at=self._at(self.cycles[-1].first_day))
        for back, cycle in ((2, self.cycles[-1]), (1, self.cycles[0])):
            (meeting,) = self._meetings("", ReviewKind.DIAGNOSIS, cycle)
            day = min(meeting.on, self._today() - BROUGHT_FORWARD)
            scored = [one for one in findings if one.back == back]
            if day < cycle.first_day or not scored:
                continue
            review = self._planned((cycle, meeting), "", ReviewKind.DIAGNOSIS, by)
            if day != meeting.on:
                self._bring_forward(review, day, by)
            self._score(review, scored)

    def _bring_forward(self, review: Review, day: date, by: Actor) -> None:
        at = self._at(day - timedelta(days=7))
        self.session.add(
            ReviewMove(
                review_id=review.id, place=1, from_day=review.planned_on, to_day=day, at=at, by_name=by.name,
                reason=FORWARD,
            )
        )  # fmt: skip
        review.planned_on, review.sequence, review.announced_at = day, 1, at
        self.session.flush()

    def _score(self, review: Review, scored: Sequence[ExampleFinding]) -> None:
        areas = list_areas(session=self.session)
        at = self._at(review.planned_on)
        by = self._head("", at)
        wishes = [
            FindingWish(
                area_id=areas[one.area - 1].id, scores=dict(zip(Phase, one.scores, strict=True)), remark=one.remark
            )
            for one in scored
        ]
        diagnosis.score(
            session=self.session, review_id=review.id, findings=wishes, version=review.version, by=by, at=at
        )
        self._freeze(review, by, at)

"""The example's self-assessments: two that were counted, a quarter apart, and one that runs, answered by some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import surveys
from hoshin.commands.example_wish import ExampleAnswer
from hoshin.commands.surveys import AnswerWish, CampaignWish
from hoshin.model.items import Item
from hoshin.model.people import Person
from hoshin.queries.attainment import Question, load, today_in
from hoshin.queries.units import get_organisation

WEEKS = {1: 28, 2: 14, 3: 0}
"""How many weeks before now each of them was opened: more than a quarter apart."""
LASTS = timedelta(days=10)


@dataclass(slots=True)
class Surveys:
    """Lets each campaign run; the last one is still open."""

    session: Session
    items: Mapping[str, Item]
    people: Mapping[str, Person]
    now: datetime

    def run(self, *, answers: Sequence[ExampleAnswer], by: Actor) -> None:
        """All of them, the earliest first."""
        for campaign in sorted({one.campaign for one in answers}):
            at = self.now - timedelta(weeks=WEEKS[campaign])
            day = today_in(organisation=get_organisation(session=self.session), now=at)
            survey = surveys.open_survey(
                session=self.session, wish=CampaignWish(last_day=day + LASTS), by=by, at=at
            )
            said = {self.people[one.who].id: self._wish(one) for one in answers if one.campaign == campaign}
            attainment = load(session=self.session, question=Question(compared=False), now=at)
            surveys.keep_answers(session=self.session, survey=survey, said=said, attainment=attainment)
            if WEEKS[campaign]:
                surveys.close_survey(session=self.session, survey_id=survey.id, by=by, at=at + LASTS)

    def _wish(self, one: ExampleAnswer) -> AnswerWish:
        objective = self.items[one.objective].id if one.objective else None
        return AnswerWish(
            lines=tuple(one.lines), objective=objective, satisfied=one.satisfied, recommend=one.recommend
        )

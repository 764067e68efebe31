"""A self-assessment is opened, answered in a minute, and closed: then, once and for all, it is counted.

Nothing is shown while it runs, it never opens again, and each quarter is counted from its own answers alone: figures
that differ by one person's answer are never shown side by side.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import journal
from hoshin.commands.people import today_of
from hoshin.commands.surveys_count import count
from hoshin.engine.calendars import Frequency, Period
from hoshin.engine.plans import Unit
from hoshin.engine.suppression import FEWEST, shown
from hoshin.engine.surveys import HIGHEST, MOST_LINES, Satisfied, served
from hoshin.errors import Forbidden, Problem, Refused
from hoshin.model.people import Person
from hoshin.model.surveys import Survey, SurveyPanel, SurveyParticipation, SurveyResult
from hoshin.queries.attainment import Attainment, Question, load
from hoshin.queries.cycles import find_cycle_on
from hoshin.queries.surveys import (
    Asked,
    Net,
    asked_of,
    count_asked,
    find_panel,
    find_survey_of,
    get_panel,
    get_survey,
    has_answered,
    list_open,
    list_panels,
    net_of,
    works_for,
)
from hoshin.queries.unit_lists import list_unit_facts
from hoshin.queries.units import get_organisation, lock_plan, top_unit

LONGEST = timedelta(days=60)
LASTS = timedelta(days=13)
"""How long the quarter's campaign runs that the calendar opens, after its first day."""
BEFORE_THE_END = timedelta(days=30)
"""How long before the quarter's last day the calendar opens it."""
LONGEST_LINE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignWish:
    """How a campaign should run: whether without names, and until which day."""

    last_day: date
    is_anonymous: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerWish:
    """What one person answers; `objective` None is “I do not know”, `recommend` None “I cannot tell”."""

    lines: tuple[str, ...]
    objective: int | None
    satisfied: Satisfied
    recommend: int | None


def open_survey(*, session: Session, wish: CampaignWish, by: Actor, at: datetime) -> Survey:
    """Open the campaign of the quarter that holds today; everybody who works here is asked.

    People are asked in panels of five at least, so that no answer stands alone in its unit's bag.
    """
    require(actor=by, act=Act.RUN_SURVEYS, subject=Subject(unit=top_unit(session=session).id))
    lock_plan(session=session)
    today = today_of(session=session, at=at)
    quarter = _quarter(session, today)
    cycle = find_cycle_on(session=session, day=today)
    counts = count_asked(session=session, today=today)
    units = plan_units(session=session)
    panels = shown(units=units, counts=counts)
    problems = _problems(session, wish, today, quarter, bool(panels))
    if cycle is None:
        problems.append(Problem("open a planning cycle first: there is no plan to know yet"))
    if problems or cycle is None:
        raise Refused.because(problems)
    name = get_organisation(session=session).calendar.label(period=quarter)
    made = Survey(
        name=name, cycle_id=cycle.id, quarter=quarter.first, is_anonymous=wish.is_anonymous, opened_at=at,
        last_day=wish.last_day,
    )  # fmt: skip
    journal.created(session=session, by=by, at=at, thing=made, unit=top_unit(session=session).id)
    invited = _invited(units, panels, counts)
    session.add_all(SurveyPanel(survey_id=made.id, unit_id=key, invited=number) for key, number in invited.items())
    session.flush()
    return made


def _invited(units: Sequence[Unit], panels: frozenset[int], counts: Mapping[int, int]) -> dict[int, int]:
    """How many are asked in each panel; one of nobody is none, so that whoever joins its unit is asked further up."""
    invited: Counter[int] = Counter()
    for home, number in counts.items():
        invited[find_panel(units=units, panels=panels, home=home)] += number
    top = next(one.key for one in units if one.parent is None)
    return {top: 0} | dict(invited)


def plan_units(*, session: Session) -> list[Unit]:
    """The tree, archived units too."""
    return [Unit(one.key, "", one.parent) for one in list_unit_facts(session=session)]


def _quarter(session: Session, today: date) -> Period:
    calendar = get_organisation(session=session).calendar
    return calendar.period_of(day=today, frequency=Frequency.QUARTER)


def _problems(session: Session, wish: CampaignWish, today: date, quarter: Period, enough: bool) -> list[Problem]:
    problems = []
    if not today <= wish.last_day <= today + LONGEST:
        problems.append(Problem(f"choose a day from today to {LONGEST.days} days from now", field="last_day"))
    if find_survey_of(session=session, quarter=quarter.first) is not None:
        problems.append(Problem("this quarter has had its self-assessment: a second one would give its answers away"))
    elif list_open(session=session):
        problems.append(Problem("close the one that still runs first"))
    if not enough:
        problems.append(Problem(f"fewer than {FEWEST} people would be asked: nothing of it could be shown"))
    return problems


def answer(*, session: Session, survey_id: int, wish: AnswerWish, by: Actor, at: datetime) -> None:
    """Keep what the actor answers, once.

    The journal is told nothing: it would say who and when. Where names are not asked for, the answer goes into its
    panel's bag without one, and the bag is sorted, so that nothing says which came last.
    """
    require(actor=by, act=Act.ANSWER_SURVEY)
    if by.person is None or not by.member_of:
        raise Forbidden("people who work here answer, nobody else")
    _check_open(session, get_survey(session=session, survey_id=survey_id), by.person, at)
    panels = [one.unit_id for one in list_panels(session=session, survey_id=survey_id)]
    home = by.home if by.home is not None else min(by.member_of)
    place = find_panel(units=plan_units(session=session), panels=panels, home=home)
    attainment = load(session=session, question=Question(compared=False), now=at)
    kept = _kept(session, wish, by.person, asked_of(attainment=attainment, panel=place), net_of(attainment=attainment))
    panel = get_panel(session=session, survey_id=survey_id, unit_id=place)
    survey = get_survey(session=session, survey_id=survey_id)  # it may have been closed while this waited
    _check_open(session, survey, by.person, at)
    if not survey.is_anonymous:
        kept["person"] = by.person
    panel.bag = shaken(bag=[*panel.bag, kept])
    session.add(SurveyParticipation(survey_id=survey_id, person_id=by.person))
    session.flush()


def shaken(*, bag: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers in the order of their own words: nothing is left of the order in which they came."""
    return sorted(bag, key=lambda one: json.dumps(one, sort_keys=True))


def keep_answers(
    *, session: Session, survey: Survey, said: Mapping[int, AnswerWish], attainment: Attainment
) -> None:
    """Keep what several people answered, by their keys, in a campaign that has just been opened; for the example."""
    units = plan_units(session=session)
    panels = {one.unit_id: one for one in list_panels(session=session, survey_id=survey.id)}
    asked = {key: asked_of(attainment=attainment, panel=key) for key in panels}
    net = net_of(attainment=attainment)
    for person, wish in said.items():
        home = session.get_one(Person, person).home_unit_id
        panel = panels[find_panel(units=units, panels=panels, home=home)]
        panel.bag = shaken(bag=[*panel.bag, _kept(session, wish, person, asked[panel.unit_id], net)])
        session.add(SurveyParticipation(survey_id=survey.id, person_id=person))
    session.flush()


def _check_open(session: Session, survey: Survey, person: int, at: datetime) -> None:
    if survey.closed_at is not None or survey.last_day < today_of(session=session, at=at):
        raise Refused("this self-assessment is over: nothing was kept")
    if has_answered(session=session, survey_id=survey.id, person_id=person):
        raise Refused("you have answered already; what you said stays as it was")


def _kept(session: Session, wish: AnswerWish, person: int, asked: Asked, net: Net) -> dict[str, Any]:
    """The answer as the bag holds it: of the objective only whether the plan links it to this person's work."""
    offered = {one.key for one in asked.objectives}
    problems = _answer_problems(wish, offered)
    if problems:
        raise Refused.because(problems)
    works, linked = works_for(session=session, person_id=person, net=net)
    verdict = served(said=wish.objective, linked=linked & offered, works=works)
    return {
        "lines": [one for one in wish.lines if one], "served": verdict.value, "satisfied": wish.satisfied.value,
        "recommend": wish.recommend,
    }  # fmt: skip


def _answer_problems(wish: AnswerWish, offered: set[int]) -> list[Problem]:
    problems = []
    if len(wish.lines) > MOST_LINES:
        problems.append(Problem(f"at most {MOST_LINES} priorities"))
    if any(len(one) > LONGEST_LINE for one in wish.lines):
        problems.append(Problem(f"at most {LONGEST_LINE} characters", field="line_1"))
    if wish.objective is not None and wish.objective not in offered:
        problems.append(Problem("this objective is no longer in force; choose again", field="objective"))
    if wish.recommend is not None and not 0 <= wish.recommend <= HIGHEST:
        problems.append(Problem(f"from 0 to {HIGHEST}", field="recommend"))
    return problems


def close_survey(*, session: Session, survey_id: int, by: Actor, at: datetime) -> Survey:
    """End it and count it. Answers without names, and the list of who has answered, are destroyed."""
    require(actor=by, act=Act.RUN_SURVEYS, subject=Subject(unit=top_unit(session=session).id))
    get_survey(session=session, survey_id=survey_id)
    panels = list_panels(session=session, survey_id=survey_id, lock=True)
    survey = get_survey(session=session, survey_id=survey_id, lock=True)
    if survey.closed_at is not None:
        raise Refused("this self-assessment is closed already")
    attainment = load(session=session, question=Question(compared=False), now=at)
    for unit, facts in count(panels=panels, attainment=attainment).items():
        session.add(SurveyResult(survey_id=survey.id, unit_id=unit, facts=facts))
    with journal.changing(
        session=session, by=by, at=at, thing=survey, verb="closed", unit=top_unit(session=session).id
    ):
        survey.closed_at = at
    session.execute(delete(SurveyParticipation).where(SurveyParticipation.survey_id == survey.id))
    if survey.is_anonymous:
        session.execute(update(SurveyPanel).where(SurveyPanel.survey_id == survey.id).values(bag=[]))
    return survey


def keep_time(*, session: Session, by: Actor, at: datetime) -> tuple[int, int]:
    """What the calendar does: closes what is over, and opens the quarter's campaign where the organisation wants it.

    Gives how many were closed and opened; a second time on the same day nothing is left to do.
    """
    lock_plan(session=session)
    today = today_of(session=session, at=at)
    over = [one.id for one in list_open(session=session) if one.last_day < today]
    for key in over:
        close_survey(session=session, survey_id=key, by=by, at=at)
    quarter = _quarter(session, today)
    wanted = get_organisation(session=session).surveys_quarterly and quarter.last - BEFORE_THE_END <= today
    if not wanted or find_survey_of(session=session, quarter=quarter.first) is not None or list_open(session=session):
        return len(over), 0
    try:
        open_survey(session=session, wish=CampaignWish(last_day=today + LASTS), by=by, at=at)
    except Refused:  # too few people, or no cycle: a page says so to whoever wants to open one
        return len(over), 0
    return len(over), 1


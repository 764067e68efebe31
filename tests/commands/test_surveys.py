"""A self-assessment from its opening to what is shown: who may, what is refused, and what cannot be found out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor, system_actor
from hoshin.commands.surveys import AnswerWish, CampaignWish, answer, close_survey, keep_time, open_survey
from hoshin.db import make_engine
from hoshin.engine.surveys import Satisfied
from hoshin.errors import Forbidden, Missing, Refused
from hoshin.model.journal import JournalLine
from hoshin.model.people import Person, Role
from hoshin.model.surveys import Survey, SurveyPanel, SurveyParticipation, SurveyResult
from hoshin.model.units import Unit
from hoshin.queries.surveys import find_waiting
from hoshin.queries.units import get_organisation, top_unit
from tests import factories
from tests.factories import NOW, TODAY

CLOCK = system_actor(name="clock")
SAID = AnswerWish(lines=("halve the lead time",), objective=None, satisfied=Satisfied.YES, recommend=9)


@dataclass
class Firm:
    """Head office with one executive and one facilitator, a large and a middling department, and a team of three."""

    executive: Person
    facilitator: Person
    large: Unit
    middling: Unit
    small: Unit
    staff: dict[int, list[Person]] = field(default_factory=dict)

    def all(self) -> list[Person]:
        return [one for people in self.staff.values() for one in people]


@pytest.fixture
def firm(session: Session) -> Firm:
    """In May 2026, with one priority and one objective for everybody."""
    factories.organisation(session)
    factories.cycle(session)
    large, middling = factories.unit(session, "Works"), factories.unit(session, "Sales")
    small = factories.unit(session, "Pattern shop", large)
    made = Firm(
        factories.person(session, "Eva Chief", Role.EXECUTIVE),
        factories.person(session, "Fay Office", Role.FACILITATOR),
        large, middling, small,
    )  # fmt: skip
    for unit, number in ((large, 7), (middling, 5), (small, 3)):
        made.staff[unit.id] = [
            factories.person(session, f"{unit.name} {place}", Role.STAFF, unit) for place in range(number)
        ]
    factories.priority(session, "Halve lead time")
    factories.objective(session, "Delight customers")
    session.flush()
    return made


def _actor(session: Session, person: Person) -> Actor:
    return factories.actor(session, person)


def _opened(session: Session, firm: Firm, **more: Any) -> Survey:
    wish = CampaignWish(last_day=TODAY + timedelta(days=10), **more)
    return open_survey(session=session, wish=wish, by=_actor(session, firm.executive), at=NOW)


def _answer(session: Session, survey: Survey, person: Person, wish: AnswerWish = SAID) -> None:
    answer(session=session, survey_id=survey.id, wish=wish, by=_actor(session, person), at=NOW)


def _closed(session: Session, firm: Firm, survey: Survey) -> dict[int, dict[str, Any]]:
    close_survey(session=session, survey_id=survey.id, by=_actor(session, firm.executive), at=NOW)
    return {one.unit_id: one.facts for one in session.scalars(select(SurveyResult))}


def test_from_opening_to_what_it_came_to(session: Session, firm: Firm) -> None:
    survey = _opened(session, firm)
    assert (survey.name, survey.quarter) == ("Q2 FY2026", date(2026, 4, 1))
    for person in [*firm.all(), firm.executive]:
        _answer(session, survey, person)
    found = _closed(session, firm, survey)
    top = top_unit(session=session).id
    assert set(found) == {top, firm.large.id}, "with both departments the one executive could be worked out"
    assert found[top]["people"] == found[top]["invited"] == 16
    assert (found[top]["named"], found[top]["real"]) == (16, 16)
    assert (found[top]["things"], found[top]["goals"]) == (1, 2)
    assert found[firm.large.id]["people"] == 10, "its own and those of the small team below"
    assert found[top]["recommends"]["promoter"] == 16


def test_people_are_asked_in_panels_of_five_at_least(session: Session, firm: Firm) -> None:
    survey = _opened(session, firm)
    panels = {one.unit_id: one.invited for one in session.scalars(select(SurveyPanel))}
    assert panels == {top_unit(session=session).id: 6, firm.large.id: 10}
    assert survey.is_anonymous


def test_nothing_joins_an_answer_to_a_person(session: Session, firm: Firm) -> None:
    survey = _opened(session, firm)
    people = firm.staff[firm.large.id]
    lines = ["zebra", "apple", "mango", "banana", "cherry", "kiwi", "lemon"]
    for person, line in zip(people, lines, strict=True):
        _answer(session, survey, person, AnswerWish(lines=(line,), objective=None, satisfied=Satisfied.NO, recommend=1))
    bag = session.get_one(SurveyPanel, (survey.id, firm.large.id)).bag
    assert [one["lines"][0] for one in bag] == sorted(lines), "in the order of their words, not of their coming"
    assert all(set(one) == {"lines", "served", "satisfied", "recommend"} for one in bag)
    said = json.dumps(bag)
    assert not any(one.name in said or (one.email or "") in said for one in people)
    theirs = select(func.count(JournalLine.id)).where(JournalLine.by_id.in_([one.id for one in people]))
    assert session.scalar(theirs) == 0
    assert set(SurveyParticipation.__table__.columns.keys()) == {"survey_id", "person_id"}


def test_no_hidden_row_number_tells_who_answered_first(sqlite_url: str) -> None:
    engine = make_engine(url=sqlite_url)
    with engine.connect() as connection, pytest.raises(OperationalError, match="no such column: rowid"):
        connection.execute(text("SELECT rowid FROM survey_participations"))
    engine.dispose()


def test_closing_destroys_answers_and_the_list_of_who_answered(session: Session, firm: Firm) -> None:
    survey = _opened(session, firm)
    for person in firm.all():
        _answer(session, survey, person)
    _closed(session, firm, survey)
    session.expire_all()
    assert all(one.bag == [] for one in session.scalars(select(SurveyPanel)))
    assert session.scalar(select(func.count(SurveyParticipation.person_id))) == 0


def test_with_names_the_answers_stay(session: Session, firm: Firm) -> None:
    survey = _opened(session, firm, is_anonymous=False)
    for person in firm.all():
        _answer(session, survey, person)
    _closed(session, firm, survey)
    session.expire_all()
    kept = [one for panel in session.scalars(select(SurveyPanel)) for one in panel.bag]
    assert {one["person"] for one in kept} == {one.id for one in firm.all()}


def test_four_answers_show_nothing(session: Session, firm: Firm) -> None:
    survey = _opened(session, firm)
    for person in firm.all()[:4]:
        _answer(session, survey, person)
    assert _closed(session, firm, survey) == {}


def test_everybody_answers_once(session: Session, firm: Firm) -> None:
    survey = _opened(session, firm)
    person = firm.all()[0]
    assert find_waiting(session=session, person_id=person.id, today=TODAY) is survey
    _answer(session, survey, person)
    assert find_waiting(session=session, person_id=person.id, today=TODAY) is None
    with pytest.raises(Refused, match="answered already"):
        _answer(session, survey, person)


def test_what_is_over_is_over(session: Session, firm: Firm) -> None:
    survey = _opened(session, firm)
    late = NOW + timedelta(days=11)
    with pytest.raises(Refused, match="over"):
        answer(session=session, survey_id=survey.id, wish=SAID, by=_actor(session, firm.all()[0]), at=late)
    assert find_waiting(session=session, person_id=firm.all()[0].id, today=late.date()) is None
    _closed(session, firm, survey)
    with pytest.raises(Refused, match="closed already"):
        _closed(session, firm, survey)
    with pytest.raises(Refused, match="over"):
        _answer(session, survey, firm.all()[1])
    with pytest.raises(Refused, match="a second one would give its answers away"):
        _opened(session, firm)


@pytest.mark.parametrize("days", [-1, 61])
def test_a_last_day_out_of_reach_is_refused(session: Session, firm: Firm, days: int) -> None:
    with pytest.raises(Refused, match="from today to 60 days") as refusal:
        open_survey(
            session=session, wish=CampaignWish(last_day=TODAY + timedelta(days=days)),
            by=_actor(session, firm.executive), at=NOW,
        )  # fmt: skip
    assert refusal.value.problems[0].field == "last_day"


def test_a_handful_is_asked_nothing(session: Session) -> None:
    factories.organisation(session)
    factories.cycle(session)
    chief = factories.person(session, "Eva Chief", Role.EXECUTIVE)
    with pytest.raises(Refused, match="fewer than 5 people"):
        open_survey(session=session, wish=CampaignWish(last_day=TODAY), by=_actor(session, chief), at=NOW)


def test_without_a_cycle_there_is_no_plan_to_know(session: Session) -> None:
    factories.organisation(session)
    people = [factories.person(session, f"Person {place}", Role.EXECUTIVE) for place in range(5)]
    with pytest.raises(Refused, match="planning cycle"):
        open_survey(session=session, wish=CampaignWish(last_day=TODAY), by=_actor(session, people[0]), at=NOW)


def test_who_may_open_answer_and_close(session: Session, firm: Firm) -> None:
    staff, wish = firm.all()[0], CampaignWish(last_day=TODAY)
    with pytest.raises(Forbidden):
        open_survey(session=session, wish=wish, by=_actor(session, staff), at=NOW)
    survey = open_survey(session=session, wish=wish, by=_actor(session, firm.facilitator), at=NOW)
    with pytest.raises(Forbidden):
        close_survey(session=session, survey_id=survey.id, by=_actor(session, staff), at=NOW)
    for stranger in (firm.facilitator, factories.person(session, "Ada Admin", Role.ADMINISTRATOR)):
        with pytest.raises(Forbidden):
            _answer(session, survey, stranger)
    with pytest.raises(Forbidden, match="nobody else"):
        answer(session=session, survey_id=survey.id, wish=SAID, by=CLOCK, at=NOW)
    with pytest.raises(Missing):
        answer(session=session, survey_id=survey.id + 1, wish=SAID, by=_actor(session, staff), at=NOW)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (AnswerWish(lines=("x",) * 6, objective=None, satisfied=Satisfied.YES, recommend=1), ""),
        (AnswerWish(lines=("x" * 201,), objective=None, satisfied=Satisfied.YES, recommend=1), "line_1"),
        (AnswerWish(lines=(), objective=10**6, satisfied=Satisfied.YES, recommend=1), "objective"),
        (AnswerWish(lines=(), objective=None, satisfied=Satisfied.YES, recommend=11), "recommend"),
        (AnswerWish(lines=(), objective=None, satisfied=Satisfied.YES, recommend=-1), "recommend"),
    ],
)
def test_what_cannot_be_answered_is_refused_at_its_field(
    session: Session, firm: Firm, wish: AnswerWish, field: str
) -> None:
    survey = _opened(session, firm)
    with pytest.raises(Refused) as refusal:
        _answer(session, survey, firm.all()[0], wish)
    assert [one.field for one in refusal.value.problems] == [field]
    assert find_waiting(session=session, person_id=firm.all()[0].id, today=TODAY) is not None


def test_the_objective_is_held_against_the_links_of_the_plan(session: Session, firm: Firm) -> None:
    linked, idle, wrong = firm.staff[firm.large.id][:3]
    objective = factories.objective(session, "Ship on time")
    other = factories.objective(session, "Grow")
    priority = factories.priority(session, "One flow")
    for owner, above in ((linked, priority), (wrong, priority)):
        factories.link(session, above, factories.action(session, f"Action of {owner.name}", owner_id=owner.id))
    factories.link(session, objective, priority)
    survey = _opened(session, firm)
    for person, said in ((linked, objective), (idle, objective), (wrong, other)):
        wish = AnswerWish(lines=(), objective=said.id, satisfied=Satisfied.UNKNOWN, recommend=None)
        _answer(session, survey, person, wish)
    bag = session.get_one(SurveyPanel, (survey.id, firm.large.id)).bag
    assert sorted(one["served"] for one in bag) == ["elsewhere", "linked", "unlinked"]


def test_the_calendar_opens_and_closes_only_when_the_organisation_wants_it(session: Session, firm: Firm) -> None:
    assert keep_time(session=session, by=CLOCK, at=NOW) == (0, 0)
    get_organisation(session=session).surveys_quarterly = True
    assert keep_time(session=session, by=CLOCK, at=NOW) == (0, 0), "May is not the end of the quarter"
    june = NOW + timedelta(days=20)
    assert keep_time(session=session, by=CLOCK, at=june) == (0, 1)
    assert keep_time(session=session, by=CLOCK, at=june) == (0, 0)
    survey = session.scalars(select(Survey)).one()
    assert survey.is_anonymous
    assert keep_time(session=session, by=CLOCK, at=june + timedelta(days=14)) == (1, 0)
    assert survey.closed_at is not None


def test_the_calendar_says_nothing_where_too_few_work(session: Session) -> None:
    factories.organisation(session, surveys_quarterly=True)
    factories.cycle(session)
    assert keep_time(session=session, by=CLOCK, at=NOW + timedelta(days=20)) == (0, 0)


def test_two_answers_at_once_both_count_and_a_double_click_counts_once(
    session: Session, engine: Engine, firm: Firm
) -> None:
    """The second transaction waits for the first one's bag, and then adds to what it finds there."""
    survey = _opened(session, firm).id
    people = [_actor(session, one) for one in (*firm.all()[:2], firm.all()[0])]
    place = (survey, firm.large.id)
    session.commit()
    said: list[str] = []

    def run(by: Actor) -> None:
        with Session(engine.execution_options(hoshin_writes=True)) as own:
            try:
                answer(session=own, survey_id=survey, wish=SAID, by=by, at=NOW)
                own.commit()
                said.append("kept")
            except Refused as refusal:
                said.append(str(refusal))

    threads = [Thread(target=run, args=(one,)) for one in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert sorted(said) == ["kept", "kept", "you have answered already; what you said stays as it was"]
    assert len(session.get_one(SurveyPanel, place).bag) == 2

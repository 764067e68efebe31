"""What waits for many people, looked up at once, is what each of them would see, in the same order and words."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.engine.cadence import ReviewKind
from hoshin.engine.misses import Occasion
from hoshin.engine.weeks import week_of
from hoshin.model.actions import ActionHelper, Status
from hoshin.model.checkins import CheckIn
from hoshin.model.countermeasures import AnswerState, Countermeasure
from hoshin.model.news import NoticeMark, Quiet
from hoshin.model.people import Person, Role
from hoshin.model.reviews import Review, ReviewAction, ReviewState
from hoshin.model.roadblocks import Roadblock, RoadblockLevel, RoadblockState
from hoshin.model.surveys import Survey, SurveyParticipation
from hoshin.model.units import CheckInBy, Unit
from hoshin.queries.notices import Marked, NoticeKind, find_standing, list_many, list_notices, marked
from hoshin.queries.people import load_actor, load_actors
from hoshin.queries.unit_lists import list_units
from tests import factories
from tests.factories import NOW, TODAY
from tests.planting import APRIL, read
from tests.queries.test_at_hand import plant
from tests.statements import counted


def _company(session: Session, seed: int) -> list[Person]:
    """The company of tests/queries/test_at_hand.py, where things of every kind wait."""
    people, dice = plant(session, seed), Random(seed)
    units = [session.get_one(Unit, one.id) for one in list_units(session=session)]
    units[2].checkin_by = CheckInBy.TEAM
    cycle = factories.cycle(session)
    surveys = [
        Survey(name=f"Q{one}", cycle_id=cycle.id, quarter=date(2026, one * 3, 1), opened_at=NOW,
               last_day=TODAY + timedelta(one))
        for one in (1, 2)
    ]  # fmt: skip
    session.add_all(surveys)
    session.flush()
    for number in range(30):
        _work(session, dice, number, dice.choice(units), people)
    for number, unit in enumerate(units):
        _review(session, dice, number, unit, people)
    for one in people[::3]:
        session.add(SurveyParticipation(survey_id=dice.choice(surveys).id, person_id=one.id))
        if one.home_unit_id is not None:
            _check_in(session, one.home_unit_id, one.id)
        session.add(Quiet(person_id=one.id, kind=dice.choice(list(NoticeKind)).value))
    _check_in(session, units[2].id, None)
    session.flush()
    return people


def _check_in(session: Session, unit: int, person: int | None) -> None:
    week = week_of(day=TODAY)
    session.add(CheckIn(unit_id=unit, person_id=person, week=week, progress="Done", at=NOW, by_name="Ada"))


def _work(session: Session, dice: Random, number: int, unit: Unit, people: list[Person]) -> None:
    """An action, a KPI without a reading, a countermeasure and a roadblock, each of somebody or nobody."""
    owner, other = dice.sample(people, 2)
    due = dice.choice([None, TODAY - timedelta(dice.choice((0, 1, 9, 9))), TODAY + timedelta(3)])
    action = factories.action(session, f"Act {number}", unit, owner_id=owner.id, due_on=due,
                              status=dice.choice([*Status, Status.OPEN, Status.OPEN]))  # fmt: skip
    session.add(ActionHelper(action_id=action.id, person_id=dice.choice((owner, other)).id))
    kpi = factories.kpi(session, f"Late {number}", unit, cycle=factories.cycle(session), owner_id=owner.id,
                        reporter_id=dice.choice((owner, other)).id)  # fmt: skip
    if number % 2:
        read(session, kpi, APRIL, "5", None)
    closed = dice.random() < 0.3
    session.add(Countermeasure(
        kpi_id=kpi.id, occasion=Occasion.MISS, state=AnswerState.CLOSED if closed else AnswerState.OPEN,
        closed_at=NOW if closed else None, owner_id=dice.choice((None, owner.id)),
        doer_id=dice.choice((None, other.id)), opened_for=date(2026, 3, 1), opened_at=NOW))  # fmt: skip
    solved = dice.random() < 0.3
    block = Roadblock(name=f"Block {number}", raised_in_id=unit.id, unit_id=unit.id, raised_by="", raised_at=NOW,
                      owner_id=dice.choice((None, owner.id)), resolved_at=NOW if solved else None,
                      state=RoadblockState.RESOLVED if solved else RoadblockState.OPEN)  # fmt: skip
    session.add(block)
    session.flush()
    session.add(RoadblockLevel(roadblock_id=block.id, place=1, unit_id=unit.id, since=NOW, by_name=""))


def _review(session: Session, dice: Random, number: int, unit: Unit, people: list[Person]) -> None:
    """A review that is missed, near or far, and what somebody took on in it."""
    on = TODAY + timedelta(dice.choice((-40, -31, -1, 0, 7, 8)))
    review = Review(unit_id=unit.id, cycle_id=factories.cycle(session).id, kind=ReviewKind.MONTHLY, uid=f"r{number}",
                    first_day=date(2026, 4, 1), last_day=date(2026, 4, 30), generated_on=on, planned_on=on,
                    state=ReviewState.PLANNED, announced_at=NOW)  # fmt: skip
    session.add(review)
    session.flush()
    for place in range(3):
        session.add(ReviewAction(review_id=review.id, text=f"Task {place}", position=place,
                                 owner_id=dice.choice(people).id, due_on=TODAY - timedelta(place),
                                 done_on=TODAY if place == 2 else None))  # fmt: skip


def _alone(session: Session, person: Person) -> tuple[Actor, list[Marked]]:
    actor = load_actor(session=session, person=person, today=TODAY)
    standing = find_standing(session=session, now=NOW)
    notices = list_notices(session=session, actor=actor, now=NOW, standing=standing)
    return actor, marked(session=session, person_id=person.id, notices=notices)


def _together(session: Session, people: list[Person]) -> list[tuple[Actor, list[Marked]]]:
    actors = load_actors(session=session, people=people, today=TODAY)
    standing = find_standing(session=session, now=NOW)
    return list(list_many(session=session, actors=actors, now=NOW, standing=standing))


@pytest.mark.parametrize("seed", range(5))
def test_together_is_as_alone(session: Session, seed: int) -> None:
    factories.organisation(session)
    people = _company(session, seed)
    dice = Random(seed)
    for person, (_, waiting) in zip(people, _together(session, people), strict=True):
        for one in waiting:
            read, mailed = dice.choice((None, NOW)), dice.choice((None, NOW))
            if read or mailed:
                mark = NoticeMark(person_id=person.id, key=one.notice.key, read_at=read, mailed_at=mailed)
                session.add(mark)
    session.flush()
    alone = [_alone(session, one) for one in people]
    assert _together(session, people) == alone
    assert {one.notice.kind for _, found in alone for one in found} >= set(NoticeKind) - {NoticeKind.SURVEY}
    assert any(one.notice.kind is NoticeKind.SURVEY for _, found in alone for one in found)
    assert {one.notice.kind.value for _, found in alone for one in found if one.is_mailed} != set()


def test_more_people_take_no_more_statements(session: Session, engine: Engine) -> None:
    factories.organisation(session)
    unit = factories.unit(session, "Operations")
    cycle = factories.cycle(session)
    session.add(Survey(name="Q", cycle_id=cycle.id, quarter=date(2026, 4, 1), opened_at=NOW, last_day=TODAY))
    people = [factories.person(session, f"Person {number}", Role.STAFF, unit) for number in range(12)]
    for number, one in enumerate(people):
        read(session, factories.kpi(session, f"KPI {number}", unit, cycle=cycle, owner_id=one.id), APRIL, "5", None)
        factories.action(session, f"Action {number}", unit, owner_id=one.id, due_on=TODAY - timedelta(1))
    session.commit()
    spent = []
    for some in (people[:2], people):
        _together(session, some)
        with counted(engine) as seen:
            told = _together(session, some)
        assert {len(notices) for _, notices in told} == {4}
        spent.append(len(seen))
    assert spent[0] == spent[1] < 40

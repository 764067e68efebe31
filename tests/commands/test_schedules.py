"""Blockers without circles, and recurring actions: the next opens when one is done or falls due, once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands.actions import ProgressWish, report_progress
from hoshin.commands.schedules import THE_CALENDAR, ScheduleWish, open_following, open_next, schedule
from hoshin.engine.plans import Rotation, State
from hoshin.engine.recurrence import Step
from hoshin.errors import Forbidden, Missing, Refused, Stale
from hoshin.model.actions import Action, ActionHelper, Status
from hoshin.model.cycles import Cycle
from hoshin.model.journal import JournalLine
from hoshin.model.links import Correlation, Deployment
from hoshin.model.people import Role
from hoshin.model.units import Unit
from hoshin.queries.schedules import blockers_of
from tests import factories
from tests.factories import NOW

EVERY_WEEK = {"step": Step.WEEK, "every": 1}


class House:
    """Operations with a head, and an action of hers that is due on the day of the tests."""

    def __init__(self, session: Session) -> None:
        self.session = session
        factories.organisation(session)
        self.unit = factories.unit(session)
        self.head = factories.person(session, "Bo Head", Role.HEAD, self.unit)
        self.by: Actor = factories.actor(session, self.head)
        self.walk = self.action("Walk the floor", due_on=date(2026, 5, 22))

    def action(self, name: str, unit: Unit | None = None, **more: Any) -> Action:
        """An action in force."""
        return factories.action(self.session, name, unit or self.unit, **({"owner_id": self.head.id} | more))

    def schedule(self, action: Action, *blockers: Action, **rule: object) -> Action:
        """Schedule it as the head."""
        wish = ScheduleWish(blockers=tuple(one.id for one in blockers), **rule)  # type: ignore[arg-type]
        return schedule(session=self.session, item_id=action.id, wish=wish, by=self.by, at=NOW)

    def done(self, action: Action) -> None:
        """Report it done."""
        wish = ProgressWish(status=Status.DONE, progress=100)
        report_progress(session=self.session, item_id=action.id, wish=wish, by=self.by, at=NOW)

    def others(self) -> list[Action]:
        """Every other action, the earliest due first."""
        query = select(Action).where(Action.id != self.walk.id).order_by(Action.due_on)
        return list(self.session.scalars(query))


@pytest.fixture
def house(session: Session) -> House:
    """The company of these tests."""
    return House(session)


def test_blockers_are_set_changed_and_journalled(session: Session, house: House) -> None:
    other, third = house.action("Draw the map"), house.action("Buy chalk")
    house.schedule(house.walk, other, third)
    house.schedule(house.walk, third)
    found = blockers_of(session=session, actor=house.by, action_ids=[house.walk.id])[house.walk.id]
    assert [(one.name, one.is_finished) for one in found] == [("Buy chalk", False)]
    lines = session.scalars(select(JournalLine).where(JournalLine.verb == "scheduled").order_by(JournalLine.id)).all()
    assert [(one.after or {})["blockers"] for one in lines] == [[other.id, third.id], [third.id]]


def test_waiting_never_goes_round_in_a_circle(house: House) -> None:
    second, third = house.action("Second"), house.action("Third")
    house.schedule(second, house.walk)
    house.schedule(third, second)
    for wrong in (house.walk, third):
        with pytest.raises(Refused, match="circle"):
            house.schedule(house.walk, wrong)


def test_what_may_not_be_seen_blocks_nothing_new_and_stays_without_its_name(session: Session, house: House) -> None:
    secret = factories.unit(session, "Laboratory", restricted=True)
    hidden = house.action("Secret", secret)
    house.by = factories.actor(session, house.head)
    with pytest.raises(Missing):
        house.schedule(house.walk, hidden)
    wish = ScheduleWish(blockers=(hidden.id,))
    schedule(session=session, item_id=house.walk.id, wish=wish, by=THE_CALENDAR, at=NOW)
    house.schedule(house.walk, hidden)
    found = blockers_of(session=session, actor=house.by, action_ids=[house.walk.id])[house.walk.id]
    assert [(one.name, one.readable) for one in found] == [("something restricted", False)]


def test_a_rule_needs_a_due_day_and_sensible_words(house: House) -> None:
    undated = house.action("Some day")
    with pytest.raises(Refused, match="due day"):
        house.schedule(undated, **EVERY_WEEK)
    with pytest.raises(Refused, match="from 1 to 52"):
        house.schedule(house.walk, step=Step.WEEK, every=53)
    with pytest.raises(Refused, match="before the action itself"):
        house.schedule(house.walk, **EVERY_WEEK, until=date(2026, 5, 21))


def test_staff_do_not_schedule_and_the_slower_one_is_told(session: Session, house: House) -> None:
    staff = factories.actor(session, factories.person(session, "Di Staff", Role.STAFF, house.unit))
    with pytest.raises(Forbidden):
        schedule(session=session, item_id=house.walk.id, wish=ScheduleWish(), by=staff, at=NOW)
    with pytest.raises(Stale):
        house.schedule(house.walk, version=99)


def test_the_next_one_opens_when_one_is_done_with_its_people_and_links(session: Session, house: House) -> None:
    kpi = factories.kpi(session, "Defects", house.unit)
    priority = factories.priority(session, "Quality", house.unit)
    factories.link(session, house.walk, kpi, 9)
    factories.link(session, priority, house.walk, 3)
    helper = factories.person(session, "Di Staff", Role.STAFF, house.unit)
    session.add(ActionHelper(action_id=house.walk.id, person_id=helper.id))
    house.schedule(house.walk, **EVERY_WEEK)
    house.done(house.walk)
    (new,) = house.others()
    assert (new.name, new.due_on, new.owner_id) == ("Walk the floor (2026-05-29)", date(2026, 5, 29), house.head.id)
    assert (new.state, new.status, new.progress) == (State.ACTIVE, Status.OPEN, 0)
    links = session.execute(
        select(Correlation.upper_id, Correlation.lower_id, Correlation.strength).where(
            (Correlation.upper_id == new.id) | (Correlation.lower_id == new.id)
        )
    )
    assert set(links) == {(new.id, kpi.id, 9), (priority.id, new.id, 3)}
    assert session.get(ActionHelper, (new.id, helper.id)) is not None
    house.done(house.walk)
    assert house.others() == [new], "done twice opens nothing twice"


def test_what_answered_it_answers_the_next_one_where_actions_are_handed_down(session: Session, house: House) -> None:
    session.get_one(Cycle, house.walk.cycle_id).rotation = Rotation.ACTION
    line = factories.unit(session, "Assembly", house.unit)
    answers = [factories.objective(session, name, line) for name in ("Walk with us", "Walked once")]
    factories.deployment(session, house.walk, answers[0])
    factories.deployment(session, house.walk, answers[1], state=State.ENDED)
    house.schedule(house.walk, **EVERY_WEEK)
    house.done(house.walk)
    (new,) = house.others()
    found = session.execute(
        select(Deployment.objective_id, Deployment.state).where(Deployment.source_id == new.id)
    ).all()
    assert [tuple(one) for one in found] == [(answers[0].id, State.ACTIVE)]


def test_the_next_one_opens_when_one_falls_due_once(session: Session, house: House) -> None:
    house.schedule(house.walk, **EVERY_WEEK)
    assert open_next(session=session, by=THE_CALENDAR, at=NOW) == [], "not due yet"
    due = datetime(2026, 5, 22, 9, tzinfo=UTC)
    assert [one.due_on for one in open_next(session=session, by=THE_CALENDAR, at=due)] == [date(2026, 5, 29)]
    assert open_next(session=session, by=THE_CALENDAR, at=due) == []
    late = datetime(2026, 7, 1, 9, tzinfo=UTC)
    assert [one.due_on for one in open_next(session=session, by=THE_CALENDAR, at=late)] == [date(2026, 7, 3)]
    with pytest.raises(Forbidden):
        open_next(session=session, by=house.by, at=late)


def test_until_stop_and_the_end_of_the_cycle_end_it(session: Session, house: House) -> None:
    house.schedule(house.walk, **EVERY_WEEK, until=date(2026, 5, 28))
    house.done(house.walk)
    assert house.others() == []
    yearly = house.action("Take stock", due_on=date(2026, 12, 1))
    house.schedule(yearly, step=Step.MONTH, every=3)
    house.done(yearly)
    assert len(house.others()) == 1, "there is no cycle for March 2027 yet"
    factories.cycle(session, 2027)
    assert [one.due_on for one in open_next(session=session, by=THE_CALENDAR, at=NOW)] == [date(2027, 3, 1)]
    house.schedule(house.others()[-1])
    assert open_following(session=session, action_id=house.others()[-1].id, by=THE_CALENDAR, at=NOW) is None


def test_a_name_that_is_taken_gets_a_number(house: House) -> None:
    house.action("Walk the floor (2026-05-29)")
    house.schedule(house.walk, **EVERY_WEEK)
    house.done(house.walk)
    assert {one.name for one in house.others()} == {"Walk the floor (2026-05-29)", "Walk the floor (2026-05-29) 2"}

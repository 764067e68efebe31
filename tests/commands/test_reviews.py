"""Reviews are planned, moved, cancelled and held: rights, refusals, the journal, the lock and the frozen pack."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.commands import meetings, reviews
from hoshin.commands.diagnosis import AreaWish, FindingWish, score, write_template
from hoshin.commands.feeds import make_feed, revoke_feeds
from hoshin.commands.meetings import DecisionWish, HoldWish, MinutesWish, TaskWish
from hoshin.commands.passwords import token_hash
from hoshin.commands.promises import PromiseWish, give, promise, withdraw
from hoshin.commands.readings import CellWish, record_cells
from hoshin.commands.reviews import MoveWish
from hoshin.engine.cadence import ReviewKind
from hoshin.engine.diagnosis import AREAS, Phase
from hoshin.errors import Forbidden, Missing, Refused, Stale
from hoshin.model.actions import Action
from hoshin.model.cycles import MonthLock
from hoshin.model.journal import JournalLine
from hoshin.model.reviews import Pack, Presence, Review, ReviewState
from hoshin.queries.diagnosis import list_areas, list_findings
from hoshin.queries.notices import list_notices
from hoshin.queries.reviews import find_feed_owner, find_pack, list_moves, list_my_tasks, load_minutes
from tests import reviewing
from tests.reviewing import NOW, House

APRIL = date(2026, 4, 1)


@pytest.fixture
def house(session: Session) -> House:
    """The house of tests/reviewing.py."""
    return reviewing.build(session)


def _move(review: Review, **more: object) -> MoveWish:
    stand = {"planned_on": review.planned_on, "begins": review.begins, "lasts": review.lasts, "version": review.version}
    return MoveWish(**(stand | more))  # type: ignore[arg-type] # the fields of the wish, by name


def test_a_year_is_planned_for_everybody_teams_first_and_only_once(session: Session, house: House) -> None:
    assert reviewing.plan_all(session, house) == 4 * 12
    assert reviewing.plan_all(session, house) == 0
    days = [
        reviewing.review_of(session, house, unit).planned_on
        for unit in (house.team, house.plan.operations, house.plan.top)
    ]
    assert days == [date(2026, 5, 11), date(2026, 5, 12), date(2026, 5, 13)]
    lines = session.scalars(select(JournalLine).where(JournalLine.subject == "review")).all()
    assert len(lines) == 48


def test_what_lies_behind_is_planned_only_when_asked_for(session: Session, house: House) -> None:
    assert reviewing.plan_all(session, house, past=False) == 4 * 8


def test_a_moved_or_cancelled_review_is_not_planned_again(session: Session, house: House) -> None:
    reviewing.plan_all(session, house)
    boss = house.actor(session, house.plan.executive)
    review = reviewing.review_of(session, house, house.plan.top)
    reviews.cancel(session=session, review_id=review.id, reason="Holidays", version=1, by=boss, at=NOW)
    assert reviewing.plan_all(session, house) == 0


def test_a_head_plans_for_her_unit_and_below_and_nowhere_else(session: Session, house: House) -> None:
    head = house.actor(session, house.plan.head)
    wish = reviews.YearWish(
        unit_id=house.plan.operations.id, cycle_id=house.plan.cycle.id, kinds=[ReviewKind.QUARTERLY], below=True
    )
    assert reviews.plan_year(session=session, wish=wish, by=head, at=NOW) == 2 * 3
    for unit, error in ((house.plan.top, Forbidden), (house.plan.secret, Missing)):
        other = reviews.YearWish(unit_id=unit.id, cycle_id=house.plan.cycle.id, kinds=[ReviewKind.ANNUAL])
        with pytest.raises(error):
            reviews.plan_year(session=session, wish=other, by=head, at=NOW)
    staff = house.actor(session, house.plan.staff)
    with pytest.raises(Forbidden):
        reviews.plan_year(session=session, wish=wish, by=staff, at=NOW)


def test_a_wish_without_a_kind_or_with_a_strange_length_is_refused(session: Session, house: House) -> None:
    boss = house.actor(session, house.plan.executive)
    wish = reviews.YearWish(unit_id=house.plan.top.id, cycle_id=house.plan.cycle.id, kinds=[], lasts=0)
    with pytest.raises(Refused) as refusal:
        reviews.plan_year(session=session, wish=wish, by=boss, at=NOW)
    assert [one.field for one in refusal.value.problems] == ["kinds", "lasts"]


def test_moving_keeps_the_way_and_counts_the_sequence_up(session: Session, house: House) -> None:
    reviewing.plan_all(session, house)
    head = house.actor(session, house.plan.head)
    review = reviewing.review_of(session, house, house.plan.operations)
    uid, later = review.uid, datetime(2026, 5, 21, tzinfo=UTC)
    wish = _move(review, planned_on=date(2026, 5, 15), begins=time(9, 30), reason="The boss is away")
    reviews.move(session=session, review_id=review.id, wish=wish, by=head, at=later)
    assert (review.sequence, review.announced_at, review.uid) == (1, later, uid)
    reviews.move(session=session, review_id=review.id, wish=_move(review), by=head, at=NOW)
    assert review.sequence == 1, "nothing that a calendar shows has changed"
    moves = list_moves(session=session, review_id=review.id)
    assert [(one.from_day, one.to_day, one.reason) for one in moves] == [
        (date(2026, 5, 12), date(2026, 5, 15), "The boss is away")
    ]
    with pytest.raises(Stale):
        reviews.move(session=session, review_id=review.id, wish=_move(review, version=1), by=head, at=NOW)


def test_a_cancelled_review_comes_back_when_it_is_moved(session: Session, house: House) -> None:
    reviewing.plan_all(session, house)
    head = house.actor(session, house.plan.head)
    review = reviewing.review_of(session, house, house.plan.operations)
    with pytest.raises(Refused):
        reviews.cancel(session=session, review_id=review.id, reason=" ", version=None, by=head, at=NOW)
    reviews.cancel(session=session, review_id=review.id, reason="Flood", version=None, by=head, at=NOW)
    with pytest.raises(Refused, match="cancelled"):
        meetings.hold(session=session, review_id=review.id, wish=HoldWish(), content={}, by=head, at=NOW)
    reviews.move(session=session, review_id=review.id, wish=_move(review), by=head, at=NOW)
    assert (review.state, review.sequence) == (ReviewState.PLANNED, 2)


def _minutes(house: House, **more: object) -> MinutesWish:
    wish = {
        "minutes": "We looked at the tool.",
        "presence": {house.plan.head.id: Presence.PRESENT, house.plan.staff.id: Presence.EXCUSED},
        "decisions": [DecisionWish(text="Change the tool every week")],
        "actions": [TaskWish(text="Order tools", owner_id=house.plan.staff.id, due_on=date(2026, 6, 5))],
    }
    return MinutesWish(**(wish | more))  # type: ignore[arg-type] # the fields of the wish, by name


def test_minutes_are_kept_changed_and_promoted(session: Session, house: House) -> None:
    reviewing.plan_all(session, house)
    head = house.actor(session, house.plan.head)
    review = reviewing.review_of(session, house, house.plan.operations)
    meetings.keep_minutes(session=session, review_id=review.id, wish=_minutes(house), by=head, at=NOW)
    found = load_minutes(session=session, review_id=review.id)
    assert found.presence[house.plan.head.id] is Presence.PRESENT
    kept = TaskWish(text="Order ten tools", owner_id=house.plan.staff.id, key=found.actions[0].id)
    again = _minutes(house, decisions=[], actions=[kept], presence={}, version=review.version)
    meetings.keep_minutes(session=session, review_id=review.id, wish=again, by=head, at=NOW)
    found = load_minutes(session=session, review_id=review.id)
    assert ([one.text for one in found.actions], list(found.decisions), found.presence) == (["Order ten tools"], [], {})
    action = meetings.promote(session=session, review_id=review.id, action_key=found.actions[0].id, by=head, at=NOW)
    assert session.get_one(Action, action.id).unit_id == house.plan.operations.id
    with pytest.raises(Refused, match="already"):
        meetings.promote(session=session, review_id=review.id, action_key=found.actions[0].id, by=head, at=NOW)
    with pytest.raises(Refused, match="stays here too"):
        meetings.keep_minutes(session=session, review_id=review.id, wish=_minutes(house, actions=[]), by=head, at=NOW)


def test_who_took_something_on_ticks_it_off_and_nobody_else_s(session: Session, house: House) -> None:
    reviewing.plan_all(session, house)
    head, staff = house.actor(session, house.plan.head), house.actor(session, house.plan.staff)
    review = reviewing.review_of(session, house, house.plan.operations)
    others = TaskWish(text="Call them", owner_id=house.plan.head.id)
    mine = TaskWish(text="Order tools", owner_id=house.plan.staff.id, due_on=date(2026, 5, 5))
    wish = _minutes(house, actions=[mine, others])
    meetings.keep_minutes(session=session, review_id=review.id, wish=wish, by=head, at=NOW)
    found = load_minutes(session=session, review_id=review.id)
    line: dict[str, Any] = {"session": session, "review_id": review.id, "by": staff, "at": NOW}
    (waits,) = list_my_tasks(session=session, person_id=house.plan.staff.id)
    told = list_notices(session=session, actor=staff, now=NOW, standing=None)
    assert "Order tools" in {one.title for one in told}
    meetings.tick_off(what="action", key=waits.thing.id, **line)
    assert waits.thing.done_on == NOW.date()
    assert list_my_tasks(session=session, person_id=house.plan.staff.id) == []
    for what, key in (("action", found.actions[1].id), ("decision", found.decisions[0].id)):
        with pytest.raises(Forbidden):
            meetings.tick_off(what=what, key=key, **line)


def test_lines_of_another_review_and_stale_minutes_are_turned_away(session: Session, house: House) -> None:
    reviewing.plan_all(session, house)
    head = house.actor(session, house.plan.head)
    review = reviewing.review_of(session, house, house.plan.operations)
    other = reviewing.review_of(session, house, house.team)
    meetings.keep_minutes(session=session, review_id=other.id, wish=_minutes(house), by=head, at=NOW)
    foreign = load_minutes(session=session, review_id=other.id).decisions[0].id
    wish = _minutes(house, decisions=[DecisionWish(text="Mine", key=foreign)])
    with pytest.raises(Missing):
        meetings.keep_minutes(session=session, review_id=review.id, wish=wish, by=head, at=NOW)
    with pytest.raises(Missing):
        meetings.tick_off(session=session, review_id=review.id, what="decision", key=foreign, by=head, at=NOW)
    with pytest.raises(Stale):
        meetings.keep_minutes(session=session, review_id=review.id, wish=_minutes(house, version=9), by=head, at=NOW)
    staff = house.actor(session, house.plan.staff)
    with pytest.raises(Forbidden):
        meetings.keep_minutes(session=session, review_id=review.id, wish=_minutes(house), by=staff, at=NOW)


def test_holding_freezes_the_pack_and_locks_only_her_own_month(session: Session, house: House) -> None:
    reviewing.plan_all(session, house)
    head = house.actor(session, house.plan.head)
    review = reviewing.review_of(session, house, house.plan.operations)
    meetings.hold(session=session, review_id=review.id, wish=HoldWish(lock=True), content={"a": 1}, by=head, at=NOW)
    pack = find_pack(session=session, review_id=review.id)
    assert pack is not None
    assert pack.content == {"a": 1}
    locks = session.scalars(select(MonthLock)).all()
    assert [(one.unit_id, one.month) for one in locks] == [(house.plan.operations.id, APRIL)]
    line = session.scalars(select(JournalLine).where(JournalLine.subject == "monthlock")).one()
    assert "monthly review" in line.why
    cell = CellWish(kpi_id=house.plan.kpis["Complaints"].id, period=APRIL, values={"actual": None})
    staff = house.actor(session, house.plan.staff)
    outcome = record_cells(session=session, cells=[cell], by=staff, at=NOW)
    assert ["locked for this unit" in one.message for one in outcome.problems] == [True]
    with pytest.raises(Refused, match="held already"):
        meetings.hold(session=session, review_id=review.id, wish=HoldWish(), content={"a": 2}, by=head, at=NOW)
    with pytest.raises(Refused, match="stays where it was"):
        reviews.move(session=session, review_id=review.id, wish=_move(review), by=head, at=NOW)


def test_who_stands_above_may_hold_it_but_not_lock_another_units_month(session: Session, house: House) -> None:
    reviewing.plan_all(session, house)
    boss = house.actor(session, house.plan.executive)
    review = reviewing.review_of(session, house, house.plan.operations)
    with pytest.raises(Forbidden):
        meetings.hold(session=session, review_id=review.id, wish=HoldWish(lock=True), content={}, by=boss, at=NOW)
    meetings.hold(session=session, review_id=review.id, wish=HoldWish(), content={}, by=boss, at=NOW)
    assert session.scalars(select(MonthLock)).all() == []


def test_a_month_that_is_not_over_is_not_locked(session: Session, house: House) -> None:
    reviewing.plan_all(session, house)
    head = house.actor(session, house.plan.head)
    review = reviewing.review_of(session, house, house.plan.operations, month=6)
    with pytest.raises(Refused, match="nothing to lock"):
        meetings.hold(session=session, review_id=review.id, wish=HoldWish(lock=True), content={}, by=head, at=NOW)


def test_the_first_paper_stays(session: Session, house: House) -> None:
    reviewing.plan_all(session, house)
    head = house.actor(session, house.plan.head)
    review = reviewing.review_of(session, house, house.plan.operations)
    with pytest.raises(Missing):
        meetings.keep_print(session=session, review_id=review.id, printed=b"one", by=head, at=NOW)
    meetings.hold(session=session, review_id=review.id, wish=HoldWish(), content={}, by=head, at=NOW)
    for paper in (b"one", b"two"):
        meetings.keep_print(session=session, review_id=review.id, printed=paper, by=head, at=NOW)
    session.expire_all()
    assert session.get_one(Pack, review.id).printed == b"one"


def test_the_eleven_areas_come_with_the_first_diagnosis_and_can_be_edited(session: Session, house: House) -> None:
    boss = house.actor(session, house.plan.executive)
    assert len(AREAS) == 11
    reviewing.plan_all(session, house, ReviewKind.DIAGNOSIS)
    areas = list_areas(session=session)
    assert [one.name for one in areas] == [name for name, _ in AREAS]
    wishes = [AreaWish(name=one.name, key=one.id) for one in areas[1:5]] + [AreaWish(name="Safety", place=5)]
    write_template(session=session, areas=wishes, by=boss, at=NOW)
    assert [one.name for one in list_areas(session=session)][-1] == "Safety"
    assert len(list_areas(session=session, archived=True)) == 12
    twice = [AreaWish(name="A"), AreaWish(name="a", place=2), AreaWish(name="B")]
    with pytest.raises(Refused, match="another area"):
        write_template(session=session, areas=twice, by=boss, at=NOW)
    with pytest.raises(Forbidden):
        write_template(session=session, areas=wishes, by=house.actor(session, house.plan.head), at=NOW)


def test_the_president_scores_a_unit_until_the_diagnosis_is_held(session: Session, house: House) -> None:
    reviewing.plan_all(session, house, ReviewKind.DIAGNOSIS)
    boss = house.actor(session, house.plan.executive)
    review = reviewing.review_of(session, house, house.plan.operations, ReviewKind.DIAGNOSIS, month=1)
    area = list_areas(session=session)[0]
    wish = [FindingWish(area_id=area.id, scores={Phase.PLAN: 4, Phase.DO: 2}, remark="Seen on the line")]
    score(session=session, review_id=review.id, findings=wish, version=1, by=boss, at=NOW)
    found = list_findings(session=session, review_id=review.id)
    assert [(one.area_name, one.plan_score, one.scan_score) for one in found] == [(area.name, 4, None)]
    wrong = [FindingWish(area_id=area.id, scores={Phase.PLAN: 6})]
    with pytest.raises(Refused, match="between 1 and 5"):
        score(session=session, review_id=review.id, findings=wrong, version=2, by=boss, at=NOW)
    with pytest.raises(Stale):
        score(session=session, review_id=review.id, findings=wish, version=1, by=boss, at=NOW)
    meetings.hold(session=session, review_id=review.id, wish=HoldWish(), content={}, by=boss, at=NOW)
    with pytest.raises(Refused, match="stay as they were"):
        score(session=session, review_id=review.id, findings=wish, version=review.version, by=boss, at=NOW)


def test_a_feed_has_one_living_address_and_none_after_revoking(session: Session, house: House) -> None:
    staff = house.actor(session, house.plan.staff)
    first = make_feed(session=session, by=staff, at=NOW)
    second = make_feed(session=session, by=staff, at=NOW)
    assert find_feed_owner(session=session, token_hash=token_hash(token=first)) is None
    assert find_feed_owner(session=session, token_hash=token_hash(token=second)) == house.plan.staff
    house.plan.staff.deactivated_at = NOW
    session.flush()
    assert find_feed_owner(session=session, token_hash=token_hash(token=second)) is None
    assert revoke_feeds(session=session, by=staff, at=NOW) == 1
    hashes = [one.after for one in session.scalars(select(JournalLine).where(JournalLine.subject == "calendarfeed"))]
    assert all("token_hash" not in (one or {}) for one in hashes)


def test_promises_are_made_given_and_withdrawn_by_those_who_answer_for_the_objective(
    session: Session, house: House
) -> None:
    boss, key = house.actor(session, house.plan.executive), house.plan.objective.id
    wish = PromiseWish(text="Two engineers", person_id=house.plan.executive.id, promised_on=date(2026, 5, 1))
    made = [promise(session=session, objective_id=key, wish=wish, by=boss, at=NOW) for _ in range(2)]
    assert give(session=session, promise_id=made[0].id, version=1, by=boss, at=NOW).given_on == NOW.date()
    with pytest.raises(Refused, match="already"):
        withdraw(session=session, promise_id=made[0].id, reason="No", version=None, by=boss, at=NOW)
    with pytest.raises(Refused, match="say why"):
        withdraw(session=session, promise_id=made[1].id, reason="", version=None, by=boss, at=NOW)
    with pytest.raises(Forbidden):
        promise(session=session, objective_id=key, wish=wish, by=house.actor(session, house.plan.staff), at=NOW)
    early = PromiseWish(text="", person_id=None, promised_on=date(2026, 5, 1), due_on=date(2026, 4, 1))
    with pytest.raises(Refused) as refusal:
        promise(session=session, objective_id=key, wish=early, by=boss, at=NOW)
    assert [one.field for one in refusal.value.problems] == ["text", "person_id", "due_on"]

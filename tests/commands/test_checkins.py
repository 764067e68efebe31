"""The weekly check-in: whose it is, which weeks, what it is prefilled with, and two of a team at once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.commands.actions import ProgressWish, report_progress
from hoshin.commands.checkins import CheckInWish, check_in, choose_who
from hoshin.commands.readings import CellWish, record_cells
from hoshin.commands.roadblocks import RoadblockWish, raise_roadblock
from hoshin.engine.verdicts import Direction
from hoshin.errors import Forbidden, Refused, Stale
from hoshin.model.actions import Status
from hoshin.model.checkins import CheckIn
from hoshin.model.people import Role
from hoshin.model.units import CheckInBy
from hoshin.queries.checkins import Who, list_expected, load_since
from hoshin.reports.checkins import prefilled, week_of_unit
from tests import factories
from tests.factories import NOW

WEEK = date(2026, 5, 18)


def test_a_person_checks_in_once_a_week_and_corrects_it(session: Session) -> None:
    factories.organisation(session)
    unit = factories.unit(session)
    staff = factories.person(session, "Di Staff", Role.STAFF, unit)
    by = factories.actor(session, staff)
    wish = CheckInWish(unit_id=unit.id, week=WEEK, progress="moved")
    first = check_in(session=session, wish=wish, by=by, at=NOW)
    assert (first.person_id, first.by_name) == (staff.id, "Di Staff")
    with pytest.raises(Stale):
        check_in(session=session, wish=wish, by=by, at=NOW)
    better = CheckInWish(unit_id=unit.id, week=WEEK, progress="moved on", version=1)
    assert check_in(session=session, wish=better, by=by, at=NOW) is first
    assert (first.progress, first.version) == ("moved on", 2)


@pytest.mark.parametrize("week", [date(2026, 5, 4), date(2026, 5, 25), date(2026, 5, 19)])
def test_only_this_week_and_the_last_one(session: Session, week: date) -> None:
    factories.organisation(session)
    unit = factories.unit(session)
    by = factories.actor(session, factories.person(session, "Di Staff", Role.STAFF, unit))
    with pytest.raises(Refused, match="this week or the last one"):
        check_in(session=session, wish=CheckInWish(unit_id=unit.id, week=week, next="x"), by=by, at=NOW)


def test_empty_lines_and_strangers_are_refused(session: Session) -> None:
    factories.organisation(session)
    unit, other = factories.unit(session), factories.unit(session, "Sales")
    by = factories.actor(session, factories.person(session, "Di Staff", Role.STAFF, unit))
    with pytest.raises(Refused, match="at least one of the three"):
        check_in(session=session, wish=CheckInWish(unit_id=unit.id, week=WEEK), by=by, at=NOW)
    with pytest.raises(Forbidden):
        check_in(session=session, wish=CheckInWish(unit_id=other.id, week=WEEK, next="x"), by=by, at=NOW)


def test_a_team_checks_in_as_one_and_the_slower_one_is_told(session: Session) -> None:
    factories.organisation(session)
    unit = factories.unit(session)
    head = factories.actor(session, factories.person(session, "Bo Head", Role.HEAD, unit))
    staff = factories.actor(session, factories.person(session, "Di Staff", Role.STAFF, unit))
    with pytest.raises(Forbidden):
        choose_who(session=session, unit_id=unit.id, wish=CheckInBy.TEAM, by=staff, at=NOW)
    choose_who(session=session, unit_id=unit.id, wish=CheckInBy.TEAM, by=head, at=NOW)
    wish = CheckInWish(unit_id=unit.id, week=WEEK, progress="ours")
    assert check_in(session=session, wish=wish, by=staff, at=NOW).person_id is None
    with pytest.raises(Stale):
        check_in(session=session, wish=wish, by=head, at=NOW)
    week = week_of_unit(
        checkins=session.scalars(select(CheckIn)).all(), expected={}, people={}, team="Operations"
    )
    assert (week.said, week.entries[0].name, week.entries[0].by) == ("1 of 1 checked in", "Operations", "Di Staff")


def test_who_should_check_in_is_who_is_employed_at_home_there_today(session: Session) -> None:
    factories.organisation(session)
    unit = factories.unit(session)
    staff = factories.person(session, "Di Staff", Role.STAFF, unit)
    factories.person(session, "Ed Auditor", Role.AUDITOR, unit)
    factories.person(session, "Flo Former", Role.STAFF, unit, last=date(2026, 1, 1))
    factories.person(session, "Gus Gone", Role.STAFF, unit, deactivated_at=NOW)
    expected = list_expected(session=session, unit_ids=[unit.id], today=factories.TODAY)
    assert expected == {unit.id: {staff.id: "Di Staff"}}
    assert week_of_unit(checkins=[], expected=expected[unit.id], people={}, team=None).missing == ("Di Staff",)


def test_it_is_prefilled_from_the_journal_with_the_last_word_on_each_item(session: Session) -> None:
    factories.organisation(session)
    unit = factories.unit(session)
    staff = factories.person(session, "Di Staff", Role.STAFF, unit)
    by = factories.actor(session, staff)
    action = factories.action(session, "Map the flow", unit, owner_id=staff.id, due_on=date(2026, 5, 28))
    factories.action(session, "Far away", unit, owner_id=staff.id, due_on=date(2026, 9, 1))
    kpi = factories.kpi(session, "Lead time", unit, owner_id=staff.id, direction=Direction.AT_MOST)
    for day, progress in ((10, 10), (19, 20), (20, 40)):
        wish = ProgressWish(status=Status.IN_PROGRESS, progress=progress, note="half way" if progress == 40 else "")
        at = datetime(2026, 5, day, tzinfo=UTC)
        report_progress(session=session, item_id=action.id, wish=wish, by=by, at=at)
    cell = CellWish(kpi_id=kpi.id, period=date(2026, 4, 1), values={"actual": Decimal("8.5")})
    record_cells(session=session, cells=[cell], by=by, at=NOW)
    raise_roadblock(session=session, wish=RoadblockWish(unit_id=unit.id, name="No parts"), by=by, at=NOW)
    since = load_since(
        session=session, actor=by, who=Who(unit.id, staff.id), since=datetime(2026, 5, 18, tzinfo=UTC),
        until=date(2026, 6, 1),
    )  # fmt: skip
    lines = prefilled(since=since)
    assert lines["progress"].splitlines() == ["Map the flow, in progress, 40 %: half way", "Lead time: Apr 2026 8.5"]
    assert lines["roadblocks"] == "No parts"
    assert lines["next"] == "Map the flow (due 28 May 2026)"
    whole = load_since(
        session=session, actor=by, who=Who(unit.id, None), since=NOW.replace(year=2027), until=date(2026, 6, 1)
    )
    assert prefilled(since=whole)["progress"] == ""

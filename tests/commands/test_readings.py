"""Readings: planned, amended, recorded and revised, with every refusal, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor, system_actor
from hoshin.commands import items
from hoshin.commands.bands import Values
from hoshin.commands.outcomes import NotRecorded, Outcome
from hoshin.commands.readings import (
    CellWish,
    first_open_period,
    record_cells,
    rederive,
    save_cells,
)
from hoshin.db import Database
from hoshin.engine.calendars import Frequency
from hoshin.engine.plans import State
from hoshin.engine.verdicts import Band, Direction
from hoshin.errors import Forbidden, Missing, Problem, Refused
from hoshin.model.cycles import CycleKPI, MonthLock
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Reading, Revision
from hoshin.model.people import Role
from hoshin.model.units import Unit
from hoshin.queries.kpis import list_readings, list_revisions
from tests import factories
from tests.factories import NOW, TODAY

JAN, MAY, JUN = date(2026, 1, 1), date(2026, 5, 1), date(2026, 6, 1)


@dataclass
class House:
    """One unit with a head, a member of staff and a facilitator, and one KPI in force."""

    session: Session
    unit: Unit
    kpi: KPI
    head: Actor
    staff: Actor
    facilitator: Actor

    def save(self, by: Actor, *cells: CellWish, at: datetime = NOW, reason: str = "", revise: bool = False) -> Outcome:
        """Record the cells."""
        return record_cells(session=self.session, cells=cells, by=by, at=at, reason=reason, revise=revise)

    def plan(self, period: date, value: str | None, *, version: int | None = None) -> CellWish:
        """A target of the KPI."""
        return self.cell(period, {"target": None if value is None else Decimal(value)}, version)

    def actual(self, period: date, value: str, *, version: int | None = None) -> CellWish:
        """An actual of the KPI."""
        return self.cell(period, {"actual": Decimal(value)}, version)

    def cell(self, period: date, values: Values, version: int | None = None) -> CellWish:
        """Any cell of the KPI."""
        place = Problem("", field=f"{self.kpi.name} {period:%Y-%m}")
        return CellWish(kpi_id=self.kpi.id, period=period, values=values, version=version, place=place)

    def reading(self, period: date) -> Reading:
        """What stands for the period, read from the database again."""
        self.session.expire_all()
        return self.session.get_one(Reading, (period, self.kpi.id))

    def lock(self, month: date) -> None:
        """Close the month for the unit."""
        self.session.add(MonthLock(unit_id=self.unit.id, month=month, locked_at=NOW, locked_by="Ines"))
        self.session.flush()


@pytest.fixture
def house(session: Session) -> House:
    """The unit of these tests; today is 20 May 2026, so April is the latest due month."""
    factories.organisation(session)
    factories.cycle(session)
    unit = factories.unit(session)
    people = [
        factories.person(session, name, role, unit)
        for name, role in (("Hedy", Role.HEAD), ("Sam", Role.STAFF), ("Fay", Role.FACILITATOR))
    ]
    kpi = factories.kpi(session, "Lead time", unit, direction=Direction.AT_LEAST)
    return House(session, unit, kpi, *(factories.actor(session, one) for one in people))


def _one(outcome: Outcome) -> str:
    assert outcome.saved == 0
    return "; ".join(str(one) for one in outcome.problems)


# ------------------------------------------------------------------ what is saved


def test_a_target_becomes_its_band_and_what_was_first_agreed(house: House) -> None:
    assert house.save(house.head, house.plan(MAY, "95.5")).saved == 1
    found = house.reading(MAY)
    assert (found.band_low, found.band_high, found.first_low) == (Decimal("95.5"), None, Decimal("95.5"))
    assert (found.version, found.amended, found.recorded_at) == (1, False, NOW)


def test_the_same_again_changes_nothing_and_leaves_no_trace(house: House) -> None:
    house.save(house.head, house.plan(MAY, "95.50"))
    outcome = house.save(house.head, house.plan(MAY, "95.5", version=0), at=NOW + timedelta(hours=1))
    assert (outcome.saved, outcome.unchanged) == (0, 1)
    assert house.reading(MAY).version == 1
    assert len(list_revisions(session=house.session, kpi_id=house.kpi.id)) == 1


def test_every_change_leaves_a_revision_and_a_journal_line_with_who_when_and_why(house: House) -> None:
    house.save(house.head, house.plan(MAY, "95"), house.plan(JUN, "96"))
    house.save(house.head, house.plan(JUN, "97"), at=NOW + timedelta(days=1), reason="new machine")
    lines = house.session.scalars(select(JournalLine).order_by(JournalLine.id)).all()
    assert [(one.by_name, one.verb, one.why, one.subject_name) for one in lines] == [
        ("Hedy", "planned", "", "Lead time"),
        ("Hedy", "amended", "new machine", "Lead time"),
    ]
    assert lines[0].after == {"2026-05-01": {"target": "95"}, "2026-06-01": {"target": "96"}}
    assert (lines[1].before, lines[1].after) == ({"2026-06-01": {"target": "96"}}, {"2026-06-01": {"target": "97"}})
    latest = list_revisions(session=house.session, kpi_id=house.kpi.id)[0]
    assert (latest.amendment, latest.reason, latest.journal_id) == (True, "new machine", lines[1].id)


@pytest.mark.parametrize("value", ["99999999999999.9999", "-99999999999999.9999", "0.0001", "-0.1", "0"])
def test_a_figure_survives_the_round_trip_exactly(house: House, value: str) -> None:
    house.save(house.head, house.plan(MAY, value), house.actual(JUN, value))
    assert house.reading(MAY).target == Decimal(value)
    assert house.reading(MAY).band_low == Decimal(value)
    assert house.reading(JUN).actual == Decimal(value)


@pytest.mark.parametrize("value", ["100000000000000", "0.00001", "NaN", "sNaN", "Infinity", "1e1000000"])
def test_what_cannot_be_stored_exactly_is_refused_with_its_place(house: House, value: str) -> None:
    outcome = house.save(house.head, house.plan(MAY, value))
    assert _one(outcome).startswith("Lead time 2026-05: ")


def test_a_tolerance_may_not_carry_the_band_beyond_what_can_be_stored(house: House) -> None:
    house.kpi.direction, house.kpi.tolerance = Direction.EXACTLY, Decimal(1)
    house.session.flush()
    assert "digits before the point" in _one(house.save(house.head, house.plan(MAY, "99999999999999.5")))


def test_between_looks_only_at_low_and_high(house: House) -> None:
    house.kpi.direction = Direction.BETWEEN
    house.session.flush()
    house.save(house.head, house.cell(MAY, {"target": Decimal(9), "low": Decimal(1), "high": Decimal(2)}))
    assert house.reading(MAY).as_reading().band == Band(Decimal(1), Decimal(2))
    house.save(house.head, house.cell(JUN, {"target": Decimal(9)}))
    assert house.reading(JUN).as_reading().band is None


def test_a_note_is_emptied_and_a_blank_note_is_no_change(house: House) -> None:
    house.save(house.head, house.cell(MAY, {"note": "strike"}))
    assert house.reading(MAY).note == "strike"
    house.save(house.head, house.cell(MAY, {"note": None}))
    assert house.reading(MAY).note == ""
    assert house.save(house.head, house.cell(MAY, {"note": None})).unchanged == 1


def test_an_empty_row_makes_the_kpi_belong_to_the_cycle_and_is_not_asked_of_strangers(house: House) -> None:
    outcome = house.save(house.head, house.cell(MAY, {}))
    assert (outcome.saved, outcome.unchanged) == (0, 1)
    assert house.session.scalars(select(CycleKPI.kpi_id)).all() == [house.kpi.id]
    with pytest.raises(Forbidden):
        house.save(house.staff, house.cell(JUN, {"actual": None}))


# ------------------------------------------------------------------ refusals


def test_a_stale_version_is_refused_and_says_what_stands_now(house: House) -> None:
    house.save(house.head, house.actual(MAY, "5"))
    outcome = house.save(house.head, house.actual(MAY, "6", version=0))
    assert "it now says actual 5" in _one(outcome)
    assert outcome.stale == outcome.problems
    assert house.save(house.head, house.actual(MAY, "6", version=1)).saved == 1


def test_two_cells_of_one_save_do_not_overwrite_each_other(house: House) -> None:
    outcome = house.save(house.head, house.actual(MAY, "5", version=0), house.actual(MAY, "6", version=0))
    assert (outcome.saved, len(outcome.stale)) == (1, 1)


def test_a_locked_month_refuses_and_a_revision_by_the_head_with_a_reason_changes_it(house: House) -> None:
    house.save(house.head, house.actual(MAY, "5"))
    house.lock(MAY)
    assert "May 2026 is locked" in _one(house.save(house.head, house.actual(MAY, "6"), reason="typo"))
    assert "a locked month is revised: say why" in _one(house.save(house.head, house.actual(MAY, "6"), revise=True))
    with pytest.raises(Forbidden):
        house.save(house.facilitator, house.actual(MAY, "6"), reason="typo", revise=True)
    assert house.save(house.head, house.actual(MAY, "6"), reason="typo", revise=True).saved == 1
    assert house.session.scalars(select(JournalLine.why).order_by(JournalLine.id.desc())).first() == "typo"


def test_a_locked_month_refuses_a_metric_that_was_not_there(house: House) -> None:
    house.lock(MAY)
    assert "locked" in _one(house.save(house.head, house.cell(MAY, {})))


def test_a_quarter_is_locked_with_its_last_month(house: House) -> None:
    house.kpi.frequency = Frequency.QUARTER
    house.session.flush()
    house.lock(date(2026, 2, 1))
    assert house.save(house.head, house.actual(JAN, "5")).saved == 1
    house.lock(date(2026, 3, 1))
    assert "Mar 2026 is locked" in _one(house.save(house.head, house.actual(JAN, "6")))


@pytest.mark.parametrize(
    ("frequency", "wrong"), [(Frequency.MONTH, date(2026, 5, 2)), (Frequency.QUARTER, MAY), (Frequency.YEAR, MAY)]
)
def test_a_period_begins_where_the_calendar_says(house: House, frequency: Frequency, wrong: date) -> None:
    house.kpi.frequency = frequency
    house.session.flush()
    assert f"does not begin a {frequency.value}" in _one(house.save(house.head, house.actual(wrong, "5")))


def test_a_cycle_has_to_be_opened_first(house: House) -> None:
    assert "FY2027 has not been opened" in _one(house.save(house.head, house.plan(date(2027, 1, 1), "5")))


def test_a_later_value_that_is_known_is_not_overwritten_by_an_earlier_one(house: House) -> None:
    house.save(house.head, house.actual(MAY, "5"))
    earlier = NOW - timedelta(days=3)
    assert "a later value is known since 2026-05-20" in _one(house.save(house.head, house.actual(MAY, "4"), at=earlier))
    assert house.reading(MAY).actual == 5


def test_staff_record_only_what_they_own_or_report(house: House) -> None:
    with pytest.raises(Forbidden):
        house.save(house.staff, house.actual(MAY, "5"))
    house.kpi.reporter_id = house.staff.person
    house.session.flush()
    assert house.save(house.staff, house.actual(MAY, "5")).saved == 1
    with pytest.raises(Forbidden):
        house.save(house.staff, house.plan(MAY, "5"))


def test_who_may_not_even_read_the_unit_is_told_that_there_is_nothing(house: House) -> None:
    house.unit.restricted = True
    house.session.flush()
    outsider = factories.actor(house.session, factories.person(house.session, "Otto", Role.STAFF))
    with pytest.raises(Missing):
        house.save(outsider, house.actual(MAY, "5"))
    with pytest.raises(Missing):
        house.save(house.head, CellWish(kpi_id=2**31 - 1, period=MAY, values={"actual": Decimal(1)}))


@pytest.mark.parametrize("already", [0, 1])
def test_of_two_who_save_one_cell_at_once_exactly_one_wins(house: House, database_url: str, already: int) -> None:
    if already:
        house.save(house.head, house.actual(MAY, "1"))
    cells = [house.actual(MAY, value, version=already) for value in ("5", "6")]
    house.session.commit()
    database = Database(url=database_url)

    def save(cell: CellWish) -> int:
        with database.writing() as session:
            outcome = record_cells(session=session, cells=[cell], by=house.head, at=NOW)
            session.commit()
            return outcome.saved

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, cells)) == [0, 1]
    database.dispose()
    assert house.reading(MAY).version == already + 1


# ------------------------------------------------------------------ amendments


def test_an_agreed_target_changes_only_with_a_reason_and_keeps_what_was_first_agreed(house: House) -> None:
    house.save(house.head, house.plan(MAY, "95"))
    refused = house.save(house.head, house.plan(MAY, "80"))
    assert "say why" in _one(refused)
    assert [(one.before, one.after, one.period.first) for one in refused.amendments] == [("95", "80", MAY)]
    house.save(house.head, house.plan(MAY, "80"), reason="supplier lost")
    found = house.reading(MAY)
    assert (found.band_low, found.first_low, found.amended) == (Decimal(80), Decimal(95), True)


def test_a_target_amended_in_june_leaves_may_alone(house: House) -> None:
    house.save(house.head, house.plan(MAY, "95"), house.plan(JUN, "95"))
    cells = [house.plan(MAY, "80"), house.plan(JUN, "80")]
    with pytest.raises(NotRecorded) as refused:
        save_cells(session=house.session, cells=cells, by=house.head, at=NOW, reason="supplier lost", first=JUN)
    assert "applies from Jun 2026 on" in str(refused.value)
    house.session.rollback()


def test_an_amendment_from_june_on_is_saved_for_june(house: House) -> None:
    house.save(house.head, house.plan(MAY, "95"), house.plan(JUN, "95"))
    save_cells(session=house.session, cells=[house.plan(JUN, "80")], by=house.head, at=NOW, reason="lost", first=JUN)
    assert (house.reading(MAY).band_low, house.reading(JUN).band_low) == (Decimal(95), Decimal(80))
    assert (house.reading(MAY).amended, house.reading(JUN).amended) == (False, True)


def test_a_facilitator_plans_but_does_not_amend(house: House) -> None:
    assert house.save(house.facilitator, house.plan(MAY, "95")).saved == 1
    with pytest.raises(Forbidden):
        house.save(house.facilitator, house.plan(MAY, "96"), reason="asked to")


def test_a_dropped_target_cannot_come_back_unseen_as_another_one(house: House) -> None:
    house.save(house.head, house.plan(MAY, "95"))
    assert "say why" in _one(house.save(house.head, house.plan(MAY, None)))
    house.save(house.head, house.plan(MAY, None), reason="dropped")
    assert house.reading(MAY).as_reading().band is None
    with pytest.raises(Forbidden):
        house.save(house.facilitator, house.plan(MAY, "50"))
    house.save(house.head, house.plan(MAY, "50"), reason="back")
    assert (house.reading(MAY).band_low, house.reading(MAY).first_low) == (Decimal(50), Decimal(95))


def test_a_draft_has_agreed_nothing_until_it_is_put_in_force(house: House) -> None:
    house.kpi.state = State.DRAFT
    house.session.flush()
    house.save(house.facilitator, house.plan(MAY, "95"))
    house.save(house.facilitator, house.plan(MAY, "90"))
    assert (house.reading(MAY).first_low, house.reading(MAY).amended) == (Decimal(90), False)
    items.put_in_force(session=house.session, item_id=house.kpi.id, by=house.head, at=NOW)
    assert "say why" in _one(house.save(house.head, house.plan(MAY, "85")))
    assert house.reading(MAY).first_low == Decimal(90)


def test_half_a_range_is_completed_without_an_amendment(house: House) -> None:
    house.kpi.direction = Direction.BETWEEN
    house.session.flush()
    house.save(house.head, house.cell(MAY, {"low": Decimal(1)}))
    assert house.save(house.head, house.cell(MAY, {"high": Decimal(2)})).saved == 1
    assert house.reading(MAY).as_reading().first_band == Band(Decimal(1), Decimal(2))
    assert "say why" in _one(house.save(house.head, house.cell(MAY, {"high": Decimal(3)})))


def test_stretch_and_a_first_year_to_date_target_are_no_amendment(house: House) -> None:
    house.save(house.head, house.plan(MAY, "95"))
    values = {"stretch": Decimal(99), "ytd_target": Decimal(94)}
    assert house.save(house.head, house.cell(MAY, values)).saved == 1
    assert house.reading(MAY).as_reading().ytd_band == Band(Decimal(94), None)
    assert "say why" in _one(house.save(house.head, house.cell(MAY, {"ytd_target": Decimal(93)})))


def test_a_typed_year_to_date_keeps_what_was_first_agreed(house: House) -> None:
    """Also where it was dropped in between: it cannot come back unseen as another one."""
    house.save(house.head, house.cell(MAY, {"ytd_target": Decimal(94)}))
    for target in (Decimal(90), None, Decimal(80)):
        cell = house.cell(MAY, {"ytd_target": target})
        assert "say why" in _one(house.save(house.head, cell))
        house.save(house.head, cell, reason="The plant stands still in May.")
        known = house.reading(MAY).as_reading()
        assert known.ytd_first_band == Band(Decimal(94), None)
        assert known.ytd_band == (Band(target, None) if target is not None else None)
    assert house.reading(MAY).as_reading().first_band is None


# ------------------------------------------------------------------ a change of direction


def _turn(house: House, direction: Direction | None, reason: str = "it was upside down") -> int:
    house.kpi.direction = direction
    house.session.flush()
    return rederive(session=house.session, kpi=house.kpi, reason=reason, by=house.head, at=NOW + timedelta(hours=1))


def test_a_new_direction_reaches_open_periods_only(house: House) -> None:
    april = date(2026, 4, 1)
    house.save(house.head, *(house.plan(one, "95") for one in (JAN, april, MAY, JUN)))
    house.lock(JUN)
    assert _turn(house, Direction.AT_MOST) == 1
    bands = [house.reading(one).as_reading().band for one in (JAN, april, MAY, JUN)]
    at_least, at_most = Band(Decimal(95), None), Band(None, Decimal(95))
    assert bands == [at_least, at_least, at_most, at_least]
    assert house.reading(MAY).as_reading().first_band == at_least
    assert house.reading(MAY).amended


def test_recording_an_actual_later_does_not_turn_a_closed_period(house: House) -> None:
    house.save(house.head, house.plan(JAN, "95"))
    _turn(house, Direction.AT_MOST)
    house.save(house.head, house.actual(JAN, "90"), at=NOW + timedelta(hours=2))
    assert house.reading(JAN).as_reading().band == Band(Decimal(95), None)


def test_a_direction_that_was_missing_gives_due_periods_their_first_band(house: House) -> None:
    house.kpi.direction = None
    house.session.flush()
    house.save(house.head, house.plan(JAN, "95"))
    assert _turn(house, Direction.AT_LEAST) == 1
    assert house.reading(JAN).as_reading().first_band == Band(Decimal(95), None)
    assert not house.reading(JAN).amended


def test_a_tolerance_that_carries_a_band_too_far_is_refused(house: House) -> None:
    house.kpi.direction = Direction.EXACTLY
    house.save(house.head, house.plan(JUN, "99999999999999"))
    house.kpi.tolerance = Decimal(5)
    house.session.flush()
    with pytest.raises(Refused, match="Jun 2026"):
        rederive(session=house.session, kpi=house.kpi, reason="wider", by=house.head, at=NOW)


# ------------------------------------------------------------------ where an amendment begins


@pytest.mark.parametrize(
    ("frequency", "months", "first"),
    [
        (Frequency.MONTH, (), MAY),
        (Frequency.MONTH, (4, 5), JUN),
        (Frequency.QUARTER, (), date(2026, 4, 1)),
        (Frequency.QUARTER, (6,), date(2026, 7, 1)),
        (Frequency.YEAR, (), JAN),
    ],
)
def test_the_first_open_period_is_neither_due_nor_locked(
    house: House, frequency: Frequency, months: tuple[int, ...], first: date
) -> None:
    house.kpi.frequency = frequency
    for month in months:
        house.lock(date(2026, month, 1))
    assert first_open_period(session=house.session, kpi=house.kpi, today=TODAY) == first


def test_the_shell_may_do_all_of_it_and_is_named(house: House) -> None:
    shell = system_actor(name="shell")
    house.save(shell, house.plan(MAY, "95"), house.actual(MAY, "95"))
    house.save(shell, house.plan(MAY, "96"), reason="plan.csv")
    names = house.session.scalars(select(Revision.recorded_by)).all()
    assert set(names) == {"shell"}
    assert len(list_readings(session=house.session, kpi_ids=[house.kpi.id])) == 1

"""A year of targets in one grid: planned, ramped, amended with a reason, kept when something is wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from hoshin.engine.verdicts import Direction
from hoshin.model.cycles import MonthLock
from hoshin.model.kpis import KPI, Reading
from hoshin.model.people import Role
from tests import factories
from tests.statements import statements_of
from tests.web.conftest import Arrange
from tests.web.readings_house import House, SignedIn, build, cell, record


@pytest.fixture
def house(arrange: Arrange) -> House:
    """The company of these tests."""
    return arrange(build)


def _page(house: House) -> str:
    return f"/units/{house.unit.id}/targets"


def _target(look: Arrange, kpi: KPI, month: int) -> Decimal | None:
    found = look(lambda session: session.get(Reading, (date(2026, month, 1), kpi.id)))
    return found.target if found else None


def test_a_year_is_planned_and_stands_on_the_page_again(client_for: SignedIn, house: House, look: Arrange) -> None:
    client = client_for(house.head)
    typed = {
        key: value
        for month in range(1, 13)
        for key, value in cell("target", house.lead_time, month, f"{20 - month}").items()
    }
    answer = client.post(_page(house), data=typed, follow_redirects=True)
    assert "12 cells saved." in answer.text
    assert f'name="target.{house.lead_time.id}.2026-03-01" value="17"' in answer.text
    assert _target(look, house.lead_time, 12) == 8


def test_only_changed_cells_are_saved(client_for: SignedIn, house: House, look: Arrange, arrange: Arrange) -> None:
    arrange(lambda session: record(session, house.lead_time, 6, target=9))
    typed = cell("target", house.lead_time, 6, "9", "9", 1) | cell("target", house.lead_time, 7, "8")
    answer = client_for(house.head).post(_page(house), data=typed, follow_redirects=True)
    assert "1 cell saved." in answer.text
    assert look(lambda session: session.get_one(Reading, (date(2026, 6, 1), house.lead_time.id)).version) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1,5,5", "is not a figure"),
        ("NaN", "is not a figure"),
        ("Infinity", "is not a figure"),
        ("1e1000000", "is not a figure"),
        ("1_000", "is not a figure"),
        ("12\x00", "is not a figure"),
        ("\ud800", "is not a figure"),
        ("9" * 41, "at most 14 digits"),
        ("100000000000000", "digits before the point"),
        ("0.00001", "digits after the point"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_typed_is_lost(
    client_for: SignedIn, house: House, look: Arrange, typed: str, said: str
) -> None:
    data = cell("target", house.lead_time, 6, "9") | cell(
        "target", house.lead_time, 7, typed.encode("utf-8", "replace").decode()
    )
    answer = client_for(house.head).post(_page(house), data=data)
    assert answer.status_code == 422
    assert "Lead time, target, Jul 2026" in answer.text
    assert said in answer.text
    assert f'name="target.{house.lead_time.id}.2026-06-01" value="9"' in answer.text
    assert _target(look, house.lead_time, 6) is None


def test_a_cell_that_is_not_on_the_page_is_refused_by_its_name(client_for: SignedIn, house: House) -> None:
    data = {"target.99999999999999999999.2026-06-01": "9"}
    answer = client_for(house.head).post(_page(house), data=data)
    assert answer.status_code == 422
    assert "target.99999999999999999999.2026-06-01" in answer.text


def test_an_amendment_shows_what_changes_and_asks_why(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    arrange(lambda session: record(session, house.lead_time, 6, target=9))
    client, typed = client_for(house.head), cell("target", house.lead_time, 6, "12", "9", 1)
    asked = client.post(_page(house), data=typed)
    assert asked.status_code == 422
    assert "These agreed targets will be amended" in asked.text
    assert asked.text.count("a target that was agreed changes: say why") == 2
    assert _target(look, house.lead_time, 6) == 9
    saved = client.post(_page(house), data=typed | {"reason": "supplier lost", "first": "2026-05-01"})
    assert saved.status_code == 303
    assert _target(look, house.lead_time, 6) == 12


def test_a_target_amended_in_june_leaves_may_alone(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    arrange(lambda session: record(session, house.lead_time, 5, target=9))
    arrange(lambda session: record(session, house.lead_time, 6, target=9))
    typed = cell("target", house.lead_time, 5, "12", "9", 1) | cell("target", house.lead_time, 6, "12", "9", 1)
    amending = {"reason": "supplier lost", "first": "2026-06-01"}
    client = client_for(house.head)
    assert "applies from Jun 2026 on" in client.post(_page(house), data=typed | amending).text
    june = cell("target", house.lead_time, 6, "12", "9", 1)
    assert client.post(_page(house), data=june | amending).status_code == 303
    assert (_target(look, house.lead_time, 5), _target(look, house.lead_time, 6)) == (Decimal(9), Decimal(12))


def test_who_saves_a_stale_cell_sees_both_values_and_may_save_again(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    arrange(lambda session: record(session, house.lead_time, 6, target=9))
    client = client_for(house.head)
    answer = client.post(_page(house), data=cell("target", house.lead_time, 6, "7"))
    assert answer.status_code == 409
    assert "it now says target 9" in answer.text
    key = f"target.{house.lead_time.id}.2026-06-01"
    assert f'name="{key}" value="7"' in answer.text
    assert f'name="seen.{key}" value="1|9"' in answer.text
    again = cell("target", house.lead_time, 6, "7", "9", 1) | {"reason": "ours is right", "first": "2026-05-01"}
    assert client.post(_page(house), data=again).status_code == 303
    assert _target(look, house.lead_time, 6) == 7


def test_a_locked_month_is_shown_and_revised_only_on_purpose(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    def lock(session: Session) -> None:
        record(session, house.lead_time, 1, target=9)
        month = date(2026, 1, 1)
        session.add(MonthLock(unit_id=house.unit.id, month=month, locked_at=factories.NOW, locked_by="Ines"))

    arrange(lock)
    client, typed = client_for(house.head), cell("target", house.lead_time, 1, "12", "9", 1)
    assert "This month is locked" in client.get(_page(house)).text
    assert client.post(_page(house), data=typed).status_code == 422
    revising = {"reason": "typing mistake", "first": "2026-01-01"}
    assert client.post(f"{_page(house)}?revise=1", data=typed | revising).status_code == 303
    assert _target(look, house.lead_time, 1) == 12


def test_a_facilitator_plans_but_finds_agreed_cells_closed(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    arrange(lambda session: record(session, house.lead_time, 6, target=9))
    client = client_for(house.facilitator)
    typed = cell("target", house.lead_time, 7, "8")
    assert client.post(_page(house), data=typed).status_code == 303
    amended = cell("target", house.lead_time, 6, "12", "9", 1) | {"reason": "asked to"}
    assert client.post(_page(house), data=amended).status_code == 422
    assert _target(look, house.lead_time, 6) == 9


def test_the_ramp_helper_fills_without_saving(client_for: SignedIn, house: House, look: Arrange) -> None:
    data = {
        "fill": "1",
        "ramp_row": f"target.{house.lead_time.id}",
        "ramp_kind": "line",
        "ramp_from": "12",
        "ramp_to": "1",
    }
    answer = client_for(house.head).post(_page(house), data=data)
    assert answer.status_code == 200
    for month, value in ((1, "12"), (2, "11"), (12, "1")):
        assert f'name="target.{house.lead_time.id}.2026-{month:02}-01" value="{value}"' in answer.text
    assert _target(look, house.lead_time, 1) is None
    refused = client_for(house.head).post(_page(house), data={"fill": "1"})
    assert "choose a row" in refused.text


def test_a_range_is_planned_low_and_high_and_not_upside_down(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    arrange(lambda session: setattr(session.get(KPI, house.safety.id), "direction", Direction.BETWEEN))
    client = client_for(house.head)
    wrong = cell("low", house.safety, 6, "5") | cell("high", house.safety, 6, "3")
    assert "lies above the high bound" in client.post(_page(house), data=wrong).text
    right = cell("low", house.safety, 6, "3") | cell("high", house.safety, 6, "5")
    assert client.post(_page(house), data=right).status_code == 303
    reading = look(lambda session: session.get_one(Reading, (date(2026, 6, 1), house.safety.id)))
    assert (reading.band_low, reading.band_high) == (Decimal(3), Decimal(5))


def test_who_may_not_plan_is_turned_away(client_for: SignedIn, house: House, arrange: Arrange) -> None:
    assert client_for(house.staff).get(_page(house)).status_code == 403
    assert client_for(house.outsider).post(_page(house), data={}).status_code == 403
    arrange(lambda session: setattr(session.get(type(house.unit), house.unit.id), "restricted", True))
    boss = arrange(lambda session: factories.person(session, "Hal", Role.HEAD, factories.unit(session, "Sales")))
    assert client_for(boss).get(_page(house)).status_code == 404
    assert client_for(house.head).get(f"{_page(house)}?cycle=FY1999").status_code == 404


def test_more_kpis_take_no_more_statements(client_for: SignedIn, house: House, arrange: Arrange) -> None:
    client = client_for(house.head)
    few = statements_of(client, _page(house))

    def grow(session: Session) -> None:
        for number in range(8):
            record(session, factories.kpi(session, f"KPI {number}", house.unit), 3, target=number)

    arrange(grow)
    assert statements_of(client, _page(house)) == few

"""The X-matrix under its presets: every link is drawn or listed, never both and never neither."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.engine.attainment import attain
from hoshin.engine.calendars import FiscalCalendar, Frequency
from hoshin.engine.metrics import Asked, KPIClass, Mode
from hoshin.engine.plans import State
from hoshin.errors import Refused
from hoshin.model.items import Priority
from hoshin.model.kpis import KPIKind
from hoshin.model.people import Person
from hoshin.queries.plans import load_plan
from hoshin.queries.unit_plans import load_unit_plan
from hoshin.queries.units import top_unit
from hoshin.reports.matrix import PRESETS, MatrixSheet, Surroundings, find_preset, matrix_sheet
from tests import factories


def _sheet(session: Session, preset: str, **around: object) -> MatrixSheet:
    cycle = factories.cycle(session)
    plan = load_unit_plan(
        session=session, actor=system_actor(name="test"), unit_id=top_unit(session=session).id, cycle=cycle
    )
    month = FiscalCalendar().period_of(day=date(2026, 4, 1), frequency=Frequency.MONTH)
    asked = Asked(cycle.span, month, Mode.PERIOD, factories.TODAY)
    report = attain(plan=load_plan(session=session, cycle=cycle), asked=asked)
    kept = {"title": "Sheet", "vision": "", "helpers": {}, "teams": {}} | around
    return matrix_sheet(plan=plan, report=report, preset=find_preset(key=preset), around=Surroundings(**kept))  # type: ignore[arg-type]


@pytest.fixture
def planted(session: Session) -> Session:
    """One item in each arm of each preset, linked in all five ways."""
    factories.organisation(session)
    ada, bo = factories.person(session, "Ada"), factories.person(session, "Bo")
    objective = factories.objective(session, "Objective", owner_id=ada.id, sponsor_id=bo.id)
    priority, action = factories.priority(session, "Priority"), factories.action(session, "Action", owner_id=bo.id)
    cycle = factories.cycle(session)
    result = factories.kpi(session, "Result", cycle=cycle)
    process = factories.kpi(session, "Process", cycle=cycle, kpi_kind=KPIKind.PROCESS)
    for upper, lower in ((objective, priority), (priority, action), (objective, result), (priority, result)):
        factories.link(session, upper, lower, 9)
    factories.link(session, action, process, 1)
    factories.link(session, priority, process, 3)
    return session


@pytest.mark.parametrize(
    ("preset", "listed"),
    [
        ("classic", {"● strong: Priority × Result", "○ medium: Priority × Process"}),
        ("jackson", {"● strong: Priority × Action", "● strong: Priority × Result", "△ weak: Action × Process"}),
        ("cascade", {"● strong: Objective × Result", "● strong: Priority × Action"}),
    ],
)
def test_links_without_a_corner_are_listed_below(planted: Session, preset: str, listed: set[str]) -> None:
    sheet = _sheet(planted, preset)
    drawn = [one for one in sheet.matrix.marks if not one.corner.endswith("owners")]
    assert set(sheet.unplaced) == listed
    assert len(drawn) + len(sheet.unplaced) == len(sheet.rows) == 6


def test_kpis_without_a_corner_are_counted_on_what_they_prove(planted: Session) -> None:
    figures = {one.title: one.figure for one in _sheet(planted, "classic").matrix.slots}
    assert figures["Priority"].endswith("2 KPIs")
    assert "KPI" not in figures["Objective"]
    assert {one.title: one.figure for one in _sheet(planted, "cascade").matrix.slots}["Objective"].endswith("1 KPI")


def test_owners_answer_and_sponsors_support(planted: Session) -> None:
    said = {one.title for one in _sheet(planted, "classic").matrix.marks if one.corner.endswith("owners")}
    assert said == {
        "● Ada is responsible for Objective", "○ Bo supports Objective", "● Bo is responsible for Action",
    }  # fmt: skip


def test_teams_stand_for_people_in_the_jackson_layout(planted: Session) -> None:
    priority = planted.scalars(select(Priority)).one()
    priority.owner_id = planted.scalars(select(Person.id).where(Person.name == "Ada")).one()
    matrix = _sheet(planted, "jackson", teams={priority.owner_id: "Works"}).matrix
    assert [one.title for one in matrix.slots if one.arm == "owners"] == ["Works"]
    assert matrix.owners_heading is not None
    assert matrix.owners_heading.text == "Teams"


def test_drafts_are_drawn_as_drafts_and_the_ended_is_not(planted: Session) -> None:
    factories.priority(planted, "Perhaps", state=State.DRAFT)
    factories.priority(planted, "Gone", state=State.ENDED)
    sheet = _sheet(planted, "classic")
    titles = {one.title for one in sheet.matrix.slots if one.arm == "west"}
    assert titles == {"Priority", "Perhaps (draft)"}
    assert sheet.drafts == 1


def test_fundamental_kpis_stay_off_the_sheet(planted: Session) -> None:
    factories.kpi(planted, "Heating", cycle=factories.cycle(planted), kpi_class=KPIClass.FUNDAMENTAL)
    assert "Heating" not in {one.title for one in _sheet(planted, "classic").matrix.slots}


def test_a_layout_that_does_not_exist_is_refused() -> None:
    assert set(PRESETS) == {"classic", "jackson", "cascade"}
    with pytest.raises(Refused, match="no layout"):
        find_preset(key="round")

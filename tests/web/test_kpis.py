"""The page of a KPI, the bowling chart of its unit and one's line of sight."""

from __future__ import annotations

import io
from datetime import date

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.cadence import ReviewKind
from hoshin.engine.plans import State
from hoshin.model.cycles import Cycle
from hoshin.model.items import Objective
from hoshin.model.people import Person, Role
from hoshin.model.reviews import Decision, Review, ReviewState
from hoshin.model.units import Unit
from tests import factories
from tests.databases import ON_SQLITE
from tests.statements import statements_of
from tests.web.conftest import Arrange
from tests.web.readings_house import House, SignedIn, build, record


@pytest.fixture
def house(arrange: Arrange) -> House:
    """The company of these tests, with figures from January to May."""

    def work(session: Session) -> House:
        made = build(session)
        for month in range(1, 6):
            record(session, made.lead_time, month, target=8)
            if month != 3:
                record(session, made.lead_time, month, actual=6 + month)
            record(session, made.safety, month, target=0, actual=0)
        record(session, made.lead_time, 4, target=10)
        return made

    return arrange(work)


def test_the_page_says_what_the_engine_decides(client_for: SignedIn, house: House) -> None:
    page = client_for(house.staff).get(f"/kpis/{house.lead_time.id}").text
    assert "3 of 4 months" in page
    assert "first agreed: ≤ 8" in page
    assert "◆ amendment: the plan changed" in page
    assert "target of Apr 2026: 8 → 10" in page
    assert "Halve lead time" in page


def test_a_review_of_its_unit_stands_at_the_period_it_looked_at(
    client_for: SignedIn, house: House, arrange: Arrange
) -> None:
    """Held ones only, with what they decided, as a mark and in words, on the page and on paper."""

    def review(session: Session) -> None:
        cycle = session.scalars(select(Cycle)).first()
        assert cycle is not None
        for month, state in ((2, ReviewState.HELD), (4, ReviewState.PLANNED)):
            first, last = date(2026, month, 1), date(2026, month, 28)
            made = Review(
                unit_id=house.unit.id, cycle_id=cycle.id, kind=ReviewKind.MONTHLY, first_day=first, last_day=last,
                generated_on=last, planned_on=date(2026, month + 1, 12), state=state, uid=f"review-{month}",
                announced_at=factories.NOW, held_at=factories.NOW if state is ReviewState.HELD else None,
            )  # fmt: skip
            session.add(made)
            session.flush()
            session.add(Decision(review_id=made.id, text="A second shift until June"))

    arrange(review)
    client = client_for(house.staff)
    page = client.get(f"/kpis/{house.lead_time.id}").text
    said = "monthly review held on 12 March 2026, decided: A second shift until June"
    assert f"<title>Feb 2026: {said}</title>" in page
    assert page.count("decided:") == 2, "the mark and the list, of the one that was held"
    paper = PdfReader(io.BytesIO(client.get(f"/kpis/{house.lead_time.id}.pdf").data))
    assert "12 March 2026" in " ".join(paper.pages[0].extract_text().split())


def test_its_csv_holds_every_period(client_for: SignedIn, house: House) -> None:
    lines = client_for(house.staff).get(f"/kpis/{house.lead_time.id}?format=csv").text.splitlines()
    assert lines[1] == "Jan 2026,≤ 8,,,7,hit,,,,"
    assert lines[3] == "Mar 2026,≤ 8,,,,no data,,,,"
    assert lines[4] == "Apr 2026,≤ 10,≤ 8,,10,hit,yes,,,"
    assert lines[5] == "May 2026,≤ 8,,,11,not due,,,,"
    assert len(lines) == 13


def test_the_bowling_chart_groups_by_priority_and_keeps_the_fundamentals_apart(
    client_for: SignedIn, house: House
) -> None:
    client = client_for(house.outsider)
    page = client.get(f"/units/{house.unit.id}/bowling").text
    assert page.index("Halve lead time") < page.index("Lead time</a>") < page.index("Fundamental: daily management")
    rows = client.get(f"/units/{house.unit.id}/bowling?format=csv").text.splitlines()
    assert rows[3].startswith("Halve lead time,Lead time,at most,Sam,days,,10,verdict,hit,hit,no data,hit,not due")
    assert rows[2].split(",")[20:] == ["10", "", ""]


@ON_SQLITE
@pytest.mark.parametrize(("paper", "width"), [("a3", 1191), ("tabloid", 1224), ("a4", 842)])
def test_the_bowling_chart_prints_with_its_head_on_each_page(
    client_for: SignedIn, house: House, arrange: Arrange, paper: str, width: int
) -> None:
    def grow(session: Session) -> None:
        for number in range(26):
            record(session, factories.kpi(session, f"KPI {number}", house.unit, position=number), 4, target=1)

    arrange(grow)
    answer = client_for(house.head).get(f"/units/{house.unit.id}/bowling.pdf?paper={paper}")
    pages = PdfReader(io.BytesIO(answer.data)).pages
    assert [round(float(one.mediabox.width)) for one in pages] == [width] * 2
    assert all("Owner" in one.extract_text() and "YTD" in one.extract_text() for one in pages)
    assert "KPI 25" in pages[1].extract_text()
    assert client_for(house.head).get(f"/units/{house.unit.id}/bowling.pdf?paper=a5").status_code == 400


def test_my_line_of_sight_leads_to_the_vision(client_for: SignedIn, house: House) -> None:
    page = client_for(house.staff).get("/line-of-sight").text
    steps = ["Lead time", "Halve lead time", "Delight customers", "No customer waits."]
    assert sorted(steps, key=page.rindex) == steps
    assert "Serving nothing above" not in page
    assert "Accidents" not in page


def test_orphans_are_named_and_daily_management_is_none(client_for: SignedIn, house: House, arrange: Arrange) -> None:
    arrange(lambda session: factories.kpi(session, "Lost", house.unit, owner_id=house.head.id))
    arrange(lambda session: factories.action(session, "Wander about", house.unit, owner_id=house.head.id))
    page = client_for(house.head).get("/line-of-sight").text
    warning = page[page.index("Serving nothing above") :].partition("</div>")[0]
    assert "Wander about" in warning
    assert "Accidents" not in warning
    assert "Fundamental: daily management" in page


def test_a_restricted_item_shows_as_restricted_so_that_the_path_is_not_broken(
    client_for: SignedIn, house: House, arrange: Arrange
) -> None:
    def hide(session: Session) -> None:
        secret = factories.unit(session, "Secret", restricted=True)
        session.get_one(Objective, house.objective).unit_id = secret.id

    arrange(hide)
    page = client_for(house.staff).get("/line-of-sight").text
    assert "restricted" in page
    assert "Delight customers" not in page


def test_somebody_elses_line_of_sight_shows_only_what_the_reader_may_know(
    client_for: SignedIn, house: House, arrange: Arrange
) -> None:
    address = f"/people/{house.staff.id}/line-of-sight"
    assert "Lead time" in client_for(house.outsider).get(address).text
    arrange(lambda session: setattr(session.get(Unit, house.unit.id), "restricted", True))
    assert "Lead time" not in client_for(house.outsider).get(address).text
    assert client_for(house.head).get("/people/999999/line-of-sight").status_code == 404


@pytest.mark.parametrize("page", ["/kpis/{kpi}", "/units/{unit}/bowling", "/units/{unit}/bowling.pdf"])
def test_what_may_not_be_read_is_not_there(client_for: SignedIn, house: House, arrange: Arrange, page: str) -> None:
    def hide(session: Session) -> Person:
        session.get_one(Unit, house.unit.id).restricted = True
        return factories.person(session, "Ada", Role.ADMINISTRATOR)

    administrator = arrange(hide)
    address = page.format(kpi=house.lead_time.id, unit=house.unit.id)
    assert client_for(house.outsider).get(address).status_code == 404
    assert client_for(administrator).get(address).status_code == 403
    assert client_for(house.head).get(page.format(kpi="99999999999999999999", unit="0")).status_code == 404


def test_a_draft_is_not_drawn(client_for: SignedIn, house: House, arrange: Arrange) -> None:
    arrange(
        lambda session: record(session, factories.kpi(session, "Draft KPI", house.unit, state=State.DRAFT), 4, target=1)
    )
    assert "Draft KPI" not in client_for(house.head).get(f"/units/{house.unit.id}/bowling").text


def test_more_of_everything_takes_no_more_statements(client_for: SignedIn, house: House, arrange: Arrange) -> None:
    client = client_for(house.head)
    pages = [f"/kpis/{house.lead_time.id}", f"/units/{house.unit.id}/bowling", "/line-of-sight"]
    few = {page: statements_of(client, page) for page in pages}

    def grow(session: Session) -> None:
        for number in range(6):
            action = factories.action(
                session, f"Action {number}", house.unit, owner_id=house.head.id, due_on=date(2026, 6, 1)
            )
            kpi = factories.kpi(session, f"KPI {number}", house.unit, owner_id=house.head.id)
            factories.link(session, action, kpi)
            factories.link(session, action, house.lead_time)
            record(session, kpi, 4, target=1, actual=number)

    arrange(grow)
    assert {page: statements_of(client, page) for page in pages} == few

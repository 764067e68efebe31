"""A month of actuals in one grid: the head's for the unit, one's own in a minute."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.calendars import Frequency
from hoshin.engine.metrics import Aggregation
from hoshin.model.cycles import MonthLock
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Reading
from tests import factories
from tests.statements import statements_of
from tests.web.conftest import Arrange
from tests.web.readings_house import House, SignedIn, build, cell, record


@pytest.fixture
def house(arrange: Arrange) -> House:
    """The company of these tests."""
    return arrange(build)


def _page(house: House) -> str:
    return f"/units/{house.unit.id}/actuals"


def _reading(look: Arrange, kpi: KPI, month: int) -> Reading | None:
    return look(lambda session: session.get(Reading, (date(2026, month, 1), kpi.id)))


def test_the_page_opens_on_the_latest_due_month_with_the_plan_beside(
    client_for: SignedIn, house: House, arrange: Arrange
) -> None:
    arrange(lambda session: record(session, house.lead_time, 4, target=9))
    page = client_for(house.head).get(_page(house)).text
    assert "Apr 2026, due since 10 May 2026" in page
    assert "≤ 9" in page


def test_a_head_records_for_an_owner_and_the_journal_says_who(
    client_for: SignedIn, house: House, look: Arrange
) -> None:
    typed = cell("actual", house.lead_time, 4, "8.5") | cell("note", house.lead_time, 4, "one strike day")
    assert client_for(house.head).post(_page(house), data=typed).status_code == 303
    found = _reading(look, house.lead_time, 4)
    assert found is not None
    assert (found.actual, found.note) == (Decimal("8.5"), "one strike day")
    line = look(lambda session: session.scalars(select(JournalLine).order_by(JournalLine.id)).all()[-1])
    assert (line.by_name, line.verb) == ("Hedy", "recorded")


@pytest.mark.parametrize(
    ("language", "typed", "read"),
    [("de-DE,de;q=0.9,en;q=0.5", "8,5", "8.5"), ("de-DE", "1.234", "1234"), ("en-GB", "1,234.5", "1234.5"),
     ("fr", "8,125", "8.125")],
)  # fmt: skip
def test_a_figure_written_in_the_reader_s_way_is_echoed_before_it_is_saved(
    client_for: SignedIn, house: House, look: Arrange, language: str, typed: str, read: str
) -> None:
    client, told = client_for(house.head), {"Accept-Language": language}
    typed_cell = cell("actual", house.lead_time, 4, typed)
    first = client.post(_page(house), data=typed_cell, headers=told)
    assert first.status_code == 422
    assert f"“{typed}” is read as {read}" in first.text
    assert _reading(look, house.lead_time, 4) is None
    name = next(key for key in typed_cell if key.startswith("actual."))
    assert f'name="taken.{name}" value="{read}"' in first.text
    again = {**typed_cell, name: read, f"taken.{name}": read}
    assert client.post(_page(house), data=again, headers=told).status_code == 303
    found = _reading(look, house.lead_time, 4)
    assert found is not None
    assert found.actual == Decimal(read)


@pytest.mark.parametrize(("uom", "read"), [("%", "95.5"), ("days", "0.955")])
def test_a_per_cent_stays_one_where_the_kpi_is_in_per_cent(
    client_for: SignedIn, house: House, arrange: Arrange, uom: str, read: str
) -> None:
    arrange(lambda session: setattr(session.get(KPI, house.lead_time.id), "uom", uom))
    answer = client_for(house.head).post(_page(house), data=cell("actual", house.lead_time, 4, "95.5 %"))
    assert answer.status_code == 422
    assert f"“95.5 %” is read as {read}" in answer.text


def test_my_own_page_holds_what_i_own_or_report_and_nothing_else(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    client = client_for(house.staff)
    page = client.get("/actuals?period=2026-05").text
    assert "Lead time" in page
    assert "Accidents" not in page
    assert client.post("/actuals?period=2026-05", data=cell("actual", house.lead_time, 5, "8")).status_code == 303
    assert client.post("/actuals?period=2026-05", data=cell("actual", house.safety, 5, "0")).status_code == 422
    assert _reading(look, house.safety, 5) is None
    arrange(lambda session: setattr(session.get(KPI, house.safety.id), "reporter_id", house.staff.id))
    assert "Accidents" in client.get("/actuals?period=2026-05").text


def test_a_note_with_characters_that_are_no_text_is_named(client_for: SignedIn, house: House, look: Arrange) -> None:
    typed = cell("note", house.lead_time, 4, "half\x00") | cell("actual", house.lead_time, 4, "8")
    answer = client_for(house.head).post(_page(house), data=typed)
    assert answer.status_code == 422
    assert "Lead time, Apr 2026, note" in answer.text
    assert _reading(look, house.lead_time, 4) is None


def test_half_a_character_in_a_note_is_named(client_for: SignedIn, house: House, look: Arrange) -> None:
    key = f"note.{house.lead_time.id}.2026-04-01"
    head = f'--X\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n'.encode()
    body = head + b"\xed\xa0\x80\r\n--X--\r\n"
    answer = client_for(house.head).post(_page(house), data=body, content_type="multipart/form-data; boundary=X")
    assert answer.status_code == 422
    assert "half a character" in answer.text
    assert _reading(look, house.lead_time, 4) is None


def test_a_locked_month_is_shown_as_locked_and_revised_with_a_reason(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    def lock(session: Session) -> None:
        month = date(2026, 4, 1)
        session.add(MonthLock(unit_id=house.unit.id, month=month, locked_at=factories.NOW, locked_by="Ines"))

    arrange(lock)
    client, typed = client_for(house.head), cell("actual", house.lead_time, 4, "8")
    assert "Revise this locked month" in client.get(_page(house)).text
    assert client.post(_page(house), data=typed).status_code == 422
    revising = f"{_page(house)}?period=2026-04&revise=1"
    assert "a locked month is revised: say why" in client.post(revising, data=typed).text
    assert client.post(revising, data=typed | {"reason": "meter was wrong"}).status_code == 303
    other = cell("actual", house.lead_time, 4, "9", "8", 1) | {"reason": "x"}
    assert client_for(house.facilitator).post(revising, data=other).status_code == 422
    found = _reading(look, house.lead_time, 4)
    assert found is not None
    assert found.actual == 8


def test_a_slower_kpi_is_read_with_the_last_month_of_its_period(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    def slow(session: Session) -> None:
        session.get_one(KPI, house.safety.id).frequency = Frequency.QUARTER
        session.get_one(KPI, house.safety.id).aggregation = Aggregation.GIVEN

    arrange(slow)
    client = client_for(house.head)
    assert (
        "Read at the end of a longer period: Accidents (Q2 FY2026)" in client.get(f"{_page(house)}?period=2026-05").text
    )
    page = f"{_page(house)}?period=2026-Q1"
    assert "Mar 2026" in client.get(page).text
    typed = cell("actual", house.safety, 1, "2") | cell("ytd_actual", house.safety, 1, "2")
    assert client.post(page, data=typed).status_code == 303
    found = _reading(look, house.safety, 1)
    assert found is not None
    assert (found.actual, found.ytd_actual) == (Decimal(2), Decimal(2))


@pytest.mark.parametrize("period", ["2026-13", "soon", "99999999999999999999", "1e1000000", "2026-04\x00"])
def test_a_period_that_is_none_is_refused(client_for: SignedIn, house: House, period: str) -> None:
    assert client_for(house.head).get(_page(house), query_string={"period": period}).status_code == 400


def test_who_may_not_record_is_turned_away(client_for: SignedIn, house: House) -> None:
    assert client_for(house.staff).get(_page(house)).status_code == 403
    assert client_for(house.outsider).get("/actuals").status_code == 200
    assert client_for(house.head).get(f"{_page(house)}?period=2031-04").status_code == 404


def test_more_kpis_take_no_more_statements(client_for: SignedIn, house: House, arrange: Arrange) -> None:
    client = client_for(house.head)
    few = {page: statements_of(client, page) for page in (_page(house), "/actuals")}

    def grow(session: Session) -> None:
        for number in range(8):
            record(
                session, factories.kpi(session, f"KPI {number}", house.unit, owner_id=house.head.id), 4, actual=number
            )

    arrange(grow)
    assert {page: statements_of(client, page) for page in few} == few

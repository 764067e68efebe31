"""The bowling chart as a workbook: it comes back as it went; what was typed into it is saved whole or not at all."""

from __future__ import annotations

import base64
import io
from datetime import date

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse
from xlsxwriter import Workbook

from hoshin.exchange.bowling_book import read_book
from hoshin.exchange.comments import read_comments
from hoshin.model.cycles import CycleKPI, MonthLock
from hoshin.model.kpis import Reading
from hoshin.model.people import Role
from tests import factories
from tests.web.conftest import Arrange
from tests.web.readings_house import House, SignedIn, build, record

Changes = dict[tuple[str, str, str], object]
"""What is typed: by KPI, row (plan or actual) and column head."""


@pytest.fixture
def house(arrange: Arrange) -> House:
    """The company of these tests, with figures from January to April."""

    def work(session: Session) -> House:
        made = build(session)
        for month in range(1, 5):
            record(session, made.lead_time, month, target=8, actual=6 + month)
        record(session, made.safety, 4, target=0, actual=0)
        return made

    return arrange(work)


def _book(client: FlaskClient, house: House) -> bytes:
    return bytes(client.get(f"/units/{house.unit.id}/bowling?cycle=FY2026&format=xlsx").data)


def _filled(content: bytes, changes: Changes, *, shuffled: bool = False, notes: Changes | None = None) -> bytes:
    """The workbook as somebody gives it back, the order of its rows turned round if that is wished.

    It has these notes alone; without any it was saved by a program that drops them.
    """
    written = io.BytesIO()
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book, Workbook(written, {"in_memory": True}) as new:
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            page = new.add_worksheet(name)
            if name == "hoshin":
                page.hide()
            head = next((one for one in rows if one[0] == "key"), [])
            for row in rows:
                for (kpi, kind, column), value in changes.items():
                    if head and row[0] == kpi and row[7] == kind:
                        row[head.index(column)] = value  # type: ignore[call-overload]
            if shuffled and head:
                rows = [*rows[:3], *reversed(rows[3:])]
            for place, row in enumerate(rows):
                page.write_row(place, 0, row)
                for (kpi, kind, column), text in (notes or {}).items():
                    if head and row[0] == kpi and row[7] == kind:
                        page.write_comment(place, head.index(column), str(text), {"author": "Ann"})
    return written.getvalue()


def _send(client: FlaskClient, house: House, content: bytes) -> TestResponse:
    file = {"book": (io.BytesIO(content), "bowling.xlsx")}
    return client.post(f"/units/{house.unit.id}/bowling/import", data=file)


def _save(client: FlaskClient, house: House, content: bytes, **more: str) -> TestResponse:
    kept = {"kept": base64.b64encode(content).decode(), **more}
    return client.post(f"/units/{house.unit.id}/bowling/import/save", data=kept)


def _actual(look: Arrange, house: House, month: int) -> str:
    found = look(lambda session: session.get(Reading, (date(2026, month, 1), house.lead_time.id)))
    return f"{found.actual:f}".rstrip("0").rstrip(".") if found and found.actual is not None else ""


def test_it_comes_back_as_it_went(client_for: SignedIn, house: House) -> None:
    client = client_for(house.head)
    content = _book(client, house)
    assert read_book(content=content).cells == ()
    assert "Nothing differs" in _send(client, house, content).text


def test_it_looks_like_a_bowling_chart(client_for: SignedIn, house: House) -> None:
    with CalamineWorkbook.from_filelike(io.BytesIO(_book(client_for(house.head), house))) as book:
        rows = book.get_sheet_by_name("Bowling chart").to_python(skip_empty_area=False)
    assert rows[2][8:12] == ["Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026"]
    plan = next(one for one in rows if one[1] == "Lead time")
    assert plan[2:4] + plan[5:12] == ["Sam", "days", 10, "at most", "plan", 8, 8, 8, 8]


@pytest.mark.parametrize("shuffled", [False, True])
def test_what_was_typed_is_shown_and_then_saved(
    client_for: SignedIn, house: House, look: Arrange, shuffled: bool
) -> None:
    client, kpi = client_for(house.head), str(house.lead_time.id)
    typed: Changes = {(kpi, "actual", "May 2026"): 7.5, (kpi, "plan", "Forecast"): 8.1, (kpi, "actual", "Apr 2026"): ""}
    content = _filled(_book(client, house), typed, shuffled=shuffled)
    page = _send(client, house, content).text
    assert "3 cells differ" in page
    assert "brand-organisation" in page, "the head of the page stays, though the trial was taken back"
    assert "<b>7.5</b>" in page
    assert _actual(look, house, 5) == ""
    assert _save(client, house, content).status_code == 303
    assert (_actual(look, house, 5), _actual(look, house, 4)) == ("7.5", "")
    assert look(lambda session: session.scalars(select(CycleKPI.forecast)).all()).count(None) == 1


@pytest.mark.parametrize("shuffled", [False, True])
def test_notes_go_out_and_come_back_in(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange, shuffled: bool
) -> None:
    """Plan and actual of a month, and any figure of the year, each have their own; a deleted one is taken away."""

    def note(session: Session) -> None:
        april = session.get_one(Reading, (date(2026, 4, 1), house.lead_time.id))
        april.note, april.plan_note = "a strike", "from the old press"
        session.scalars(select(CycleKPI).filter_by(kpi_id=house.lead_time.id)).one().notes = {"ytd_plan": "as agreed"}

    arrange(note)
    client, kpi = client_for(house.head), str(house.lead_time.id)
    went = _book(client, house)
    read = read_comments(content=went, sheet="Bowling chart")
    assert read is not None
    assert sorted(read.values()) == ["a strike", "as agreed", "from the old press"]
    assert read_book(content=went).cells == ()
    assert read_book(content=_filled(went, {})).cells == (), "a program that drops notes takes none away"
    notes: Changes = {
        (kpi, "plan", "Apr 2026"): "Ann:\nfrom the  new press", (kpi, "actual", "Apr 2026"): "a strike",
        (kpi, "actual", "May 2026"): "=1+1", (kpi, "plan", "Base"): "best of 2024",
    }  # fmt: skip
    content = _filled(went, {(kpi, "actual", "Apr 2026"): 9.5}, shuffled=shuffled, notes=notes)
    page = _send(client, house, content).text
    for text in ("5 cells differ", "note to the plan", "note to the actual", "<b>from the new press</b>", "as agreed"):
        assert text in page
    assert _save(client, house, content).status_code == 303
    of_kpi = select(Reading.period, Reading.note, Reading.plan_note).where(Reading.kpi_id == house.lead_time.id)
    said = {day.month: (note, plan) for day, note, plan in look(lambda session: session.execute(of_kpi).all())}
    assert (said[4], said[5]) == (("a strike", "from the new press"), ("=1+1", ""))
    year = look(lambda session: session.scalars(select(CycleKPI).filter_by(kpi_id=house.lead_time.id)).one())
    assert year.notes == {"base": "best of 2024"}
    rows = client.get(f"/units/{house.unit.id}/bowling?cycle=FY2026&format=csv").text.splitlines()
    assert next(one for one in rows if "from the new press" in one).count("note to the plan") == 1


def test_a_note_that_is_too_long_is_named_by_its_place(client_for: SignedIn, house: House) -> None:
    client, kpi = client_for(house.head), str(house.lead_time.id)
    content = _filled(_book(client, house), {}, notes={(kpi, "plan", "Apr 2026"): "x" * 2001})
    assert "column Apr 2026: a note has at most 2000 characters" in _send(client, house, content).text


def test_one_bad_cell_stops_the_whole_and_is_named_by_its_place(
    client_for: SignedIn, house: House, look: Arrange
) -> None:
    client, kpi = client_for(house.head), str(house.lead_time.id)
    typed: Changes = {(kpi, "actual", "May 2026"): "lots", (kpi, "actual", "Jun 2026"): 7}
    content = _filled(_book(client, house), typed)
    for answer in (_send(client, house, content), _save(client, house, content)):
        assert answer.status_code == 422
        assert "sheet Bowling chart, row" in answer.text
        assert "column May 2026: “lots” is not a figure" in answer.text
    assert _actual(look, house, 6) == ""


def test_an_agreed_target_needs_its_reason(client_for: SignedIn, house: House, look: Arrange) -> None:
    client, kpi = client_for(house.head), str(house.lead_time.id)
    content = _filled(_book(client, house), {(kpi, "plan", "Apr 2026"): 9})
    assert "1 agreed target changes" in _send(client, house, content).text
    assert "1 agreed target changes" in _save(client, house, content, first="2026-04-01").text
    assert _save(client, house, content, reason="new press", first="2026-05-01").status_code == 422
    assert _save(client, house, content, reason="new press", first="2026-04-01").status_code == 303
    found = look(lambda session: session.get(Reading, (date(2026, 4, 1), house.lead_time.id)))
    assert found is not None
    assert found.amended


def test_an_agreed_target_of_a_workbook_is_proposed_where_somebody_stands_above(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    arrange(lambda session: factories.person(session, "Cleo", Role.EXECUTIVE))
    client, kpi = client_for(house.head), str(house.lead_time.id)
    content = _filled(_book(client, house), {(kpi, "plan", "Apr 2026"): 9, (kpi, "actual", "May 2026"): 7})
    assert "the agreement of Cleo" in _send(client, house, content).text
    _save(client, house, content, reason="new press", first="2026-04-01")
    assert "1 cell saved. 1 agreed target is proposed to Cleo" in client.get("/").text
    found = look(lambda session: session.get(Reading, (date(2026, 4, 1), house.lead_time.id)))
    assert found is not None
    assert not found.amended


def test_locked_months_others_changes_and_what_is_not_mine_are_named(
    client_for: SignedIn, house: House, arrange: Arrange
) -> None:
    client, kpi = client_for(house.head), str(house.lead_time.id)
    before = _book(client, house)
    changed = _filled(before, {(kpi, "actual", "Mar 2026"): 1})

    def meanwhile(session: Session) -> None:
        record(session, house.lead_time, 3, actual=2)
        session.add(MonthLock(unit_id=house.unit.id, month=date(2026, 1, 1), locked_at=factories.NOW, locked_by="I"))

    arrange(meanwhile)
    assert "somebody else saved this in the meantime" in _send(client, house, changed).text
    locked = _filled(before, {(kpi, "actual", "Jan 2026"): 1})
    assert "Jan 2026 is locked" in _send(client, house, locked).text
    staff = client_for(house.staff)
    foreign = _filled(before, {(str(house.safety.id), "actual", "May 2026"): 1})
    assert _send(staff, house, foreign).status_code == 403
    mine = _filled(_book(staff, house), {(str(house.safety.id), "actual", "May 2026"): 1})
    assert "Nothing differs" in _send(staff, house, mine).text


def test_what_is_no_workbook_of_this_chart_is_refused(client_for: SignedIn, house: House, arrange: Arrange) -> None:
    client = client_for(house.head)
    other = arrange(lambda session: factories.unit(session, "Other"))
    content = _book(client, house)
    for wrong in (b"", b"not a workbook", b"PK\x03\x04broken", b"a,b\n1,2\n"):
        assert _send(client, house, wrong).status_code == 422
    address = f"/units/{other.id}/bowling/import"
    answer = client.post(address, data={"book": (io.BytesIO(content), "x.xlsx")})
    assert "another unit" in answer.text
    assert client.post(f"/units/{house.unit.id}/bowling/import/save", data={"kept": "!"}).status_code == 422
    assert client.get(f"/units/{house.unit.id}/bowling/import").status_code == 200

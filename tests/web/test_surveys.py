"""The self-assessment in the browser: opened, answered in a minute, counted; who sees what of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.model.people import Person, Role
from hoshin.model.surveys import Survey, SurveyResult
from hoshin.model.units import Unit
from hoshin.reports.pdf import to_one_page
from hoshin.reports.surveys import unit_row
from hoshin.web import surveys
from tests import factories
from tests.factories import TODAY
from tests.statements import statements_of
from tests.web.conftest import Arrange

SignedIn = Callable[[Person], FlaskClient]
SAID = {"line_1": "halve lead time", "objective": "unknown", "satisfied": "yes", "recommend": "9"}


@dataclass
class House:
    """One executive with four more at the top, a department of seven and a restricted one of six."""

    chief: Person
    works: Unit
    pay: Unit
    staff: list[Person] = field(default_factory=list)
    payroll: list[Person] = field(default_factory=list)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Pages decide nothing that a database could: once is enough (tests/commands runs on both)."""
    return sqlite_url


@pytest.fixture
def house(arrange: Arrange) -> House:
    """In May 2026 with one priority and one objective for everybody."""

    def build(session: Session) -> House:
        factories.organisation(session)
        factories.cycle(session)
        works, pay = factories.unit(session, "Works"), factories.unit(session, "Pay", restricted=True)
        for place in range(4):
            factories.person(session, f"Officer {place}", Role.STAFF)
        made = House(factories.person(session, "Eva Chief", Role.EXECUTIVE), works, pay)
        made.staff = [factories.person(session, f"Worker {place}", Role.STAFF, works) for place in range(7)]
        made.payroll = [factories.person(session, f"Payroll {place}", Role.STAFF, pay) for place in range(6)]
        factories.priority(session, "Halve lead time")
        factories.objective(session, "Delight customers")
        return made

    return arrange(build)


def _open(client: FlaskClient, names: str = "no") -> int:
    assert client.post("/surveys/new", data={"names": names, "last_day": "2026-05-30"}).status_code == 303
    return 1


def _all_answer(client_for: SignedIn, people: list[Person]) -> None:
    for person in people:
        assert client_for(person).post("/surveys/1/answer", data=SAID).status_code == 303


def test_a_minute_from_the_home_page_to_the_result(client_for: SignedIn, house: House) -> None:
    chief, worker = client_for(house.chief), client_for(house.staff[0])
    assert "A minute for the plan" not in worker.get("/").text
    _open(chief)
    assert "A minute for the plan" in worker.get("/").text
    assert "A minute for the plan" in worker.get("/notices").text
    page = worker.get("/surveys/1/answer").text
    assert "Delight customers" in page
    assert "Your name is not kept" in page
    assert "Halve lead time" not in page, "nobody is told what to remember"
    _all_answer(client_for, [*house.staff, *house.payroll])
    assert "A minute for the plan" not in worker.get("/").text
    assert "13 of 18 people" in chief.get("/surveys").text
    assert "100 %" not in chief.get("/surveys").text, "nothing shows before it is closed"
    assert "Nothing is shown before it is closed" in worker.get("/surveys/1", follow_redirects=True).text
    assert worker.get("/surveys/1/sheet.pdf").status_code == 404
    assert chief.post("/surveys/1/close").status_code == 303
    result = worker.get("/surveys/1").text
    assert "13 of 18" in result
    assert "100 %" in result
    assert "+100" in result


def test_a_restricted_unit_is_shown_to_its_readers_only(client_for: SignedIn, house: House) -> None:
    _open(client_for(house.chief))
    _all_answer(client_for, [*house.staff, *house.payroll])
    client_for(house.chief).post("/surveys/1/close")
    assert ">Pay<" in client_for(house.payroll[0]).get("/surveys/1").text
    stranger = client_for(house.staff[0])
    assert "Pay" not in stranger.get("/surveys/1").text.replace("Payroll", "")
    assert stranger.get(f"/surveys/1?unit={house.pay.id}").status_code == 404
    lines = list(csv.DictReader(io.StringIO(stranger.get("/surveys?format=csv").text)))
    assert [one["unit"] for one in lines] == ["Northwind Instruments", "Works"]
    assert lines[0]["recall"] == "1.0000"


def test_nothing_is_shown_of_four(client_for: SignedIn, house: House) -> None:
    chief = client_for(house.chief)
    _open(chief)
    _all_answer(client_for, house.staff[:4])
    chief.post("/surveys/1/close")
    page = chief.get("/surveys/1").text
    assert "Fewer than 5 people answered" in page
    assert "4 of" not in page
    assert chief.get("/surveys/1?format=csv").text.count("\r\n") == 1


def test_names_are_kept_only_where_it_was_said(client_for: SignedIn, house: House) -> None:
    chief, worker = client_for(house.chief), client_for(house.staff[0])
    _open(chief, names="yes")
    assert "your name is kept" in worker.get("/surveys/1/answer").text
    _all_answer(client_for, house.staff)
    chief.post("/surveys/1/close")
    assert "Worker 3" in chief.get("/surveys/1").text
    assert "Worker 3" not in worker.get("/surveys/1").text


def test_whoever_has_answered_is_told_so(client_for: SignedIn, house: House) -> None:
    _open(client_for(house.chief))
    worker = client_for(house.staff[0])
    worker.post("/surveys/1/answer", data=SAID)
    assert worker.get("/surveys/1/answer").status_code == 303
    assert "answered already" in worker.get("/surveys").text
    again = worker.post("/surveys/1/answer", data=SAID)
    assert (again.status_code, "answered already" in again.text) == (422, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"objective": ""}, {"objective": "99"}, {"satisfied": "maybe"}, {"recommend": "11"}, {"recommend": "-1"},
        {"recommend": "9" * 400}, {"line_1": "x" * 201}, {"line_1": "a\x00b"},
    ],
)  # fmt: skip
def test_a_wrong_answer_keeps_what_was_typed(client_for: SignedIn, house: House, wrong: dict[str, str]) -> None:
    _open(client_for(house.chief))
    worker = client_for(house.staff[0])
    answer = worker.post("/surveys/1/answer", data=SAID | {"line_2": "my own words"} | wrong)
    assert answer.status_code == 422
    assert "my own words" in answer.text
    assert "A minute for the plan" in worker.get("/").text


def test_what_is_typed_is_never_taken_for_a_page(client_for: SignedIn, house: House) -> None:
    chief = client_for(house.chief)
    _open(chief, names="yes")
    for person in house.staff:
        client_for(person).post("/surveys/1/answer", data=SAID | {"line_1": "<script>alert(1)</script>=cmd"})
    chief.post("/surveys/1/close")
    assert "<script>alert" not in chief.get("/surveys/1").text


def test_who_may_run_it(client_for: SignedIn, house: House, arrange: Arrange) -> None:
    worker = client_for(house.staff[0])
    assert worker.get("/surveys/new").status_code == 403
    assert worker.post("/surveys/new", data={"names": "no", "last_day": "2026-05-30"}).status_code == 403
    assert "Open this quarter" not in worker.get("/surveys").text
    office = arrange(lambda session: factories.person(session, "Fay Office", Role.FACILITATOR))
    _open(client_for(office))
    assert worker.post("/surveys/1/close").status_code == 403
    assert client_for(office).get("/surveys/1/answer").status_code == 403
    assert client_for(office).post("/surveys/1/close").status_code == 303


@pytest.mark.parametrize("day", ["", "2026-05-01", "2027-01-01", "soon"])
def test_a_campaign_needs_a_sensible_end(client_for: SignedIn, house: House, day: str) -> None:
    answer = client_for(house.chief).post("/surveys/new", data={"names": "no", "last_day": day})
    assert answer.status_code == 422


def test_the_quarter_is_asked_once(client_for: SignedIn, house: House) -> None:
    chief = client_for(house.chief)
    _open(chief)
    chief.post("/surveys/1/close")
    answer = chief.post("/surveys/new", data={"names": "no", "last_day": "2026-05-30"})
    assert (answer.status_code, "a second one would give its answers away" in answer.text) == (422, True)
    assert "closed already" in chief.post("/surveys/1/close", follow_redirects=True).text


def test_the_setting_lets_the_calendar_open_it(client_for: SignedIn, arrange: Arrange, house: House) -> None:
    admin = arrange(lambda session: factories.person(session, "Ada Admin", Role.ADMINISTRATOR))
    assert "opened by itself in the last month" in client_for(admin).get("/settings").text


def _results(session: Session, number: int) -> None:
    top = factories.cycle(session)
    facts = {
        "people": 9, "invited": 12, "named": 5, "real": 18, "shared": 4, "chances": 40, "things": 7, "priorities": 2,
        "served": {"linked": 3, "elsewhere": 2, "unlinked": 1, "unknown": 3},
        "satisfied": {"yes": 5, "partly": 2, "no": 1, "unknown": 1},
        "recommends": {"promoter": 4, "passive": 2, "detractor": 2, "unknown": 1},
        "goals": 6, "metrics": 11, "hits": 7, "due": 9, "period": "Apr 2026",
    }  # fmt: skip
    for place in range(number):
        quarter = TODAY.replace(year=2000 + place, month=1, day=1)
        survey = Survey(
            name=f"Q1 FY{2000 + place}", cycle_id=top.id, quarter=quarter, opened_at=factories.NOW,
            last_day=quarter, closed_at=factories.NOW,
        )  # fmt: skip
        session.add(survey)
        session.flush()
        units = session.scalars(select(Unit.id)).all()
        session.add_all(SurveyResult(survey_id=survey.id, unit_id=unit, facts=facts) for unit in units)


def test_more_units_and_quarters_take_no_more_statements(
    client_for: SignedIn, house: House, arrange: Arrange
) -> None:
    arrange(lambda session: _results(session, 1))
    chief = client_for(house.chief)
    before = [statements_of(chief, one) for one in ("/surveys", "/surveys/1")]

    def grow(session: Session) -> None:
        for place in range(40):
            factories.unit(session, f"Team {place}")
        session.query(SurveyResult).delete()
        session.query(Survey).delete()
        _results(session, 9)

    arrange(grow)
    latest = arrange(lambda session: session.scalars(select(Survey.id).order_by(Survey.id.desc())).first())
    assert [statements_of(chief, one) for one in ("/surveys", f"/surveys/{latest}")] == before


def test_the_sheet_is_one_page_however_many_units(
    client_for: SignedIn, house: House, arrange: Arrange, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grow(session: Session) -> None:
        for place in range(90):
            factories.unit(session, f"A team with quite a long name, number {place}")
        _results(session, 3)

    arrange(grow)
    sheets: list[str] = []

    def printed(*, sheets: object) -> bytes:
        found = list(sheets)  # type: ignore[call-overload] # an iterable
        kept.extend(found)
        return to_one_page(sheets=found[-1:])

    kept = sheets
    monkeypatch.setattr(surveys, "to_one_page", printed)
    answer = client_for(house.chief).get("/surveys/3/sheet.pdf")
    assert answer.data.startswith(b"%PDF")
    assert answer.data.count(b"/Type /Page\n") <= 1
    assert "83 more units" in sheets[-1]


def test_a_unit_that_is_not_shown_has_no_figures() -> None:
    row = unit_row(key=1, name="Team", depth=1, facts=None, before=None)
    assert (row.people, row.cells, row.goals) == ("not shown", (), "")


def test_the_log_does_not_say_who_answered(
    client_for: SignedIn, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _open(client_for(house.chief))
    worker = client_for(house.staff[0])
    said: dict[object, object] = {}
    monkeypatch.setattr("hoshin.logs.say", lambda **one: said.update({one["endpoint"]: one["person"]}))
    worker.get("/surveys")
    worker.post("/surveys/1/answer", data=SAID)
    assert said == {"surveys.show_list": house.staff[0].id, "surveys.answer": None}

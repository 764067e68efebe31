"""Closing a year in the browser: deciding unit by unit, the last yes, the record, and opening again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hoshin.engine.closing import Fate
from hoshin.engine.plans import State
from hoshin.model.closing import ClosingChoice
from hoshin.model.cycles import Cycle, CycleState
from hoshin.model.items import Item
from hoshin.model.people import Person
from hoshin.queries.closing import list_to_decide
from tests import factories
from tests.planting import Planted, plant
from tests.statements import statements_of
from tests.web.conftest import Arrange, Clock

SignedIn = Callable[[Person], FlaskClient]
LATE = datetime(2027, 1, 20, 9, tzinfo=UTC)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The commands are tested on both databases; these pages are the same on each."""
    return sqlite_url


@pytest.fixture
def planted(arrange: Arrange, clock: Clock) -> Planted:
    """The small plan when its year is over."""
    clock.now = LATE
    return arrange(plant)


def _decide_all(arrange: Arrange, planted: Planted, ends: Sequence[int] = ()) -> None:
    def work(session: Session) -> None:
        for item in list_to_decide(session=session, cycle=planted.cycle):
            session.add(
                ClosingChoice(
                    cycle_id=planted.cycle.id, item_id=item.id, fate=Fate.END if item.id in ends else Fate.KEEP,
                    reason="it <works>", chosen_by="Ada", chosen_at=LATE,
                )
            )  # fmt: skip

    arrange(work)


def test_a_head_decides_for_her_unit_and_finds_it_again(
    client_for: SignedIn, planted: Planted, look: Arrange
) -> None:
    client, address = client_for(planted.head), f"/cycles/FY2026/closing/{planted.operations.id}"
    assert "Repeat orders" in client.get(address).text
    key = planted.kpis["Repeat orders"].id
    typed = {f"fate-{key}": "change", f"targets-{key}": "ramp", f"version-{key}": "0"}
    answer = client.post(address, data=typed)
    assert answer.status_code == 422
    assert "say what changes and why" in answer.text
    assert "say where the ramp leads to" in answer.text
    typed |= {f"reason-{key}": "Too easy", f"ramp-{key}": "12"}
    assert client.post(address, data=typed).status_code == 303
    assert "Too easy" in client.get(address).text
    assert client.post(address, data=typed).status_code == 409, "the form was read before it was saved"
    rest = {"rest_fate": "keep", "rest_reason": "goes well", **typed, f"version-{key}": "1"}
    assert client.post(address, data=rest).headers["Location"] == "/cycles/FY2026/closing"
    found = look(lambda session: session.scalars(select(ClosingChoice).order_by(ClosingChoice.item_id)).all())
    assert sorted((one.fate.value, one.reason) for one in found) == [
        ("change", "Too easy"), ("keep", "goes well"), ("keep", "goes well"),
    ]  # fmt: skip


def test_others_may_not_and_hidden_units_are_not_there(client_for: SignedIn, planted: Planted) -> None:
    own, secret = (f"/cycles/FY2026/closing/{one.id}" for one in (planted.operations, planted.secret))
    assert client_for(planted.staff).get(own).status_code == 403
    assert client_for(planted.head).get(secret).status_code == 404
    assert client_for(planted.head).post("/cycles/FY2026/close", data={"confirmed": "y"}).status_code == 403
    assert client_for(planted.administrator).get("/cycles/FY2026/closing").status_code == 403
    text = client_for(planted.staff).get("/cycles/FY2026/closing").text
    assert "Operations" in text
    assert "Laboratory" not in text
    assert "Close FY2026</button>" not in text


def test_the_executive_closes_it_and_everybody_reads_why(
    client_for: SignedIn, planted: Planted, arrange: Arrange, look: Arrange
) -> None:
    client = client_for(planted.executive)
    answer = client.post("/cycles/FY2026/close", data={"confirmed": "y", "version": "1"})
    assert answer.status_code == 422
    assert "8 items wait for a word" in answer.text
    _decide_all(arrange, planted)
    assert "tick that you have read" in client.post("/cycles/FY2026/close", data={"version": "1"}).text
    answer = client.post("/cycles/FY2026/close", data={"confirmed": "y", "version": "1"})
    assert answer.headers["Location"] == "/year?cycle=FY2027"
    assert look(lambda session: session.get_one(Cycle, planted.cycle.id).state) is CycleState.CLOSED
    text = client.get("/cycles/FY2026/closing").text
    assert "Closed on 20 Jan 2027 by Ada Chief" in text
    assert "it &lt;works&gt;" in text
    assert "FY2026 is closed." in client.get("/year?cycle=FY2026").text
    drafts = look(lambda session: session.scalars(select(Item).where(Item.state == State.DRAFT)).all())
    assert "Win back customers" in [one.name for one in drafts]
    assert client.get("/cycles/FY2026").status_code == 303, "nothing is left to set"
    assert "Laboratory" not in client_for(planted.staff).get("/cycles/FY2026/closing").text


def test_the_sheet_and_the_table_say_the_same(client_for: SignedIn, planted: Planted, arrange: Arrange) -> None:
    _decide_all(arrange, planted)
    client = client_for(planted.executive)
    lines = client.get("/cycles/FY2026/closing?format=csv").text.splitlines()
    assert lines[0] == "unit,kind,item,came to,decision,reason,goes on as,targets,by,on"
    assert len(lines) == 9
    answer = client.get("/cycles/FY2026/closing.pdf")
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(BytesIO(answer.data)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    for expected in ("Annual review FY2026", "Win back customers", "it <works>", "8 kept, 0 changed, 0 ended"):
        assert expected in text


def test_it_is_opened_again_with_a_reason(
    client_for: SignedIn, planted: Planted, arrange: Arrange, look: Arrange
) -> None:
    _decide_all(arrange, planted, ends=[planted.priority.id])
    client = client_for(planted.executive)
    client.post("/cycles/FY2026/close", data={"confirmed": "y", "version": "1"})
    assert "1 item that closing ended" in client.get("/cycles/FY2026/closing").text
    refused = client.post("/cycles/FY2026/reopen", data={"version": "2"})
    assert (refused.status_code, "1 item that closing ended" in refused.text) == (422, True)
    answer = client.post("/cycles/FY2026/reopen", data={"reason": "December was wrong", "resume": "y", "version": "2"})
    assert answer.status_code == 303
    assert "FY2026 is open again. 1 item resumed." in client.get("/cycles/FY2026/closing").text
    assert look(lambda session: session.get_one(Cycle, planted.cycle.id).state) is CycleState.OPEN


@pytest.mark.parametrize("address", ["/cycles/FY1999/closing", "/cycles/FY2026/closing/999"])
def test_what_is_not_there_is_not_found(client_for: SignedIn, planted: Planted, address: str) -> None:
    assert client_for(planted.executive).get(address).status_code == 404


def test_before_the_year_is_over_one_can_decide_but_not_close(
    client_for: SignedIn, planted: Planted, clock: Clock
) -> None:
    clock.now = factories.NOW
    text = client_for(planted.executive).get("/cycles/FY2026/closing").text
    assert "FY2026 can be closed from 10 Jan 2027 on" in text
    assert "Close FY2026</button>" not in text


@pytest.mark.parametrize(
    ("field", "value"),
    [("fate", "perhaps"), ("targets", "guessed"), ("ramp", "1e999"), ("ramp", "NaN"), ("wording", "x" * 501),
     ("reason", "a\0b"), ("reason", "x" * 2001)],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_at_its_field_and_kept(
    client_for: SignedIn, planted: Planted, look: Arrange, field: str, value: str
) -> None:
    key = planted.kpis["Repeat orders"].id
    typed = {f"fate-{key}": "keep", f"reason-{key}": "It works", f"targets-{key}": "ramp", f"ramp-{key}": "5"}
    answer = client_for(planted.head).post(
        f"/cycles/FY2026/closing/{planted.operations.id}", data={**typed, f"{field}-{key}": value}
    )
    assert answer.status_code == 422
    assert look(lambda session: session.scalars(select(ClosingChoice)).all()) == []


def test_the_number_of_statements_does_not_grow_with_what_is_decided(
    client_for: SignedIn, planted: Planted, arrange: Arrange
) -> None:
    client = client_for(planted.executive)
    addresses = ("/cycles/FY2026/closing", f"/cycles/FY2026/closing/{planted.top.id}")
    _decide_all(arrange, planted)
    few = [statements_of(client, one) for one in addresses]

    def more(session: Session) -> None:
        for number in range(5):
            objective = factories.objective(session, f"Objective {number}")
            priority = factories.priority(session, f"Priority {number}")
            factories.link(session, objective, priority)
            factories.action(session, f"Action {number}")
            factories.kpi(session, f"KPI {number}", cycle=planted.cycle)
        session.execute(delete(ClosingChoice))

    arrange(more)
    _decide_all(arrange, planted)
    assert [statements_of(client, one) for one in addresses] == few

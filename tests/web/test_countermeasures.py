"""Countermeasures through the browser: who sees, writes, closes and prints them; what a longer list costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.commands.countermeasures import MOST_CAUSES, MOST_STEPS, SHEET
from hoshin.commands.countermeasures_open import THE_FIGURES, open_due
from hoshin.commands.readings import CellWish, record_cells
from hoshin.engine.misses import Patience
from hoshin.engine.verdicts import Direction
from hoshin.forms.countermeasures import ROW_TEXT, SHEET_TEXT
from hoshin.model.actions import Action
from hoshin.model.countermeasures import AnswerState, Countermeasure, CountermeasureAction, RootCause
from hoshin.model.kpis import KPI
from hoshin.model.people import Person, Role
from hoshin.model.units import Organisation, Unit
from tests import factories
from tests.statements import statements_of
from tests.web.conftest import Arrange, Clock

SignedIn = Callable[[Person], FlaskClient]
JAN = date(2026, 1, 1)


@dataclass
class Cast:
    """A unit whose KPI has missed in January; its head, the KPI's owner, and somebody from elsewhere."""

    head: Person
    owner: Person
    stranger: Person
    unit: Unit
    kpi: KPI
    key: int


def _record(session: Session, kpi: KPI, actuals: str) -> None:
    values = {"H": Decimal(95), "M": Decimal(88)}
    cells = [
        CellWish(kpi_id=kpi.id, period=date(2026, place, 1), values={"target": Decimal(95), "actual": values[one]})
        for place, one in enumerate(actuals, start=1)
    ]
    at = datetime(2026, len(actuals) + 1, 10, 9, tzinfo=UTC)
    record_cells(session=session, cells=cells, by=THE_FIGURES, at=at, reason="again")
    open_due(session=session, by=THE_FIGURES, at=at)


@pytest.fixture
def cast(arrange: Arrange, clock: Clock) -> Cast:
    """It is 10 February 2026."""
    clock.now = datetime(2026, 2, 10, 12, tzinfo=UTC)

    def work(session: Session) -> Cast:
        factories.organisation(session, live_on=JAN)
        factories.cycle(session)
        unit, other = factories.unit(session), factories.unit(session, "Sales")
        head = factories.person(session, "Hedda Head", Role.HEAD, unit)
        owner = factories.person(session, "Owen Owner", Role.STAFF, unit)
        stranger = factories.person(session, "Sally Sales", Role.STAFF, other)
        kpi = factories.kpi(session, "On time", unit, direction=Direction.AT_LEAST, owner_id=owner.id, uom="%")
        _record(session, kpi, "M")
        key = session.scalars(select(Countermeasure.id)).one()
        return Cast(head, owner, stranger, unit, kpi, key)

    return arrange(work)


def _found(look: Arrange) -> Countermeasure:
    return look(lambda session: session.scalars(select(Countermeasure)).one())


def _short(owner: Person, **more: str) -> dict[str, str]:
    return {
        "gap": "7 % off", "cause": "A worn tool", "action": "Change it weekly", "doer_id": str(owner.id),
        "due_on": "2026-03-01", "owner_id": str(owner.id), "version": "1", **more,
    }  # fmt: skip


def test_the_owner_finds_it_on_the_list_and_writes_four_lines(
    cast: Cast, client_for: SignedIn, look: Arrange
) -> None:
    client = client_for(cast.owner)
    page = client.get("/countermeasures").text
    assert "On time" in page
    assert "to be written" in page
    assert "Jan 2026: 88 % against ≥ 95 %, 7 % off plan" in client.get(f"/countermeasures/{cast.key}").text
    form = client.get(f"/countermeasures/{cast.key}/short")
    assert form.status_code == 200
    answer = client.post(f"/countermeasures/{cast.key}/short", data=_short(cast.owner))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/countermeasures/{cast.key}")
    assert _found(look).is_written
    assert "A worn tool" in client.get(f"/countermeasures/{cast.key}").text
    assert "to be written" not in client.get("/countermeasures").text
    assert client.get("/countermeasures?state=unwritten").text.count("On time") == 0


def test_who_only_reads_sees_no_button_and_is_refused(cast: Cast, client_for: SignedIn) -> None:
    client = client_for(cast.stranger)
    page = client.get(f"/countermeasures/{cast.key}").text
    assert "On time" in page
    assert f"/countermeasures/{cast.key}/short" not in page
    for name in ("short", "causes", "steps", "a3/edit", "close", "reopen"):
        assert client.get(f"/countermeasures/{cast.key}/{name}").status_code == 403
        assert client.post(f"/countermeasures/{cast.key}/{name}", data={"version": "1"}).status_code == 403
    assert client.get("/countermeasures/999").status_code == 404


def test_a_restricted_unit_keeps_its_countermeasures_to_itself(
    cast: Cast, client_for: SignedIn, arrange: Arrange
) -> None:
    def restrict(session: Session) -> None:
        session.get_one(Unit, cast.unit.id).restricted = True

    arrange(restrict)
    client = client_for(cast.stranger)
    assert "On time" not in client.get("/countermeasures").text
    assert "On time" not in client.get("/countermeasures?format=csv").text
    for name in ("", "/a3", "/a3.pdf", "/short"):
        assert client.get(f"/countermeasures/{cast.key}{name}").status_code == 404


def test_somebody_who_saves_second_keeps_her_text(cast: Cast, client_for: SignedIn) -> None:
    client = client_for(cast.owner)
    client.post(f"/countermeasures/{cast.key}/short", data=_short(cast.owner))
    answer = client.post(f"/countermeasures/{cast.key}/short", data=_short(cast.owner, cause="Another one"))
    assert answer.status_code == 409
    assert "A worn tool" in answer.text
    assert "Another one" in answer.text


def test_causes_and_steps_grow_it_and_a_warning_stands_while_the_effects_are_too_small(
    cast: Cast, client_for: SignedIn, look: Arrange
) -> None:
    client = client_for(cast.owner)
    causes = {"version": "1", "text_1": "Tool", "share_1": "60", "text_3": "Training", "share_3": "41"}
    refused = client.post(f"/countermeasures/{cast.key}/causes", data=causes)
    assert refused.status_code == 422
    assert "come to 101 %" in refused.text
    assert client.post(f"/countermeasures/{cast.key}/causes", data=causes | {"share_3": "40"}).status_code == 303
    assert [one.text for one in look(lambda session: session.scalars(select(RootCause)).all())] == ["Tool", "Training"]
    owner = str(cast.owner.id)
    steps = {"version": "2", "text_1": "New tool", "effect_1": "5", "owner_1": owner, "due_1": "2026-03-01"}
    assert client.post(f"/countermeasures/{cast.key}/steps", data=steps).status_code == 303
    page = client.get(f"/countermeasures/{cast.key}").text
    assert "do not close the gap of 7 %: 2 % stay open" in page
    assert "overdue" not in page
    assert 'value="Training"' in client.get(f"/countermeasures/{cast.key}/causes").text
    odd = client.post(f"/countermeasures/{cast.key}/steps", data={"version": "3", "text_1": "x", "key_1": "no key"})
    assert odd.status_code == 404
    wrong = client.post(f"/countermeasures/{cast.key}/steps", data={"version": "3", "text_1": "x", "effect_1": "many"})
    assert wrong.status_code == 422
    assert "is not a figure" in wrong.text


def test_the_head_puts_a_step_on_the_matrix(cast: Cast, client_for: SignedIn, look: Arrange) -> None:
    steps = {"version": "1", "text_1": "New tool", "due_1": "2026-03-01"}
    assert client_for(cast.owner).post(f"/countermeasures/{cast.key}/steps", data=steps).status_code == 303
    step = look(lambda session: session.scalars(select(CountermeasureAction.id)).one())
    address = f"/countermeasures/{cast.key}/steps/{step}/promote"
    assert address not in client_for(cast.owner).get(f"/countermeasures/{cast.key}").text
    assert client_for(cast.owner).post(address).status_code == 403
    head = client_for(cast.head)
    assert address in head.get(f"/countermeasures/{cast.key}").text
    assert head.post(address).status_code == 303
    assert look(lambda session: session.scalars(select(Action.name)).all()) == ["New tool"]
    assert "already" in head.post(address, follow_redirects=True).text


def test_it_closes_after_two_hits_and_can_be_taken_up_again(
    cast: Cast, client_for: SignedIn, look: Arrange, arrange: Arrange, clock: Clock
) -> None:
    client = client_for(cast.head)
    end = {"version": "1", "worked": "partly", "outcome": "Mostly the tool"}
    assert "its latest 2 due periods" in client.get(f"/countermeasures/{cast.key}/close").text
    assert client.post(f"/countermeasures/{cast.key}/close", data=end).status_code == 422
    arrange(lambda session: _record(session, session.get_one(KPI, cast.kpi.id), "MHH"))
    clock.now = datetime(2026, 4, 10, 12, tzinfo=UTC)
    client = client_for(cast.head)
    assert "it may be closed" in client.get("/countermeasures").text
    assert client.post(f"/countermeasures/{cast.key}/close", data=end | {"outcome": ""}).status_code == 422
    assert client.post(f"/countermeasures/{cast.key}/close", data=end).status_code == 303
    assert _found(look).state is AnswerState.CLOSED
    assert "On time" not in client.get("/countermeasures").text
    assert "On time" in client.get("/countermeasures?state=closed").text
    assert client.get(f"/countermeasures/{cast.key}").status_code == 200
    again = client.post(f"/countermeasures/{cast.key}/reopen", data={"reason": "it will not last"})
    assert again.status_code == 303
    assert _found(look).state is AnswerState.REOPENED


def test_the_words_of_the_a3_follow_the_kpi_until_they_are_written(
    cast: Cast, client_for: SignedIn, look: Arrange
) -> None:
    client = client_for(cast.owner)
    form = client.get(f"/countermeasures/{cast.key}/a3/edit").text
    assert "On time does not reach its target." in form
    page = client.get(f"/countermeasures/{cast.key}/a3").text
    assert "On time ≥ 95 % in 2 due periods in a row." in page
    typed = {"version": "1", "title": "On time", "problem": "On time does not reach its target.", "background": "Why"}
    assert client.post(f"/countermeasures/{cast.key}/a3/edit", data=typed).status_code == 303
    found = _found(look)
    assert (found.problem, found.background) == ("", "Why"), "what stands there anyway is not kept"


@pytest.mark.parametrize("words", ["", "Mustard flavoured gauges wander quietly. ", "WWWWWWWWWW 品質 "])
def test_the_a3_prints_on_exactly_one_page_however_much_is_written(
    cast: Cast, client_for: SignedIn, arrange: Arrange, words: str
) -> None:
    text = words * 1500

    def fill(session: Session) -> None:
        found = session.get_one(Countermeasure, cast.key)
        for name in SHEET:
            setattr(found, name, text[: 200 if name == "title" else SHEET_TEXT])
        for place in range(MOST_CAUSES):
            session.add(RootCause(countermeasure_id=cast.key, text=text[:ROW_TEXT], share=Decimal(8), position=place))
        for place in range(MOST_STEPS):
            session.add(
                CountermeasureAction(
                    countermeasure_id=cast.key, text=text[:ROW_TEXT], owner_id=cast.owner.id, due_on=JAN,
                    effect=Decimal("12345.6789"), position=place,
                )
            )  # fmt: skip

    if words:
        arrange(fill)
    answer = client_for(cast.stranger).get(f"/countermeasures/{cast.key}/a3.pdf")
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(BytesIO(answer.data)).pages
    assert len(pages) == 1
    width, height = (round(float(one) / 72 * 25.4) for one in (pages[0].mediabox.width, pages[0].mediabox.height))
    assert (width, height) == (420, 297)
    assert "Follow-up" in pages[0].extract_text()


def test_the_csv_holds_the_whole_list(cast: Cast, client_for: SignedIn) -> None:
    rows = client_for(cast.owner).get("/countermeasures?format=csv").text.splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("On time,Operations,Owen Owner,miss,open,no,Jan 2026")


def test_a_longer_list_takes_no_more_statements(cast: Cast, client_for: SignedIn, arrange: Arrange) -> None:
    client = client_for(cast.owner)
    before = statements_of(client, "/countermeasures")

    def more(session: Session) -> None:
        for place in range(8):
            kpi = factories.kpi(
                session, f"KPI {place}", session.get_one(Unit, cast.unit.id), direction=Direction.AT_LEAST
            )
            _record(session, kpi, "M")

    arrange(more)
    assert statements_of(client, "/countermeasures") == before


def test_recording_a_miss_in_the_grid_opens_it_at_once(
    cast: Cast, client_for: SignedIn, look: Arrange, arrange: Arrange
) -> None:
    def plan(session: Session) -> int:
        unit = session.get_one(Unit, cast.unit.id)
        kpi = factories.kpi(session, "Calls", unit, direction=Direction.AT_LEAST, owner_id=cast.owner.id)
        cell = CellWish(kpi_id=kpi.id, period=JAN, values={"target": Decimal(9)})
        record_cells(session=session, cells=[cell], by=THE_FIGURES, at=datetime(2026, 1, 2, tzinfo=UTC))
        return kpi.id

    key = arrange(plan)
    client = client_for(cast.owner)
    name = f"actual.{key}.2026-01-01"
    saved = client.post("/actuals?month=2026-01", data={name: "3", f"seen.{name}": "1|"})
    assert saved.status_code == 303
    opened = look(lambda session: session.scalars(select(Countermeasure.kpi_id)).all())
    assert sorted(opened) == sorted([cast.kpi.id, key])


def test_an_administrator_says_how_patient_the_organisation_is(
    cast: Cast, client_for: SignedIn, look: Arrange, arrange: Arrange
) -> None:
    admin = arrange(lambda session: factories.person(session, "Ada Admin", Role.ADMINISTRATOR))
    client = client_for(admin)
    page = client.get("/settings").text
    assert 'value="2026-01-01"' in page
    assert 'value="1.5"' in page
    typed = {
        "name": "Northwind", "time_zone": "UTC", "fiscal_start_month": "1", "named_by": "end", "due_days": "10",
        "least_strength": "1", "scheme": "binary", "amber_percent": "5", "version": "1", "misses_breakthrough": "3",
        "misses_fundamental": "4", "hits_to_close": "1", "far_above": "2.5", "live_on": "2026-02-01",
    }  # fmt: skip
    assert client.post("/settings", data=typed | {"far_above": "0.5"}).status_code == 422
    assert client.post("/settings", data=typed | {"hits_to_close": "13"}).status_code == 422
    assert client.post("/settings", data=typed).status_code == 303
    found = look(lambda session: session.get_one(Organisation, 1))
    assert found.patience == Patience(3, 4, 1, Decimal("2.5"))
    assert found.live_on == date(2026, 2, 1)


def test_it_waits_on_the_home_page_of_its_owner_and_stands_on_the_page_and_the_chart_of_the_kpi(
    cast: Cast, client_for: SignedIn
) -> None:
    address = f"/countermeasures/{cast.key}"
    owner, stranger = client_for(cast.owner), client_for(cast.stranger)
    assert address in owner.get("/").text
    assert address not in stranger.get("/").text
    assert address in stranger.get(f"/kpis/{cast.kpi.id}").text
    assert "⚑" in owner.get(f"/units/{cast.unit.id}/bowling").text

"""The door through which a bowling chart is filled: good cells are saved, each other one is answered for itself."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.metrics import Aggregation
from hoshin.engine.verdicts import Direction
from hoshin.model.countermeasures import Countermeasure
from hoshin.model.cycles import CycleKPI, MonthLock
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Reading
from hoshin.model.units import Organisation, Unit
from tests import factories
from tests.statements import statements_of
from tests.web.conftest import Arrange
from tests.web.readings_house import House, SignedIn, build, record


@pytest.fixture
def house(arrange: Arrange) -> House:
    """The company of these tests."""
    return arrange(build)


def cell(kpi: KPI, name: str, month: int, text: str, version: int = 0, **more: object) -> dict[str, Any]:
    """What the chart sends for one cell."""
    return {
        "kpi": kpi.id, "period": f"2026-{month:02}-01", "name": name, "text": text, "version": version, "seen": "",
        **more,
    }  # fmt: skip


def post(client: FlaskClient, house: House, *cells: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Send cells; the answer as JSON."""
    answer = client.post(f"/units/{house.unit.id}/bowling/cells?cycle=FY2026", json={"cells": cells, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def outcomes(answer: dict[str, Any]) -> list[str]:
    return [one["outcome"] for one in answer["cells"]]


def _reading(look: Arrange, kpi: KPI, month: int) -> Reading | None:
    return look(lambda session: session.get(Reading, (date(2026, month, 1), kpi.id)))


def test_good_cells_are_saved_and_bad_ones_named(client_for: SignedIn, house: House, look: Arrange) -> None:
    lead = house.lead_time
    answer = post(
        client_for(house.head), house,
        cell(lead, "actual", 1, "8.5"), cell(lead, "actual", 2, "1e999"), cell(lead, "actual", 3, "9.99999"),
        cell(lead, "note", 4, "one  strike day"), cell(lead, "actual", 13 - 1, "7", 9),
    )  # fmt: skip
    assert outcomes(answer) == ["saved", "refused", "refused", "saved", "stale"]
    assert "14 digits" in answer["cells"][1]["sentence"] or "figure" in answer["cells"][1]["sentence"]
    found = _reading(look, lead, 1)
    assert found is not None
    assert found.actual == Decimal("8.5")
    assert 'data-raw="8.5" data-version="1"' in answer["rows"][str(lead.id)]
    assert 'data-note="one strike day"' in answer["rows"][str(lead.id)]
    assert _reading(look, lead, 2) is None


def test_a_plan_is_a_range_where_the_kpi_says_between(client_for: SignedIn, house: House, arrange: Arrange) -> None:
    arrange(lambda session: setattr(session.get(KPI, house.lead_time.id), "direction", Direction.BETWEEN))
    lead = house.lead_time
    answer = post(
        client_for(house.head), house, cell(lead, "range", 6, "10–20"), cell(lead, "range", 7, "20 to 10"),
        cell(lead, "range", 8, "10"),
    )  # fmt: skip
    assert outcomes(answer) == ["saved", "refused", "refused"]
    assert 'data-raw="10–20"' in answer["rows"][str(lead.id)]


def test_a_year_to_date_that_is_given_is_typed_where_it_stands(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    arrange(lambda session: setattr(session.get(KPI, house.lead_time.id), "aggregation", Aggregation.GIVEN))
    lead, client = house.lead_time, client_for(house.head)
    rows = post(client, house, cell(lead, "note", 1, "new"))["rows"][str(lead.id)]
    [plan, actual] = re.findall(r'data-m="12" data-cell="(ytd_\w+\.\d+\.[\d-]+)"', rows)
    [name, _, day] = actual.split(".")
    month = int(day[5:7])
    assert (plan.split(".")[0], name) == ("ytd_target", "ytd_actual")
    answer = post(client, house, cell(lead, "ytd_target", month, "9.5"))
    answer = post(client, house, cell(lead, "ytd_actual", month, "9.25", 1), cell(lead, "ytd_actual", month - 1, "x"))
    assert outcomes(answer) == ["saved", "refused"]
    found = _reading(look, lead, month)
    assert found is not None
    assert (found.ytd_target, found.ytd_actual, found.actual) == (Decimal("9.5"), Decimal("9.25"), None)
    assert 'data-raw="9.25" data-version="2"' in answer["rows"][str(lead.id)]
    assert set(re.findall(r"ytd_\w+", answer["rows"][str(lead.id)])) == {
        "ytd_target", "ytd_actual", "ytd_note", "ytd_plan_note",
    }  # fmt: skip


def test_an_agreed_target_asks_once_for_its_reason(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    def agree(session: Session) -> None:
        for month in (2, 6):
            record(session, house.lead_time, month, target=9)

    arrange(agree)
    client, typed = client_for(house.head), [cell(house.lead_time, "target", month, "8", 1) for month in (2, 6)]
    answer = post(client, house, *typed)
    assert outcomes(answer) == ["reason", "reason"]
    assert [(one["before"], one["after"]) for one in answer["amendments"]] == [("9", "8"), ("9", "8")]
    answer = post(client, house, *typed, reason="new machine", first="2026-06-01")
    assert outcomes(answer) == ["refused", "saved"]
    assert "applies from Jun 2026 on" in answer["cells"][0]["sentence"]
    assert answer["rows"][str(house.lead_time.id)].count("◆") == 1
    found = _reading(look, house.lead_time, 6)
    assert found is not None
    assert (found.target, found.amended) == (Decimal(8), True)


def test_a_locked_month_cannot_be_typed_into(client_for: SignedIn, house: House, arrange: Arrange) -> None:
    def lock(session: Session) -> None:
        month = date(2026, 3, 1)
        session.add(MonthLock(unit_id=house.unit.id, month=month, locked_at=factories.NOW, locked_by="Ines"))

    arrange(lock)
    client = client_for(house.head)
    answer = post(client, house, cell(house.lead_time, "actual", 3, "8"), cell(house.lead_time, "actual", 4, "8"))
    assert outcomes(answer) == ["refused", "saved"]
    assert "locked" in answer["cells"][0]["sentence"]
    assert client.get(f"/units/{house.unit.id}/bowling").text.count('data-closed="locked"') == 2


def test_one_may_fill_what_one_records_and_nothing_else(client_for: SignedIn, house: House, look: Arrange) -> None:
    staff = client_for(house.staff)
    answer = post(
        staff, house, cell(house.safety, "actual", 4, "1"), cell(house.lead_time, "actual", 4, "8"),
        cell(house.lead_time, "target", 5, "8"),
    )  # fmt: skip
    assert outcomes(answer) == ["refused", "saved", "refused"]
    assert answer["cells"][0]["sentence"] == "you may not change this"
    assert _reading(look, house.safety, 4) is None
    page = staff.get(f"/units/{house.unit.id}/bowling").text
    assert f'data-cell="actual.{house.lead_time.id}.2026-04-01"' in page
    assert f'data-cell="actual.{house.safety.id}.' not in page
    assert "data-cell=" not in client_for(house.outsider).get(f"/units/{house.unit.id}/bowling").text


def test_the_forecast_is_journalled_and_a_stranger_s_stands(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    arrange(lambda session: record(session, house.lead_time, 4, actual=9))
    client, lead = client_for(house.staff), house.lead_time
    assert outcomes(post(client, house, cell(lead, "forecast", 1, "8.2"))) == ["saved"]
    assert outcomes(post(client, house, cell(lead, "forecast", 1, "7"))) == ["stale"]
    assert outcomes(post(client, house, cell(lead, "forecast", 1, "7", seen="8.2"))) == ["saved"]
    assert outcomes(post(client, house, cell(house.safety, "forecast", 1, "7"))) == ["refused"]
    assert look(lambda session: list(session.scalars(select(CycleKPI.forecast)))) == [Decimal(7)]
    line = look(lambda session: session.scalars(select(JournalLine).where(JournalLine.verb == "forecast")).all()[-1])
    assert (line.by_name, line.before, line.after) == ("Sam", {"forecast": "8.2"}, {"forecast": "7"})
    assert ">7</td>" in client.get(f"/units/{house.unit.id}/bowling").text


def test_a_figure_of_the_year_takes_a_note_of_one_line(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    arrange(lambda session: record(session, house.lead_time, 4, actual=9))
    client, lead = client_for(house.staff), house.lead_time
    answer = post(
        client, house, cell(lead, "forecast_note", 1, "two  new =lines"), cell(lead, "ytd_note", 1, "<b>a</b> strike"),
        cell(lead, "ytd_note", 1, "mine"), cell(lead, "year_target_note", 1, "x" * 2001),
        cell(house.safety, "forecast_note", 1, "not mine"),
    )  # fmt: skip
    assert outcomes(answer) == ["saved", "saved", "stale", "refused", "refused"]
    rows = answer["rows"][str(lead.id)]
    assert f'data-note-cell="forecast_note.{lead.id}.FY2026"' in rows
    assert 'data-note="two new =lines"' in rows
    page = client_for(house.outsider).get(f"/units/{house.unit.id}/bowling").text
    assert "&lt;b&gt;a&lt;/b&gt; strike" in page
    assert f"<b>{lead.name}, year to date:</b>" in page
    assert "data-note-cell" not in page
    assert outcomes(post(client, house, cell(lead, "ytd_note", 1, "", seen="<b>a</b> strike"))) == ["saved"]
    assert look(lambda session: list(session.scalars(select(CycleKPI.notes)))) == [{"forecast": "two new =lines"}]


def test_a_plan_and_its_actual_each_take_a_note_of_their_own(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    arrange(lambda session: record(session, house.lead_time, 4, target=8, actual=9))
    client, lead = client_for(house.staff), house.lead_time
    answer = post(
        client, house, cell(lead, "plan_note", 4, "one  <b>shift</b>", 1), cell(house.safety, "plan_note", 4, "mine?"),
    )  # fmt: skip
    assert outcomes(answer) == ["saved", "refused"]
    assert outcomes(post(client, house, cell(lead, "note", 4, "a strike", 2))) == ["saved"]
    assert outcomes(post(client, house, cell(lead, "plan_note", 4, "late", 1))) == ["stale"]
    found = look(lambda session: session.get(Reading, (date(2026, 4, 1), lead.id)))
    assert found is not None
    assert (found.plan_note, found.note, found.amended) == ("one <b>shift</b>", "a strike", False)
    page = client_for(house.outsider).get(f"/units/{house.unit.id}/bowling").text
    assert f"<b>{lead.name}, Apr 2026, plan:</b> one &lt;b&gt;shift" in page
    assert f"<b>{lead.name}, Apr 2026:</b> a strike" in page
    assert "one &lt;b&gt;shift" in client.get(f"/kpis/{lead.id}").text


def test_a_miss_opens_its_countermeasure_and_the_chart_marks_it(
    client_for: SignedIn, house: House, arrange: Arrange, look: Arrange
) -> None:
    def live(session: Session) -> None:
        session.get_one(Organisation, 1).live_on = date(2026, 1, 1)
        record(session, house.lead_time, 4, target=5)

    arrange(live)
    answer = post(client_for(house.head), house, cell(house.lead_time, "actual", 4, "9", 1))
    assert outcomes(answer) == ["saved"]
    assert look(lambda session: session.scalars(select(Countermeasure.kpi_id)).all()) == [house.lead_time.id]
    assert "⚑" in answer["rows"][str(house.lead_time.id)]


def test_a_near_miss_is_amber_only_where_the_organisation_says_so(
    client_for: SignedIn, house: House, arrange: Arrange
) -> None:
    arrange(lambda session: record(session, house.lead_time, 4, target=100, actual=104))
    client, page = client_for(house.head), f"/units/{house.unit.id}/bowling"
    assert "v-amber" not in client.get(page).text
    arrange(lambda session: setattr(session.get(Organisation, 1), "scheme", "three colours"))
    assert "v-amber" in client.get(page).text
    assert "0 of 1 due hit" in client.get(page).text


@pytest.mark.parametrize(
    "payload",
    [[], {}, {"cells": 1}, {"cells": [1]}, {"cells": [{"kpi": "1"}]}, {"cells": [{"kpi": 1, "name": "verdict"}]},
     {"cells": [{"kpi": 1, "name": "actual", "period": "soon"}]}, {"cells": [{}] * 1001},
     {"cells": [{"kpi": 1, "name": "note", "text": "\x00", "period": "2026-01-01"}]}],
)  # fmt: skip
def test_what_is_not_shaped_as_agreed_is_refused(client_for: SignedIn, house: House, payload: object) -> None:
    answer = client_for(house.head).post(f"/units/{house.unit.id}/bowling/cells", json=payload)
    assert answer.status_code == 400
    assert "sentence" in answer.get_json()


def test_what_may_not_be_read_is_not_there(client_for: SignedIn, house: House, arrange: Arrange) -> None:
    arrange(lambda session: setattr(session.get(Unit, house.unit.id), "restricted", True))
    client, address = client_for(house.outsider), f"/units/{house.unit.id}/bowling"
    assert client.post(f"{address}/cells", json={"cells": []}).status_code == 404
    assert client.get(f"{address}/token").status_code == 404
    assert "csrf" in client_for(house.head).get(f"{address}/token").get_json()


def test_filling_many_kpis_takes_no_more_statements_to_show(
    client_for: SignedIn, house: House, arrange: Arrange
) -> None:
    client, page = client_for(house.head), f"/units/{house.unit.id}/bowling"
    few = statements_of(client, page)

    def grow(session: Session) -> None:
        for number in range(6):
            record(session, factories.kpi(session, f"KPI {number}", house.unit), 4, actual=number)

    arrange(grow)
    assert statements_of(client, page) == few

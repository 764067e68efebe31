"""The tree and the linear sheet of a unit: every path once, who answers it, and nothing that may not be read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy.orm import Session

from hoshin.engine.metrics import KPIClass
from hoshin.engine.plans import State
from hoshin.model.people import Person
from tests import factories
from tests.databases import ON_SQLITE
from tests.planting import Planted, plant
from tests.statements import statements_of
from tests.web.conftest import Arrange

SignIn = Callable[[Person], FlaskClient]


def _grow(session: Session) -> Planted:
    """At the top: two priorities under one objective, an action with a KPI, and an action that serves nothing."""
    planted = plant(session)
    other = factories.priority(session, "Cut complaints", owner_id=planted.executive.id)
    work = factories.action(session, "Call every customer", owner_id=planted.head.id)
    calls = factories.kpi(session, "Calls", cycle=planted.cycle)
    factories.link(session, planted.objective, other, 9)
    factories.link(session, other, work, 3)
    factories.link(session, work, calls, 1)
    factories.link(session, other, calls, 9)
    factories.action(session, "Sweep the yard")
    factories.kpi(session, "Heating", cycle=planted.cycle, kpi_class=KPIClass.FUNDAMENTAL)
    answer = factories.objective(session, "Answer the phone", planted.operations, state=State.DRAFT)
    factories.deployment(session, other, answer, state=State.DRAFT)
    return planted


@pytest.fixture
def planted(arrange: Arrange) -> Planted:
    """The grown plan."""
    return arrange(_grow)


def _table(client: FlaskClient, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.text)))


def test_each_path_is_one_row_with_a_column_for_each_answering_unit(planted: Planted, client_for: SignIn) -> None:
    head, *rows = _table(client_for(planted.executive), f"/units/{planted.top.id}/linear?format=csv")
    assert head[-2:] == ["Operations", "Laboratory"]
    by_last = {next(name for name in (row[5], row[3], row[1], row[0]) if name): row for row in rows}
    calls = by_last["Calls"]
    assert calls[:7] == ["Grow", "Cut complaints", "● strong", "Call every customer", "○ medium", "Calls", "△ weak"]
    assert calls[-2:] == ["○", ""], "an answer that is only drafted"
    assert by_last["Repeat orders"][-2:] == ["◆", "●"], "answered by one unit, the KPI at home in another"
    assert by_last["Sweep the yard"][:4] == ["", "", "", "Sweep the yard"], "what serves nothing has its row too"
    assert "Heating" not in by_last
    assert sum(row[5] == "Calls" for row in rows) == 1, "the shorter way to the same KPI is no path of its own"


def test_the_tree_draws_every_link_and_each_branch_once(planted: Planted, client_for: SignIn, arrange: Arrange) -> None:
    def second(session: Session) -> None:
        factories.link(session, factories.objective(session, "Prosper"), planted.priority, 1)

    arrange(second)
    rows = _table(client_for(planted.executive), f"/units/{planted.top.id}/tree?format=csv")[1:]
    names = [row[2] for row in rows]
    assert names.count("Win back customers") == 1
    assert names.count("Win back customers (see above)") == 1
    assert names.count("Repeat orders") == 1
    grow = names.index("Grow")
    assert rows[grow][0] == "0"
    assert [row[0] for row in rows if row[2] == "Calls"] == ["3", "2"], "below the action and below the priority"


def test_a_restricted_unit_keeps_its_names(planted: Planted, client_for: SignIn) -> None:
    page = client_for(planted.head).get(f"/units/{planted.top.id}/tree").text
    assert "Build the new line" not in page
    assert client_for(planted.staff).get(f"/units/{planted.secret.id}/linear").status_code == 404


@ON_SQLITE
@pytest.mark.parametrize("name", ["tree", "linear"])
def test_pages_and_paper_say_the_same(planted: Planted, client_for: SignIn, name: str) -> None:
    client = client_for(planted.executive)
    page = client.get(f"/units/{planted.top.id}/{name}")
    assert page.status_code == 200
    printed = PdfReader(io.BytesIO(client.get(f"/units/{planted.top.id}/{name}.pdf?paper=a4").data))
    paper = " ".join(" ".join(one.extract_text().split()) for one in printed.pages)
    for word in ("Grow", "Cut complaints", "Call every customer", "Sweep the yard", "FY2026", "Operations"):
        assert word in page.text
        assert word in paper


@pytest.mark.parametrize("name", ["tree", "linear"])
def test_more_items_ask_no_more_questions(planted: Planted, client_for: SignIn, arrange: Arrange, name: str) -> None:
    client, address = client_for(planted.executive), f"/units/{planted.top.id}/{name}"
    few = statements_of(client, address)

    def more(session: Session) -> None:
        for number in range(12):
            factories.link(session, planted.objective, factories.priority(session, f"More {number}"), 3)

    arrange(more)
    assert statements_of(client, address) == few


def test_where_everything_is_linked_the_rest_is_counted(
    planted: Planted, client_for: SignIn, arrange: Arrange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoshin.reports.unit_paths.MOST_PATHS", 2)
    page = client_for(planted.executive).get(f"/units/{planted.top.id}/linear").text
    assert "further paths are left out" in page


@pytest.mark.parametrize("kind", ["x-matrix", "tree", "linear", "bowling"])
def test_every_sheet_can_be_taken_along_from_its_page(planted: Planted, client_for: SignIn, kind: str) -> None:
    """The page links to PDF, drawing and workbook, and what comes is one; who may not see the unit gets none."""
    client = client_for(planted.executive)
    where = f"/units/{planted.top.id}/{kind}"
    hrefs = [unescape(one) for one in re.findall(r'href="([^"]+)"', client.get(where).text)]
    starts = {".pdf": b"%PDF", ".svg": b"<?xml", "xlsx": b"PK"}
    for ending, start in starts.items():
        [href, *_] = [one for one in hrefs if one.startswith(where) and ending in one]
        found = client.get(href)
        assert found.data.startswith(start), href
        assert "attachment" in found.headers["Content-Disposition"]
    secret = f"/units/{planted.secret.id}/{kind}.svg"
    assert client_for(planted.staff).get(secret).status_code == 404


def test_attainment_can_be_taken_along(planted: Planted, client_for: SignIn) -> None:
    client = client_for(planted.executive)
    page = client.get("/attainment").text
    for ending, start in ((".pdf", b"%PDF"), (".svg", b"<?xml"), (".xlsx", b"PK")):
        [href, *_] = re.findall(rf'href="(/attainment\{ending}[^"]*)"', page)
        assert client.get(unescape(href)).data.startswith(start)
    assert client.get("/attainment.doc").status_code == 404

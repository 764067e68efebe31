"""The page and the paper of an X-matrix: layouts, filters, the map, warnings, and who may see and change what."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from hoshin.model.people import Person
from hoshin.model.units import Organisation, Preset, Unit
from tests import factories
from tests.databases import ON_SQLITE
from tests.planting import Planted, plant
from tests.statements import statements_of
from tests.web.conftest import Arrange

SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def planted(arrange: Arrange) -> Planted:
    """Two departments below the top unit."""
    return arrange(lambda session: plant(session, more=3))


def test_what_the_check_finds_is_marked_where_it_stands(
    planted: Planted, client_for: SignIn, arrange: Arrange
) -> None:
    arrange(lambda session: factories.action(session, "Sweep the yard", planted.operations))
    page = client_for(planted.executive).get(f"/units/{planted.operations.id}/x-matrix").text
    assert "data-warning" in page
    assert "Orphaned: carries out no priority (HK104)" in page
    assert "the check warns" in page, "the legend explains the sign"


def test_sums_of_strengths_stand_at_the_items(planted: Planted, client_for: SignIn) -> None:
    page = client_for(planted.head).get(f"/units/{planted.operations.id}/x-matrix").text
    assert "Σ 6" in page
    assert "supported 3 (○ 1), serves 3 (○ 1)" in page


def test_a_filter_steps_the_rest_back_and_stays_chosen(planted: Planted, client_for: SignIn) -> None:
    client, address = client_for(planted.head), f"/units/{planted.operations.id}/x-matrix"
    assert 'opacity="0.22"' not in client.get(address).text
    page = client.get(f"{address}?owner={planted.head.id}&strength=9").text
    assert 'opacity="0.22"' in page
    assert re.search(rf'<option value="{planted.head.id}" selected>', page)
    assert client.get(f"{address}?status=late").status_code == 400


def test_the_map_leads_up_and_down(planted: Planted, client_for: SignIn) -> None:
    page = client_for(planted.executive).get(f"/units/{planted.top.id}/x-matrix").text
    assert f"/units/{planted.operations.id}/x-matrix?cycle=FY2026" in page
    below = client_for(planted.head).get(f"/units/{planted.operations.id}/x-matrix").text
    assert f"/units/{planted.top.id}/x-matrix?cycle=FY2026" in below
    assert f"/units/{planted.secret.id}/x-matrix" not in below, "a restricted unit is not on others' maps"


def test_a_unit_remembers_its_layout(planted: Planted, client_for: SignIn, look: Arrange) -> None:
    client, address = client_for(planted.head), f"/units/{planted.operations.id}/x-matrix"
    assert "Always open" not in client.get(address).text
    assert "Always open Operations in this layout" in client.get(f"{address}?preset=cascade").text
    assert client.post(f"{address}/layout", data={"preset": "cascade"}).status_code == 303
    assert look(lambda session: session.get_one(Unit, planted.operations.id).preset) is Preset.CASCADE
    assert "Always open" not in client.get(address).text
    assert client.post(f"{address}/layout", data={"preset": "round"}).status_code == 303
    assert look(lambda session: session.get_one(Unit, planted.operations.id).preset) is Preset.CASCADE


def test_only_who_writes_the_plan_chooses_its_layout(planted: Planted, client_for: SignIn) -> None:
    address = f"/units/{planted.operations.id}/x-matrix/layout"
    for person in (planted.staff, planted.auditor, planted.administrator):
        assert client_for(person).post(address, data={"preset": "cascade"}).status_code == 403


def test_an_organisation_has_its_own_signs_and_labels(planted: Planted, client_for: SignIn, look: Arrange) -> None:
    client = client_for(planted.administrator)
    version = look(lambda session: session.scalars(select(Organisation.version)).one())
    typed = {"glyphs": "moon", "kpis": "Measures", "objectives": "", "version": str(version)}
    assert client.post("/settings/x-matrix", data=typed).status_code == 303
    assert client.post("/settings/x-matrix", data=typed).status_code == 409, "somebody else saved first"
    page = client_for(planted.head).get(f"/units/{planted.operations.id}/x-matrix").text
    assert ">Measures</text>" in page
    assert ">Objectives</text>" in page
    assert "◐ medium" in page
    too_long = client.post("/settings/x-matrix", data=typed | {"kpis": "M" * 41, "version": str(version + 1)})
    assert too_long.status_code == 422
    assert client_for(planted.head).get("/settings/x-matrix").status_code == 403


@ON_SQLITE
@pytest.mark.parametrize(("paper", "size"), [("a3", (1191, 842)), ("tabloid", (1224, 792)), ("a4", (842, 595))])
def test_the_paper_is_one_tagged_page(
    planted: Planted, client_for: SignIn, tmp_path_factory: pytest.TempPathFactory, paper: str, size: tuple[int, int]
) -> None:
    answer = client_for(planted.head).get(f"/units/{planted.operations.id}/x-matrix.pdf?paper={paper}")
    assert answer.mimetype == "application/pdf"
    file = tmp_path_factory.mktemp("paper") / "sheet.pdf"
    file.write_bytes(answer.data)
    reader = PdfReader(file)
    [page] = reader.pages
    assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == size
    assert "/StructTreeRoot" in reader.root_object
    text = page.extract_text()
    for word in ("X-matrix of Operations", "FY2026", "20 May 2026", "Classic", "Priority 0", "strong 9"):
        assert word in text


def test_the_svg_is_a_file_of_its_own(planted: Planted, client_for: SignIn) -> None:
    answer = client_for(planted.head).get(f"/units/{planted.operations.id}/x-matrix.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.text.startswith('<?xml version="1.0"')
    assert "href" not in answer.text


def test_what_may_not_be_read_is_not_there(planted: Planted, client_for: SignIn) -> None:
    client = client_for(planted.staff)
    for ending in ("x-matrix", "x-matrix.pdf", "x-matrix.svg"):
        assert client.get(f"/units/{planted.secret.id}/{ending}").status_code == 404
    assert client.get(f"/units/{planted.operations.id}/x-matrix.pdf?paper=a9").status_code == 400


def test_more_items_ask_no_more_questions(arrange: Arrange, client_for: SignIn) -> None:
    planted = arrange(lambda session: plant(session, more=2))
    client, address = client_for(planted.head), f"/units/{planted.operations.id}/x-matrix"
    few = statements_of(client, address)
    arrange(lambda session: [factories.action(session, f"More {n}", planted.operations) for n in range(20)])
    assert statements_of(client, address) == few

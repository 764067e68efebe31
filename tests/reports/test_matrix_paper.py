"""An X-matrix on paper: one page, however much stands on it."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session

from hoshin.db import Database
from hoshin.errors import Refused
from hoshin.queries.matrix import load_matrix
from hoshin.reports.matrix import MatrixSheet, find_preset, matrix_sheet, surroundings
from hoshin.reports.matrix_paper import PAPERS, find_paper, matrix_html, spoken
from hoshin.reports.pdf import asset, to_pdf
from tests import factories
from tests.bench.plans import fill


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    """A session on SQLite alone: no database decides how a sheet is printed."""
    database = Database(url=sqlite_url)
    with database.writing() as session:
        yield session
    database.dispose()


def _printed(session: Session, counts: tuple[int, int, int, int], links: int, paper: str) -> tuple[MatrixSheet, bytes]:
    unit, cycle, head = fill(session, counts=counts, links=links)
    actor = factories.actor(session, head)
    facts = load_matrix(session=session, actor=actor, unit_id=unit.id, cycle=cycle, now=factories.NOW)
    sheet = matrix_sheet(
        plan=facts.plan,
        report=facts.attainment.report,
        preset=find_preset(key="classic"),
        around=surroundings(facts=facts),
    )
    html = matrix_html(facts=facts, sheet=sheet, paper=paper, today=factories.TODAY, asset=asset)
    return sheet, to_pdf(html=html)


@pytest.mark.parametrize("paper", PAPERS)
def test_the_largest_plan_still_stands_on_one_page(session: Session, paper: str) -> None:
    """15 × 25 × 30 × 40 with more links than corners: every one of those is listed by its numbers."""
    sheet, printed = _printed(session, (15, 25, 30, 40), 400, paper)
    assert len(sheet.unplaced) == 80
    [page] = PdfReader(io.BytesIO(printed)).pages
    text = page.extract_text()
    assert "80 links have no corner in this layout" in text
    assert "Priorities 1: KPIs ●" in " ".join(text.split())
    assert "on the page only" not in text
    assert "K39" in spoken(matrix=sheet.matrix)


def test_a_screen_reader_hears_the_whole_sheet(session: Session) -> None:
    sheet, printed = _printed(session, (2, 2, 2, 2), 6, "a3")
    said = spoken(matrix=sheet.matrix)
    assert "Objectives: 1 " in said
    assert said.count("●") >= 2
    kids = [PdfReader(io.BytesIO(printed)).root_object["/StructTreeRoot"]["/K"][0].get_object()]  # type: ignore[index]
    found = []
    while kids:
        one = kids.pop()
        if hasattr(one, "get") and one.get("/S") == "/Figure":
            found.append(one.get("/Alt"))
        below = one.get("/K") if hasattr(one, "get") else None
        kids += [each.get_object() for each in (below if isinstance(below, list) else [])]
    assert [" ".join(str(alt).split()) for alt in found] == [" ".join(said.split())]


def test_there_is_no_other_paper() -> None:
    with pytest.raises(Refused, match="tabloid"):
        find_paper(key="letter")

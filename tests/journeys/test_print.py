"""Printing in a browser: by keyboard to the PDF of a matrix, and a sheet's page sent to the printer."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.journeys.conftest import Live
from tests.planting import Planted, plant

TITLES = ("Action 0", "Priority 1", "KPI 0", "Every customer stays.", "FY2026")


def _text(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def _tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on the link or button of that name."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"the keyboard never comes to “{name}”")


@pytest.fixture
def planted(live: Live) -> Planted:
    """Two items in every arm."""
    return live.arrange(lambda session: plant(session, more=2))


def test_by_keyboard_from_the_matrix_to_its_pdf(live: Live, planted: Planted) -> None:
    page = live.page_for(planted.head)
    page.goto(f"/units/{planted.operations.id}/x-matrix?cycle=FY2026")
    _tab_to(page, "Take along")
    page.keyboard.press("Enter")
    _tab_to(page, "PDF, A3")
    with page.expect_download(timeout=60_000) as arriving:
        page.keyboard.press("Enter")
    assert arriving.value.suggested_filename == f"x-matrix-{planted.operations.id}-FY2026.pdf"
    content = arriving.value.path().read_bytes()
    [sheet] = PdfReader(io.BytesIO(content)).pages
    assert (round(float(sheet.mediabox.width)), round(float(sheet.mediabox.height))) == (1191, 842)
    text = _text(content)
    assert [one for one in ("X-matrix of Operations", *TITLES) if one not in text] == []


@pytest.mark.parametrize("kind", ["x-matrix", "bowling"])
def test_a_page_sent_to_the_printer_is_the_sheet(live: Live, planted: Planted, kind: str) -> None:
    """No menus, no filters, dark ink also for those who read light on dark, and one page where one is enough."""
    page = live.page_for(planted.head, dark=True)
    page.goto(f"/units/{planted.operations.id}/{kind}?cycle=FY2026")
    page.emulate_media(media="print")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    printed = page.pdf(prefer_css_page_size=True)
    [sheet] = PdfReader(io.BytesIO(printed)).pages
    assert round(float(sheet.mediabox.width)) == 1191
    text = _text(printed)
    assert "Operations" in text
    assert "KPI 0" in text
    assert [one for one in ("Take along", "Signed in", "Search", "everybody", "Keys") if one in text] == []
    page.emulate_media(media="screen")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")

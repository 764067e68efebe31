"""The icicle on the home page opens and closes where it stands, by click and by key."""

from __future__ import annotations

from playwright.sync_api import expect
from sqlalchemy.orm import Session

from tests import factories
from tests.journeys.conftest import Live, settle
from tests.planting import Planted, plant


def test_the_icicle_opens_level_by_level_by_click_and_by_key(live: Live) -> None:
    def make(session: Session) -> Planted:
        planted = plant(session)
        factories.unit(session, "Assembly", planted.operations)
        return planted

    planted = live.arrange(make)
    page = live.page_for(planted.executive)
    page.goto("/?cycle=FY2026&period=2026-04")
    page.evaluate("window.stayed = true")
    page.locator("[data-icicle^='unit:']", has_text="Operations").click()
    expect(page.locator(".picture-way")).to_contain_text("Northwind Instruments › Operations")
    page.mouse.move(0, 0)  # off the picture: what comes to lie under the mouse would be named instead
    settle(page)
    page.locator("[data-icicle]").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.level") == "1"
    expect(page.locator("[data-picture-here]")).to_contain_text("itself: 1 of 3 due hit")
    page.locator("[data-icicle]").first.hover()
    expect(page.locator("[data-picture-here]")).to_contain_text("Operations: ")
    page.get_by_text("The same as a table").click()
    expect(page.locator("[data-picture] table")).to_contain_text("itself")
    page.locator("[data-icicle]").first.focus()
    page.keyboard.press("Backspace")
    expect(page.locator(".picture-way")).to_have_count(0)
    assert page.evaluate("window.stayed")
    page.go_back()
    expect(page.locator(".picture-way")).to_contain_text("Operations")

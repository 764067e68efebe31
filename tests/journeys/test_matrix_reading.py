"""Reading a matrix in a browser: the filters light up live what the server lights up when the form is sent."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Live
from tests.planting import plant

DIMMED = """() => [...document.querySelectorAll('[data-matrix] [opacity]')]
    .map((one) => one.dataset.item || one.dataset.row + '×' + one.dataset.column).sort()"""


def _dimmed(page: Page) -> list[str]:
    found: list[str] = page.evaluate(DIMMED)
    return found


@pytest.mark.parametrize(
    "chosen", [{"owner": "Bo Head"}, {"status": "missed"}, {"strength": "strong only"}, {"status": "open"}]
)
def test_live_and_sent_filters_light_up_the_same(live: Live, chosen: dict[str, str]) -> None:
    planted = live.arrange(lambda session: plant(session, more=4))
    page = live.page_for(planted.head)
    page.goto(f"/units/{planted.operations.id}/x-matrix")
    assert _dimmed(page) == []
    for name, label in chosen.items():
        page.select_option(f"#filter-{name}", label=label)
    now = _dimmed(page)
    assert now, "something steps back"
    expect(page, "the address can be kept").to_have_url(re.compile(next(iter(chosen))))
    page.reload()
    assert _dimmed(page) == now
    for name in chosen:
        page.select_option(f"#filter-{name}", value="")
    assert _dimmed(page) == []

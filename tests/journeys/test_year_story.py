"""A head and the executive close the year in a browser: what is missing, one word for each item, the last yes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from hoshin.engine.plans import State
from hoshin.engine.verdicts import Direction
from hoshin.model.kpis import Reading
from hoshin.model.people import Person, Role
from tests import factories
from tests.journeys.axe import violations
from tests.journeys.conftest import Live, resize

YEAR = factories.NOW.year - 1
"""Last year: on the day on which the story is played its figures are due."""


def _firm(session: Session) -> tuple[Person, Person]:
    """One department with a priority, an action and a KPI that was read in December."""
    factories.organisation(session, due_days=0, true_north="Nobody waits.", current_state="One in five is late.")
    cycle = factories.cycle(session, YEAR)
    operations = factories.unit(session, "Operations")
    chief = factories.person(session, "Cleo Chief", Role.EXECUTIVE)
    head = factories.person(session, "Opal Head", Role.HEAD, operations)
    objective = factories.objective(session, "Deliver on time", sponsor_id=chief.id)
    answer = factories.objective(session, "Ship on the day", operations)
    top = factories.priority(session, "Halve the lead time", cycle=cycle)
    own = factories.priority(session, "One piece at a time", operations, cycle=cycle)
    kpi = factories.kpi(
        session, "Days from order", operations, cycle=cycle, direction=Direction.AT_MOST, state=State.ACTIVE
    )
    for upper, lower in ((objective, top), (answer, own), (own, kpi)):
        factories.link(session, upper, lower, 9)
    factories.deployment(session, top, answer)
    first = date(YEAR, 12, 1)
    session.add(
        Reading(
            kpi_id=kpi.id, period=first, target=Decimal(10), band_high=Decimal(10), actual=Decimal(8), note="",
            recorded_at=datetime(YEAR, 12, 31, tzinfo=UTC),
        )
    )  # fmt: skip
    session.flush()
    return chief, head


def _looked_at(page: Page, title: str) -> None:
    """No page of the story fails axe, and none sticks out of a telephone."""
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    page.wait_for_load_state()
    found = violations(page=page)
    assert found == [], page.url
    resize(page, 320, 700)
    out = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    resize(page, 1280, 900)
    assert out <= 1, f"{page.url} sticks out by {out}"


def test_the_year_is_looked_at_decided_and_closed(live: Live) -> None:
    live.stop_clock(factories.NOW)
    chief, head = live.arrange(_firm)
    page = live.page_for(head)
    page.goto(f"/year?cycle=FY{YEAR}")
    expect(page.locator("li[aria-current=step]")).to_contain_text("Monthly review")
    page.get_by_role("link", name=f"Close FY{YEAR}", exact=True).click()
    _looked_at(page, f"Closing FY{YEAR}")
    page.get_by_role("link", name="Decide for Operations").click()
    _looked_at(page, "Operations: keep, change or end")
    item = page.get_by_role("group", name="One piece at a time")
    item.get_by_label("change", exact=True).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("say what changes and why")
    expect(item.get_by_label("change", exact=True)).to_be_checked()
    item.get_by_label("Because").fill("two lines are enough")
    item.get_by_text("Another wording from now on").click()
    item.get_by_label("From now on called").fill("One piece on two lines")
    _rest(page, "it works")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved: 3 of 3 items have a word.")).to_be_visible()
    _close(live, chief)


def _rest(page: Page, reason: str) -> None:
    rest = page.get_by_role("group", name="One word for the rest")
    rest.get_by_label("For everything without a word yet").select_option("keep")
    rest.get_by_label("Because").fill(reason)


def _close(live: Live, chief: Person) -> None:
    page = live.page_for(chief, scripts=False)
    page.goto(f"/cycles/FY{YEAR}/closing")
    page.get_by_role("link", name="Decide for Northwind").click()
    _rest(page, "half of the way")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved: 2 of 2 items have a word.")).to_be_visible()
    page.get_by_role("button", name=f"Close FY{YEAR}").click()
    expect(page.get_by_role("alert")).to_contain_text("tick that you have read")
    page.get_by_label("I have read what closing does").check()
    page.get_by_role("button", name=f"Close FY{YEAR}").click()
    expect(page.get_by_text(f"FY{YEAR} is closed. What goes on stands in FY{YEAR + 1} as drafts.")).to_be_visible()
    expect(page.get_by_text("“Halve the lead time” is still a draft.")).to_be_visible()
    page.goto(f"/cycles/FY{YEAR}/closing")
    expect(page.get_by_text("goes on as “One piece on two lines”")).to_be_visible()

"""A strategy from an empty database to attainment, in a browser: the founder, then a head, each in their part."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.calendars import FiscalCalendar
from hoshin.model.people import Grant, Person, Role
from hoshin.model.units import Unit
from hoshin.queries.units import top_unit
from tests import factories
from tests.journeys.conftest import PATIENCE, Live

WORDS = "five plain words for us"
NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
"""When the story is played: April is due."""


def _save(page: Page, said: str) -> None:
    """Send the form and wait for what the next page says of it."""
    page.locator("main form button[type=submit].btn-primary").first.click()
    _told(page, said)


def _told(page: Page, said: str) -> None:
    expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()


def _found(page: Page, address: str) -> None:
    page.goto(address)
    expect(page).to_have_url(f"{address}/start")
    page.get_by_label("Name of the organisation").fill("Quayside Instruments")
    page.get_by_label("Your name").fill("Ines Moreau")
    page.get_by_label("Your e-mail").fill("ines@quayside.example")
    page.get_by_label("Password").fill(WORDS)
    page.get_by_role("button", name="Begin", exact=True).click()
    page.wait_for_url(f"{address}/")


def _new(page: Page, path: str, name: str, **fields: str) -> None:
    page.goto(path)
    page.get_by_label("Name", exact=True).fill(name)
    for field, value in fields.items():
        chosen = page.locator(f"[name={field}]")
        if chosen.evaluate("one => one.tagName") == "SELECT":
            chosen.select_option(value)
        else:
            chosen.fill(value)
    _save(page, "is on the plan as a draft")


def _put_all_in_force(page: Page, plan: str) -> None:
    page.goto(plan)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=re.compile(r"^Put all \d drafts in force")).click()
    _told(page, "in force now")
    expect(page.get_by_role("button", name="Put in force")).to_have_count(0)


def _link(page: Page, upper: str) -> None:
    """Say on the item's form of links that everything offered serves it strongly.

    Both pages are waited for: choices looked for too early are none, and then nothing would be linked.
    """
    page.get_by_role("link", name=upper, exact=True).first.click()
    expect(page.get_by_role("heading", level=1, name=upper)).to_be_visible()
    page.get_by_role("link", name="Links").first.click()
    expect(page.get_by_role("heading", level=1, name=f"Links of {upper}")).to_be_visible()
    page.wait_for_load_state()  # the heading is there before the last of the choices
    choices = page.locator("main select[name^=s]").all()
    assert choices
    for choice in choices:
        choice.select_option("9")
    _save(page, "The links are saved.")


def _invite(live: Live) -> tuple[Person, Unit]:
    """A department with its head; people and units have stories of their own in tests/web."""

    def arrange(session: Session) -> tuple[Person, Unit]:
        unit = factories.unit(session, "Operations")
        return factories.person(session, "Olga Head", Role.HEAD, unit), unit

    return live.arrange(arrange)


def test_from_the_vision_to_one_of_one(live: Live) -> None:
    live.stop_clock(NOON)
    page = live.browser.new_page(base_url=live.address)
    page.set_default_timeout(PATIENCE)
    _found(page, live.address)
    top = live.look(lambda session: top_unit(session=session).id)

    page.goto("/vision/edit")
    page.get_by_label("True North").fill("Every instrument right the first time.")
    _save(page, "The vision is saved.")
    page.goto("/")
    expect(page.get_by_text("Every instrument right the first time.")).to_be_visible()

    _new(page, f"/units/{top}/objectives/new", "Halve the cost of poor quality")
    _new(page, f"/units/{top}/priorities/new", "Stop the five costliest faults")
    _put_all_in_force(page, f"/units/{top}/plan")
    _link(page, "Halve the cost of poor quality")

    head, unit = _invite(live)
    _catch(live, head, unit)

    page.goto("/attainment")
    expect(page.get_by_text("1 of 1").first).to_be_visible()
    page.goto(f"/units/{top}/plan")
    expect(page.get_by_role("row", name="Halve the cost of poor quality").get_by_text("1/1")).to_be_visible()
    assert page.request.get("/attainment.pdf").body().startswith(b"%PDF")
    assert live.look(lambda session: session.scalars(select(Grant.role)).all())


def _catch(live: Live, head: Person, unit: Unit) -> None:
    """The head takes the priority over, answers with a KPI, plans its year and records the month that is due."""
    page = live.page_for(head)
    plan = f"/units/{unit.id}/plan"
    page.goto(f"/units/{unit.id}/take-over")
    page.locator("[name=source_id]").select_option(index=1)
    _save(page, "Taken over.")
    month = FiscalCalendar().latest_due(as_of=NOON.date())
    cycle_start = date(month.first.year, 1, 1)
    _new(
        page, f"/units/{unit.id}/kpis/new", "Faults found by customers",
        direction="at most", owner_id=str(head.id), valid_from=cycle_start.isoformat(),
    )  # fmt: skip
    _put_all_in_force(page, plan)
    _link(page, "Stop the five costliest faults")
    page.goto(f"/units/{unit.id}/targets?cycle=FY{month.first.year}")
    cells = page.locator("main table input[data-number]:visible, main table input[name^=target]:visible")
    for cell in cells.all():
        cell.fill("12")
    _save_grid(page)
    page.goto(f"/units/{unit.id}/actuals?period={month.first:%Y-%m}")
    page.locator("main table input[name^=actual]:visible").first.fill("12")
    _save_grid(page)
    assert month.last + timedelta(days=10) <= NOON.date()


def _save_grid(page: Page) -> None:
    page.get_by_role("button", name="Save").first.click()
    _told(page, "saved")

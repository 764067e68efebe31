"""A week and a review in a browser: check-in, roadblock, countermeasure, the meeting, its pack, feed and commitment."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any, cast

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.cadence import ReviewKind
from hoshin.model.countermeasures import Countermeasure
from hoshin.model.kpis import KPI
from hoshin.model.reviews import Review
from tests import reviewing
from tests.journeys.conftest import Live
from tests.reviewing import ALL, NOW, House


@pytest.fixture
def house(live: Live) -> House:
    """The house of tests/reviewing.py with its reviews planned; it is 20 May 2026."""
    live.stop_clock(NOW)

    def work(session: Session) -> House:
        made = reviewing.build(session)
        reviewing.plan_all(session, made, *ALL)
        session.flush()
        for row in [*session]:
            session.refresh(row)
        return made

    return live.arrange(work)


def _review(live: Live, house: House, kind: ReviewKind, month: int = 4) -> Review:
    return live.look(lambda session: reviewing.review_of(session, house, house.plan.operations, kind, month))


def _press(page: Page, name: str, told: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()
    expect(page.get_by_role("status").filter(has_text=told)).to_be_visible()


def test_a_week_from_check_in_to_countermeasure(live: Live, house: House) -> None:
    staff, head, boss = (live.page_for(one) for one in (house.plan.staff, house.plan.head, house.plan.executive))
    kpi = house.plan.kpis["Complaints"].id
    staff.goto("/")
    staff.get_by_role("link", name="Check-in", exact=True).first.click()
    staff.get_by_label("Progress: what moved").fill("The new tool is drawn")
    staff.get_by_role("button", name="Check in", exact=True).click()
    expect(staff.get_by_text("The new tool is drawn")).to_be_visible()

    staff.goto(f"/kpis/{kpi}")
    staff.get_by_role("link", name="Raise a roadblock").click()
    expect(staff.get_by_label("In the way of")).to_have_value(str(kpi))
    staff.get_by_label("What is in the way").fill("No gauge for the housing")
    _press(staff, "Raise it", "Raised.")
    head.goto("/")
    head.get_by_role("link", name="No gauge for the housing").click()
    head.get_by_label("Why not").fill("It needs money from above")
    _press(head, "Escalate", "Escalated")
    boss.goto("/")
    expect(boss.get_by_role("link", name="No gauge for the housing")).to_be_visible()

    key = _answered(live, house, head)
    (sheet,) = PdfReader(BytesIO(head.request.get(f"/countermeasures/{key}/a3.pdf").body())).pages
    assert "Measure it every Monday" in sheet.extract_text()


def _answered(live: Live, house: House, head: Page) -> int | None:
    """The head writes the four lines of a countermeasure of hers."""
    row = select(Countermeasure.id).join(KPI, KPI.id == Countermeasure.kpi_id)
    query = row.where(KPI.unit_id == house.plan.operations.id).order_by(Countermeasure.id)
    key = live.look(lambda session: session.scalars(query).first())
    head.goto(f"/countermeasures/{key}")
    head.get_by_role("link", name="Write the four lines").click()
    head.locator("[name=cause]").fill("The gauge is worn and nobody sees it")
    head.locator("[name=action]").fill("Measure it every Monday")
    head.locator("[name=doer_id]").select_option(label="Bo Head")
    head.locator("[name=due_on]").fill("2026-06-15")
    head.locator("main form button.btn-primary").click()
    expect(head.get_by_text("Measure it every Monday").first).to_be_visible()
    return key


def test_a_month_is_reviewed_frozen_and_followed_up(live: Live, house: House) -> None:
    staff, head = live.page_for(house.plan.staff, width=320), live.page_for(house.plan.head)
    april, may = (_review(live, house, ReviewKind.MONTHLY, month) for month in (4, 5))
    head.goto(f"/reviews/{april.id}")
    expect(head.get_by_text("Complaints").first).to_be_visible()
    head.locator(f"[name=presence_{house.plan.head.id}]").select_option("present")
    head.locator("[name=decision_1]").fill("Change the tool every week")
    head.locator("[name=task_1]").fill("Order ten tools")
    head.locator("[name=owner_1]").select_option(str(house.plan.staff.id))
    head.locator("[name=due_1]").fill("2026-06-05")
    head.locator("[name=minutes]").fill("The tool is worn.")
    _press(head, "Keep the minutes", "The minutes are kept.")
    head.get_by_label("Lock Apr 2026", exact=False).check()
    _press(head, "The review was held", "Held. The pack is frozen")
    pack = head.request.get(f"/reviews/{april.id}/pack.pdf").body()
    assert "Change the tool every week" in "".join(one.extract_text() for one in PdfReader(BytesIO(pack)).pages)

    staff.goto("/")
    expect(staff.get_by_text("Taken on in reviews")).to_be_visible()
    staff.get_by_role("button", name="Order ten tools").click()
    expect(staff.get_by_text("Taken on in reviews")).to_have_count(0)
    assert head.request.get(f"/reviews/{april.id}/pack.pdf").body() == pack, "whatever is changed later"

    head.goto("/account/calendar")
    head.get_by_role("button", name="Make an address").click()
    feed = head.locator("#address").input_value()
    head.goto(f"/reviews/{may.id}/move")
    head.locator("[name=planned_on]").fill("2026-06-17")
    head.locator("main form button.btn-primary").click()
    expect(head.get_by_text("17 Jun 2026").first).to_be_visible()
    events = {str(one["uid"]): one for one in Calendar.from_ical(head.request.get(feed).body()).walk("VEVENT")}
    moved = cast(Any, events[f"{may.uid}@hoshin"])
    assert (moved["sequence"], moved["dtstart"].dt) == (1, date(2026, 6, 17))


def test_the_president_scores_and_leaders_are_seen(live: Live, house: House) -> None:
    boss = live.page_for(house.plan.executive)
    diagnosis = _review(live, house, ReviewKind.DIAGNOSIS, 1)
    boss.goto(f"/reviews/{diagnosis.id}")
    boss.get_by_role("link", name="Score it").click()
    expect(boss.get_by_role("heading", level=1, name="Score: ")).to_be_visible()
    boss.wait_for_load_state()
    first = boss.locator("fieldset.panel").first
    choices = first.locator("select").all()
    assert choices
    for choice in choices:
        choice.select_option("3")
    first.get_by_label("What was seen").fill("Every team knows its numbers")
    _press(boss, "Keep the scores", "The scores are kept.")
    boss.goto(f"/reviews/{diagnosis.id}")
    expect(boss.locator("svg[role=img], figure svg").first).to_be_visible()
    boss.goto("/commitment")
    expect(boss.get_by_role("row", name="Ada Chief")).to_be_visible()

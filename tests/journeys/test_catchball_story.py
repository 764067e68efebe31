"""Catchball in a browser: thrown together, answered with a package, countered, agreed, recorded, amended."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.catchball import BallState
from hoshin.model.catchball import Ball
from hoshin.model.kpis import Reading
from hoshin.model.links import Deployment
from tests import factories
from tests.commands import playing
from tests.commands.playing import Company
from tests.journeys.conftest import Live

OTHERS = ("Ship on the promised day", "Free the tied-up stock")


@dataclass
class Scene:
    """Operations with three priorities, and Assembly below it; nothing has been thrown."""

    live: Live
    firm: Company

    def ball(self, name: str) -> Ball:
        """The ball that was thrown with that priority."""
        source = next(key for key, called in self.sources().items() if called == name)
        query = select(Ball).join(Deployment, Deployment.id == Ball.deployment_id).where(Deployment.source_id == source)
        return self.live.look(lambda session: session.scalars(query).one())

    def sources(self) -> dict[int, str]:
        """The priorities of Operations, by key."""
        kind, unit = type(self.firm.priority), self.firm.ops.id
        return self.live.look(lambda s: dict(s.execute(select(kind.id, kind.name).where(kind.unit_id == unit)).all()))


@pytest.fixture
def scene(live: Live) -> Scene:
    """The company of tests/commands/playing.py with two more priorities."""

    def make(session: Session) -> Company:
        firm = playing.company(session)
        for name in OTHERS:
            factories.priority(session, name, firm.ops, cycle=firm.cycle)
        return firm

    return Scene(live, live.arrange(make))


def _press(page: Page, name: str, told: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("status").filter(has_text=told)).to_be_visible()


def _throw_all(scene: Scene, opal: Page) -> None:
    opal.goto(f"/units/{scene.firm.ops.id}/plan?cycle=FY2026")
    opal.get_by_role("link", name="Throw to other units").click()
    for name in ("Halve lead time", *OTHERS, "Operations / Assembly"):
        opal.get_by_label(name, exact=True).check()
    opal.get_by_label("Message").fill("Customers leave because we are slow.")
    _press(opal, "→ Throw", "3 thrown.")


def test_three_are_thrown_together_and_each_is_agreed_in_its_own_way(scene: Scene) -> None:
    opal, lena = scene.live.page_for(scene.firm.opal), scene.live.page_for(scene.firm.lena)
    _throw_all(scene, opal)
    first, second, third = (scene.ball(name) for name in ("Halve lead time", *OTHERS))
    scene.live.arrange(lambda session: playing.write_plan(session, scene.firm, first))

    lena.goto("/")
    expect(lena.get_by_role("region", name="Balls in my hand").get_by_role("listitem")).to_have_count(3)
    lena.get_by_role("link", name="Halve lead time").first.click()
    expect(lena.get_by_text("Customers leave because we are slow.")).to_be_visible()
    _press(lena, "✓ Accept", "Signed.")
    lena.goto(f"/balls/{second.id}")
    lena.get_by_role("link", name="⇄ Counter-offer").click()
    lena.get_by_label("Target").fill("nine of ten days by the year's end")
    lena.get_by_label("Reason").fill("Two lines are down")
    _press(lena, "Return with this offer", "Returned with your counter-offer.")
    lena.goto(f"/balls/{third.id}/offer/record")
    lena.get_by_label("Target").fill("half of it")
    _press(lena, "Record", "Recorded. The other side confirms it.")

    for ball, seen in ((first, "Days from order"), (second, "nine of ten days"), (third, "half of it")):
        opal.goto(f"/balls/{ball.id}")
        expect(opal.locator("table.sides")).to_contain_text(seen)
        _press(opal, "✓ Accept", "Both sides have signed")
    assert {scene.ball(name).state for name in ("Halve lead time", *OTHERS)} == {BallState.AGREED}
    paper = opal.request.get(f"/balls/{second.id}/agreement?format=pdf").body()
    assert len(PdfReader(BytesIO(paper)).pages) == 1


def test_what_was_agreed_is_amended_together_or_not_at_all(scene: Scene) -> None:
    ball, how, kpi = scene.live.arrange(lambda session: playing.agreed(session, scene.firm))
    lena, opal = scene.live.page_for(scene.firm.lena), scene.live.page_for(scene.firm.opal, width=320)
    lena.goto(f"/items/{how.id}/end")
    lena.locator("[name=reason]").fill("too much at once")
    lena.locator("main form button[type=submit]").click()
    expect(lena.get_by_text("reopen its ball in catchball, and offer to take it out")).to_be_visible()

    lena.goto(f"/balls/{ball.id}")
    lena.get_by_text("↻ Reopen to amend").click()
    lena.locator("#catchball\\.reopen-reason").fill("A line burnt down")
    _press(lena, "Reopen", "What was agreed keeps counting")
    lena.get_by_role("link", name="⇄ Offer the amendment").click()
    lena.locator(f"[name=i{kpi.id}]").fill("14,5 → 7")
    expect(lena.get_by_text("In even steps from 14.5 to 7")).to_be_visible()
    lena.locator(f"[name=i{kpi.id}]").fill("14 → 7")
    lena.locator(f"[name=m{kpi.id}]").select_option("2026-05-01")
    lena.get_by_label("Reason").fill("We are back to full speed in December")
    _press(lena, "Return with this offer", "Returned with your counter-offer.")
    opal.goto(f"/balls/{ball.id}")
    expect(opal.get_by_text("May 2026 14, Jun 2026 13").first).to_be_visible()
    _press(opal, "✓ Accept", "Both sides have signed")
    query = select(Reading.target).where(Reading.kpi_id == kpi.id).order_by(Reading.period)
    assert list(scene.live.look(lambda session: session.scalars(query).all())) == list(range(14, 6, -1))


def test_a_target_typed_over_on_the_bowling_chart_waits_for_the_level_above(scene: Scene) -> None:
    _, _, kpi = scene.live.arrange(lambda session: playing.agreed(session, scene.firm))
    scene.live.arrange(lambda session: setattr(session.merge(scene.firm.cycle), "catchball", False))
    lena, opal = scene.live.page_for(scene.firm.lena), scene.live.page_for(scene.firm.opal)
    lena.goto(f"/units/{scene.firm.line.id}/bowling?cycle=FY2026")
    lena.locator(f"tr.plan[data-kpi='{kpi.id}'] td[data-m='4']").focus()
    lena.keyboard.type("12")
    lena.keyboard.press("Enter")
    window = lena.get_by_role("dialog")
    expect(window).to_contain_text("An agreed target will be proposed to Opal")
    window.get_by_label("Why?").fill("Supplier lost")
    window.get_by_label("applies from").select_option("2026-05-01")
    window.get_by_role("button", name="Propose").click()
    expect(lena.locator("[data-status]")).to_contain_text("proposed to Opal: it counts when agreed")

    opal.goto("/")
    opal.get_by_role("region", name="Amendments to agree to").get_by_role("link", name="Days from order").click()
    expect(opal.get_by_text("Supplier lost")).to_be_visible()
    _press(opal, "✓ Agree", "The new targets count from now on")
    lena.goto(f"/kpis/{kpi.id}?cycle=FY2026")
    expect(lena.get_by_text("agreed by Opal")).to_be_visible()

"""Every page of the example in a browser: axe finds nothing, nothing sticks out at 320 px, no script fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error as PlaywrightError, Page
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.commands.example import load
from hoshin.exchange.example import read
from hoshin.model.base import Base
from hoshin.model.people import Person
from hoshin.queries.people import find_by_email
from hoshin.reports.example import paper
from hoshin.web import door, gate
from tests.journeys.axe import violations
from tests.journeys.conftest import Live, resize

UNIT = 2
"""The key of the first department; the top unit is 1."""

FEWEST_PAGES = 60
"""The story would prove nothing if it found no pages."""

ROWS = {
    "objectives": "objectives", "priorities": "priorities", "actions": "actions", "kpis": "kpis", "items": "priorities",
    "people": "people", "balls": "balls", "deployments": "deployments", "countermeasures": "countermeasures",
    "roadblocks": "roadblocks", "reviews": "reviews", "scorings": "scorings", "surveys": "surveys", "grants": "grants",
    "amendments": "proposals",
}  # fmt: skip
"""Which table holds the things of an address, by its first word."""


def _example(session: Session) -> tuple[Person, ...]:
    load(session=session, wish=read(), paper=paper, by=system_actor(name="story"), at=door.utc_now())
    executive = find_by_email(session=session, email="helen.marsh@tarnbridge.example")
    administrator = session.scalars(select(Person).where(Person.name.contains("Brandt"))).one()
    head = find_by_email(session=session, email="tomasz.wilk@tarnbridge.example")
    assert executive is not None
    assert head is not None
    return executive, head, administrator


def _key_for(session: Session, word: str) -> int | None:
    """The first thing of that kind that stands in the department, else the first there is."""
    table = Base.metadata.tables.get(ROWS.get(word, ""))
    if table is None:
        return None
    found: int | None = session.execute(select(func.max(table.c.id))).scalar()
    return found


def _addresses(live: Live) -> Iterator[str]:
    """Every page that can be opened, with a key where one is wanted; files and things without a row are left out."""
    for rule in sorted(live.app.url_map.iter_rules(), key=str):
        closed = rule.endpoint in gate.OPEN_ENDPOINTS or rule.endpoint.startswith("health.")
        if "GET" not in (rule.methods or ()) or closed:
            continue
        address = str(rule)
        wanted = re.findall(r"<(?:(\w+):)?(\w+)>", address)
        word = address.split("/")[1]
        key = UNIT if word == "units" else live.look(partial(_key_for, word=word))
        if "." in address or any(kind != "int" for kind, _ in wanted) or (wanted and (key is None or len(wanted) > 1)):
            continue
        yield re.sub(r"<[^>]+>", str(key), address)


def _opens(page: Page, address: str) -> bool:
    """Whether that is a page of its own for this reader; forbidden ones, files and redirects are not."""
    try:
        answer = page.goto(address)
    except PlaywrightError as error:
        if "Download is starting" not in str(error):
            raise
        return False
    if answer is None or urlsplit(page.url).path != address or answer.status in (403, 404):
        return False
    assert answer.status < 400, f"{address}: {answer.status}"
    return answer.headers.get("content-type", "").startswith("text/html")


def _wrong_with(page: Page) -> list[str]:
    """What axe finds in the light theme and of colours in the dark one, and what is too wide for a telephone."""
    found = violations(page=page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-bs-theme=dark]")
    found += [f"dark {one}" for one in violations(page=page, rules=["color-contrast"])]
    page.emulate_media(color_scheme="light")
    page.wait_for_selector("html[data-bs-theme=light]")
    resize(page, 320, 700)
    out = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    resize(page, 1280, 900)
    return [*found, *([f"sticks out by {out} px at 320"] if out > 1 else [])]


@pytest.mark.parametrize("half", [0, 1])
def test_every_page(live: Live, half: int) -> None:
    """In two halves, so that two processes share the work; each page as the first of three people who may open it."""
    people = live.arrange(_example)
    wrong: dict[str, list[str]] = {}
    waiting = list(_addresses(live))[half::2]
    for person in people:
        page = live.page_for(person, width=1280, height=900)
        page.emulate_media(reduced_motion="reduce")  # a colour on its way from one theme to the other is neither
        for address in tuple(waiting):
            if _opens(page, address):
                waiting.remove(address)
                wrong[address] = _wrong_with(page)
    assert {address: found for address, found in wrong.items() if found} == {}
    assert len(wrong) > FEWEST_PAGES / 2

"""Every page of the example in a browser: axe finds nothing, nothing sticks out at 320 px, no script fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.model.base import Base
from hoshin.model.people import Person
from hoshin.queries.people import find_by_email
from hoshin.web import gate
from tests import databases
from tests.journeys.axe import contrast, violations
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


@pytest.fixture
def sqlite_url(sqlite_example: Path, tmp_path: Path) -> str:
    """The example organisation, for `live`."""
    return databases.copy_sqlite(template=sqlite_example, folder=tmp_path)


def _people(session: Session) -> tuple[Person, ...]:
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


def _is_page(page: Page, address: str) -> bool:
    """Whether that is a page of its own for this reader; forbidden ones, files and redirects are not.

    Asked beside the browser, which would take most of a second to show that it is none.
    """
    answer = page.request.get(address, max_redirects=0)
    assert answer.status < 400 or answer.status in (403, 404), f"{address}: {answer.status}"
    return answer.status == 200 and answer.headers.get("content-type", "").startswith("text/html")


class Look(NamedTuple):
    """How a page is looked at: in which theme, and in a window how wide."""

    theme: Literal["light", "dark"] = "light"
    width: int = 1280


WIDE, DARK, NARROW = Look(), Look(theme="dark"), Look(theme="dark", width=320)


def _turn(page: Page, old: Look, new: Look) -> None:
    if old.theme != new.theme:
        page.emulate_media(color_scheme=new.theme)
        page.wait_for_selector(f"html[data-bs-theme={new.theme}]")
    if old.width != new.width:
        resize(page, new.width, 900)


def _wrong_in(page: Page, look: Look, readable: set[str]) -> list[str]:
    """What axe finds in the light theme, of colours in the dark one, and what is too wide for a telephone."""
    if look == WIDE:
        return violations(page=page, readable=readable)
    if look == DARK:
        return [f"dark {one}" for one in contrast(page=page, readable=readable)]
    out = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"sticks out by {out} px at 320"] if out > 1 else []


def _wrong_on(page: Page, addresses: Sequence[str], readable: set[str]) -> Iterator[tuple[str, list[str]]]:
    """What is wrong with each. Every other page opens as the last one was left, so nothing is turned back for it."""
    looks, now = [WIDE, DARK, NARROW], WIDE
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        assert (urlsplit(page.url).path, answer.status) == (address, 200)
        found = []
        for look in looks:
            _turn(page, now, look)
            now = look
            found += _wrong_in(page, look, readable)
        looks.reverse()
        yield address, found


@pytest.mark.parametrize("half", [0, 1])
def test_every_page(live: Live, half: int) -> None:
    """In two halves, so that two processes share the work; each page as the first of three people who may open it."""
    people = live.look(_people)
    wrong: dict[str, list[str]] = {}
    readable: set[str] = set()
    waiting = list(_addresses(live))[half::2]
    for person in people:
        page = live.page_for(person, width=1280, height=900)
        page.emulate_media(reduced_motion="reduce")  # a colour on its way from one theme to the other is neither
        opened = [address for address in waiting if _is_page(page, address)]
        wrong.update(_wrong_on(page, opened, readable))
        waiting = [address for address in waiting if address not in opened]
    assert {address: found for address, found in wrong.items() if found} == {}
    assert len(wrong) > FEWEST_PAGES / 2

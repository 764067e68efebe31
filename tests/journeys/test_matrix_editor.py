"""The X-matrix editor: from nothing by keyboard, off line and back, two people at once, out of a spreadsheet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.plans import Kind
from hoshin.model.items import Item, Objective
from hoshin.model.links import Correlation
from hoshin.model.people import Person, Role
from hoshin.model.units import Unit
from hoshin.queries.items import helpers_of
from tests import factories
from tests.journeys.conftest import Live, settle

KINDS = {"south": Kind.OBJECTIVE, "west": Kind.PRIORITY, "north": Kind.ACTION, "east": Kind.KPI}


@dataclass
class Scene:
    """A department with a head and a facilitator, and perhaps some items on each arm."""

    live: Live
    unit: Unit
    head: Person
    office: Person
    items: dict[str, list[int]] = field(default_factory=dict)

    def open(self, person: Person | None = None) -> Page:
        """The editor in a browser of its own."""
        page = self.live.page_for(person or self.head)
        page.goto(self.address)
        expect(page.get_by_role("grid")).to_be_visible()
        return page

    @property
    def address(self) -> str:
        """The editor's."""
        return f"/units/{self.unit.id}/x-matrix/editor?cycle=FY2026"

    def names(self, kind: Kind) -> list[str]:
        """The unit's items of a kind, in their order."""
        query = select(Item.name).where(Item.unit_id == self.unit.id, Item.kind == kind, Item.archived_at.is_(None))
        return self.live.look(lambda session: list(session.scalars(query.order_by(Item.position, Item.id))))

    def links(self) -> Counter[int]:
        """How many links there are of each strength."""
        return self.live.look(lambda session: Counter(session.scalars(select(Correlation.strength))))

    def link(self, upper: int, lower: int) -> tuple[int, str] | None:
        """Strength and reason of one link."""

        def read(session: Session) -> tuple[int, str] | None:
            query = select(Correlation).where(Correlation.upper_id == upper, Correlation.lower_id == lower)
            found = session.scalars(query).first()
            return (found.strength, found.rationale) if found else None

        return self.live.look(read)


def arrange(live: Live, *counts: int) -> Scene:
    """A scene with so many items on the South, West, North and East."""
    makers: tuple[Callable[..., Item], ...] = (factories.objective, factories.priority, factories.action, factories.kpi)

    def make(session: Session) -> Scene:
        factories.organisation(session, true_north="Water keeps moving because our pumps do")
        unit, cycle = factories.unit(session), factories.cycle(session)
        scene = Scene(
            live,
            unit,
            factories.person(session, "Opal Head", Role.HEAD, unit),
            factories.person(session, "Fay Office", Role.FACILITATOR, unit),
        )
        for side, maker, count in zip(KINDS, makers, counts or (0, 0, 0, 0), strict=True):
            more = {"cycle": cycle} if maker is not factories.objective else {}
            made = [maker(session, f"{side} {n}", unit, position=n, **more) for n in range(1, count + 1)]
            scene.items[side] = [one.id for one in made]
        return scene

    return live.arrange(make)


def cell(page: Page, upper: int, lower: int) -> None:
    """Go to the cell of two items."""
    page.locator(f"[data-upper='{upper}'][data-lower='{lower}']").focus()


def saved(page: Page) -> None:
    """Wait until nothing is unsaved of what has been done so far."""
    settle(page)
    page.wait_for_function(
        "() => { const { store } = document.querySelector('[data-matrix-editor]').desk;"
        " return !store.queue.length && !store.busy && !store.away }"
    )
    expect(page.locator("[data-status]")).to_contain_text("Saved")


def told(page: Page, text: str) -> None:
    """Wait until a screen reader is told so."""
    expect(page.locator("[data-announce]")).to_contain_text(text)


def said(page: Page) -> str:
    """What a screen reader is told of the cell that has the focus."""
    return str(page.evaluate("document.activeElement.getAttribute('aria-label')"))


def test_a_matrix_is_built_from_nothing_by_keyboard_alone(live: Live) -> None:
    """5 objectives × 8 priorities × 10 actions × 15 KPIs, and a link for each that serves another."""
    scene = arrange(live)
    page = scene.open()
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.closest('[role=row]') === null"):
        page.keyboard.press("Tab")
    for side, count in (("south", 5), ("west", 8), ("north", 10), ("east", 15)):
        assert "none yet" in said(page)
        page.keyboard.press("+")
        for number in range(1, count + 1):
            page.keyboard.type(f"{side} {number}")
            page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        assert said(page).startswith(f"{'KPI' if side == 'east' else KINDS[side].value} {count}: {side} {count}")
        _to_the_next_arm(page, side, count)
    _link_everything(page)
    saved(page)
    assert {side: len(scene.names(kind)) for side, kind in KINDS.items()} == {
        "south": 5, "west": 8, "north": 10, "east": 15,
    }  # fmt: skip
    assert scene.names(Kind.ACTION) == [f"north {n}" for n in range(1, 11)]
    assert scene.links() == {9: 8, 3: 10, 1: 1}


def _to_the_next_arm(page: Page, side: str, count: int) -> None:
    """Back through the arm to the centre, and out into the next one."""
    back, out = {
        "south": ("ArrowUp", "ArrowLeft"),
        "west": ("ArrowRight", "ArrowUp"),
        "north": ("ArrowDown", "ArrowRight"),
        "east": ("ArrowLeft", "ArrowDown"),
    }[side]
    for _ in range(count):
        page.keyboard.press(back)
    assert said(page).startswith("The centre")
    page.keyboard.press(out)


def _link_everything(page: Page) -> None:
    """From the first objective: a strong link for each priority, then a medium one for each action."""
    assert said(page).startswith("objective 1")
    page.keyboard.press("ArrowLeft")
    assert said(page) == "Will this priority move this objective? no link. west 1 × south 1."
    for _ in range(8):
        page.keyboard.press("9")
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert said(page) == "Does this action carry the priority out? no link. north 1 × west 8."
    for _ in range(10):
        page.keyboard.press("3")
        page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    for _ in range(3):
        page.keyboard.press("Space")
    assert said(page).startswith("Will this action move this KPI? weak")


def test_why_a_name_and_a_place_are_changed_where_they_stand_and_undone(live: Live) -> None:
    scene = arrange(live, 1, 2, 1, 1)
    [objective], [first, second] = scene.items["south"], scene.items["west"]
    page = scene.open()
    cell(page, objective, first)
    page.keyboard.press("9")
    page.keyboard.press("Enter")
    page.keyboard.type("it halves the wait")
    page.keyboard.press("Enter")
    assert said(page).startswith("Will this priority move this objective? strong – because it halves the wait.")
    page.keyboard.press("Enter")
    page.keyboard.type("never mind")
    page.keyboard.press("Escape")
    page.locator(f"[data-item='{first}']").focus()
    page.keyboard.press("Alt+ArrowLeft")
    page.keyboard.press("F2")
    page.keyboard.type("Halve the wait")
    page.keyboard.press("Enter")
    saved(page)
    assert scene.link(objective, first) == (9, "it halves the wait")
    assert scene.names(Kind.PRIORITY) == ["west 2", "Halve the wait"]
    for _ in range(4):
        page.keyboard.press("Control+z")
    saved(page)
    assert scene.link(objective, first) is None
    assert scene.names(Kind.PRIORITY) == ["west 1", "west 2"]
    for _ in range(4):
        page.keyboard.press("Control+Shift+Z")
    saved(page)
    assert scene.link(objective, first) == (9, "it halves the wait")
    assert scene.names(Kind.PRIORITY) == ["west 2", "Halve the wait"]
    assert second != first


def test_a_lost_connection_loses_no_keystroke(live: Live) -> None:
    """Off line, half a sentence typed, the page left and opened again: all is there, and saved on the line's return."""
    scene = arrange(live, 1, 3, 1, 1)
    [objective], priorities = scene.items["south"], scene.items["west"]
    page = scene.open()
    page.context.set_offline(True)
    cell(page, objective, priorities[0])
    _type_off_line(page, priorities[2])
    expect(page.locator("[data-status]")).to_have_text("Offline: 3 changes kept")
    assert scene.links() == {}
    cell(page, objective, priorities[2])
    page.keyboard.press("Enter")
    page.keyboard.type("half a sent")
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(scene.address)
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_have_value("half a sent")
    page.keyboard.press("End")
    page.keyboard.type("ence")
    page.keyboard.press("Enter")
    saved(page)
    assert [scene.link(objective, one) for one in priorities] == [(9, ""), (3, ""), (3, "half a sentence")]
    assert scene.names(Kind.PRIORITY)[-1] == "Written on the train"


def test_half_a_sentence_in_a_closed_tab_is_gone_on_with_in_the_next_one(live: Live) -> None:
    """The first tab is closed while the second one lives, which takes over what it left and where it was."""
    scene = arrange(live, 1, 2, 1, 1)
    [objective], [priority, _] = scene.items["south"], scene.items["west"]
    context = live.signed_in(scene.head)
    page, other = context.new_page(), context.new_page()
    page.goto(scene.address)
    cell(page, objective, priority)
    page.keyboard.press("Enter")
    page.keyboard.type("half a sent")
    other.goto(scene.address)
    other.wait_for_function("() => document.querySelector('[data-matrix-editor]').desk.place.others === null")
    expect(other.get_by_role("dialog")).to_have_count(0)
    page.close()
    expect(other.get_by_role("dialog").get_by_role("textbox")).to_have_value("half a sent")
    other.keyboard.press("End")
    other.keyboard.type("ence")
    other.keyboard.press("Enter")
    saved(other)
    assert scene.link(objective, priority) == (3, "half a sentence")


def _type_off_line(page: Page, item: int) -> None:
    """Two links and a new item."""
    page.keyboard.press("9")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("3")
    page.locator(f"[data-item='{item}']").focus()
    page.keyboard.press("+")
    page.keyboard.type("Written on the train")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")


def test_the_line_comes_back_by_itself(live: Live) -> None:
    """What somebody else did meanwhile is there too."""
    scene = arrange(live, 1, 2, 1, 1)
    [objective], [first, second] = scene.items["south"], scene.items["west"]
    page, other = scene.open(), scene.open(scene.office)
    page.context.set_offline(True)
    cell(page, objective, first)
    page.keyboard.press("9")
    expect(page.locator("[data-status]")).to_have_text("Offline: 1 change kept")
    cell(other, objective, second)
    other.keyboard.press("1")
    saved(other)
    page.context.set_offline(False)
    saved(page)
    assert scene.links() == {9: 1, 1: 1}
    expect(page.locator(f"[data-upper='{objective}'][data-lower='{second}']")).to_have_attribute("aria-label", "weak")
    cell(page, objective, second)
    assert "weak" in said(page)


def test_who_is_signed_out_meanwhile_signs_in_again_and_goes_on(live: Live) -> None:
    scene = arrange(live, 1, 2, 1, 1)
    [objective], [priority, _] = scene.items["south"], scene.items["west"]
    page = scene.open()
    cookies = page.context.cookies()
    page.context.clear_cookies()
    cell(page, objective, priority)
    page.keyboard.press("9")
    expect(page.locator("[data-status]")).to_have_text("Signed out: 1 change kept")
    expect(page.get_by_role("link", name="Sign in again")).to_be_visible()
    page.context.add_cookies([{"name": one["name"], "value": one["value"], "url": live.address} for one in cookies])
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    saved(page)
    assert scene.link(objective, priority) == (9, "")


def test_the_buttons_below_do_what_the_keys_do(live: Live) -> None:
    """For a finger on a narrow screen: a tap on a cell, the strengths, a new item."""
    scene = arrange(live, 1, 2, 1, 0)
    [objective], [priority, _] = scene.items["south"], scene.items["west"]
    page = live.page_for(scene.head, width=320, height=640)
    page.goto(scene.address)
    page.locator(f"[data-upper='{objective}'][data-lower='{priority}']").click()
    page.get_by_role("button", name="weak").click()
    page.locator("[data-side=east]").click()
    page.get_by_role("button", name="Add the first one").click()
    page.keyboard.type("Lead time")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    saved(page)
    assert scene.link(objective, priority) == (1, "")
    assert scene.names(Kind.KPI) == ["Lead time"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("button", name="Undo").click()
    saved(page)
    assert scene.names(Kind.KPI) == []


@pytest.mark.parametrize(("choice", "stands"), [("Keep mine", (3, "")), ("Take theirs", (9, "it must"))])
def test_two_people_in_one_cell_are_told_of_each_other(live: Live, choice: str, stands: tuple[int, str]) -> None:
    scene = arrange(live, 1, 2, 1, 1)
    [objective], [priority, _] = scene.items["south"], scene.items["west"]
    page, other = scene.open(), scene.open(scene.office)
    cell(other, objective, priority)
    other.keyboard.press("9")
    other.keyboard.press("Enter")
    other.keyboard.type("it must")
    other.keyboard.press("Enter")
    saved(other)
    cell(page, objective, priority)
    page.keyboard.press("3")
    expect(page.get_by_role("button", name="1 cell needs your choice")).to_be_visible()
    assert "Conflict: you chose medium, Fay Office strong" in said(page)
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog")
    expect(window).to_contain_text("Yours: ○ medium")
    expect(window).to_contain_text("● strong – because it must")
    window.get_by_role("button", name=choice).click()
    saved(page)
    expect(page.get_by_role("button", name="needs your choice")).to_be_hidden()
    assert scene.link(objective, priority) == stands


def owners(scene: Scene, item: int) -> tuple[int | None, list[int]]:
    """Who is responsible for an action, and who helps."""

    def read(session: Session) -> tuple[int | None, list[int]]:
        return session.get_one(Item, item).owner_id, list(helpers_of(session=session, action_id=item))

    return scene.live.look(read)


def part(page: Page, item: int, person: int) -> None:
    """Go to a cell of the owner grid."""
    page.locator(f"[data-part='{item}@{person}']").focus()


def _invite(page: Page, *names: str) -> None:
    """A column of the owner grid for each."""
    for name in names:
        page.locator("[data-item='owners:new']").focus()
        page.keyboard.press("Enter")
        page.keyboard.type(name)
        page.keyboard.press("Enter")


def test_who_answers_and_who_supports_is_named_in_the_owner_grid_by_keyboard(live: Live) -> None:
    """Naming another one responsible moves the ●; one undo each brings it back, after a reload too."""
    scene = arrange(live, 1, 1, 2, 1)
    fay, opal, action = scene.office.id, scene.head.id, scene.items["north"][0]
    page = scene.open()
    _invite(page, "fay", "opal")
    assert said(page) == "Opal Head: responsible for 0, supports 0"
    page.keyboard.press("ArrowUp")
    assert said(page) == "Opal Head has no part in north 1. Nobody is responsible yet."
    page.keyboard.press("9")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    assert said(page) == "Fay Office is responsible for north 1."
    page.keyboard.press("ArrowRight")
    page.keyboard.press("3")
    saved(page)
    assert owners(scene, action) == (fay, [opal])
    page.reload()
    undo = page.get_by_role("button", name="Undo Opal Head, supports: north 1")
    expect(undo).to_be_visible()
    part(page, action, opal)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    saved(page)
    assert owners(scene, action) == (opal, [])


def test_a_block_of_owners_comes_out_of_a_spreadsheet_and_goes_back_with_one_undo(live: Live) -> None:
    """As the grid shows it, or as letters; what can be but once is left out, and a cross is asked about."""
    scene = arrange(live, 1, 1, 2, 1)
    fay, opal = scene.office.id, scene.head.id
    lower, upper = scene.items["north"]
    page = scene.open()
    _invite(page, "fay", "opal")
    part(page, upper, fay)
    _copied(page, "●\tx\t9\nR\t●\n?\n")
    preview = page.get_by_role("dialog")
    expect(preview).to_contain_text("4 cells from here to the right and down. 2 fall outside the grid of this arm")
    expect(preview).to_contain_text("there can be but one: left out")
    preview.get_by_label("● responsible").check()
    expect(preview.get_by_text("there can be but one: left out")).to_have_count(2)
    preview.get_by_label("○ supports").check()
    preview.get_by_role("button", name="Set 4 parts").click()
    told(page, "3 parts set")
    saved(page)
    assert (owners(scene, upper), owners(scene, lower)) == ((fay, [opal]), (fay, []))
    _copied(page, "○\t●\n")
    preview.get_by_role("button", name="Set 2 parts").click()
    saved(page)
    assert owners(scene, upper) == (opal, [fay])
    page.keyboard.press("Control+z")
    saved(page)
    assert owners(scene, upper) == (fay, [opal])
    page.keyboard.press("Control+z")
    saved(page)
    assert (owners(scene, upper), owners(scene, lower)) == ((None, []), (None, []))


@pytest.mark.parametrize(("choice", "stands"), [("Keep mine", "Opal Head"), ("Take theirs", "Fay Office")])
def test_two_people_name_somebody_else_responsible(live: Live, choice: str, stands: str) -> None:
    scene = arrange(live, 1, 1, 1, 1)
    [action], opal, fay = scene.items["north"], scene.head.id, scene.office.id

    def both(session: Session) -> None:
        objective = session.get_one(Objective, scene.items["south"][0])
        objective.owner_id, objective.sponsor_id = opal, fay

    live.arrange(both)
    page, other = scene.open(), scene.open(scene.office)
    part(other, action, fay)
    other.keyboard.press("9")
    saved(other)
    part(page, action, opal)
    page.keyboard.press("9")
    expect(page.get_by_role("button", name="1 cell needs your choice")).to_be_visible()
    assert "you chose responsible, Fay Office changed it first" in said(page)
    page.reload()
    page.get_by_role("button", name="1 cell needs your choice").click()
    page.keyboard.press("Escape")
    assert "you chose responsible, Fay Office changed it first" in said(page), "it outlives a reload, where it stands"
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog")
    expect(window).to_contain_text("Yours: ● Opal Head: responsible")
    expect(window).to_contain_text("● Fay Office")
    window.get_by_role("button", name=choice).click()
    saved(page)
    expect(page.get_by_role("button", name="needs your choice")).to_be_hidden()
    owner = scene.head if stands == "Opal Head" else scene.office
    assert owners(scene, action) == (owner.id, [])


def test_undo_leaves_alone_what_somebody_else_has_changed_since(live: Live) -> None:
    scene = arrange(live, 1, 1, 1, 1)
    [objective], [priority] = scene.items["south"], scene.items["west"]
    page, other = scene.open(), scene.open(scene.office)
    cell(page, objective, priority)
    page.keyboard.press("9")
    saved(page)
    other.reload()
    cell(other, objective, priority)
    other.keyboard.press("1")
    saved(other)
    page.reload()
    expect(page.get_by_role("button", name="Undo strong")).to_be_enabled()
    cell(page, objective, priority)
    page.keyboard.press("Control+z")
    told(page, "Left as it is, for it has changed since")
    saved(page)
    assert scene.link(objective, priority) == (1, "")


NO_LOCKS = "Object.defineProperty(navigator, 'locks', { value: undefined })"
"""As on a page that came over plain http from another machine."""


def test_two_tabs_keep_a_queue_each_and_the_next_one_takes_over_what_a_closed_one_left(live: Live) -> None:
    scene = arrange(live, 1, 3, 1, 1)
    [objective], priorities = scene.items["south"], scene.items["west"]
    context = live.signed_in(scene.head)
    context.add_init_script(NO_LOCKS)
    pages = [context.new_page(), context.new_page()]
    for page in pages:
        page.goto(scene.address)
        page.wait_for_function("() => document.querySelector('[data-matrix-editor]').desk.place.others === null")
    context.set_offline(True)
    for page, priority, key in zip(pages, priorities, ("9", "3"), strict=False):
        cell(page, objective, priority)
        page.keyboard.press(key)
        expect(page.locator("[data-status]")).to_have_text("Offline: 1 change kept")
    for page in pages:
        page.close()
    context.set_offline(False)
    last = context.new_page()
    last.goto(scene.address)
    cell(last, objective, priorities[2])
    last.keyboard.press("1")
    last.wait_for_function("() => Object.keys(localStorage).every((one) => !one.startsWith('hoshin-matrix/'))")
    saved(last)
    assert [scene.link(objective, one) for one in priorities] == [(9, ""), (3, ""), (1, "")]


def _copied(page: Page, text: str) -> None:
    """Put a text on the clipboard and paste it where the focus is."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def test_titles_and_a_block_come_out_of_a_spreadsheet_and_go_back_with_one_undo_each(live: Live) -> None:
    scene = arrange(live, 2, 1, 0, 0)
    page = scene.open()
    page.locator("[data-side=west]").focus()
    _copied(page, f'west 1\r\nShorten the queue\r\n"Open the\nsouth"\r\nShorten the queue\r\n{"x" * 501}\r\n\r\n')
    preview = page.get_by_role("dialog")
    expect(preview).to_contain_text("2 become new drafts; 3 do not")
    expect(preview).to_contain_text("there already, left alone")
    preview.get_by_role("button", name="Add 2").click()
    told(page, "2 items added")
    saved(page)
    assert scene.names(Kind.PRIORITY) == ["west 1", "Shorten the queue", "Open the south"]
    _block(page)
    saved(page)
    assert scene.links() == {9: 3, 3: 1, 1: 1}
    page.keyboard.press("Control+z")
    saved(page)
    assert scene.links() == {}
    page.keyboard.press("Control+z")
    saved(page)
    assert scene.names(Kind.PRIORITY) == ["west 1"]
    page.keyboard.press("Control+Shift+Z")
    page.keyboard.press("Control+Shift+Z")
    saved(page)
    assert scene.names(Kind.PRIORITY) == ["west 1", "Shorten the queue", "Open the south"]
    assert scene.links() == {9: 3, 3: 1, 1: 1}


def _block(page: Page) -> None:
    """From the outermost priority on: signs, numbers and crosses, one of them no sign, one outside the corner."""
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    assert said(page).startswith("Will this priority move this objective? no link. Open the south × south 1")
    _copied(page, "●\t3\tx\t9\n△\tX\t?\n")
    preview = page.get_by_role("dialog")
    expect(preview).to_contain_text("Not understood and left out: ?")
    expect(preview).to_contain_text("1 fall outside this corner")
    preview.get_by_label("● strong").check()
    preview.get_by_role("button", name="Set 5 links").click()
    told(page, "5 links set")


def test_the_editor_draws_the_sheet_where_the_server_drew_it(live: Live) -> None:
    """Two drawings of one geometry, in two languages: here they are held together."""
    scene = arrange(live, 3, 5, 4, 6)

    def lengthen(session: Session) -> None:
        for key in (scene.items["south"][1], scene.items["east"][2]):
            session.get_one(Item, key).name = f"{key} replaces the solvent lacquer line before the permit runs out " * 3
        for place, key in enumerate(scene.items["north"]):
            session.get_one(Item, key).owner_id = (scene.head.id, scene.office.id)[place % 2]

    live.arrange(lengthen)
    still = live.page_for(scene.head, scripts=False)
    still.goto(scene.address)
    places = "(all) => all.map((one) => one.getAttribute('transform'))"
    drawn = still.locator("[data-layer=items] [data-item]").evaluate_all(places)
    edited = scene.open().locator("[role=grid] [data-item] > g").evaluate_all(places)
    assert sorted(map(_numbers, edited)) == sorted(map(_numbers, drawn))
    rules = "(all) => all.map((one) => `${one.getAttribute('x1')} ${one.getAttribute('y1')}`)"
    ruled, ruled_again = (
        one.locator("[data-layer=corners] line").evaluate_all(rules) for one in (still, scene.open())
    )
    assert sorted(map(_numbers, ruled_again)) == sorted(map(_numbers, ruled))
    assert len(drawn) == 21, "18 items, two owners, and the last column of their grid"


def _numbers(transform: str) -> list[float]:
    return [round(float(one), 1) for one in re.findall(r"-?[\d.]+", transform)]


def test_without_a_script_the_same_is_done_by_forms(live: Live) -> None:
    scene = arrange(live, 1, 1, 0, 0)
    page = live.page_for(scene.head, scripts=False)
    page.goto(scene.address)
    page.get_by_text("The same as plain forms").click()
    page.get_by_label("New action").fill("Map the flow")
    page.get_by_label("New action").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    page.get_by_role("link", name="Paste titles").click()
    page.get_by_label("Arm").select_option(label="KPIs")
    page.get_by_label("Titles, one a line").fill("Lead time\nComplaints")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Add 2").click()
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("link", name="Paste a block of links").click()
    page.get_by_label("First column").select_option(label="Lead time")
    page.get_by_label("The block").fill("9\t3")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Set 2").click()
    expect(page.get_by_role("heading", name="2 links pasted")).to_be_visible()
    assert (scene.names(Kind.ACTION), scene.names(Kind.KPI)) == (["Map the flow"], ["Lead time", "Complaints"])
    assert scene.links() == {9: 1, 3: 1}
    page.get_by_role("button", name="Take it all back").click()
    expect(page.get_by_role("status").filter(has_text="All 2 changes are taken back.")).to_be_visible()
    assert scene.links() == {}


ASK_SLOWLY = """() => new Promise((arrived) => {
  const { fetch } = window;
  window.fetch = async (...asked) => {
    window.fetch = fetch;
    const answer = await fetch(...asked);
    arrived();
    await new Promise((go) => { window.letGo = go; });
    return answer;
  };
  window.caughtUp = document.querySelector("[data-matrix-editor]").desk.store.catchUp();
})"""
"""Ask how the matrix stands, and keep the answer back."""


def test_an_answer_that_is_overtaken_by_what_was_saved_meanwhile_does_not_undo_it(live: Live) -> None:
    """The editor asks from time to time how the matrix stands; a slow answer knows nothing of the latest keystroke."""
    scene = arrange(live, 1, 2, 1, 1)
    [objective], [priority, other] = scene.items["south"], scene.items["west"]
    page = scene.open()
    page.evaluate(ASK_SLOWLY)
    cell(page, objective, priority)
    page.keyboard.press("9")
    saved(page)
    live.arrange(lambda session: session.add(Correlation(upper_id=objective, lower_id=other, strength=1)))
    page.evaluate("() => { letGo(); return caughtUp; }")
    assert said(page).startswith("Will this priority move this objective? strong")
    cell(page, objective, other)
    assert said(page).startswith("Will this priority move this objective? weak"), "it asks once more"


TOUCHED = """(keys) => {
  const watch = new MutationObserver(() => {});
  watch.observe(document.querySelector("[data-matrix-editor]"), {
    subtree: true, childList: true, attributes: true, characterData: true,
  });
  return keys.map((key) => {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    const added = watch.takeRecords().map((one) => [...one.addedNodes]);
    return added.flat().reduce((sum, one) => sum + (one.querySelectorAll?.("*").length ?? 0), added.length);
  });
}"""
"""How many changes to the page each of some keys makes at once, elements within elements counted too."""
KEYS = ("9", " ", "ArrowLeft", "3", "ArrowDown", "1", "ArrowUp", "0")


@pytest.mark.parametrize("place", ["in a corner", "in the owner grid"])
def test_a_keystroke_changes_a_few_things_on_a_sheet_of_thousands_of_cells(live: Live, place: str) -> None:
    """So that it answers at once, however large the matrix is; `./run bench sheets` says how long it takes."""
    scene = arrange(live, 15, 25, 30, 40)

    def entrust(session: Session) -> None:
        people = [factories.person(session, f"Person {n}") for n in range(20)]
        for place, key in enumerate([*scene.items["south"], *scene.items["north"]]):
            session.get_one(Item, key).owner_id = people[place % 20].id

    live.arrange(entrust)
    page = scene.open()
    if place == "in a corner":
        cell(page, scene.items["south"][7], scene.items["west"][12])
    else:
        page.locator("[data-part]").nth(200).focus()
    touched = page.evaluate(TOUCHED, KEYS)
    assert 0 < min(touched) <= max(touched) < 150, touched
    assert page.locator("[role=gridcell]").count() > 3000

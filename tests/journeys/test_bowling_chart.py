"""A year of actuals is pasted into the bowling chart, typed over, noted, amended, and survives a lost connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.commands.readings import CellWish, save_cells
from hoshin.engine.metrics import Aggregation
from hoshin.engine.verdicts import Direction
from hoshin.model.cycles import CycleKPI, MonthLock
from hoshin.model.kpis import KPI, Reading
from hoshin.model.people import Person, Role
from hoshin.model.units import Unit
from tests import factories
from tests.journeys.conftest import Live, settle

BEFORE = factories.NOW.replace(year=2025, month=1, day=2)


@dataclass
class Scene:
    """A unit with three KPIs and a year of targets, on the year that is over."""

    live: Live
    head: Person
    office: Person
    unit: Unit
    kpis: list[KPI]

    @property
    def address(self) -> str:
        return f"/units/{self.unit.id}/bowling?cycle=FY2025"

    def reading(self, place: int, month: int) -> Reading | None:
        key = (date(2025, month, 1), self.kpis[place].id)
        return self.live.look(lambda session: session.get(Reading, key))

    def actuals(self, place: int) -> list[str]:
        found = [self.reading(place, month) for month in range(1, 13)]
        return [f"{one.actual.normalize():f}" if one and one.actual is not None else "" for one in found]

    def open(self, person: Person | None = None, language: str = "en-GB") -> Page:
        context = self.live.signed_in(person or self.head)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.add_init_script(f"Object.defineProperty(navigator, 'language', {{get: () => '{language}'}})")
        page = context.new_page()
        page.goto(self.address)
        return page


@pytest.fixture
def scene(live: Live) -> Scene:
    """The unit of these stories."""

    def make(session: Session) -> Scene:
        factories.organisation(session)
        cycle, unit = factories.cycle(session, 2025), factories.unit(session)
        head = factories.person(session, "Opal Head", Role.HEAD, unit)
        office = factories.person(session, "Fay Office", Role.FACILITATOR, unit)
        kpis = [
            factories.kpi(session, name, unit, cycle=cycle, direction=Direction.AT_LEAST, uom="%", position=place)
            for place, name in enumerate(("On time", "First pass", "Uptime"))
        ]
        cells = [
            CellWish(kpi_id=one.id, period=date(2025, month, 1), values={"target": Decimal(90)})
            for one in kpis for month in range(1, 13)
        ]  # fmt: skip
        save_cells(session=session, cells=cells, by=system_actor(name="shell"), at=BEFORE)
        return Scene(live, head, office, unit, kpis)

    return live.arrange(make)


def _go(page: Page, kpi: KPI, row: str, month: int) -> None:
    page.locator(f"tr.{row}[data-kpi='{kpi.id}'] td[data-m='{month - 1}']").focus()


def _pasted(page: Page, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def _saved(page: Page) -> None:
    """Wait until nothing is unsaved of what has been done so far."""
    settle(page)
    expect(page.locator("[data-status]")).to_contain_text("Saved")
    page.wait_for_function("() => !document.querySelector('[data-bowling-desk]').desk.store.busy")


def test_a_year_of_actuals_is_pasted_and_one_undo_takes_it_back(scene: Scene) -> None:
    """With a decimal comma, as the reader writes; what it is taken for is shown before it is saved."""
    page = scene.open(language="de-DE")
    _go(page, scene.kpis[0], "actual", 1)
    year = [f"{90 + month},{month % 10}" for month in range(1, 13)]
    _pasted(page, "\t".join(year) + "\r\n1.234,5\t91 %\tabc\r\n")
    window = page.get_by_role("dialog")
    expect(window).to_contain_text("no figure: “abc”, kept and marked")
    expect(window.get_by_role("row", name="First pass Jan 2025")).to_contain_text("1234.5")
    page.keyboard.press("Enter")
    expect(page.locator("[data-status]")).to_have_text("1 not saved")
    assert scene.actuals(0) == [f"{90 + month}.{month % 10}".removesuffix(".0") for month in range(1, 13)]
    assert scene.actuals(1)[:3] == ["1234.5", "91", ""]
    wrong = page.locator("td.is-wrong")
    expect(wrong).to_contain_text("abc")
    expect(page.locator(f"tr.actual[data-kpi='{scene.kpis[0].id}'] td.v-hit")).to_have_count(13)
    page.get_by_role("button", name="Take back what is not saved").click()
    _go(page, scene.kpis[0], "actual", 1)
    page.keyboard.press("Control+z")
    _saved(page)
    expect(page.locator(f"tr.actual[data-kpi='{scene.kpis[0].id}'] td.v-no_data")).to_have_count(13)
    assert scene.actuals(0) == [""] * 12


def test_figures_are_typed_as_in_a_spreadsheet(scene: Scene) -> None:
    page = scene.open()
    _go(page, scene.kpis[0], "actual", 3)
    for text, key in (("91", "Tab"), ("92.5", "Tab"), ("8x", "Enter")):
        page.keyboard.type(text)
        page.keyboard.press(key)
    expect(page.locator("[data-status]")).to_have_text("1 not saved")
    page.keyboard.type("70")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+F2")
    page.keyboard.type("a strike")
    page.keyboard.press("Enter")
    expect(page.locator("td.has-note")).to_have_count(1)
    _go(page, scene.kpis[0], "actual", 5)
    page.keyboard.press("F2")
    page.keyboard.press("Control+a")
    page.keyboard.type("88")
    page.keyboard.press("Enter")
    _saved(page)
    assert scene.actuals(0)[2:5] == ["91", "92.5", "88"]
    assert scene.actuals(1)[4] == "70"
    noted = scene.reading(2, 5)
    assert noted is not None
    assert noted.note == "a strike"
    expect(page.locator("td.has-note")).to_have_count(1)


def test_an_amendment_asks_once_and_a_row_is_ramped(scene: Scene) -> None:
    page = scene.open()
    _go(page, scene.kpis[0], "plan", 12)
    page.keyboard.type("101")
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog")
    expect(window).to_contain_text("On time, Dec 2025, plan: 90 → 101")
    expect(page.locator("[data-status]")).to_have_text("1 needs a reason")
    window.get_by_label("It applies from").select_option("2025-01-01")
    window.get_by_label("Why?").fill("a new line")
    page.keyboard.press("Enter")
    _saved(page)
    _go(page, scene.kpis[0], "plan", 1)
    page.get_by_role("button", name="Ramp").click()
    expect(window).to_contain_text("10 agreed targets will be amended")
    window.get_by_label("It applies from").select_option("2025-01-01")
    window.get_by_label("Why?").fill("in even steps")
    page.keyboard.press("Enter")
    _saved(page)
    found = [scene.reading(0, month) for month in range(1, 13)]
    assert [one.target for one in found if one] == [90 + step for step in range(12)]


def test_a_lost_connection_and_a_reload_lose_nothing(scene: Scene) -> None:
    page = scene.open()
    page.context.set_offline(True)
    _go(page, scene.kpis[0], "actual", 1)
    page.keyboard.type("95")
    page.keyboard.press("Enter")
    expect(page.locator("[data-status]")).to_have_text("Offline: 1 cell kept")
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(scene.address)
    _saved(page)
    assert scene.actuals(0)[0] == "95"


def test_two_tabs_keep_what_is_typed_each_for_itself(scene: Scene) -> None:
    """Over plain http, where tabs cannot lock a name: what closed tabs left is taken over by the next one."""
    context = scene.live.signed_in(scene.head)
    context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    pages = [context.new_page(), context.new_page()]
    for page in pages:
        page.goto(scene.address)
        page.wait_for_function("() => document.querySelector('[data-bowling-desk]').desk.place.others === null")
    context.set_offline(True)
    for page, month in zip(pages, (1, 2), strict=True):
        _go(page, scene.kpis[0], "actual", month)
        page.keyboard.type(f"9{month}")
        page.keyboard.press("Enter")
        expect(page.locator("[data-status]")).to_have_text("Offline: 1 cell kept")
    for page in pages:
        page.close()
    context.set_offline(False)
    last = context.new_page()
    last.goto(scene.address)
    expect(last.locator(f"tr.actual[data-kpi='{scene.kpis[0].id}'] td.v-hit")).to_have_count(3)
    _saved(last)
    assert scene.actuals(0)[:2] == ["91", "92"]


def test_undo_outlives_a_reload_and_leaves_alone_what_has_changed_since(scene: Scene) -> None:
    page, other = scene.open(), scene.open(scene.office)
    for month in (3, 4):
        _go(page, scene.kpis[0], "actual", month)
        page.keyboard.type("95")
        page.keyboard.press("Enter")
        _saved(page)
    other.reload()
    _go(other, scene.kpis[0], "actual", 4)
    other.keyboard.type("80")
    other.keyboard.press("Enter")
    _saved(other)
    page.reload()
    undo = page.get_by_role("button", name="Undo On time, Apr 2025, actual 95")
    undo.click()
    expect(page.locator("[data-announce]")).to_contain_text("Left as it is, for it has changed since")
    page.get_by_role("button", name="Undo On time, Mar 2025, actual 95").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(page.locator(f"tr.actual[data-kpi='{scene.kpis[0].id}'] td.v-no_data")).to_have_count(11)
    assert scene.actuals(0)[2:4] == ["", "80"]


def test_a_locked_month_is_not_typed_into_and_figures_of_the_year_are_and_take_notes(scene: Scene) -> None:
    def arrange(session: Session) -> None:
        session.add(
            MonthLock(unit_id=scene.unit.id, month=date(2025, 2, 1), locked_at=factories.NOW, locked_by="Ines")
        )
        session.get_one(KPI, scene.kpis[0].id).aggregation = Aggregation.GIVEN

    scene.live.arrange(arrange)
    page = scene.open()
    _go(page, scene.kpis[0], "actual", 2)
    page.keyboard.type("9")
    expect(page.locator("[data-announce]")).to_have_text("This month is locked.")
    expect(page.locator("input.cell-input")).to_have_count(0)
    _go(page, scene.kpis[0], "actual", 13)
    page.keyboard.type("97.5")
    page.keyboard.press("Enter")
    _saved(page)
    found = scene.reading(0, 12)
    assert found is not None
    assert (found.ytd_actual, found.actual) == (Decimal("97.5"), None)
    notes = [("actual", 13, "a late start"), ("plan", 15, "two new lines"), ("plan", 3, "one shift")]
    for row, month, text in notes:
        _go(page, scene.kpis[2], row, month)
        page.keyboard.press("Shift+F2")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(page.locator("#bowling-dialog")).to_have_count(0)
    expect(page.locator("td.has-note")).to_have_count(3)
    _saved(page)
    planned = scene.reading(2, 3)
    assert planned is not None
    assert (planned.plan_note, planned.note) == ("one shift", "")
    year = scene.live.look(lambda session: session.scalars(select(CycleKPI).filter_by(kpi_id=scene.kpis[2].id)).one())
    assert year.notes == {"ytd": "a late start", "forecast": "two new lines"}


@pytest.mark.parametrize(("choice", "stands"), [("Keep mine", "95"), ("Take theirs", "80")])
def test_two_people_in_one_cell_see_both_figures(scene: Scene, choice: str, stands: str) -> None:
    page, other = scene.open(), scene.open(scene.office)
    for one, text in ((other, "80"), (page, "95")):
        _go(one, scene.kpis[0], "actual", 2)
        one.keyboard.type(text)
        one.keyboard.press("Enter")
        if one is other:
            _saved(other)
    expect(page.locator("td.is-clash")).to_contain_text("95 ≠ 80")
    _go(page, scene.kpis[0], "actual", 2)
    page.keyboard.press("Enter")
    page.get_by_role("button", name=choice).click()
    expect(page.locator("td.is-clash")).to_have_count(0)
    _saved(page)
    assert scene.actuals(0)[1] == stands

"""Long work as the people at their pages live it: followed, stopped, refused, printed for two, and gone after a day."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from hoshin.commands import import_figures, jobs
from hoshin.db import Database
from hoshin.jobs.orders import run_order
from hoshin.jobs.worker import make_queue, run_next
from hoshin.model.jobs import Job
from hoshin.model.kpis import Reading
from hoshin.model.people import Grant, Person, Role
from hoshin.queries.units import top_unit
from hoshin.reports import pdf
from hoshin.reports.press import Press
from hoshin.web import bowling, imports
from tests import factories
from tests.journeys.conftest import Live

PLAN = "unit,priority,kpi,period,target,actual,direction\n" + "".join(
    f",Less scrap,Scrap {n},2026-0{m},5,{m},at most\n" for n in range(6) for m in range(1, 5)
)
CUT_OFF = "() => { const one = document.querySelector('.table-wrap'); return one.scrollWidth - one.clientWidth; }"


@pytest.fixture
def people(live: Live, monkeypatch: pytest.MonkeyPatch) -> tuple[Person, Person]:
    """Ada, who may read files in, and Cy, who may look; little is much."""
    monkeypatch.setattr(imports, "AT_ONCE", 10)
    monkeypatch.setattr(bowling, "LONG", 2)
    monkeypatch.setattr(import_figures, "AT_ONCE", 3)

    def found(session: Any) -> tuple[Person, Person]:
        factories.organisation(session)
        factories.cycle(session)
        ada, cy = (factories.person(session, name, Role.EXECUTIVE) for name in ("Ada Chief", "Cy Other"))
        factories.grant(session, ada, Role.ADMINISTRATOR, top_unit(session=session))
        return ada, cy

    return live.arrange(found)


def work(live: Live) -> None:
    """What the job process does: all that is due."""
    database: Database = live.app.extensions["hoshin_database"]
    ordered = dict.fromkeys(jobs.ORDERED, lambda job, _at: run_order(database=database, job=job, clock=live.now))
    queue = make_queue(database=database, handlers=ordered, clock=live.now, brings={})
    while run_next(queue=queue):
        pass


def send(page: Page, folder: Path) -> None:
    """Choose the file and send it."""
    file = folder / "plan.csv"
    file.write_text(PLAN, "utf-8")
    page.goto("/import")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Read the file in").click()
    expect(page.get_by_role("status")).to_have_text("It waits for its turn.")


def stays(monkeypatch: pytest.MonkeyPatch, until: threading.Event) -> None:
    """Half of the figures stand, and the other half waits for the event."""
    take: Callable[..., None] = import_figures.FigureStep._take  # noqa: SLF001 - where somebody looks meanwhile

    def slowly(step: import_figures.FigureStep, *some: Any) -> None:
        take(step, *some)
        step.job.report(what="storing", done=12, of=24)
        until.wait(60)

    monkeypatch.setattr(import_figures.FigureStep, "_take", slowly)


def test_an_import_is_followed_and_stopped_then_done_kept_for_a_day_and_gone(
    live: Live, people: tuple[Person, Person], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, goes_on = live.page_for(people[0], width=320), threading.Event()
    send(page, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("hoshin.jobs.orders.OFTEN", timedelta())
        stays(patch, goes_on)
        working = threading.Thread(target=work, args=(live,))
        working.start()
        expect(page.get_by_role("status")).to_have_text("Storing figures: 12 of 24.")
        page.get_by_role("button", name="Stop it").click()
        expect(page.get_by_role("status")).to_have_text("It is being stopped.")
        goes_on.set()
        working.join()
        expect(page.get_by_role("status")).to_have_text("It was stopped. Nothing was changed.")
    assert live.look(lambda session: session.scalars(select(Reading)).all()) == []
    send(page, tmp_path)
    work(live)
    expect(page.get_by_role("status")).to_have_text("It is done.")
    assert page.evaluate(CUT_OFF) == 0
    live.arrange(lambda session: session.execute(update(Job).values(ended_at=live.now() - jobs.KEPT)))
    live.arrange(lambda session: jobs.clear(session=session, at=live.now()))
    page.reload()
    expect(page.get_by_role("heading", name="This is not kept any more")).to_be_visible()


def test_a_right_that_is_taken_away_is_said_and_one_sheet_is_printed_for_two(
    live: Live, people: tuple[Person, Person], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[int] = []

    def counted(_press: Press, sheets: Sequence[str], on_page: pdf.OnPage) -> bytes:
        printed.append(len(sheets))
        return pdf.print_here(sheets=sheets, on_page=on_page)

    monkeypatch.setattr(Press, "_print", counted)
    monkeypatch.setattr(pdf, "_printers", [pdf.print_here, Press(tmp_path / "papers")])
    pages = [live.page_for(one) for one in people]
    send(pages[0], tmp_path)
    work(live)
    expect(pages[0].get_by_role("status")).to_have_text("It is done.")
    for page in pages:
        page.goto("/units/1/bowling.pdf?cycle=FY2026&paper=a4")
        page.get_by_role("main").get_by_role("button").click()
        expect(page.get_by_role("status")).to_have_text("It waits for its turn.")
    work(live)
    for page in pages:
        with page.expect_download() as arriving:
            page.get_by_role("link", name="Take the file along").click()
        assert arriving.value.path().read_bytes().startswith(b"%PDF")
    assert printed == [1]
    send(pages[0], tmp_path)
    ended = {"valid_to": live.now().date() - timedelta(days=1)}
    live.arrange(lambda session: session.execute(update(Grant).where(Grant.role == Role.ADMINISTRATOR).values(**ended)))
    work(live)
    expect(pages[0].get_by_text("your rights have changed since you asked for it")).to_be_visible()

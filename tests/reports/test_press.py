"""Sheets are printed in processes of their own: once each, within bounds, and a lost process costs one sheet only."""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pypdf import PdfReader

from hoshin.reports import pdf
from hoshin.reports.press import BROKEN, LETTERS, MEMORY, SECONDS, TOO_BIG, TOO_LONG, Press

LONG = "<p>page</p>" + '<div style="break-before: page">page</div>' * 30
ENDLESS = "<table>" + "<tr>" + "<td>x</td>" * 40 + "</tr>" + ("<tr>" + "<td>y</td>" * 40 + "</tr>") * 2000 + "</table>"

GREEDY = (
    "<style>@counter-style s { system: numeric; symbols: '0' '1'; pad: 900000000 'x' } "
    "li { list-style-type: s }</style><ol><li>x</ol>"
)
"""A short sheet with a number of 900 million letters."""


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Press]:
    """A press with a folder of its own."""
    made = Press(tmp_path / "papers")
    yield made
    made.end()


def pages(_page: int) -> None:
    """Nobody looks."""


def test_a_sheet_is_printed_once_for_all_who_ask(press: Press) -> None:
    counted: list[int] = []
    with ThreadPoolExecutor(4) as several:
        found = list(several.map(lambda _one: press(sheets=[LONG], on_page=counted.append), range(4)))
    assert found[0].startswith(b"%PDF")
    assert set(found) == {found[0]}
    assert sorted(counted) == list(range(1, 32)), "each page is told once, as it is set"
    assert len(press.idle) == 1
    kept = list(press.folder.glob("*.pdf"))
    assert len(kept) == 1
    assert kept[0].stat().st_mode & 0o077 == 0, "what the plan says is for nobody else on the machine"
    assert press(sheets=["<p>another</p>"], on_page=pages) != found[0]


def test_the_first_sheet_that_fits_on_a_page_is_taken(press: Press) -> None:
    found = press(sheets=[LONG, "<p>small</p>"], on_page=pages)
    assert len(PdfReader(io.BytesIO(found)).pages) == 1


def test_a_sheet_that_takes_too_long_is_stopped_and_the_next_one_printed(press: Press) -> None:
    press.seconds = 1
    with pytest.raises(pdf.Unprinted) as refused:
        press(sheets=[ENDLESS], on_page=pages)
    assert str(refused.value) == TOO_LONG
    press.seconds = 60
    assert press(sheets=["<p>small</p>"], on_page=pages).startswith(b"%PDF")


def test_a_sheet_that_takes_too_much_memory_is_stopped_and_the_next_one_printed(press: Press) -> None:
    press.memory = 700 * 1024 * 1024
    with pytest.raises(pdf.Unprinted) as refused:
        press(sheets=[GREEDY], on_page=pages)
    assert str(refused.value) == TOO_BIG
    assert press.idle == [], "the process is not used again"
    press.memory = MEMORY
    assert press(sheets=["<p>small</p>"], on_page=pages).startswith(b"%PDF")


def test_two_servers_print_a_sheet_once(press: Press) -> None:
    other = Press(press.folder)  # of another process: they share nothing but the folder
    printed: list[int] = []
    with ThreadPoolExecutor(2) as several:
        found = list(several.map(lambda one: one(sheets=[LONG], on_page=printed.append), (press, other)))
    other.end()
    assert found[0] == found[1]
    assert sorted(printed) == list(range(1, 32)), "each page is set once"


def test_a_longer_sheet_may_take_longer(press: Press) -> None:
    assert press._seconds(["<p>short</p>"]) == SECONDS  # noqa: SLF001 - to print three of them takes minutes
    assert press._seconds(["x" * 3 * LETTERS]) == 3 * SECONDS  # noqa: SLF001 - as above


def test_a_process_that_is_killed_costs_its_sheet_only(press: Press) -> None:
    press(sheets=["<p>first</p>"], on_page=pages)
    process = press.idle[0].process

    def kill(page: int) -> None:
        if page == 3:
            os.kill(process.pid, signal.SIGKILL)

    with pytest.raises(pdf.Unprinted) as refused:
        press(sheets=[LONG], on_page=kill)
    assert str(refused.value) == BROKEN
    assert press(sheets=["<p>second</p>"], on_page=pages).startswith(b"%PDF")
    os.kill(press.idle[0].process.pid, signal.SIGKILL)  # one that waits: nobody notices
    press.idle[0].process.wait()
    assert press(sheets=["<p>third</p>"], on_page=pages).startswith(b"%PDF")


def test_whoever_watches_may_stop_it(press: Press) -> None:
    class Enough(Exception):
        pass

    def stop(page: int) -> None:
        if page == 2:
            raise Enough

    with pytest.raises(Enough):
        press(sheets=[LONG], on_page=stop)
    assert list(press.folder.glob("*.pdf")) == []
    assert press.idle == []


def test_an_old_sheet_is_forgotten(press: Press) -> None:
    press(sheets=["<p>old</p>"], on_page=pages)
    for one in press.folder.iterdir():
        os.utime(one, (time.time() - 90_000,) * 2)
    press(sheets=["<p>new</p>"], on_page=pages)
    assert len(list(press.folder.glob("*.pdf"))) == 1

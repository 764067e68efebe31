"""A matrix goes out as a workbook and comes back in: unchanged it changes nothing, changed it changes just that."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session
from xlsxwriter import Workbook

from hoshin.engine.plans import State
from hoshin.exchange.comments import read_comments
from hoshin.model.actions import Action, ActionHelper
from hoshin.model.items import Item
from hoshin.model.journal import JournalLine
from hoshin.model.links import Correlation
from hoshin.model.people import Person
from hoshin.model.units import Glyphs, Organisation
from tests.planting import Planted, plant
from tests.web.conftest import Arrange

SignIn = Callable[[Person], FlaskClient]
Cells = Mapping[tuple[int, int], str]


@pytest.fixture
def planted(arrange: Arrange) -> Planted:
    """Two actions, priorities and KPIs in Operations."""
    return arrange(lambda session: plant(session, more=2))


def _address(planted: Planted, ending: str) -> str:
    return f"/units/{planted.operations.id}/x-matrix{ending}"


def _book(client: FlaskClient, planted: Planted) -> bytes:
    answer = client.get(_address(planted, ".xlsx"))
    assert answer.status_code == 200
    return bytes(answer.data)


def _grid(book: bytes) -> list[list[str]]:
    with CalamineWorkbook.from_filelike(io.BytesIO(book)) as opened:
        return [[str(one) for one in row] for row in opened.get_sheet_by_index(0).to_python(skip_empty_area=False)]


def _changed(book: bytes, cells: Cells, *, without: tuple[int, ...] = (), notes: Cells | None = None) -> bytes:
    """The workbook as a spreadsheet would save it, with other words in some cells and some rows deleted.

    It has these notes alone; without any it was saved by a program that drops them.
    """
    written = io.BytesIO()
    with CalamineWorkbook.from_filelike(io.BytesIO(book)) as opened, Workbook(written, {"in_memory": True}) as copy:
        for name in opened.sheet_names:
            page = copy.add_worksheet(name)
            rows = opened.get_sheet_by_name(name).to_python(skip_empty_area=False)
            kept = [row for at, row in enumerate(rows) if name == "hoshin" or at not in without]
            for at, row in enumerate(kept):
                for column, value in enumerate(row):
                    page.write_string(at, column, str(value))
            for (row_at, column), text in cells.items() if name != "hoshin" else ():
                page.write_string(row_at, column, text)
            for (row_at, column), text in (notes or {}).items() if name != "hoshin" else ():
                page.write_comment(row_at, column, text, {"author": "Ann"})
    return written.getvalue()


def _preview(client: FlaskClient, planted: Planted, book: bytes) -> tuple[int, str]:
    answer = client.post(_address(planted, "/import"), data={"book": (io.BytesIO(book), "matrix.xlsx")})
    return answer.status_code, answer.text


def _save(client: FlaskClient, planted: Planted, book: bytes) -> int:
    return client.post(_address(planted, "/import/save"), data={"kept": base64.b64encode(book).decode()}).status_code


def _at(grid: list[list[str]], word: str) -> tuple[int, int]:
    return next((row, column) for row, cells in enumerate(grid) for column, text in enumerate(cells) if text == word)


def test_the_workbook_shows_the_matrix(planted: Planted, client_for: SignIn) -> None:
    grid = _grid(_book(client_for(planted.head), planted))
    row, title = _at(grid, "Action 0")
    top, column = _at(grid, "Priority 0")
    assert grid[row][column] == "○"
    assert (title, top) == (_at(grid, "Action 1")[1], _at(grid, "Priority 1")[0])
    assert grid[row][0].startswith("action:")
    assert "X-matrix of Operations" in grid[1][1]


def test_unchanged_it_changes_nothing(planted: Planted, client_for: SignIn) -> None:
    client = client_for(planted.head)
    status, page = _preview(client, planted, _book(client, planted))
    assert status == 200
    assert "Nothing differs" in page
    assert "changed in the file" not in page


def test_changes_are_shown_and_then_saved_together(planted: Planted, client_for: SignIn, look: Arrange) -> None:
    client = client_for(planted.head)
    book = _book(client, planted)
    grid = _grid(book)
    row, title = _at(grid, "Action 0")
    top, first = _at(grid, "Priority 0")
    other = _at(grid, "Priority 1")[1]
    new_row, new_column = row - 2, min(first, other) - 1
    cells = {
        (row, first): "●", (row, other): "1", (_at(grid, "Action 1")[0], other): "", (row, title): "Action zero",
        (new_row, title): "A new action", (top, new_column): "A new priority", (new_row, new_column): "3",
    }  # fmt: skip
    changed = _changed(book, cells)
    status, page = _preview(client, planted, changed)
    assert status == 200
    strengths = ("○ medium → ● strong", "○ medium → no link")
    for said in ("Action zero", "A new action", "New priority", "7 changes", *strengths):
        assert said in page
    assert look(lambda session: session.scalars(select(Item).where(Item.name == "A new action")).first()) is None
    assert _save(client, planted, changed) == 303

    def check(session: Session) -> None:
        names = {one.name: one for one in session.scalars(select(Item))}
        links = {(one.upper_id, one.lower_id): one.strength for one in session.scalars(select(Correlation))}
        assert names["A new action"].state is State.DRAFT
        assert links[names["A new priority"].id, names["A new action"].id] == 3
        assert links[names["Priority 0"].id, names["Action zero"].id] == 9
        assert links[names["Priority 1"].id, names["Action zero"].id] == 1
        assert (names["Priority 1"].id, names["Action 1"].id) not in links
        said = {(one.verb, one.subject) for one in session.scalars(select(JournalLine))}
        assert {("renamed", "action"), ("created", "priority"), ("removed", "correlation")} <= said

    look(check)


def test_rows_may_be_moved_and_left_out(planted: Planted, client_for: SignIn) -> None:
    """What is not in the file any more is not touched."""
    client = client_for(planted.head)
    book = _book(client, planted)
    status, page = _preview(client, planted, _changed(book, {}, without=(_at(_grid(book), "Action 1")[0], 2)))
    assert status == 200
    assert "Nothing differs" in page


def test_every_problem_is_named_with_its_place_and_nothing_is_saved(
    planted: Planted, client_for: SignIn, arrange: Arrange, look: Arrange
) -> None:
    client = client_for(planted.head)
    book = _book(client, planted)
    grid = _grid(book)
    row, title = _at(grid, "Action 0")
    _, first = _at(grid, "Priority 0")
    wrong = _changed(book, {(row, first): "x", (_at(grid, "Action 1")[0], title): "", (row - 2, title): "A" * 501})
    status, page = _preview(client, planted, wrong)
    assert status == 422
    letter = chr(ord("A") + first)
    assert f"sheet X-matrix, row {row + 1}, column {letter}: “x” is no strength" in page
    assert "is empty; items are ended" in page
    assert "at most 500 characters" in page
    good = _changed(book, {(row, first): "9", (row - 2, title): "A new action"})

    def meanwhile(session: Session) -> None:
        for one in session.scalars(select(Correlation)):
            one.strength, one.version = 1, one.version + 1

    arrange(meanwhile)
    assert _save(client, planted, good) == 422
    status, page = _preview(client, planted, good)
    assert "was changed" in page
    assert look(lambda session: session.scalars(select(Item).where(Item.name == "A new action")).first()) is None


def _row_of(client: FlaskClient, planted: Planted) -> tuple[bytes, list[list[str]], int, int]:
    """The workbook, its cells, the row of Action 0 and the row that the names of the owners stand in."""
    book = _book(client, planted)
    grid = _grid(book)
    return book, grid, _at(grid, "Action 0")[0], _at(grid, "Priority 0")[0]


def test_owners_are_read_back(planted: Planted, client_for: SignIn, look: Arrange, arrange: Arrange) -> None:
    """The responsible one hands over and helps from now on; somebody new is named in an empty column."""

    def meanwhile(session: Session) -> None:
        action = session.scalars(select(Action).where(Action.name == "Action 0")).one()
        action.owner_id = planted.head.id
        action.version += 1

    arrange(meanwhile)
    client = client_for(planted.head)
    book, grid, row, titles = _row_of(client, planted)
    head = grid[titles].index(planted.head.name, grid[0].index("end"))
    empty = len(grid[0])
    assert grid[row][head] == "●"
    changed = _changed(book, {(row, head): "○", (titles, empty): "  cy  STAFF ", (row, empty): "●"})
    status, page = _preview(client, planted, changed)
    assert status == 200
    handed = ("Bo Head: Action 0", "● responsible → ○ supports")
    for said in (*handed, "cy STAFF: Action 0", "no part → ● responsible"):
        assert said in page
    assert _save(client, planted, changed) == 303

    def check(session: Session) -> None:
        action = session.scalars(select(Action).where(Action.name == "Action 0")).one()
        assert action.owner_id == planted.staff.id
        assert session.scalars(select(ActionHelper.person_id)).all() == [planted.head.id]

    look(check)
    assert _preview(client, planted, changed)[0] == 200, "what has been granted already is no conflict"

    def take_over(session: Session) -> None:
        session.scalars(select(Action).where(Action.name == "Action 0")).one().owner_id = planted.executive.id

    arrange(take_over)
    status, page = _preview(client, planted, changed)
    assert status == 422, "the file is stale now"
    assert "who answers for “Action 0” was changed by Bo Head after the file was written" in page


def test_what_is_wrong_in_the_owner_grid_is_named(planted: Planted, client_for: SignIn) -> None:
    client = client_for(planted.head)
    book, grid, row, titles = _row_of(client, planted)
    one, two = len(grid[0]), len(grid[0]) + 1
    owner = grid[0].index("end") + 1
    wrong = {
        "“x” is no part: write ● or ○": {(row, owner): "x"},
        "exactly one is responsible for “Action 0”": {
            (titles, one): "A", (titles, two): "B", (row, one): "●", (row, two): "9",
        },
        "nobody here is called “Nemo”": {(titles, one): "Nemo", (row, one): "○"},
        "is not renamed here": {(titles, owner): "Somebody else"},
        "stands twice": {(titles, one): "A", (titles, two): "A"},
    }
    for said, cells in wrong.items():
        status, page = _preview(client, planted, _changed(book, cells))
        assert (status, said in page) == (422, True), said


def _actions(session: Session) -> list[str]:
    """The actions, which all belong to Operations, in their order."""
    return list(session.scalars(select(Action.name).order_by(Action.position)))


def test_the_order_is_read_back(planted: Planted, client_for: SignIn, look: Arrange) -> None:
    client = client_for(planted.head)
    book = _book(client, planted)
    grid = _grid(book)
    far, near = sorted(_at(grid, name)[0] for name in ("Action 0", "Action 1"))
    swapped = {(far, at): text for at, text in enumerate(grid[near])}
    swapped |= {(near, at): text for at, text in enumerate(grid[far])}
    changed = _changed(book, swapped)
    _, page = _preview(client, planted, changed)
    assert "Moved" in page
    assert page.count("<tr>") == 2, "one move explains it"

    assert look(_actions) == ["Action 0", "Action 1"]
    assert _save(client, planted, changed) == 303
    assert look(_actions) == ["Action 1", "Action 0"]
    assert "somebody else has changed the order" in _preview(client, planted, changed)[1]


def test_new_items_stand_where_they_were_written(planted: Planted, client_for: SignIn, look: Arrange) -> None:
    """Two inserted rows nearest to the centre come first, in their order."""
    client = client_for(planted.head)
    book = _book(client, planted)
    grid = _grid(book)
    rows = sorted(_at(grid, name)[0] for name in ("Action 0", "Action 1"))
    title = _at(grid, "Action 0")[1]
    empty = [""] * len(grid[0])
    shifted = {(at - 2, column): text for at in rows for column, text in enumerate(grid[at])}
    fresh = {(at, column): text for at in rows for column, text in enumerate(empty)}
    changed = _changed(book, shifted | fresh | {(rows[1], title): "Very first", (rows[0], title): "Second"})
    status, _ = _preview(client, planted, changed)
    assert status == 200
    assert _save(client, planted, changed) == 303
    assert look(_actions) == ["Very first", "Second", "Action 0", "Action 1"]


def test_figures_are_said_to_be_ignored(planted: Planted, client_for: SignIn) -> None:
    client = client_for(planted.head)
    book = _book(client, planted)
    row, title = _at(_grid(book), "Action 0")
    status, page = _preview(client, planted, _changed(book, {(row, title + 1): "100 %"}))
    assert status == 200
    place = f"{chr(ord('A') + title + 1)}{row + 1}"
    assert f"1 cell that holds a figure or the centre was changed in the file ({place})" in page
    assert "Nothing differs" in page


def test_teams_are_not_written_into(planted: Planted, client_for: SignIn) -> None:
    client = client_for(planted.head)
    book = bytes(client.get(_address(planted, ".xlsx?preset=jackson")).data)
    grid = _grid(book)
    assert not [one for one in grid[0] if one.startswith("person:")]
    status, page = _preview(client, planted, book)
    assert (status, "Nothing differs" in page) == (200, True)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nothing", b"a,b\n1,2", b"\xff" * 50])
def test_what_is_no_workbook_of_ours_is_refused(planted: Planted, client_for: SignIn, content: bytes) -> None:
    assert _preview(client_for(planted.head), planted, content)[0] == 422


def test_a_damaged_or_foreign_workbook_is_refused(planted: Planted, client_for: SignIn) -> None:
    client = client_for(planted.head)
    theirs = client.get(f"/units/{planted.top.id}/x-matrix.xlsx").data
    assert "another unit" in _preview(client, planted, theirs)[1]
    book = _book(client, planted)
    row = _at(_grid(book), "Action 0")[0]
    assert "hidden key names no item" in _preview(client, planted, _changed(book, {(row, 0): "action:999999"}))[1]
    assert "stands twice" in _preview(client, planted, _changed(book, {(row - 1, 0): _grid(book)[row][0]}))[1]
    assert "row 1 or column A" in _preview(client, planted, _changed(book, {}, without=(0,)))[1]


def test_only_who_writes_the_plan_reads_it_back_in(planted: Planted, client_for: SignIn) -> None:
    book = _book(client_for(planted.staff), planted)
    for person in (planted.staff, planted.auditor):
        client = client_for(person)
        assert client.get(_address(planted, "/import")).status_code == 403
        assert _preview(client, planted, book)[0] == 403
        assert _save(client, planted, book) == 403
    assert client_for(planted.staff).get(f"/units/{planted.secret.id}/x-matrix.xlsx").status_code == 404


def test_moon_signs_are_read_as_they_were_written(planted: Planted, client_for: SignIn, arrange: Arrange) -> None:
    arrange(_moon)
    client = client_for(planted.head)
    book = _book(client, planted)
    grid = _grid(book)
    row, column = _at(grid, "Action 0")[0], _at(grid, "Priority 0")[1]
    assert grid[row][column] == "◐"
    assert "◐ medium → ○ weak" in _preview(client, planted, _changed(book, {(row, column): "○"}))[1]


def _moon(session: Session) -> None:
    session.get_one(Organisation, 1).glyphs = Glyphs.MOON


def test_the_reason_for_a_link_is_the_note_beside_its_sign(
    planted: Planted, client_for: SignIn, arrange: Arrange, look: Arrange
) -> None:
    """Another note is another reason, none takes it away, and a reason without a link asks for its strength."""

    def reasons(session: Session) -> None:
        for at, one in enumerate(session.scalars(select(Correlation).order_by(Correlation.id))):
            one.rationale = f"because {at}"

    arrange(reasons)
    client = client_for(planted.head)
    went = _book(client, planted)
    assert "Nothing differs" in _preview(client, planted, went)[1]
    assert "Nothing differs" in _preview(client, planted, _changed(went, {}))[1], "a program that drops notes"
    grid = _grid(went)
    row, other = _at(grid, "Action 0")[0], _at(grid, "Action 1")[0]
    first, second = _at(grid, "Priority 0")[1], _at(grid, "Priority 1")[1]
    stood = read_comments(content=went, sheet="X-matrix")
    assert stood is not None
    notes = {**stood, (row, first): "Ann:\nit calls\nthem <b>", (row, second): "new"}
    del notes[other, second]
    alone = _changed(went, {}, notes=notes)
    assert "a reason stands here and no link: write how strong" in _preview(client, planted, alone)[1]
    book = _changed(went, {(row, second): "1"}, notes=notes)
    status, page = _preview(client, planted, book)
    assert status == 200
    for said in ("3 changes", "medium; because: it calls\nthem &lt;b&gt;", "weak; because: new", "medium; no longer"):
        assert said in page
    assert _save(client, planted, book) == 303
    found = look(lambda session: {(one.strength, one.rationale) for one in session.scalars(select(Correlation))})
    assert {(3, "it calls\nthem <b>"), (1, "new"), (3, "")} <= found
    assert "Nothing differs" in _preview(client, planted, _book(client, planted))[1]

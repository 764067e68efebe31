"""The notes of a workbook: what Excel writes around them, which sheet they are of, and what is refused."""

from __future__ import annotations

import io
import zipfile

import pytest
from xlsxwriter import Workbook

from hoshin.errors import Refused
from hoshin.exchange.comments import LARGEST_PART, read_comments


def _book(*notes: tuple[str, str, str]) -> bytes:
    """A workbook of the sheets One and Two; each note is a cell, its text and its author, on sheet Two."""
    written = io.BytesIO()
    with Workbook(written, {"in_memory": True}) as book:
        book.add_worksheet("One").write_comment("A1", "of the other sheet")
        page = book.add_worksheet("Two")
        for cell, text, author in notes:
            page.write_comment(cell, text, {"author": author})
    return written.getvalue()


def _changed(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The workbook with something else in one of its parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name in book.namelist():
            held = book.read(name)
            assert name != part or old in held
            made.writestr(name, held.replace(old, new) if name == part else held)
    return written.getvalue()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plain", "plain"), ("Ann:\ntwo\nlines ", "two\nlines"), ("Ann said: no", "Ann said: no"), ("", ""),
        ("[Threaded comment]\n\nYour version of Excel…\n\nComment:\n    why not", "why not"),
        ("<b> & é 漢", "<b> & é 漢"),
    ],
)  # fmt: skip
def test_a_note_comes_without_what_excel_puts_around_it(text: str, said: str) -> None:
    assert read_comments(content=_book(("AB12", text, "Ann")), sheet="Two") == {(11, 27): said}


def test_runs_are_joined_and_how_they_are_spoken_is_left_out() -> None:
    more = b"</r><r><t> two</t></r><rPh><t>x</t></rPh></text>"
    book = _changed(_book(("B2", "one", "")), "xl/comments2.xml", b"</r></text>", more)
    assert read_comments(content=book, sheet="Two") == {(1, 1): "one two"}


def test_a_sheet_without_notes_says_nothing_about_them() -> None:
    assert read_comments(content=_book(), sheet="Two") is None
    assert read_comments(content=_book(("A1", "x", "")), sheet="Three") is None
    assert read_comments(content=b"\xd0\xcf\x11\xe0 an old workbook", sheet="Two") is None
    assert read_comments(content=_zip({"content.xml": b"<x/>"}), sheet="Two") is None


def _zip(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return written.getvalue()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<comments", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><comments'),
        (b"<comments", "<comments".encode("utf-16")),
        (b"</comments>", b""),
        (b"</comments>", b"<!--" + b"x" * LARGEST_PART + b"--></comments>"),
    ],
)
def test_what_no_spreadsheet_writes_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(Refused):
        read_comments(content=_changed(_book(("A1", "x", "")), "xl/comments2.xml", old, new), sheet="Two")


def test_what_is_no_zip_after_all_is_refused() -> None:
    with pytest.raises(Refused, match="cannot be read"):
        read_comments(content=b"PK\x03\x04broken", sheet="Two")

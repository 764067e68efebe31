"""The notes (comments) beside the cells of an Excel workbook, which the reader of its figures passes over.

Office Open XML keeps them in a part of their own (ECMA-376, part 1, 18.7). Only the parts that lead there are opened,
each up to a size; a document type, with which an XML file could grow while it is read, is refused.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from hoshin.errors import Problem, Refused

LARGEST_PART = 8 * 1024 * 1024
_UNREADABLE = (zipfile.BadZipFile, zlib.error, ElementTree.ParseError, NotImplementedError, RuntimeError, OSError)
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_THREADED = "[Threaded comment]"

Comments = Mapping[tuple[int, int], str]
"""The texts by row and column, both counted from 0; they may have several lines."""


def read_comments(*, content: bytes, sheet: str) -> Comments | None:
    """The notes of one sheet; None when the file keeps none there, which may only mean that a program dropped them.

    Raises Refused when they are there and cannot be read.
    """
    if not content.startswith(b"PK"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            part = _part_of(book, sheet)
            return None if part is None else dict(_texts(_parsed(book, part)))
    except _UNREADABLE as error:
        raise Refused(Problem("the notes of this workbook cannot be read", sheet=sheet)) from error


def _part_of(book: zipfile.ZipFile, sheet: str) -> str | None:
    """The part with the notes of a sheet: from the workbook to the sheet, and from there."""
    if "xl/workbook.xml" not in book.namelist():
        return None
    listed = _parsed(book, "xl/workbook.xml").iter(f"{_MAIN}sheet")
    key = next((one.get(_LINK) for one in listed if one.get("name") == sheet), None)
    page = next((at for name, _, at in _relations(book, "xl/workbook.xml") if name == key), None)
    if page is None:
        return None
    return next((at for _, kind, at in _relations(book, page) if kind.endswith("/comments")), None)


def _relations(book: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str, str]]:
    """What a part names: key, kind and the part that is meant."""
    folder, name = posixpath.split(part)
    beside = f"{folder}/_rels/{name}.rels"
    if beside not in book.namelist():
        return
    for one in _parsed(book, beside):
        target = one.get("Target", "")
        meant = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        if meant in book.namelist():
            yield one.get("Id", ""), one.get("Type", ""), meant


def _parsed(book: zipfile.ZipFile, part: str) -> Element:
    with book.open(part) as opened:
        text = opened.read(LARGEST_PART + 1)
    if len(text) > LARGEST_PART:
        raise Refused(Problem("this workbook holds more notes than any sheet of ours"))
    if b"<!DOCTYPE" in text or b"\x00" in text:  # the second: an encoding in which the first would not be seen
        raise Refused(Problem("this workbook holds XML that no spreadsheet writes"))
    return ElementTree.fromstring(text)  # noqa: S314 - no document type, and of a bounded size


def _texts(comments: Element) -> Iterator[tuple[tuple[int, int], str]]:
    authors = ["".join(one.itertext()) for one in comments.iter(f"{_MAIN}author")]
    for one in comments.iter(f"{_MAIN}comment"):
        at, body = _CELL.fullmatch(one.get("ref", "")), one.find(f"{_MAIN}text")
        if at is not None and body is not None:
            place = one.get("authorId", "")
            author = authors[int(place)] if place.isdecimal() and int(place[:6]) < len(authors) else ""
            yield (int(at[2]) - 1, _number(at[1])), _said(_plain(body), author)


def _plain(body: Element) -> str:
    """The text of all runs; how East Asian words are spoken is left out."""
    runs = [one for one in body if one.tag != f"{_MAIN}rPh"]
    return "".join("".join(t.text or "" for t in run.iter(f"{_MAIN}t")) for run in runs)


def _said(text: str, author: str) -> str:
    """What somebody wrote, without the name that Excel puts before it or the words around a threaded comment."""
    if text.startswith(_THREADED):
        text = text.partition("Comment:")[2]
    elif author:
        text = text.removeprefix(f"{author}:")
    return text.strip()


def _number(letters: str) -> int:
    """The column: A is 0, AA is 26."""
    number = 0
    for one in letters:
        number = number * 26 + ord(one) - ord("A") + 1
    return number - 1

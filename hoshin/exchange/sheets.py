"""Reads CSV and Excel into sheets of text cells that remember where they stood."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from hoshin.errors import Problem, Refused
from hoshin.exchange.cells import clean_text, text_of

DELIMITERS = (",", ";", "\t")
LARGEST = 256 * 1024 * 1024
AT_ONCE = 2_000
"""How many rows of a book are turned into text at once."""
OTHERS = {b"<": "XML or HTML", b"%PDF": "PDF", b"{": "JSON"}
"""What begins like this is no table, whatever its name ends in."""
BOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How xlsx, ods (zip) and old xls files begin."""

_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class Row(NamedTuple):
    """One row: its number as a spreadsheet shows it, and its cells as they stood."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name (the file's for CSV), its head, cleaned, and the rows that hold anything."""

    name: str
    head: Sequence[str]
    rows: Sequence[Row]


def read_sheets(*, name: str, content: bytes, known: Collection[str] = ()) -> list[Sheet]:
    """The sheets of a CSV or Excel file; empty ones are left out.

    `known` are heads that tell the right delimiter of a CSV. Raises Refused when it is no such file.
    """
    if len(content) > LARGEST:
        raise Refused(Problem(f"more than {LARGEST // 1024**2} MiB: divide it", sheet=name))
    for mark, kind in OTHERS.items():
        if content[:1000].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(mark):
            raise Refused(Problem(f"this is {kind}; a plan is read from a CSV or Excel sheet", sheet=name))
    sheets = _read_book(name, content) if content.startswith(BOOKS) else [_read_csv(name, content, known)]
    found = [one for one in sheets if one is not None]
    if not found:
        raise Refused(Problem("there is nothing in this file", sheet=name))
    return found


def _read_csv(name: str, content: bytes, known: Collection[str]) -> Sheet | None:
    text = _decode(name, content)
    delimiter = _delimiter(text, known)
    return _sheet(name, _records(name, text, delimiter))


def _decode(name: str, content: bytes) -> str:
    for mark, encoding in _BOMS.items():
        if content.startswith(mark):
            raise Refused(Problem(f"this file is {encoding}; save it as CSV UTF-8", sheet=name))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte, line = content[error.start], content.count(b"\n", 0, error.start) + 1
        raise Refused(
            Problem(
                f"byte 0x{byte:02X} is not UTF-8 (Windows-1252 perhaps); save it as CSV UTF-8", sheet=name, row=line
            )
        ) from error


def _delimiter(text: str, known: Collection[str]) -> str:
    """The delimiter under which the head names most columns that are known, else makes most columns."""

    def fitness(delimiter: str) -> tuple[int, int]:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            heads = [one.strip().casefold() for one in record]
            if any(heads):
                return sum(1 for one in heads if one in wanted), len(heads) - 1
        return 0, 0

    wanted = {one.casefold() for one in known}
    csv.field_size_limit(sys.maxsize)
    try:
        return max(DELIMITERS, key=fitness)
    except csv.Error:
        return ","


def _records(name: str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records with their numbers; a row is a record, also where a quoted cell holds line ends."""
    csv.field_size_limit(sys.maxsize)
    number = 0
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            yield number, record
    except csv.Error as error:
        told = "a quoted cell does not end" if "unexpected end" in str(error) else f"the quotes do not fit ({error})"
        raise Refused(Problem(told, sheet=name, row=number + 1)) from error


def _read_book(name: str, content: bytes) -> list[Sheet | None]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            return [_sheet(one, enumerate(_book_rows(book, place), 1)) for place, one in enumerate(book.sheet_names)]
    except (CalamineError, OSError, ValueError) as error:
        raise Refused(Problem(f"this workbook cannot be read ({error})", sheet=name)) from error


def _book_rows(book: CalamineWorkbook, place: int) -> Iterator[tuple[str, ...]]:
    """The rows one by one, from the first row and column on; what is said often is kept once."""
    sheet = book.get_sheet_by_index(place)
    left = sheet.start[1] if sheet.start else 0
    kept, waiting = _Kept(), sheet.iter_rows()
    while some := list(islice(waiting, AT_ONCE)):  # turned on its side: a column is mostly of one kind
        blank = [("",) * len(some)] * left
        yield from zip(*blank, *map(kept.texts, zip(*some, strict=True)), strict=True)


class _Kept(dict[type, "_Texts"]):
    """The texts of cells by their type: 1, 1.0 and TRUE are equal, and yet three texts."""

    def __missing__(self, kind: type) -> _Texts:
        self[kind] = found = _Texts()
        return found

    def texts(self, cells: Sequence[object]) -> Iterable[str]:
        """Those of a whole column."""
        kinds = set(map(type, cells))
        if len(kinds) == 1:
            return map(self[kinds.pop()].__getitem__, cells)
        return [self[type(one)][one] for one in cells]


class _Texts(dict[Any, str]):
    """The texts of cells of one type, each made once."""

    def __missing__(self, value: object) -> str:
        self[value] = text = text_of(value=value)
        return text


def _sheet(name: str, records: Iterable[tuple[int, Sequence[str]]]) -> Sheet | None:
    """The first row that holds anything is the head."""
    head: list[str] | None = None
    rows: list[Row] = []
    for number, cells in records:
        if not any(map(str.strip, cells)):
            continue
        if head is None:
            head = [_head(name, number, one) for one in cells]
        else:
            rows.append(Row(number, cells))
    return None if head is None else Sheet(name, head, rows)


def _head(name: str, number: int, text: str) -> str:
    try:
        return clean_text(text=text[:2000])
    except ValueError as error:
        raise Refused(Problem(str(error), sheet=name, row=number)) from error

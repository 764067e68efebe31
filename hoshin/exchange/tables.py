"""Writes lists as CSV that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO

HELD = 1_000_000
"""Bytes of a file that are held in memory before it goes to the disk."""
TOGETHER = 1000
"""Rows that are looked through at once."""
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = r"[0-9]+(?:\.[0-9]+)?%?"
_PLAIN_NUMBER = re.compile(rf"[+-]?{_NUMBER}")
_MAYBE_RISKY = re.compile(rf"""[,\n](?:[=@\t]|[+-](?!{_NUMBER}[,\r])|"[=+\-@\t\r])""")
"""How a cell that begins so follows what is written before it; one that begins with a carriage return has quotes."""


def to_csv(*, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The head and the rows as comma-separated text; None is an empty cell.

    A cell that a spreadsheet would take for a formula gets a leading apostrophe, plain numbers do not.
    """
    written = io.StringIO()
    _write(written, head, rows)
    return written.getvalue()


def spool_csv(*, head: Sequence[str], rows: Iterable[Sequence[object]]) -> IO[bytes]:
    """The same as a file of the system's that ends when it is closed: of very many rows no more than one is held."""
    spool = SpooledTemporaryFile(HELD)  # noqa: SIM115 - the caller's to close
    text = io.TextIOWrapper(spool, encoding="utf-8", newline="")
    _write(text, head, rows)
    text.detach()
    spool.seek(0)
    return spool


def _write(into: IO[str], head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    rows = iter(rows)
    into.write(_lines([head]))
    while some := list(islice(rows, TOGETHER)):
        into.write(_lines(some))


def _lines(rows: Sequence[Sequence[object]]) -> str:
    """The rows as lines. Hardly ever is a cell risky: looking through all lines at once takes a fraction of the time
    that looking at each cell takes.
    """
    lines = _plain_lines(rows)
    return _plain_lines([_cell(one) for one in row] for row in rows) if _MAYBE_RISKY.search(f"\n{lines}") else lines


def _plain_lines(rows: Iterable[Iterable[object]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()


def _cell(value: object) -> object:
    if value is None or type(value) is int:  # most cells of a long file
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_RISKY) and not _PLAIN_NUMBER.fullmatch(text) else text

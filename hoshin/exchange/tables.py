"""Writes lists as CSV that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO

HELD = 1_000_000
"""Bytes of a file that are held in memory before it goes to the disk."""
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?%?")


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
    writer = csv.writer(into, lineterminator="\r\n")
    writer.writerow([_cell(one) for one in head])
    writer.writerows([_cell(one) for one in row] for row in rows)


def _cell(value: object) -> str | int:
    if value is None or type(value) is int:  # most cells of a long file
        return "" if value is None else value
    text = str(value)
    return f"'{text}" if text.startswith(_RISKY) and not _PLAIN_NUMBER.fullmatch(text) else text

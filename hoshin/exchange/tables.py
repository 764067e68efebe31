"""Writes lists as CSV that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_RISKY = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?%?")


def to_csv(*, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The head and the rows as comma-separated text; None is an empty cell.

    A cell that a spreadsheet would take for a formula gets a leading apostrophe, plain numbers do not.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([_cell(one) for one in head])
    writer.writerows([_cell(one) for one in row] for row in rows)
    return written.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_RISKY) and not _PLAIN_NUMBER.fullmatch(text) else text

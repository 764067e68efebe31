"""Reads what was copied out of a spreadsheet for a matrix: a column of titles, or a block of signs."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from io import StringIO

CROSS = "x"
Sign = int | str | None
"""A strength (0 takes a link away), CROSS, any other text for what is no sign, None for an empty cell."""

_ALWAYS: Mapping[str, int] = {
    "9": 9, "3": 3, "1": 1, "0": 0, "●": 9, "◉": 9, "◎": 9, "⬤": 9, "◐": 3, "◑": 3, "△": 1, "▲": 1, "∆": 1, "▵": 1,
    "strong": 9, "medium": 3, "weak": 1,
}  # fmt: skip
_RINGS = frozenset("○◯oO〇")
_CROSSES = frozenset("xX×✕✗✓✔☒☑")
_NOTHING = frozenset(("", "-", "–", "—", ".", "·"))


def read_titles(*, text: str) -> list[str]:
    """The first filled cell of each row, in one line each; empty rows are left out."""
    firsts = (next((cell for cell in row if cell.strip()), "") for row in _rows(text))
    return [title for first in firsts if (title := " ".join(unicodedata.normalize("NFC", first).split()))]


def read_signs(*, text: str, ring: int) -> list[list[Sign]]:
    """The block row by row; `ring` is the strength that ○ stands for in this organisation."""
    return [[_sign(cell.replace("\ufe0f", "").strip(), ring) for cell in row] for row in _rows(text)]


def _rows(text: str) -> list[list[str]]:
    """As spreadsheets copy: tabs between cells, quotes around a cell that holds a tab or a line break."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    return list(csv.reader(StringIO(text.replace("\r\n", "\n").replace("\r", "\n"), newline=""), delimiter="\t"))


def _sign(text: str, ring: int) -> Sign:
    if text in _NOTHING:
        return None
    if text in _CROSSES:
        return CROSS
    if text in _RINGS:
        return ring
    return _ALWAYS.get(text.lower(), f"“{text[:20]}”")

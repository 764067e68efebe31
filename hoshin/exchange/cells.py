"""Single cells: trimmed, composed, and refused when they hold what no text or figure has."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

LONGEST_TITLE, LONGEST_PROSE = 500, 10_000
SIGNIFICANT = 15
"""The significant digits of an Excel number: what lies behind them is the noise of its binary form."""
PLACES, PLAINEST = 10_000, 1e10
"""A smaller number with at most four decimals has fewer digits than that: its shortest form is the one Excel shows."""

_GUARDED = re.compile(r"'+[=+\-@\t\r]")
"""A text cell that a spreadsheet would take for a formula is written with an apostrophe before it."""


@lru_cache(maxsize=50_000)
def clean_text(*, text: str) -> str:
    """The text trimmed, composed (NFC) and with plain line ends; a spreadsheet's leading apostrophe is taken off.

    Raises ValueError for control characters, NUL among them, and lone surrogates.
    """
    if text.isascii() and text.isprintable():  # composed already, and free of control characters
        trimmed = text.strip()
        return trimmed[1:] if trimmed[:1] == "'" and _GUARDED.match(trimmed) else trimmed
    trimmed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").strip())
    for one in trimmed:
        if unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t":
            raise ValueError(f"U+{ord(one):04X} is no character of a text (a control character or half a character)")
    return trimmed[1:] if _GUARDED.match(trimmed) else trimmed


def guard_text(*, text: str) -> str:
    """The text as it must be written for `clean_text` to read it back: one more apostrophe where one would be lost."""
    return f"'{text}" if _GUARDED.match(text) else text


def text_of(*, value: object) -> str:
    """An Excel cell as text: numbers as their 15 significant digits, days as YYYY-MM-DD, truth as TRUE and FALSE."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return number_text(value=value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != time() else value.date().isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value) if not isinstance(value, timedelta) else f"{value} h"


def number_text(*, value: float) -> str:
    """The decimal that Excel shows for a number: 0.1 + 0.2 is 0.3, and 2018.0 is 2018."""
    if isinstance(value, int):
        return str(value)
    if -PLAINEST < value < PLAINEST and round(value * PLACES) / PLACES == value:
        return str(int(value)) if value.is_integer() else str(value)
    rounded = Decimal(f"{value:.{SIGNIFICANT - 1}e}") if value == value and abs(value) != float("inf") else None
    if rounded is None:
        return str(value)
    plain = f"{rounded:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain

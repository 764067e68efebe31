"""Text as it is searched and put in order: without case, and for searching without accents too."""

from __future__ import annotations

import unicodedata

ORDERED = 200
"""So many characters of a name decide its place: a database keeps no index of any length."""


def fold(*, text: str) -> str:
    """The text without case and accents, so that "Éclair" and "eclair" are one."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in parts if not unicodedata.combining(one))


def place(*, name: str) -> str:
    """What puts names in order, whatever their case; letters follow each other as in Unicode."""
    return name.casefold()[:ORDERED]

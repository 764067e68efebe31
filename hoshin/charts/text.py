"""How wide a text will be, and how to break or shorten it to fit, without any font at hand."""

from __future__ import annotations

from functools import lru_cache

_WIDTHS = {
    25: "'ijl", 27: "IJ", 29: " ,.", 30: "/:;\\|", 32: "-f", 35: "()[]t", 36: "!", 37: "r", 41: '"', 45: "*_`",
    47: "sz", 48: "?", 49: "c", 50: "L", 52: "Fk", 53: "vxy", 54: "P", 55: "TYaeo", 57: "$0123456789ESbdghnpqu{}",
    59: "K", 62: "ABRVXZ", 63: "C", 66: "U", 67: "N", 68: "H", 69: "D", 70: "&G", 71: "OQ", 74: "w", 75: "#+<=>^~",
    78: "M", 85: "%", 88: "m", 89: "W", 90: "@",
}  # fmt: skip
"""Hundredths of an em in DejaVu Sans Condensed, the widest face of the drawings' font stack."""

_EM = {letter: hundredths / 100 for hundredths, letters in _WIDTHS.items() for letter in letters}
_WIDE_FROM = 0x1100  # Hangul, CJK and what follows fill the square
_BOLD = 1.15
_ELLIPSIS = "…"
_EM_OF_ELLIPSIS = 0.66


def _letter(*, letter: str) -> float:
    known = _EM.get(letter)
    if known is not None:
        return known
    return 1.0 if ord(letter) >= _WIDE_FROM and letter not in "–—‘’“”…•" else 0.66


def width(*, text: str, size: float, bold: bool = False) -> float:
    """The width of a text at a font size, in the same unit as the size; meant to be a little too wide."""
    ems = sum(_letter(letter=letter) for letter in text)
    return ems * size * (_BOLD if bold else 1)


def shorten(*, text: str, size: float, room: float, bold: bool = False) -> str:
    """The text, or as much of it as fits with an ellipsis; cut between words when that loses little."""
    if _fitting(text=text, size=size, room=room, bold=bold) == len(text):
        return text
    kept = text[: _fitting(text=text, size=size, room=room, bold=bold, tail=_EM_OF_ELLIPSIS)]
    space = kept.rfind(" ")
    if space > len(kept) * 0.7:
        kept = kept[:space]
    return kept.rstrip(" ,;:–-") + _ELLIPSIS


@lru_cache(maxsize=8192)
def wrap(*, text: str, size: float, room: float, lines: int, bold: bool = False) -> tuple[str, ...]:
    """The text in at most so many lines, each no wider than the room; what is left over ends in an ellipsis.

    Remembered, because the same titles are drawn again with every look at a sheet.
    """
    rest = " ".join(text.split())
    out: list[str] = []
    while rest and len(out) < lines - 1:
        head, rest = _break(text=rest, size=size, room=room, bold=bold)
        out.append(head)
    if rest:
        out.append(shorten(text=rest, size=size, room=room, bold=bold))
    return tuple(out)


def _break(*, text: str, size: float, room: float, bold: bool) -> tuple[str, str]:
    fits = _fitting(text=text, size=size, room=room, bold=bold)
    if fits == len(text):
        return text, ""
    space = text.rfind(" ", 0, max(fits, 1) + 1)
    cut = space if space > 0 else max(fits, 1)
    return text[:cut].rstrip(), text[cut:].lstrip()


def _fitting(*, text: str, size: float, room: float, bold: bool, tail: float = 0.0) -> int:
    """How many letters from the start fit, when something `tail` ems wide follows; one pass over the text."""
    most = room / (size * (_BOLD if bold else 1)) - tail
    ems = 0.0
    for place, letter in enumerate(text):
        known = _EM.get(letter)
        ems += _letter(letter=letter) if known is None else known
        if ems > most + 1e-9:
            return place
    return len(text)

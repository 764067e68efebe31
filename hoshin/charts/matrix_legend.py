"""The legend below an X-matrix: what each mark and sign on it means."""

from __future__ import annotations

from hoshin.charts.matrix_shapes import LegendEntry
from hoshin.charts.palette import PALETTE
from hoshin.charts.signs import AMBER, HIT, MISS, NO_DATA, NO_TARGET, RESPONSIBLE, SUPPORTS, TRIANGLE, grades_of
from hoshin.charts.text import width as text_width

_SIZE = 10.5
_LEADING = 20.0
_SPACE = 20.0
_MARK = 9.0

_Entry = tuple[str, str, str, str]  # shape, glyph, colour, words


def legend_entries(
    *,
    y: float,
    width: float,
    owners: bool,
    figures: bool = True,
    glyphs: str = TRIANGLE,
    totals: bool = False,
    warnings: bool = False,
) -> tuple[tuple[LegendEntry, ...], float]:
    """The entries from height `y` on, flowing within `width`, and how high they stand together.

    Without `figures` the signs of verdicts are left out; totals and warnings are explained where there are any.
    """
    entries: list[LegendEntry] = []
    x, at = 2.0, y + 20
    said = _words(owners=owners, figures=figures, glyphs=glyphs)
    said += [("figure", "Σ 21", PALETTE.ink_3, "sum of its links")] if totals else []
    said += [("warning", "!", PALETTE.amber, "the check warns")] if warnings else []
    for shape, glyph, colour, words in said:
        head = max(2 * _MARK, text_width(text=glyph, size=_SIZE, bold=True) + 8)
        across = head + text_width(text=words, size=_SIZE)
        if x > 2.0 and x + across > width:
            x, at = 2.0, at + _LEADING
        entries.append(LegendEntry(x + (head - 6) / 2, at, shape, glyph, colour, words, x + head - 2))
        x += across + _SPACE
    return tuple(entries), at - y + 10


def _words(*, owners: bool, figures: bool, glyphs: str) -> list[_Entry]:
    grades = grades_of(glyphs=glyphs)
    said = [(grade.shape, grade.glyph, PALETTE.accent, f"{grade.word} {points}") for points, grade in grades.items()]
    if owners:
        said += [(grade.shape, grade.glyph, PALETTE.ink_2, grade.word) for grade in (RESPONSIBLE, SUPPORTS)]
    said.append(("diamond", "◆", PALETTE.amber_mid, "not linked on this sheet"))
    if not figures:
        return said
    said += [("glyph", sign.glyph, sign.ink, sign.word) for sign in (HIT, MISS, AMBER, NO_DATA, NO_TARGET)]
    said.append(("figure", "3/5", PALETTE.ink, "due metrics that hit target"))
    return said

"""Signs and words that stand beside every colour: of a verdict, of a strength, of an owner's part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hoshin.charts.palette import PALETTE


@dataclass(frozen=True, slots=True)
class Sign:
    """How one verdict or signal looks: its key (also the CSS class `v-KEY`), glyph, word, and three colours."""

    key: str
    glyph: str
    word: str
    ink: str
    mid: str
    soft: str


@dataclass(frozen=True, slots=True)
class Grade:
    """How one strength or part looks: glyph, word and the shape that draws it (disc, half, ring or triangle)."""

    glyph: str
    word: str
    shape: str


HIT = Sign("hit", "✓", "hit", PALETTE.hit, PALETTE.hit_mid, PALETTE.hit_soft)
MISS = Sign("miss", "✗", "miss", PALETTE.miss, PALETTE.miss_mid, PALETTE.miss_soft)
AMBER = Sign("amber", "~", "near miss", PALETTE.amber, PALETTE.amber_mid, PALETTE.amber_soft)
NO_DATA = Sign("no_data", "–", "no data", PALETTE.none, PALETTE.none_mid, PALETTE.none_soft)
NOT_DUE = Sign("not_due", "·", "not due", PALETTE.ink_3, PALETTE.line, PALETTE.paper)
NO_TARGET = Sign(
    "no_target", "○", "without target", PALETTE.untargeted, PALETTE.untargeted_mid, PALETTE.untargeted_soft
)

_SIGNS = {sign.key: sign for sign in (HIT, MISS, AMBER, NO_DATA, NOT_DUE, NO_TARGET)}

TRIANGLE, MOON = "triangle", "moon"
_STRONG = Grade("●", "strong", "disc")
FAMILIES: Mapping[str, Mapping[int, Grade]] = {
    TRIANGLE: {9: _STRONG, 3: Grade("○", "medium", "ring"), 1: Grade("△", "weak", "triangle")},
    MOON: {9: _STRONG, 3: Grade("◐", "medium", "half"), 1: Grade("○", "weak", "ring")},
}
"""The signs of the strengths: an organisation chooses ● ○ △ or ● ◐ ○."""
RESPONSIBLE = Grade("●", "responsible", "disc")
SUPPORTS = Grade("○", "supports", "ring")


def sign_of(*, verdict: str) -> Sign:
    """The sign of a verdict or signal, named as the engine names it ("without target") or by key ("no_target").

    Raises ValueError for a name that is neither.
    """
    key = str(verdict).replace(" ", "_").replace("without_target", "no_target")
    if key not in _SIGNS:
        raise ValueError(f"no such verdict: {verdict}")
    return _SIGNS[key]


def grades_of(*, glyphs: str = TRIANGLE) -> Mapping[int, Grade]:
    """The grades of 9, 3 and 1 in one family of signs; ValueError for a family that is none."""
    if glyphs not in FAMILIES:
        raise ValueError(f"no such family of signs: {glyphs}")
    return FAMILIES[glyphs]


def grade_of(*, strength: int, glyphs: str = TRIANGLE) -> Grade:
    """The grade of a link of strength 9, 3 or 1; ValueError for any other."""
    grades = grades_of(glyphs=glyphs)
    if strength not in grades:
        raise ValueError(f"a strength is 9, 3 or 1, not {strength}")
    return grades[strength]

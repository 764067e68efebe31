"""Links that a layout has no corner for, in as few lines as say them all: by the numbers of the items on the sheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from hoshin.charts.signs import grades_of
from hoshin.charts.text import shorten
from hoshin.reports.matrix import MatrixSheet

_LONGEST = 60.0
"""A name that stands in no arm is written out for so many ems."""


def unplaced_lines(*, sheet: MatrixSheet, glyphs: str) -> list[str]:
    """A line for each item with such links: "Priorities 1: KPIs ● 1, 4 · ○ 2".

    What stands in no arm gets a letter, and these are told first.
    """
    lettered = _lettered(sheet)
    drawn = _drawn(sheet) | {key: ("", letter) for key, letter in lettered.items()}
    below: dict[str, dict[tuple[str, int], list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in sheet.matrix.unplaced:
        label, word = drawn[one.b]
        below[one.a][label, one.strength].append(word)
    told = [f"{letter} = {_name(sheet, key)}" for key, letter in lettered.items()]
    lines = [f"{' '.join(drawn[upper])}: {', '.join(_targets(found, glyphs))}" for upper, found in below.items()]
    return [*told, *(one.strip() for one in lines)]


def _targets(found: Mapping[tuple[str, int], list[str]], glyphs: str) -> Iterator[str]:
    """What one item is linked with, arm by arm, the strongest first."""
    grades = grades_of(glyphs=glyphs)
    for label in dict.fromkeys(label for label, _ in found):
        parts = [f"{grades[one].glyph} {', '.join(found[label, one])}" for one in grades if (label, one) in found]
        yield f"{label} {' · '.join(parts)}".strip()


def _drawn(sheet: MatrixSheet) -> dict[str, tuple[str, str]]:
    """The label of the arm and the number of each item that stands on the sheet."""
    labels = {side: arm.label for side, arm in sheet.preset.arms.items()}
    return {one.key: (labels[one.arm], one.number) for one in sheet.matrix.slots if one.arm in labels and one.key}


def _lettered(sheet: MatrixSheet) -> dict[str, str]:
    """A letter for each item that stands in no arm, in their order."""
    drawn = _drawn(sheet)
    linked = {key for one in sheet.matrix.unplaced for key in (one.a, one.b) if key not in drawn}
    return {key: _letters(number) for number, key in enumerate(one for one in sheet.names if one in linked)}


def _letters(number: int) -> str:
    """a, b … z, aa, ab …"""
    more, place = divmod(number, 26)
    return (_letters(more - 1) if more else "") + chr(ord("a") + place)


def _name(sheet: MatrixSheet, key: str) -> str:
    return shorten(text=sheet.names[key], size=1.0, room=_LONGEST)

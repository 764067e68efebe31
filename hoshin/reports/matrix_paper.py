"""An X-matrix on one sheet of paper, or as a drawing of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hoshin.charts.matrix_shapes import XMatrix
from hoshin.charts.text import wrap
from hoshin.errors import Problem, Refused
from hoshin.queries.matrix import MatrixFacts
from hoshin.reports.matrix import MatrixSheet
from hoshin.reports.matrix_unplaced import unplaced_lines
from hoshin.reports.render import render


@dataclass(frozen=True, slots=True)
class Paper:
    """A size of paper, in landscape: its page in sheet.css, and what is left of it below the title, in mm.

    What no corner can show stands beside or below the drawing, set in `size` mm, below it in `columns`.
    """

    label: str
    page: str
    width: float
    height: float
    columns: int
    size: float


PAPERS: Mapping[str, Paper] = {
    "a3": Paper("A3", "a3-landscape", 396.0, 243.0, 4, 2.6),
    "tabloid": Paper("11 × 17 inches", "tabloid-landscape", 407.0, 226.0, 4, 2.6),
    "a4": Paper("A4", "a4-landscape", 275.0, 156.0, 3, 2.1),
}
MOST_ROWS = 12
_LEADING, _HEADING, _GAP = 1.45, 9.0, 6.0
_NARROWEST, _COMFORTABLE = 26.0, 38.0
"""A column beside the drawing, in sizes of its letters."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How large the drawing is on the paper, in mm, and the lines of what it cannot show beside (or below) it.

    The lines stand in `columns`; `more` of them found no room. `beside` is how wide all columns at the right are; 0
    puts them below.
    """

    width: float
    height: float
    lines: tuple[str, ...]
    more: int
    columns: int
    beside: float


def arranged(*, paper: Paper, matrix: XMatrix, texts: Sequence[str]) -> Arrangement:
    """The larger drawing of the two ways, unless only the other one has room for everything."""
    if not texts:
        return _sized(matrix, (paper.width, paper.height), (), 1)
    return max(_below(paper, matrix, texts), _beside(paper, matrix, texts), key=lambda one: (-one.more, one.width))


def _below(paper: Paper, matrix: XMatrix, texts: Sequence[str]) -> Arrangement:
    across = (paper.width - (paper.columns - 1) * _GAP) / paper.columns
    lines = _broken(texts, paper, across)
    rows = min(MOST_ROWS, -(-len(lines) // paper.columns))
    room = paper.height - _HEADING - (rows + 1) * paper.size * _LEADING
    return _sized(matrix, (paper.width, room), lines, paper.columns, most=rows * paper.columns)


def _beside(paper: Paper, matrix: XMatrix, texts: Sequence[str]) -> Arrangement:
    left = max(paper.width - _GAP - paper.height * matrix.width / matrix.height, _NARROWEST * paper.size)
    columns = max(1, int((left + _GAP) / (_COMFORTABLE * paper.size + _GAP)))
    lines = _broken(texts, paper, (left - (columns - 1) * _GAP) / columns)
    rows = int((paper.height - 2 * _HEADING) / (paper.size * _LEADING))
    room = (paper.width - _GAP - left, paper.height)
    return _sized(matrix, room, lines, columns, most=rows * columns, beside=round(left, 1))


def _broken(texts: Sequence[str], paper: Paper, across: float) -> list[str]:
    """The texts in lines of that width, in mm."""
    return [line for text in texts for line in wrap(text=text, size=paper.size, room=across, lines=99)]


def _sized(
    matrix: XMatrix, room: tuple[float, float], lines: Sequence[str], columns: int, *, most: int = 0,
    beside: float = 0.0,
) -> Arrangement:  # fmt: skip
    """The drawing as large as the room lets it be, in its proportions."""
    scale = min(room[0] / matrix.width, room[1] / matrix.height)
    size = round(matrix.width * scale, 1), round(matrix.height * scale, 1)
    return Arrangement(*size, tuple(lines[:most]), max(0, len(lines) - most), columns, beside)


def find_paper(*, key: str) -> Paper:
    """The paper of that name; raises Refused for another name."""
    if key not in PAPERS:
        raise Refused(Problem(f"choose {', '.join(PAPERS)}", field="paper"))
    return PAPERS[key]


def matrix_html(
    *, facts: MatrixFacts, sheet: MatrixSheet, paper: str, today: date, asset: Callable[[str], str]
) -> str:
    """The sheet with its title block as HTML that prints on one page."""
    chosen = find_paper(key=paper)
    texts = unplaced_lines(sheet=sheet, glyphs=facts.organisation.glyphs.value)
    return render(
        template="reports/matrix.html",
        organisation_name=facts.organisation.name,
        asset=asset,
        unit_name=facts.unit.name,
        cycle_name=facts.cycle.name,
        preset=sheet.preset.label,
        period=facts.attainment.period_label,
        today=today,
        paper=chosen,
        arrangement=arranged(paper=chosen, matrix=sheet.matrix, texts=texts),
        matrix=sheet.matrix,
        spoken=spoken(matrix=sheet.matrix),
        total=len(sheet.unplaced),
    )


def spoken(*, matrix: XMatrix) -> str:
    """The whole sheet in sentences, for whoever listens to it: the arms with their items, then every mark."""
    said = [f"{matrix.title}. True North: {matrix.centre.vision_title}."]
    for (label, _), side in zip(matrix.centre.labels, ("south", "west", "north", "east"), strict=True):
        titles = [f"{slot.number} {slot.title}" for slot in matrix.slots if slot.arm == side and slot.key]
        said.append(f"{label.text}: {'; '.join(titles) or 'none yet'}.")
    said.append(f"Links: {'; '.join(mark.title for mark in matrix.marks) or 'none yet'}.")
    return " ".join(said)

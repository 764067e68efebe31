"""An X-matrix on one sheet of paper, or as a drawing of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from hoshin.charts.matrix_shapes import XMatrix
from hoshin.charts.text import shorten
from hoshin.errors import Problem, Refused
from hoshin.queries.matrix import MatrixFacts
from hoshin.reports.matrix import MatrixSheet
from hoshin.reports.render import render


@dataclass(frozen=True, slots=True)
class Paper:
    """A size of paper, in landscape: its page in sheet.css, and how much of it is left below the title, in mm.

    What no corner can show stands below the drawing in `columns`, each of them `across` mm wide and set in `size` mm.
    """

    label: str
    page: str
    height: float
    columns: int
    across: float
    size: float


PAPERS: Mapping[str, Paper] = {
    "a3": Paper("A3", "a3-landscape", 243.0, 4, 108.0, 2.6),
    "tabloid": Paper("11 × 17 inches", "tabloid-landscape", 226.0, 4, 111.0, 2.6),
    "a4": Paper("A4", "a4-landscape", 156.0, 3, 100.0, 2.1),
}
MOST_ROWS = 8
_LEADING, _HEADING = 1.45, 8.0


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
    listed, more = _listed(sheet, chosen)
    rows = -(-len(listed) // chosen.columns)
    below = _HEADING + (rows + bool(more)) * chosen.size * _LEADING if listed else 0.0
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
        height=round(chosen.height - below, 1),
        matrix=sheet.matrix,
        spoken=spoken(matrix=sheet.matrix),
        total=len(sheet.unplaced),
        listed=listed,
        more=more,
    )


def _listed(sheet: MatrixSheet, paper: Paper) -> tuple[list[str], int]:
    """The links without a corner, each on one line as far as there is room, and how many more there are."""
    most = MOST_ROWS * paper.columns
    lines = [shorten(text=one, size=paper.size, room=paper.across) for one in sheet.unplaced[:most]]
    return lines, max(0, len(sheet.unplaced) - most)


def spoken(*, matrix: XMatrix) -> str:
    """The whole sheet in sentences, for whoever listens to it: the arms with their items, then every mark."""
    said = [f"{matrix.title}. True North: {matrix.centre.vision_title}."]
    for (label, _), side in zip(matrix.centre.labels, ("south", "west", "north", "east"), strict=True):
        titles = [f"{slot.number} {slot.title}" for slot in matrix.slots if slot.arm == side and slot.key]
        said.append(f"{label.text}: {'; '.join(titles) or 'none yet'}.")
    said.append(f"Links: {'; '.join(mark.title for mark in matrix.marks) or 'none yet'}.")
    return " ".join(said)

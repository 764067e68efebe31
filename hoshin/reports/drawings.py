"""Every sheet as one drawing of its own: an SVG with its title block, whose text can be selected and searched."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from hoshin.charts.bowling import Bowling
from hoshin.charts.bowling_paper import bowling_paper
from hoshin.charts.matrix_shapes import XMatrix
from hoshin.charts.strips import Strip, TitleBlock, flowing, heading_strip, paragraphs, pile, title_strip
from hoshin.charts.tables import TableSheet, sheet_strips
from hoshin.queries.matrix import MatrixFacts
from hoshin.reports.matrix import MatrixSheet
from hoshin.reports.matrix_paper import spoken
from hoshin.reports.render import render
from hoshin.reports.sheet_words import bowling_legend, matrix_block

STRIP, STRIP_FOR_PRINT = "charts/bowling_strip.svg", "charts/bowling_printed.svg"
"""A strip as any browser draws it, and as our own printer does, which takes a tenth of the time."""
_FOREIGN = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""What no XML may hold: a reader of the file would refuse all of it."""


def tables_svg(*, sheet: TableSheet) -> str:
    """A sheet of tables."""
    return _written(sheet.block.title, sheet_strips(sheet=sheet))


def bowling_svg(*, chart: Bowling, block: TitleBlock) -> str:
    """The bowling chart, its legend and its notes."""
    strips = [title_strip(block=block)]
    strips += bowling_paper(chart=chart).strips if chart.blocks else []
    strips.append(flowing(entries=bowling_legend(chart=chart)))
    if not chart.blocks:
        strips.append(paragraphs(texts=["This unit has no KPI in force in this cycle."]))
    if chart.notes:
        strips.append(heading_strip(text="Notes", size=10))
        strips.append(paragraphs(texts=[f"{one.place}: {one.text}" for one in chart.notes]))
    return _written(block.title, strips)


def matrix_svg(*, facts: MatrixFacts, sheet: MatrixSheet, today: date) -> str:
    """The X-matrix under its title block; the links that its layout has no corner for stand below it."""
    matrix, wide = sheet.matrix, sheet.matrix.width
    block = matrix_block(facts=facts, sheet=sheet, today=today)
    strips = [title_strip(block=block, width=wide), Strip(matrix.height, (), (), (), width=wide)]
    if sheet.unplaced:
        count = len(sheet.unplaced)
        said = f"{count} {'link has' if count == 1 else 'links have'} no corner in this layout"
        strips += [heading_strip(text=said), paragraphs(texts=sheet.unplaced, width=wide)]
    return _written(block.title, strips, matrix)


def _written(title: str, strips: Iterable[Strip], matrix: XMatrix | None = None) -> str:
    """The file, as any program that knows SVG opens it; a matrix stands where the second strip leaves room for it."""
    sheet = pile(title=title, strips=strips)
    more = {"matrix": matrix, "matrix_at": sheet.placed[1].y, "spoken": spoken(matrix=matrix)} if matrix else {}
    drawn = _FOREIGN.sub("\ufffd", render(template="charts/pile.svg", pile=sheet, **more))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{drawn.strip()}\n'

"""Writes an X-matrix as a workbook that looks like one and that, changed by somebody, `matrix_pages` reads back in.

Column A and row 1 are hidden and name the item of each row and column; a hidden sheet keeps how everything stood.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from hoshin.charts.matrix_shapes import Slot, XMatrix
from hoshin.charts.signs import RESPONSIBLE, SUPPORTS, grades_of
from hoshin.exchange.books import new_book
from hoshin.exchange.cells import guard_text
from hoshin.exchange.matrix_memory import lines_of
from hoshin.queries.matrix import MatrixFacts

if TYPE_CHECKING:  # imported when the first book is written: a start must not wait for it
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

KEPT, TITLES, FIGURES, END = "hoshin", "titles", "figures", "end"
SPARE = 2
"""So many empty rows and columns stand ready in each arm, and in the owner grid."""

_INK, _QUIET, _LINE, _ACCENT, _SOFT, _GROUND = "#1f2430", "#666b76", "#8d8776", "#3d4077", "#e7e6f2", "#f8f6f1"
_CHANGE = (
    "Change the signs in the corners ({signs}, or 9 3 1) and in the owner grid ({responsible}, {supports}), the titles "
    "in the arms and their order; write new titles and names into the empty rows and columns. A note beside a sign is "
    "the reason for the link."
)
_THEN = (
    "Then read the file back in on the page of the matrix. What is emptied is taken away; what is deleted with its row "
    "or column stays as it is. Figures and the centre are worked out anew and are not read."
)


def matrix_book(*, facts: MatrixFacts, matrix: XMatrix, preset: str) -> bytes:
    """The workbook of a drawn sheet; `preset` is the key of its layout."""
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with new_book(file=written, options=options) as book:
        book.set_properties({"title": matrix.title, "company": facts.organisation.name})
        writing = _Writing(book, facts, matrix)
        writing.run()
        kept = book.add_worksheet(KEPT)
        figures = {one.key: _stands(one) for one in matrix.slots if one.key}
        lines = lines_of(facts=facts, matrix=matrix, preset=preset, figures=figures, centre=writing.centre_words)
        kept.write_column(0, 0, lines)
        kept.very_hidden()
    return written.getvalue()


class _Writing:
    """The visible sheet: where every arm begins, and the formats of its cells."""

    def __init__(self, book: Workbook, facts: MatrixFacts, matrix: XMatrix) -> None:
        self.facts, self.matrix = facts, matrix
        self.page: Worksheet = book.add_worksheet("X-matrix")
        self.book = book
        self.arms = {
            side: [one for one in matrix.slots if one.arm == side and one.key]
            for side in ("north", "south", "west", "east", "owners")
        }
        self.first_row, self.first_column = 6, 1
        self.centre_row = self.first_row + len(self.arms["north"]) + SPARE
        self.centre = self.first_column + len(self.arms["west"]) + SPARE
        self.east = self.centre + 2
        self.owners = self.east + len(self.arms["east"]) + SPARE + 1
        # teams follow from who is responsible: nobody is added to them here
        named = all(one.key.startswith("person:") for one in self.arms["owners"])
        self.owners_end = self.owners + len(self.arms["owners"]) + (SPARE if named else 0)
        self.south = self.centre_row + 2
        self.end = self.south + len(self.arms["south"]) + SPARE
        self.grades = grades_of(glyphs=facts.organisation.glyphs.value)
        self.names = {f"{one.kind.value}:{one.id}": one.name for one in facts.plan.items}

    def run(self) -> None:
        """Everything, from the frame to the marks."""
        self.frame()
        rows = self.rows()
        columns = self.columns()
        self.cells(rows, columns)
        self.head()
        self.print_setup()

    def look(self, **more: Any) -> Format:
        """A format: small, framed, in the middle."""
        return self.book.add_format(
            {"font_size": 9, "font_color": _INK, "valign": "vcenter", "border": 1, "border_color": _LINE} | more
        )

    def frame(self) -> None:
        """Widths, heights, and what is hidden."""
        page = self.page
        page.hide_gridlines(2)
        page.set_column(0, 0, 4, None, {"hidden": True})
        page.set_row(0, None, None, {"hidden": True})
        page.set_column(self.first_column, self.centre - 1, 4.3)
        page.set_column(self.centre, self.centre, 62)
        page.set_column(self.centre + 1, self.centre + 1, 12)
        page.set_column(self.east, self.owners - 2, 4.3)
        page.set_column(self.owners - 1, self.owners - 1, 1.5)
        page.set_column(self.owners, max(self.owners, self.owners_end - 1), 3.6)
        page.set_row(self.centre_row, 300)
        page.set_row(self.centre_row + 1, 92)
        page.freeze_panes(self.first_row, 0)

    def rows(self) -> dict[str, int]:
        """North counts upwards from the centre, South downwards; their titles, figures and keys."""
        north = [(self.centre_row - 1 - at, one) for at, one in enumerate(self.arms["north"])]
        south = [(self.south + at, one) for at, one in enumerate(self.arms["south"])]
        title, figure = self.look(text_wrap=True), self.look(align="center", font_color=_QUIET)
        for row in (*range(self.first_row, self.centre_row), *range(self.south, self.end)):
            self.page.write_blank(row, self.centre, None, title)
            self.page.write_blank(row, self.centre + 1, None, figure)
        for row, one in (*north, *south):
            self.page.write_string(row, 0, one.key)
            self.page.write_string(row, self.centre, self.name(one), title)
            self.page.write_string(row, self.centre + 1, _stands(one), figure)
        self.page.write_string(self.centre_row, 0, TITLES)
        self.page.write_string(self.centre_row + 1, 0, FIGURES)
        self.page.write_string(self.end, 0, END)
        return {one.key: row for row, one in (*north, *south)}

    def columns(self) -> dict[str, int]:
        """West counts to the left from the centre, East and the owners to the right; turned titles."""
        west = [(self.centre - 1 - at, one) for at, one in enumerate(self.arms["west"])]
        east = [(self.east + at, one) for at, one in enumerate(self.arms["east"])]
        owners = [(self.owners + at, one) for at, one in enumerate(self.arms["owners"])]
        title = self.look(rotation=90, text_wrap=True, valign="bottom", align="center")
        figure = self.look(align="center", font_color=_QUIET, font_size=8, rotation=90)
        arms = (*range(self.first_column, self.centre), *range(self.east, self.owners - 1))
        for column in (*arms, *range(self.owners, self.owners_end)):
            self.page.write_blank(self.centre_row, column, None, title)
            self.page.write_blank(self.centre_row + 1, column, None, figure)
        for column, one in (*west, *east, *owners):
            self.page.write_string(0, column, one.key)
            self.page.write_string(self.centre_row, column, self.name(one), title)
            self.page.write_string(self.centre_row + 1, column, _stands(one), figure)
        self.page.write_string(0, self.centre, TITLES)
        self.page.write_string(0, self.centre + 1, FIGURES)
        self.page.write_string(0, self.owners - 1, END)
        return {one.key: column for column, one in (*west, *east, *owners)}

    def name(self, slot: Slot) -> str:
        """The item's name as it is kept, without what the drawing adds to it; a person's or team's as it is drawn."""
        own = self.names.get(slot.key)
        return guard_text(text=slot.title if own is None else own)

    def cells(self, rows: dict[str, int], columns: dict[str, int]) -> None:
        """Every corner with its marks."""
        cell = self.look(align="center", font_size=12, bold=True, font_color=_ACCENT, bg_color=_GROUND)
        owner = self.look(align="center", font_size=11, font_color=_INK)
        fields = [*range(self.first_column, self.centre), *range(self.east, self.owners - 1)]
        for row in (*range(self.first_row, self.centre_row), *range(self.south, self.end)):
            for column in fields:
                self.page.write_blank(row, column, None, cell)
            for column in range(self.owners, self.owners_end):
                self.page.write_blank(row, column, None, owner)
        reasons = {frozenset((str(one.upper_id), str(one.lower_id))): one.rationale for one in self.facts.plan.links}
        for mark in self.matrix.marks:
            if mark.strength:
                sign, how = self.grades[mark.strength].glyph, cell
            else:
                sign, how = (RESPONSIBLE if mark.shape == RESPONSIBLE.shape else SUPPORTS).glyph, owner
            self.page.write_string(rows[mark.row], columns[mark.column], sign, how)
            reason = reasons.get(frozenset(one.partition(":")[2] for one in (mark.row, mark.column)), "")
            if mark.strength and reason:
                self.page.write_comment(rows[mark.row], columns[mark.column], reason, {"visible": False})

    def head(self) -> None:
        """The title block, and the X with the vision."""
        page, book = self.page, self.book
        page.write_string(1, 1, self.matrix.title, book.add_format({"bold": True, "font_size": 16, "font_color": _INK}))
        said = " · ".join((self.facts.organisation.name, f"figures for {self.facts.attainment.period_label}"))
        page.write_string(2, 1, said, book.add_format({"font_color": _QUIET, "font_size": 10}))
        signs = " ".join(f"{one.glyph} {one.word}," for one in self.grades.values()).rstrip(",")
        quiet = book.add_format({"font_color": _QUIET, "font_size": 9})
        for row, words in enumerate((_CHANGE, _THEN), start=3):
            said = words.format(signs=signs, responsible=RESPONSIBLE.glyph, supports=SUPPORTS.glyph)
            page.write_string(row, 1, said, quiet)
        centre = self.look(
            align="center", text_wrap=True, diag_type=3, diag_border=1, diag_color=_LINE, bg_color=_SOFT,
            font_color=_ACCENT, bold=True, font_size=11,
        )  # fmt: skip
        page.write_string(self.centre_row, self.centre, self.centre_words, centre)
        page.write_blank(self.centre_row, self.centre + 1, None, self.look(bg_color=_SOFT))
        if self.matrix.owners_heading:
            bold = book.add_format({"bold": True, "font_size": 9})
            page.write_string(self.first_row - 1, self.owners, self.matrix.owners_heading.text, bold)

    @property
    def centre_words(self) -> str:
        """The arms' labels around the vision."""
        south, west, north, east = (label.text for label, _ in self.matrix.centre.labels)
        vision = self.matrix.centre.vision_title
        return f"▲ {north}\n\n\n◀ {west}     {east} ▶\n\nTRUE NORTH\n{vision}\n\n\n▼ {south}"

    def print_setup(self) -> None:
        """One A3 page in landscape, with the legend below."""
        legend = ", ".join(f"{one.glyph} {one.word} {points}" for points, one in self.grades.items())
        said = f"{legend}; owners: {RESPONSIBLE.glyph} {RESPONSIBLE.word}, {SUPPORTS.glyph} {SUPPORTS.word}"
        quiet = self.book.add_format({"font_color": _QUIET, "font_size": 9})
        self.page.write_string(self.end + 1, 1, said, quiet)
        self.page.set_landscape()
        self.page.set_paper(8)
        self.page.fit_to_pages(1, 1)
        self.page.set_margins(0.4, 0.4, 0.4, 0.4)


def _stands(slot: Slot) -> str:
    return "  ".join(part for part in (slot.figure, slot.total) if part)

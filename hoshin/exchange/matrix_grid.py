"""The visible sheet of a matrix's workbook as a grid of texts that knows where each of its problems stands."""

from __future__ import annotations

from collections.abc import Sequence

from hoshin.commands.matrix_import import Place
from hoshin.errors import Problem
from hoshin.exchange.cells import LONGEST_TITLE, clean_text


class Grid:
    """The cells, and what was found wrong with them so far."""

    def __init__(self, *, sheet: str, rows: Sequence[Sequence[str]]) -> None:
        self.sheet, self.rows = sheet, rows
        self.width = max((len(row) for row in rows), default=0)
        self.problems: list[Problem] = []

    def find_row(self, *, word: str) -> int:
        """The row that column A names so, -1 for none."""
        return next((at for at, row in enumerate(self.rows) if row and row[0] == word), -1)

    def find_column(self, *, word: str) -> int:
        """The column that row 1 names so, -1 for none."""
        return next((at for at, one in enumerate(self.rows[0] if self.rows else ()) if one == word), -1)

    def text(self, *, row: int, column: int) -> str:
        """A cell in one line, trimmed; what is no text is a problem at its place, and empty."""
        cells = self.rows[row] if row < len(self.rows) else []
        try:
            return " ".join(clean_text(text=cells[column]).split()) if column < len(cells) else ""
        except ValueError as error:
            self.problem(row=row, column=column, message=str(error))
            return ""

    def title(self, *, row: int, column: int) -> str | None:
        """A title that is short enough; None is a problem already."""
        text = self.text(row=row, column=column)
        if len(text) <= LONGEST_TITLE:
            return text
        self.problem(row=row, column=column, message=f"a title has at most {LONGEST_TITLE} characters")
        return None

    def place(self, *, row: int, column: int) -> Place:
        """Where a cell stands, as a spreadsheet says it."""
        return Place(sheet=self.sheet, row=row + 1, column=letters(number=column))

    def problem(self, *, row: int, column: int, message: str) -> None:
        """Note what is wrong with a cell."""
        place = self.place(row=row, column=column)
        self.problems.append(Problem(message, sheet=place.sheet, row=place.row, column=place.column))


def letters(*, number: int) -> str:
    """The name of a column as a spreadsheet writes it: 0 is A, 26 is AA."""
    name = ""
    rest = number + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        name = chr(ord("A") + place) + name
    return name

"""Attainment as tables that are drawn or written to a workbook: a headline, then a table for each kind of level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hoshin.charts.tables import Cell, Column, Row, Table, TableSheet
from hoshin.engine.counts import Counts
from hoshin.engine.figures import show_percent
from hoshin.reports.attainment import LEVEL_LABELS, TABLE_HEAD, Row as Line, Sheet, as_rows
from hoshin.reports.sheet_words import attainment_block

_FIGURES = (
    Column("Hit", 5, "end", 7), Column("Due", 5, "end", 7), Column("Ratio", 6, "end", 9), Column("", 14, chars=0),
    Column("Missed", 6, "end", 8), Column("No data", 6, "end", 8), Column("No target", 7, "end", 9),
    Column("Not due", 6, "end", 8), Column("Against the last period", 14, "start", 24),
)  # fmt: skip
_ARROWS = {1: "▲", 0: "=", -1: "▼"}


def attainment_book(*, sheet: Sheet, today: date) -> TableSheet:
    """The whole sheet as tables, printed on a day."""
    counts = sheet.whole.counts
    return TableSheet(
        name="Attainment",
        block=attainment_block(sheet=sheet, today=today),
        tables=tuple(_tables(sheet)),
        said=tuple(one for one in (_headline(counts), _beside(counts), sheet.agreed_note) if one),
        bar=_parts(counts),
        plain=(TABLE_HEAD, *(tuple(_plain(one) for one in row) for row in as_rows(sheet=sheet))),
    )


def _headline(counts: Counts) -> str:
    if not counts.due:
        return f"None of {counts.total} metrics is due yet" if counts.total else "No metrics here yet"
    return f"{counts.hits} of {counts.due} due metrics hit target: {show_percent(value=counts.ratio)}"


def _beside(counts: Counts) -> str:
    """What stands below the bar."""
    said = [f"✓ {counts.hits} hit", f"✗ {counts.misses} missed"]
    said += [f"– {counts.no_data} without data"] if counts.no_data else []
    said += [f"○ {counts.no_target} without target"] if counts.no_target else []
    said += [f"· {counts.not_due} not due yet"] if counts.not_due else []
    if counts.no_data or counts.no_target:
        measured, coverage = show_percent(value=counts.measured_ratio), show_percent(value=counts.coverage)
        said.append(f"of those measured {measured} hit; {coverage} of what is due is measured")
    return " · ".join(said) if counts.due else ""


def _parts(counts: Counts) -> tuple[int, int, int, int]:
    """The parts of a bar; all zero when nothing is due."""
    return counts.hits, counts.misses, counts.no_data, counts.no_target


def _plain(value: object) -> str | Decimal:
    return Decimal(value) if isinstance(value, int) else str(value or "")


def _tables(sheet: Sheet) -> Iterator[Table]:
    """Every table of the sheet, as far as it has rows."""
    whole = _row(sheet.whole, sheet.subject)
    units = [_row(one, one.name, step=max(0, one.depth - 1)) for one in sheet.units]
    branches = [row for branch in sheet.branches for row in _branch(branch.objective, branch.priorities)]
    for name, head, rows in (
        ("By level", "Level", [_row(one, LEVEL_LABELS[one.name]) for one in sheet.levels]),
        ("By class", "Class", [_row(one, one.name.capitalize()) for one in sheet.of_kind("class")]),
        ("Units, each with all below it", "Unit", [whole, *units]),
        ("Objectives, and the priorities that move them", "Objective", branches),
        ("By depth in the tree of units", "Depth", [_row(one, one.said) for one in sheet.depths]),
        ("Owners", "Owner", [_row(one, one.name) for one in sheet.of_kind("owner")]),
    ):
        if rows:
            yield Table(name, (Column(head, 31, chars=60), *_FIGURES), tuple(rows))


def _branch(objective: Line, priorities: Iterable[Line]) -> Iterator[Row]:
    where = f" · {objective.unit}" if objective.unit else ""
    yield _row(objective, f"{objective.name}{where}", bold=True)
    for one in priorities:
        yield _row(one, one.name, step=1)


def _row(line: Line, name: str, *, step: int = 0, bold: bool = False) -> Row:
    counts = line.counts
    if line.first != counts:
        name = f"{name} · as first agreed {line.first.hits} of {line.first.due}"
    change = "" if line.change is None else f"{_ARROWS[line.change]} {line.change_text}"
    bar = Cell(bar=_parts(counts)) if counts.due else Cell()
    figures = [_number(one) for one in (counts.misses, counts.no_data, counts.no_target, counts.not_due)]
    head = (Cell(name, bold=bold, indent=step), _number(counts.hits, zero=bool(counts.due)), _number(counts.due))
    return Row((*head, _ratio(counts.ratio), bar, *figures, Cell(change)), depth=step)


def _number(value: int, *, zero: bool = False) -> Cell:
    return Cell(str(value), number=Decimal(value)) if value or zero else Cell()


def _ratio(value: Fraction | None) -> Cell:
    if value is None:
        return Cell("n/a", quiet=True)
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return Cell(show_percent(value=value), number=exact, percent=True)

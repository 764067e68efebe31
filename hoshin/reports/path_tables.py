"""The plan of a unit as tables that are drawn or written to a workbook: its tree, and one row for each path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain

from hoshin.charts.tables import Cell, Column, Row, Table, TableSheet
from hoshin.queries.matrix import MatrixFacts
from hoshin.reports.sheet_words import path_block
from hoshin.reports.unit_paths import (
    TREE_HEAD,
    Branch,
    Cell as PathCell,
    Path,
    Paths,
    linear_head,
    linear_rows,
    tree_rows,
)

_TREE = (
    Column("Item", 50, chars=80), Column("Link", 7, chars=11), Column("Owner", 11, chars=20),
    Column("Stands", 7, chars=12), Column("Answered by", 25, chars=46),
)  # fmt: skip
_SIGN = Column("", 1.6, "middle", 3)


def tree_book(*, facts: MatrixFacts, paths: Paths, today: date) -> TableSheet:
    """The tree, and what no objective leads to."""
    block = path_block(facts=facts, name="Tree", today=today)
    return TableSheet("Tree", block, tuple(_trees(paths)), plain=(TREE_HEAD, *map(tuple, tree_rows(paths=paths))))


def linear_book(*, facts: MatrixFacts, paths: Paths, today: date) -> TableSheet:
    """One row for each path; the strength of each link stands before its lower item."""
    block = path_block(facts=facts, name="Linear sheet", today=today)
    more = f"{paths.more} further paths are left out: where nearly everything is linked, a path says little."
    plain = (tuple(linear_head(paths=paths)), *map(tuple, linear_rows(paths=paths)))
    tables = (_linear(paths),) if paths.rows else ()
    return TableSheet("Linear sheet", block, tables, more=more if paths.more else "", plain=plain)


def _trees(paths: Paths) -> Iterator[Table]:
    for name, branches in (("", paths.tops), ("Not linked to an objective", paths.loose)):
        if branches:
            rows = chain.from_iterable(_branch(one, 0, paths) for one in branches)
            yield Table(name, _TREE, tuple(rows))


def _branch(branch: Branch, depth: int, paths: Paths) -> Iterator[Row]:
    entry, units = branch.entry, paths.units
    answered = ", ".join(f"{sign} {units[key]}" for key, sign in entry.units.items() if key in units)
    name = f"{entry.name} (see above)" if branch.again else entry.name
    item = Cell(name, kind=f"{entry.word}:", bold=depth == 0, indent=depth)
    stands = Cell(entry.figure, sign=entry.sign)
    yield Row((item, Cell(branch.strength), Cell(entry.owner), stands, Cell(answered)), depth)
    for one in branch.below:
        yield from _branch(one, depth + 1, paths)


def _linear(paths: Paths) -> Table:
    units = [Column(one.name, max(3.2, 22 / max(4, len(paths.columns))), "middle", 12) for one in paths.columns]
    wide = [_SIGN if not head else Column(head, 17, chars=44) for head in _heads()]
    columns = (*wide, Column("Owner", 8, chars=18), Column("Stands", 6, chars=12), *units)
    return Table("", columns, tuple(_path(one) for one in paths.rows), "One row for each path from objective to KPI")


def _heads() -> Iterable[str]:
    return ("Objective", "", "Priority", "", "Action", "", "KPI")


def _path(path: Path) -> Row:
    cells = [text for one in path.cells for text in _pair(one)][1:]
    return Row((*cells, Cell(path.owner), Cell(path.figure, sign=path.sign), *(Cell(one) for one in path.units)))


def _pair(cell: PathCell | None) -> tuple[Cell, Cell]:
    """The sign of the link above an item, and the item; quiet where the row above has it too."""
    if cell is None:
        return Cell(), Cell()
    return Cell("" if cell.same else cell.strength[:1]), Cell(cell.entry.name, quiet=cell.same)

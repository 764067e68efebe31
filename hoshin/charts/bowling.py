"""The bowling chart's shape: KPI by month, plan row over actual row, each cell with ready text and its sign.

It is drawn as an HTML table (templates/charts/bowling.html), which a screen reader can walk and paper can break.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hoshin.charts.signs import Sign, sign_of
from hoshin.charts.spark import Spark

# ------------------------------------------------------------------ given


@dataclass(frozen=True, slots=True)
class Month:
    """One column: its short label ("Apr"), the year under it where it changes, whether it is the period shown."""

    label: str
    year: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """Plan and actual of one KPI in one month as ready texts ("" for none), and the verdict or signal."""

    plan: str
    actual: str
    verdict: str
    amended: bool = False
    note: str = ""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class KpiRow:
    """One KPI: two rows of the table. `detail` is a short line below the name (direction, unit, owner)."""

    name: str
    readings: tuple[Reading, ...]
    year_target: str
    ytd: Reading
    detail: str = ""
    href: str | None = None
    spark: Spark | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """KPIs under one heading (a priority, or *fundamental*), with its attainment as ready text."""

    name: str
    rows: tuple[KpiRow, ...]
    figure: str = ""
    href: str | None = None


# ------------------------------------------------------------------ drawn


@dataclass(frozen=True, slots=True)
class Cell:
    """One month of one KPI, with the sign of its verdict; `said` is the whole cell in words."""

    plan: str
    actual: str
    sign: Sign
    amended: bool
    current: bool
    said: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One KPI ready for the table."""

    name: str
    detail: str
    href: str | None
    cells: tuple[Cell, ...]
    year_target: str
    ytd: Cell
    spark: Spark | None


@dataclass(frozen=True, slots=True)
class Block:
    """One group ready for the table."""

    name: str
    figure: str
    href: str | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Bowling:
    """A whole bowling chart; `columns` is the number of table columns that a group heading spans."""

    title: str
    months: tuple[Month, ...]
    blocks: tuple[Block, ...]
    columns: int
    has_sparks: bool


def bowling(*, title: str, months: Sequence[Month], groups: Sequence[Group]) -> Bowling:
    """Shape the chart; ValueError when a KPI does not have one reading per month, or a verdict is unknown."""
    columns = tuple(months)
    blocks = tuple(_block(group=group, months=columns) for group in groups)
    has_sparks = any(line.spark is not None for block in blocks for line in block.lines)
    return Bowling(title, columns, blocks, len(columns) + 4 + has_sparks, has_sparks)


def _block(*, group: Group, months: tuple[Month, ...]) -> Block:
    return Block(group.name, group.figure, group.href, tuple(_line(row=row, months=months) for row in group.rows))


def _line(*, row: KpiRow, months: tuple[Month, ...]) -> Line:
    if len(row.readings) != len(months):
        raise ValueError(f"{row.name}: {len(row.readings)} readings for {len(months)} months")
    cells = tuple(
        _cell(reading=reading, label=f"{month.label} {month.year}".strip(), current=month.current)
        for reading, month in zip(row.readings, months, strict=True)
    )
    ytd = _cell(reading=row.ytd, label="Year to date", current=False)
    return Line(row.name, row.detail, row.href, cells, row.year_target, ytd, row.spark)


def _cell(*, reading: Reading, label: str, current: bool) -> Cell:
    sign = sign_of(verdict=reading.verdict)
    parts = [f"{label}: {sign.word}", f"plan {reading.plan or 'none'}", f"actual {reading.actual or 'none'}"]
    parts += ["target amended"] if reading.amended else []
    parts += [reading.note] if reading.note else []
    return Cell(reading.plan, reading.actual, sign, reading.amended, current, "; ".join(parts), reading.href)

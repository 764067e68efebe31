"""The bowling chart's shape: KPI by month, plan row over actual row, each cell with ready text and its sign.

It is drawn as an HTML table (templates/charts/bowling.html), which a screen reader can walk and an editor can fill; on
paper the same rows are drawings (hoshin.charts.bowling_paper).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

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
class Field:
    """What stands behind a text that can be typed over: the field's name, its raw text, whether it may be typed.

    `key` is KPI and period as the editor names them ("12.2026-04-01"), `version` that of the reading.
    """

    key: str
    name: str
    raw: str
    version: int
    is_open: bool
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """Plan and actual of one KPI in one month as ready texts ("" for none), and the verdict or signal.

    `note` stands beside the actual, `plan_note` beside the plan. `signal` says why the actual is more than noise;
    `fields` are plan and actual where they can be typed over.
    """

    plan: str
    actual: str
    verdict: str
    amended: bool = False
    note: str = ""
    href: str | None = None
    signal: str = ""
    fields: tuple[Field, Field] | None = None
    plan_note: str = ""


@dataclass(frozen=True, slots=True)
class KpiRow:
    """One KPI: two rows of the table. `detail` is a short line below the name (direction, shared)."""

    name: str
    readings: tuple[Reading, ...]
    year_target: str
    ytd: Reading
    detail: str = ""
    href: str | None = None
    spark: Spark | None = None
    key: str = ""
    owner: str = ""
    uom: str = ""
    last_year: str = ""
    base: str = ""
    forecast: str = ""
    forecast_field: Field | None = None
    countermeasure: str | None = None
    """The address of the open countermeasure, "" when it cannot be opened, None when there is none."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """The notes beside the figures of the year, by the names of YEAR_CELLS."""
    notes_key: str = ""
    """KPI and cycle ("12.FY2026") where those notes can be written, else empty."""


@dataclass(frozen=True, slots=True)
class Group:
    """KPIs under one heading (a priority, or *fundamental*), with its attainment as ready text."""

    name: str
    rows: tuple[KpiRow, ...]
    figure: str = ""
    href: str | None = None


YEAR_CELLS = {
    "last_year": "last year", "base": "base", "ytd": "year to date", "ytd_plan": "year to date, plan",
    "year_target": "year target", "forecast": "forecast",
}  # fmt: skip
"""The figures of a row that are no month's, as they are called where a note stands beside one."""

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
    note: str = ""
    signal: str = ""
    month: str = ""
    fields: tuple[Field, Field] | None = None
    plan_note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One KPI ready for the table: what was given, its months and its year to date as cells."""

    given: KpiRow
    cells: tuple[Cell, ...]
    ytd: Cell

    @property
    def name(self) -> str:
        """The KPI's name."""
        return self.given.name


@dataclass(frozen=True, slots=True)
class Block:
    """One group ready for the table."""

    name: str
    figure: str
    href: str | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """One note of the chart: where it stands, and its text."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Bowling:
    """A whole bowling chart; `columns` is the number of table columns that a group heading spans."""

    title: str
    months: tuple[Month, ...]
    blocks: tuple[Block, ...]
    columns: int
    notes: tuple[Note, ...]
    has_amber: bool
    has_signals: bool
    has_countermeasures: bool


BESIDE_MONTHS = 10
"""The columns beside the months: KPI, owner, unit, last year, base, row, year to date, year target, forecast, trend."""


def bowling(*, title: str, months: Sequence[Month], groups: Sequence[Group], three: bool = False) -> Bowling:
    """Shape the chart; ValueError when a KPI does not have one reading per month, or a verdict is unknown.

    `three` says that the organisation's scheme knows a near miss.
    """
    columns = tuple(months)
    blocks = tuple(
        Block(group.name, group.figure, group.href, tuple(line_of(row=row, months=columns) for row in group.rows))
        for group in groups
    )
    lines = [line for block in blocks for line in block.lines]
    return Bowling(
        title=title,
        months=columns,
        blocks=blocks,
        columns=len(columns) + BESIDE_MONTHS,
        notes=tuple(note for one in lines for note in _notes(one)),
        has_amber=three,
        has_signals=any(cell.signal for line in lines for cell in line.cells),
        has_countermeasures=any(line.given.countermeasure is not None for line in lines),
    )


def _notes(line: Line) -> Iterator[Note]:
    """Month by month, then those of the whole year."""
    for cell in line.cells:
        if cell.plan_note:
            yield Note(f"{line.name}, {cell.month}, plan", cell.plan_note)
        if cell.note:
            yield Note(f"{line.name}, {cell.month}", cell.note)
    for name, said in YEAR_CELLS.items():
        if line.given.notes.get(name):
            yield Note(f"{line.name}, {said}", line.given.notes[name])


def line_of(*, row: KpiRow, months: Sequence[Month]) -> Line:
    """One KPI over the months; ValueError when it does not have one reading for each."""
    if len(row.readings) != len(months):
        raise ValueError(f"{row.name}: {len(row.readings)} readings for {len(months)} months")
    year = ""
    cells = []
    for reading, month in zip(row.readings, months, strict=True):
        year = month.year or year
        cells.append(_cell(reading=reading, label=f"{month.label} {year}".strip(), current=month.current))
    return Line(row, tuple(cells), _cell(reading=row.ytd, label="Year to date", current=False))


def _cell(*, reading: Reading, label: str, current: bool) -> Cell:
    sign = sign_of(verdict=reading.verdict)
    parts = [f"{label}: {sign.word}", f"plan {reading.plan or 'none'}", f"actual {reading.actual or 'none'}"]
    parts += ["target amended"] if reading.amended else []
    parts += [f"signal: {reading.signal}"] if reading.signal else []
    parts += [f"note to the plan: {reading.plan_note}"] if reading.plan_note else []
    parts += [reading.note] if reading.note else []
    return Cell(
        reading.plan, reading.actual, sign, reading.amended, current, "; ".join(parts), reading.href, reading.note,
        reading.signal, label, reading.fields, reading.plan_note,
    )  # fmt: skip

"""Tables as a sheet of strips: every text is broken into as many lines as it needs, nothing is cut off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hoshin.charts.palette import PALETTE
from hoshin.charts.signs import Sign
from hoshin.charts.strips import (
    PAD,
    SIZE,
    WIDTH,
    Box,
    Strip,
    Text,
    TitleBlock,
    heading_strip,
    paragraphs,
    title_strip,
)
from hoshin.charts.text import width as text_width, wrap

LEADING, INDENT, BAR = 11.5, 12.0, 7.0
_MOST = 60
"""More lines than the longest text can need in the narrowest column."""
_BAR_FILLS = (PALETTE.hit_mid, PALETTE.miss_mid, PALETTE.none_mid, PALETTE.untargeted_mid)

# ------------------------------------------------------------------ given


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, its share of the sheet's width, where its texts stand (start, middle or end).

    `chars` is its width in a spreadsheet; 0 keeps it out of there.
    """

    head: str
    share: float
    anchor: str = "start"
    chars: int = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as ready text. `number` is the same as a figure, `percent` that it is a ratio; `bar` are parts of a bar.

    `sign` colours it, `quiet` steps it back, `kind` stands small before it, `indent` counts steps to the right.
    """

    text: str = ""
    sign: Sign | None = None
    bold: bool = False
    quiet: bool = False
    indent: int = 0
    kind: str = ""
    number: Decimal | None = None
    percent: bool = False
    bar: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `depth` is how far below the rows of depth 0 it belongs."""

    cells: tuple[Cell, ...]
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """One table; `name` stands above it, "" for none; `said` says what it is."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    said: str = ""


@dataclass(frozen=True, slots=True)
class TableSheet:
    """A sheet of tables, to be drawn or written to a workbook.

    `said` stands below the title block, its first line as the headline, with `bar` under it; `more` stands at the end.
    `plain` is the same as a bare table, head first, for whoever calculates with it; empty for none.
    """

    name: str
    block: TitleBlock
    tables: tuple[Table, ...]
    said: tuple[str, ...] = ()
    bar: tuple[int, ...] = ()
    more: str = ""
    plain: tuple[tuple[str | Decimal, ...], ...] = ()


# ------------------------------------------------------------------ drawn


def sheet_strips(*, sheet: TableSheet) -> Iterator[Strip]:
    """The whole sheet, strip by strip."""
    yield title_strip(block=sheet.block)
    for size, text in zip((17.0, *[SIZE] * len(sheet.said)), sheet.said, strict=False):
        yield heading_strip(text=text, size=size) if size > SIZE else paragraphs(texts=[text])
        if size > SIZE and any(sheet.bar):
            yield bar_strip(parts=sheet.bar)
    for table in sheet.tables:
        if table.name:
            yield heading_strip(text=table.name)
        yield from table_strips(table=table)
    ending = sheet.more if sheet.tables else "There is nothing here yet."
    if ending:
        yield paragraphs(texts=[ending])


def table_strips(*, table: Table, width: float = WIDTH) -> Iterator[Strip]:
    """The head and every row; ValueError when a row does not have a cell for each column."""
    edges = _edges(table.columns, width)
    yield _head(table.columns, edges, width)
    for row in table.rows:
        if len(row.cells) != len(table.columns):
            raise ValueError(f"{len(row.cells)} cells for {len(table.columns)} columns")
        yield _row(row, table.columns, edges, width)


def _edges(columns: Sequence[Column], width: float) -> list[tuple[float, float]]:
    """Left and right of each column."""
    whole = sum(one.share for one in columns)
    edges, left = [], 0.0
    for one in columns:
        right = left + one.share * width / whole
        edges.append((round(left, 2), round(right, 2)))
        left = right
    return edges


def _head(columns: Sequence[Column], edges: Sequence[tuple[float, float]], width: float) -> Strip:
    rooms = [right - left - 2 * PAD for left, right in edges]
    broken = [_headed(column.head, room) for column, room in zip(columns, rooms, strict=True)]
    height = 10.0 * max((len(lines) for _, lines in broken), default=1) + 8
    texts = []
    for column, edge, (size, lines) in zip(columns, edges, broken, strict=True):
        first = height - 6 - 10.0 * (len(lines) - 1)
        for place, line in enumerate(lines):
            x, y = _at(column, edge), round(first + 10.0 * place, 2)
            texts.append(Text(x, y, line, size, column.anchor, bold=True, fill=PALETTE.ink_2))
    return Strip(height, (), ((0, height - 0.4, width, height - 0.4),), tuple(texts), width=width)


def _headed(head: str, room: float) -> tuple[float, tuple[str, ...]]:
    """The size and lines of a head: set smaller rather than broken inside a word, as far as it stays readable."""
    widest = max((text_width(text=word, size=8, bold=True) for word in head.split()), default=0.0)
    size = 8.0 if widest <= room else max(5.5, round(8 * room / widest - 0.05, 2))
    return size, wrap(text=head, size=size, room=room, lines=_MOST, bold=True)


def _at(column: Column, edge: tuple[float, float], indent: float = 0.0) -> float:
    left, right = edge
    places = {"start": left + PAD + indent, "middle": (left + right) / 2, "end": right - PAD}
    return round(places[column.anchor], 2)


def _row(row: Row, columns: Sequence[Column], edges: Sequence[tuple[float, float]], width: float) -> Strip:
    texts: list[Text] = []
    boxes: list[Box] = []
    high = 1
    for cell, column, edge in zip(row.cells, columns, edges, strict=True):
        if cell.bar:
            boxes.extend(_bar(cell.bar, edge))
        high = max(high, _cell(cell, column, edge, texts, boxes))
    height = round(high * LEADING + 5.5, 2)
    boxes.append(Box(0, round(height - 0.5, 2), width, 0.5, PALETTE.line))
    return Strip(height, tuple(boxes), (), tuple(texts), width=width)


def _cell(cell: Cell, column: Column, edge: tuple[float, float], texts: list[Text], boxes: list[Box]) -> int:
    """Draws one cell; gives how many lines it takes."""
    indent = cell.indent * INDENT
    room = edge[1] - edge[0] - 2 * PAD - indent
    words = f"{cell.kind} {cell.text}" if cell.kind else cell.text
    lines = wrap(text=words, size=SIZE, room=room, lines=_MOST, bold=cell.bold)
    x = _at(column, edge, indent)
    fill = cell.sign.ink if cell.sign else PALETTE.ink_3 if cell.quiet else PALETTE.ink
    if cell.sign and lines:
        boxes.append(Box(round(edge[0] + 1, 2), 1.5, round(edge[1] - edge[0] - 2, 2), LEADING + 1, cell.sign.soft))
    for place, line in enumerate(lines):
        texts.append(Text(x, round(11.0 + LEADING * place, 2), line, SIZE, column.anchor, bold=cell.bold, fill=fill))
    return len(lines)


def _bar(parts: Sequence[int], edge: tuple[float, float]) -> Iterator[Box]:
    whole, left = sum(parts), edge[0] + PAD
    room = edge[1] - edge[0] - 2 * PAD
    for count, fill in zip(parts, _BAR_FILLS, strict=True):
        if count:
            wide = room * count / whole
            yield Box(round(left, 2), 4.5, round(wide, 2), BAR, fill)
            left += wide


def bar_strip(*, parts: Sequence[int], width: float = WIDTH) -> Strip:
    """A bar across the sheet."""
    return Strip(20.0, tuple(_bar(parts, (-PAD, width + PAD))), (), (), width=width)

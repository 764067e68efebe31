"""The bowling chart for paper: each KPI is one drawing as wide as the sheet, because a table of cells prints slowly.

The head is a drawing of the same columns; the printer repeats it on each page. Lengths are points of an A3 sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hoshin.charts.bowling import Bowling, Cell, Line, Month
from hoshin.charts.palette import PALETTE
from hoshin.charts.strips import PAD as _PAD, SIZE as _SIZE, WIDTH, Box, Strip, Text
from hoshin.charts.text import shorten, width as text_width, wrap

_NAME, _OWNER, _UNIT, _LAST, _BASE, _LABEL, _YTD, _TARGET, _FORECAST, _TREND = 168, 74, 48, 46, 44, 32, 52, 52, 46, 68
_SMALL, _ROW, _HEAD = 7.2, 16.0, 26.0
_LOW, _MIDDLE = 30.0, 21.0
"""Where the actual and what belongs to the whole year stand: right below the plan, however long a name is."""
_MOST = 24
"""So many lines hold the longest name there can be: on paper nothing else has the whole of it."""


@dataclass(frozen=True, slots=True)
class PaperBlock:
    """One group: its heading as text and a drawing for each KPI."""

    name: str
    figure: str
    strips: tuple[Strip, ...]


    @property
    def heading(self) -> Strip:
        """The heading drawn, for a sheet that is one drawing."""
        names = wrap(text=self.name, size=_SIZE, room=WIDTH * 0.75, lines=_MOST, bold=True)
        height = 12.0 * len(names) + 7
        texts = [Text(_PAD, 13.0 + 12 * place, text, _SIZE, "start", bold=True) for place, text in enumerate(names)]
        right = _PAD + 14 + text_width(text=names[-1], size=_SIZE, bold=True)
        texts.append(Text(round(right, 2), 1 + 12.0 * len(names), self.figure, _SIZE, "start", fill=PALETTE.ink_2))
        rules = ((0, height - 0.25, WIDTH, height - 0.25),)
        return Strip(height, (Box(0, 0, WIDTH, height, PALETTE.band),), rules, tuple(one for one in texts if one.text))


@dataclass(frozen=True, slots=True)
class BowlingPaper:
    """The whole chart as drawings."""

    head: Strip
    blocks: tuple[PaperBlock, ...]

    @property
    def strips(self) -> Iterator[Strip]:
        """Everything in order, the head once."""
        yield self.head
        for block in self.blocks:
            yield block.heading
            yield from block.strips


def bowling_paper(*, chart: Bowling) -> BowlingPaper:
    """The drawings of a bowling chart."""
    columns = _Columns(len(chart.months))
    blocks = tuple(
        PaperBlock(block.name, block.figure, tuple(_strip(line, columns) for line in block.lines))
        for block in chart.blocks
    )
    return BowlingPaper(_head(chart.months, columns), blocks)


class _Columns:
    """Where each column ends; the months share what the others leave."""

    def __init__(self, months: int) -> None:
        self.owner = _NAME + 0.0
        self.unit = self.owner + _OWNER
        self.last = self.unit + _UNIT + _LAST
        self.base = self.last + _BASE
        self.label = self.base + _PAD
        self.months = self.base + _LABEL
        self.trend = WIDTH - _TREND
        self.forecast = self.trend
        self.target = self.forecast - _FORECAST
        self.ytd = self.target - _TARGET
        self.step = (self.ytd - _YTD - self.months) / max(1, months)

    def month(self, index: int) -> float:
        """The left edge of a month."""
        return round(self.months + index * self.step, 2)


def _head(months: Sequence[Month], columns: _Columns) -> Strip:
    low = _HEAD - 5
    named = [("KPI", _PAD, "start"), ("Owner", columns.owner + _PAD, "start"), ("Unit", columns.unit + _PAD, "start"),
             ("Last year", columns.last - _PAD, "end"), ("Base", columns.base - _PAD, "end"),
             ("YTD", columns.ytd - _PAD, "end"), ("Year target", columns.target - _PAD, "end"),
             ("Forecast", columns.forecast - _PAD, "end"), ("Trend", columns.trend + _PAD, "start")]  # fmt: skip
    texts = [Text(x, low, text, 8.0, anchor, bold=True, fill=PALETTE.ink_2) for text, x, anchor in named]
    boxes = []
    for index, month in enumerate(months):
        right = columns.month(index + 1) - _PAD
        ink = PALETTE.ink if month.current else PALETTE.ink_2
        texts.append(Text(right, low, month.label, 8.0, bold=True, fill=ink))
        if month.year:
            texts.append(Text(right, low - 10, month.year, _SMALL, fill=PALETTE.ink_3))
        if month.current:
            boxes.append(Box(columns.month(index), _HEAD - 2.5, columns.step, 2.5, PALETTE.accent))
    said = "Columns: KPI, owner, unit, last year, base, the months, year to date, year target, forecast, trend"
    return Strip(_HEAD, tuple(boxes), ((0, _HEAD - 0.4, WIDTH, _HEAD - 0.4),), tuple(texts), said)


def _strip(line: Line, columns: _Columns) -> Strip:
    given = line.given
    name = wrap(text=line.name, size=_SIZE, room=_NAME - 2 * _PAD - 9, lines=_MOST, bold=True)
    owner = wrap(text=given.owner, size=8.0, room=_OWNER - 2 * _PAD, lines=_MOST)
    height = max(_LOW + 6, 11.0 * len(name) + 13, 10.0 * len(owner) + 6)
    texts = [Text(_PAD, 11.5 + 11 * place, text, _SIZE, "start", bold=True) for place, text in enumerate(name)]
    texts.append(Text(_PAD, 11.0 * len(name) + 9.5, given.detail, _SMALL, "start", fill=PALETTE.ink_3))
    texts += [
        Text(columns.owner + _PAD, 11.5 + 10 * place, text, 8.0, "start", fill=PALETTE.ink_2)
        for place, text in enumerate(owner)
    ]
    unit = shorten(text=given.uom, size=8.0, room=_UNIT - _PAD)
    texts.append(Text(columns.unit + _PAD, 11.5, unit, 8.0, "start", fill=PALETTE.ink_2))
    texts += [
        Text(columns.label, y, text, _SMALL, "start", fill=PALETTE.ink_3)
        for text, y in (("plan", 11.5), ("actual", _LOW))
    ]
    if given.countermeasure is not None:
        texts.append(Text(_NAME - _PAD, 11.5, "⚑", _SIZE, fill=PALETTE.miss))
    texts += [
        _fitted(_starred(line, "last_year", given.last_year), columns.last, _LAST, 11.5, PALETTE.ink_2),
        _fitted(_starred(line, "base", given.base), columns.base, _BASE, 11.5, PALETTE.ink_2),
        _fitted(_starred(line, "year_target", given.year_target), columns.target, _TARGET, _MIDDLE),
        _fitted(_starred(line, "forecast", given.forecast), columns.forecast, _FORECAST, _MIDDLE),
    ]
    boxes: list[Box] = []
    for index, cell in enumerate(line.cells):
        _draw(cell, columns.month(index), columns.step, boxes, texts, notes=(cell.plan_note, cell.note))
    of_year = given.notes.get("ytd_plan", ""), given.notes.get("ytd", "")
    _draw(line.ytd, columns.ytd - _YTD, _YTD, boxes, texts, notes=of_year)
    rules = ((0, height - 0.25, WIDTH, height - 0.25), (columns.ytd - _YTD, 0, columns.ytd - _YTD, height))
    spoken = "; ".join(cell.said for cell in (*line.cells, line.ytd) if cell.plan or cell.actual)
    at = (columns.trend + _PAD, _MIDDLE - 3 - (given.spark.height / 2 if given.spark else 0))
    shown = tuple(one for one in texts if one.text)
    return Strip(height, tuple(boxes), rules, shown, f"{line.name}. {spoken}", given.spark, at)


def _starred(line: Line, name: str, text: str) -> str:
    """A figure of the whole year, marked where a note stands beside it."""
    return f"{text} *".strip() if line.given.notes.get(name) else text


def _draw(cell: Cell, x: float, room: float, boxes: list[Box], texts: list[Text], *, notes: tuple[str, str]) -> None:
    """Plan over actual, the actual on the colour of its sign; a star where one of the two has a note."""
    plan = f"{cell.plan}{'◆' if cell.amended else ''}{'*' if notes[0] else ''}"
    texts.append(_fitted(plan, x + room, room, 11.5, PALETTE.ink_2))
    sign = cell.sign
    if sign.key == "not_due" and not (cell.actual or notes[1]):
        return
    if sign.key != "not_due":
        boxes.append(Box(x + 0.5, _LOW + 5 - _ROW, room - 1, _ROW, sign.soft))
    flags = f"{'↯' if cell.signal else ''}{'*' if notes[1] else ''}"
    texts.append(Text(round(x + 2, 2), _LOW, flags, _SMALL, "start", bold=True, fill=sign.ink))
    taken = max(0, text_width(text=flags, size=_SMALL) - _PAD / 2)
    texts.append(_fitted(f"{cell.actual} {sign.glyph}", x + room, room - taken, _LOW, sign.ink, bold=True))


def _fitted(text: str, right: float, room: float, y: float, fill: str = PALETTE.ink, *, bold: bool = False) -> Text:
    """A figure that is set smaller rather than run over its column."""
    wide = text_width(text=text, size=_SIZE, bold=bold)
    size = _SIZE if wide <= room - 2 * _PAD else round(_SIZE * (room - _PAD) / wide, 2)
    return Text(round(right - _PAD / (1 if size == _SIZE else 2), 2), round(y, 2), text, size, "end", bold, fill)

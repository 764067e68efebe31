"""Strips: drawings as wide as a sheet that are piled into one, the title above and the legend below them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hoshin.charts.palette import FONT, PALETTE, Palette
from hoshin.charts.spark import Spark
from hoshin.charts.text import width as text_width, wrap

WIDTH = 1122.0
"""The width of a strip: what the margins leave of an A3 sheet in landscape, in points."""
MARGIN = 34.0
SIZE, PAD = 9.0, 3.5


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; `anchor` is start, middle or end."""

    x: float
    y: float
    text: str
    size: float = SIZE
    anchor: str = "end"
    bold: bool = False
    fill: str = PALETTE.ink


@dataclass(frozen=True, slots=True)
class Box:
    """One filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One drawing as wide as the sheet, with the whole of it in words where its texts alone would not say it."""

    height: float
    boxes: tuple[Box, ...]
    lines: tuple[tuple[float, float, float, float], ...]
    texts: tuple[Text, ...]
    said: str = ""
    spark: Spark | None = None
    spark_at: tuple[float, float] = (0, 0)
    width: float = WIDTH
    palette: Palette = field(default=PALETTE)
    font: str = FONT

    @property
    def short(self) -> str:
        """The strip in short, for our own printer."""
        return shorthand(strip=self)


def shorthand(*, strip: Strip) -> str:
    """What the strip holds, a line for each thing, in the words that hoshin.reports.pen draws it by."""
    rows: list[tuple[object, ...]] = [("b", one.x, one.y, one.width, one.height, one.fill) for one in strip.boxes]
    rows += [("l", *one, strip.palette.line_strong) for one in strip.lines]
    rows += [
        ("t", one.x, one.y, one.size, one.anchor, 700 if one.bold else 400, one.fill, " ".join(one.text.split()))
        for one in strip.texts
    ]
    if strip.spark:
        rows += _short_spark(strip.spark, strip.spark_at)
    return "\n".join("\t".join(map(str, row)) for row in rows)


def _short_spark(spark: Spark, at: tuple[float, float]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    if spark.plan:
        rows.append(("p", *at, 1.2, "3 2", spark.palette.none_mid, spark.plan))
    if spark.actual:
        rows.append(("p", *at, 1.6, "", spark.palette.line_strong, spark.actual))
    if spark.last:
        rows.append(("c", at[0] + spark.last[0], at[1] + spark.last[1], 2.6, spark.sign.mid))
    return rows


@dataclass(frozen=True, slots=True)
class Placed:
    """A strip and how far below the top of its sheet it stands."""

    y: float
    strip: Strip


@dataclass(frozen=True, slots=True)
class Pile:
    """One sheet of strips; lengths are points, `margin` is left free on every side."""

    title: str
    width: float
    height: float
    placed: tuple[Placed, ...]
    margin: float = MARGIN
    palette: Palette = field(default=PALETTE)
    font: str = FONT


@dataclass(frozen=True, slots=True)
class TitleBlock:
    """What stands above every sheet, as ready text."""

    organisation: str
    title: str
    subtitle: str
    cycle: str
    printed: str


def pile(*, title: str, strips: Iterable[Strip]) -> Pile:
    """The strips below one another."""
    placed = []
    y = MARGIN
    widest = WIDTH
    for strip in strips:
        placed.append(Placed(round(y, 2), strip))
        y += strip.height
        widest = max(widest, strip.width)
    return Pile(title, round(widest + 2 * MARGIN, 2), round(y + MARGIN, 2), tuple(placed))


def title_strip(*, block: TitleBlock, width: float = WIDTH) -> Strip:
    """The title block: organisation, title and what it shows at the left, cycle and day at the right."""
    titles = wrap(text=block.title, size=20, room=width * 0.8, lines=4, bold=True)
    texts = [Text(0, 9, block.organisation.upper(), 8, "start", bold=True, fill=PALETTE.ink_3)]
    texts += [Text(0, 31.0 + 23 * place, text, 20, "start", bold=True) for place, text in enumerate(titles)]
    low = 31.0 + 23 * (len(titles) - 1) + 17
    texts.append(Text(0, low, block.subtitle, 9.5, "start", fill=PALETTE.ink_2))
    texts.append(Text(width, low - 17, block.cycle, 14, bold=True, fill=PALETTE.ink_2))
    texts.append(Text(width, low, block.printed, 9.5, fill=PALETTE.ink_2))
    rule = Box(0, low + 9, width, 1.2, PALETTE.accent)
    return Strip(low + 22, (rule,), (), tuple(texts), width=width)


def heading_strip(*, text: str, size: float = 12.5) -> Strip:
    """A heading between the parts of a sheet."""
    return Strip(size * 2.4, (), (), (Text(0, size * 1.7, text, size, "start", bold=True),))


def paragraphs(*, texts: Sequence[str], size: float = SIZE, width: float = WIDTH, above: float = 5.0) -> Strip:
    """Texts below one another, each broken where the sheet ends."""
    lines = [line for text in texts for line in wrap(text=text, size=size, room=width, lines=40)]
    leading = size * 1.45
    drawn = tuple(
        Text(0, round(above + size + place * leading, 2), line, size, "start", fill=PALETTE.ink_2)
        for place, line in enumerate(lines)
    )
    return Strip(round(above + len(lines) * leading + 3, 2), (), (), drawn, width=width)


def flowing(*, entries: Sequence[str], size: float = 8.5, width: float = WIDTH) -> Strip:
    """Short entries side by side, as a legend has them, in as many lines as it takes."""
    texts, x, y = [], 0.0, 16.0
    for entry in entries:
        wide = text_width(text=entry, size=size)
        if x and x + wide > width:
            x, y = 0.0, y + size * 1.5
        texts.append(Text(round(x, 2), round(y, 2), entry, size, "start", fill=PALETTE.ink_2))
        x += wide + 18
    return Strip(round(y + 6, 2), (), (), tuple(texts), width=width)

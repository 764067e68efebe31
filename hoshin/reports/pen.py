"""Draws strips and lines of text in few strokes.

WeasyPrint sets the text of a drawing letter by letter, and puts each line that ends at its place into a group of its
own. Here a line is shaped once however often it stands on a sheet, which also joins letters as their script wants it,
and a strip is one element. What a line cannot be drawn by is left to WeasyPrint.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import inf
from types import ModuleType
from typing import Any

STRIP = "data-strip"
"""The attribute of a <metadata> that holds a strip in short (hoshin.charts.strips.shorthand)."""
_PLAIN = frozenset((
    "x", "y", "transform", "fill", "fill-opacity", "font-family", "font-size", "font-weight", "text-anchor", "stroke",
    "stroke-width", "stroke-linejoin", "role", "class", "xmlns", "{http://www.w3.org/2000/xmlns/}xmlns",
))  # fmt: skip
"""What a line of text may carry; with anything else it is WeasyPrint's."""
_WEIGHTS = {"normal": 400, "bold": 700}
_BLACK = "#000000"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that has been shaped: what draws it at a place that has been set, the pictures in it, and its size."""

    strokes: tuple[bytes, ...]
    pictures: list[Any]
    style: Any
    width: float
    height: float
    baseline: float


@dataclass(frozen=True, slots=True)
class _Box:
    """A line as WeasyPrint asks for it."""

    pango_layout: Any
    style: Any
    text: str


class _Style(dict[str, Any]):
    """The properties of a line as WeasyPrint asks for them."""

    font_config: Any


class Pen:
    """The lines of one document; `failure` is what broke a drawing, which WeasyPrint itself would pass over."""

    def __init__(self, *, weasyprint: ModuleType) -> None:
        self.lib: Any = weasyprint
        self.lines: dict[tuple[str, float, int, str], _Line] = {}
        self.styles: dict[tuple[float, int, str], Any] = {}
        self.failure: BaseException | None = None

    def draws(self, svg: Any, node: Any, font_size: float) -> bool:
        """Draw a node, if it is a strip or a plain line; returns whether it was."""
        if node.tag == "metadata" and STRIP in node.attrib:
            _Stroke(self, svg, node.get("font-family", "sans-serif")).strip(node.text or "")
            return True
        return node.tag == "text" and self._is_plain(node) and self._draws_text(svg, node, font_size)

    def line(self, svg: Any, text: str, size: float, weight: int, family: str) -> _Line:
        """The line, shaped now or before."""
        key = text, size, weight, family
        if key not in self.lines:
            self.lines[key] = self._shaped(svg, *key)
        return self.lines[key]

    def _shaped(self, svg: Any, text: str, size: float, weight: int, family: str) -> _Line:
        style = self._style(svg, size, weight, family)
        layout, _, _, width, height, baseline = self.lib.text.line_break.split_first_line(
            text, style, svg.context, inf, 0
        )
        layout.reactivate(style)
        recorder = svg.stream.clone()
        box = _Box(layout, style, text)
        upright = self.lib.matrix.Matrix(d=-1)
        pictures = self.lib.draw.text.draw_first_line(recorder, box, "none", "none", upright)
        return _Line(tuple(recorder.stream[1:]), pictures, style, width, height, baseline)

    def write(self, stream: Any, line: _Line, x: float, y: float) -> None:
        """Write the line where it begins, between the beginning and the end of a text."""
        stream.set_text_matrix(1, 0, 0, -1, round(x, 3), round(y, 3))
        stream.stream.extend(line.strokes)
        if line.pictures:
            stream.end_text()
            self.lib.draw.text.draw_emojis(stream, line.style, x, y, line.pictures)
            stream.begin_text()

    def _style(self, svg: Any, size: float, weight: int, family: str) -> Any:
        known = self.styles.get((size, weight, family))
        if known is None:
            known = self.styles[size, weight, family] = _Style(self.lib.css.properties.INITIAL_VALUES)
            known.font_config = svg.font_config
            known["font_family"] = [one.strip("\"'") for one in family.split(",")]
            known["font_size"], known["font_weight"] = size, weight
        return known

    def _is_plain(self, node: Any) -> bool:
        """Whether it is one line at one place, without anything that WeasyPrint alone knows."""
        known = all(one in _PLAIN or one.startswith(("data-", "aria-")) for one in node.attrib)
        alone = next(iter(node), None) is None and bool(node.text) and node.text.strip() != ""
        at_one = all(len(node.get(axis, "0").replace(",", " ").split()) == 1 for axis in "xy")
        return known and alone and at_one and _is_weight(node.get("font-weight", 400))

    def _draws_text(self, svg: Any, node: Any, font_size: float) -> bool:
        size = self.lib.svg.utils.size(node.get("font-size", "1em"), font_size, font_size)
        family, weight = node.get("font-family", "sans-serif"), node.get("font-weight", 400)
        if size <= 0 or not node.visible:
            return False
        line = self.line(svg, node.text, size, _weight(weight), family)
        x, y = svg.point(node.get("x"), node.get("y"), size)
        x -= _shift(node.get("text-anchor", "start"), line.width)
        svg.stream.push_state()
        svg.transform(node, size)
        fill, stroke = svg.set_graphical_state(node, size)
        svg.stream.begin_text()
        svg.fill_stroke(fill, stroke, text=True)
        self.write(svg.stream, line, x, y)
        svg.stream.end_text()
        svg.stream.pop_state()
        node.text_bounding_box = x, y - line.baseline, line.width, line.height
        return True


class _Stroke:
    """Draws one strip on the stream of a drawing."""

    def __init__(self, pen: Pen, svg: Any, family: str) -> None:
        self.pen, self.svg, self.stream, self.family = pen, svg, svg.stream, family
        self.is_text = False

    def strip(self, short: str) -> None:
        """Line by line as the strip was written down."""
        self.stream.push_state()
        for row in short.split("\n"):
            kind, *parts = row.split("\t")
            if kind:
                self._text_from(kind == "t")
                getattr(self, f"_{_KINDS[kind]}")(*parts)
        self._text_from(False)
        self.stream.pop_state()

    def _text_from(self, is_text: bool) -> None:
        """Begin or end the text of the strip."""
        if is_text != self.is_text:
            self.is_text = is_text
            (self.stream.begin_text if is_text else self.stream.end_text)()

    def _box(self, *parts: str) -> None:
        x, y, width, height, fill = parts
        self.stream.set_color(self._colour(fill))
        self.stream.rectangle(float(x), float(y), float(width), float(height))
        self.stream.fill()

    def _rule(self, *parts: str) -> None:
        self._stroke(parts[4], 0.5)
        self.stream.move_to(float(parts[0]), float(parts[1]))
        self.stream.line_to(float(parts[2]), float(parts[3]))
        self.stream.stroke()

    def _text(self, *parts: str) -> None:
        x, y, size, anchor, weight, fill, text = parts
        line = self.pen.line(self.svg, text, float(size), int(weight), self.family)
        self.stream.set_color(self._colour(fill))
        self.pen.write(self.stream, line, float(x) - _shift(anchor, line.width), float(y))

    def _path(self, *parts: str) -> None:
        x, y, width, dash, colour, path = parts
        self._stroke(colour, float(width))
        self.stream.set_dash(tuple(float(one) for one in dash.split()), 0)
        self.stream.set_line_join(1)
        tokens = path.split()
        for across, down in zip(tokens[::2], tokens[1::2], strict=True):
            to = self.stream.move_to if across[0] == "M" else self.stream.line_to
            to(float(x) + float(across[1:]), float(y) + float(down))
        self.stream.stroke()
        self.stream.set_dash((), 0)

    def _dot(self, *parts: str) -> None:
        x, y, r = map(float, parts[:3])
        bend = r * 0.5523
        self.stream.set_color(self._colour(parts[3]))
        self.stream.move_to(x + r, y)
        for a, b in (((1, 0), (0, 1)), ((0, 1), (-1, 0)), ((-1, 0), (0, -1)), ((0, -1), (1, 0))):
            self.stream.curve_to(
                x + a[0] * r + b[0] * bend, y + a[1] * r + b[1] * bend, x + b[0] * r + a[0] * bend,
                y + b[1] * r + a[1] * bend, x + b[0] * r, y + b[1] * r,
            )  # fmt: skip
        self.stream.fill()

    def _stroke(self, colour: str, width: float) -> None:
        self.stream.set_color(self._colour(colour), stroke=True)
        self.stream.set_line_width(width)

    def _colour(self, text: str) -> Any:
        return _colour(self.pen.lib.svg.utils.color, text or _BLACK)


_KINDS = {"b": "box", "l": "rule", "t": "text", "p": "path", "c": "dot"}


@cache
def _colour(read: Callable[[str], Any], text: str) -> Any:
    return read(text)


def _is_weight(value: object) -> bool:
    return str(value) in _WEIGHTS or str(value).isdigit()


def _weight(value: object) -> int:
    return _WEIGHTS.get(str(value)) or int(str(value))


def _shift(anchor: str, width: float) -> float:
    """How far to the left of its place a line begins."""
    return {"start": 0.0, "middle": width / 2}.get(anchor, width)


# ------------------------------------------------------------------ in the place of WeasyPrint's own

_now = threading.local()


@contextmanager
def penned(*, weasyprint: ModuleType) -> Iterator[Pen]:
    """While this lasts, one document of this thread is drawn by its pen; raises what broke one of its drawings."""
    _teach(weasyprint)
    _now.pen = pen = Pen(weasyprint=weasyprint)
    try:
        yield pen
    finally:
        _now.pen = None
    if pen.failure is not None:
        raise pen.failure


def _teach(weasyprint: Any) -> None:
    """Once per process: whoever prints without a pen gets WeasyPrint as it is."""
    kind = weasyprint.svg.SVG
    if hasattr(kind, "hoshin_pen"):
        return
    kind.hoshin_pen, draw_node, draw = True, kind.draw_node, kind.draw

    def drawn(self: Any, node: Any, font_size: float, *more: Any, **named: Any) -> None:
        pen = getattr(_now, "pen", None)
        if pen is None or not pen.draws(self, node, font_size):
            draw_node(self, node, font_size, *more, **named)

    def watched(self: Any, *given: Any) -> None:
        try:
            draw(self, *given)
        except BaseException as error:
            pen = getattr(_now, "pen", None)
            if pen is not None:
                pen.failure = error
            raise

    kind.draw_node, kind.draw = drawn, watched



"""A radar: one axis an area, this year's shape over last year's, with every figure written beside its axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import cos, pi, sin

from hoshin.charts.palette import FONT, PALETTE, Palette
from hoshin.charts.text import wrap

_WIDTH, _HEIGHT, _RADIUS = 640.0, 440.0, 150.0
_CENTRE = (_WIDTH / 2, _HEIGHT / 2)
_SIZE, _LINE, _GAP, _ROOM = 11.0, 13.0, 14.0, 140.0


@dataclass(frozen=True, slots=True)
class Axis:
    """One area as given: its name, the value now and before (None where there is none), and both as ready text."""

    label: str
    value: Fraction | None
    before: Fraction | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Spoke:
    """One axis ready to draw: its outer end, the lines of its label, and where these stand."""

    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str
    lines: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Radar:
    """The drawing; shapes are lists of points as SVG reads them, empty where nothing is known."""

    title: str
    said: str
    width: float
    height: float
    size: float
    line: float
    rings: tuple[tuple[str, str, float], ...]
    """Each ring: its points, what it is called, and the height of that word."""
    centre: tuple[float, float]
    spokes: tuple[Spoke, ...]
    shape: str
    dots: tuple[tuple[float, float], ...]
    earlier: str
    earlier_label: str
    now_label: str
    font: str = FONT
    palette: Palette = field(default=PALETTE)


def radar(
    *, title: str, axes: Sequence[Axis], most: int, now_label: str, earlier_label: str = "", said: str = ""
) -> Radar:
    """Shape the drawing; `most` is the value at the rim, the centre is 0. An axis without a value has no corner.

    Raises ValueError for fewer than three axes, which have no area.
    """
    if len(axes) < 3:
        raise ValueError("a radar needs at least three axes")
    places = range(len(axes))
    now = [_at(place, len(axes), one.value, most) for place, one in enumerate(axes) if one.value is not None]
    then = [_at(place, len(axes), one.before, most) for place, one in enumerate(axes) if one.before is not None]
    rings = tuple(
        (_points([_at(place, len(axes), Fraction(ring), most) for place in places]), str(ring), _rung(ring, most))
        for ring in range(1, most + 1)
    )
    return Radar(
        title=title, said=said, width=_WIDTH, height=_HEIGHT, size=_SIZE, line=_LINE, rings=rings, centre=_CENTRE,
        spokes=tuple(_spoke(place, len(axes), one, most) for place, one in enumerate(axes)),
        shape=_points(now), dots=tuple(now), earlier=_points(then),
        earlier_label=earlier_label if then else "", now_label=now_label,
    )  # fmt: skip


def _angle(place: int, of: int) -> float:
    """Clockwise from the top."""
    return 2 * pi * place / of - pi / 2


def _at(place: int, of: int, value: Fraction, most: int) -> tuple[float, float]:
    return _point(place, of, _RADIUS * float(value / most))


def _point(place: int, of: int, distance: float) -> tuple[float, float]:
    angle = _angle(place, of)
    return round(_CENTRE[0] + distance * cos(angle), 2), round(_CENTRE[1] + distance * sin(angle), 2)


def _rung(ring: int, most: int) -> float:
    return round(_CENTRE[1] - _RADIUS * ring / most, 2)


def _points(corners: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in corners)


def _spoke(place: int, of: int, axis: Axis, most: int) -> Spoke:
    x, y = _at(place, of, Fraction(most), most)
    label_x, label_y = _point(place, of, _RADIUS + _GAP)
    lean = cos(_angle(place, of))
    anchor = "middle" if abs(lean) < 0.2 else ("start" if lean > 0 else "end")
    lines = wrap(text=axis.label, size=_SIZE, room=_ROOM, lines=2)
    above = len(lines) * _LINE if sin(_angle(place, of)) < -0.5 else _LINE / 2
    return Spoke(x, y, label_x, round(label_y - above + _LINE, 2), anchor, lines, axis.text)

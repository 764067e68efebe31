"""Attainment month by month: a column for each due month of the cycle, its hits at the foot, the ratio above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hoshin.charts.palette import FONT, PALETTE, Palette

_WIDTH, _HEIGHT, _TOP, _FOOT = 480.0, 150.0, 20.0, 20.0


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """One month as given; `due` 0 draws nothing."""

    label: str
    hits: int
    misses: int
    no_data: int
    no_target: int
    ratio: str
    current: bool = False

    @property
    def due(self) -> int:
        """What counts."""
        return self.hits + self.misses + self.no_data + self.no_target


@dataclass(frozen=True, slots=True)
class Column:
    """One month drawn: its parts from the foot up as (y, height, colour)."""

    x: float
    width: float
    label: str
    ratio: str
    parts: tuple[tuple[float, float, str], ...]
    said: str
    current: bool


@dataclass(frozen=True, slots=True)
class Months:
    """The whole drawing, all columns as high as what was due that month is of the most due in any."""

    title: str
    columns: tuple[Column, ...]
    width: float = _WIDTH
    height: float = _HEIGHT
    palette: Palette = field(default=PALETTE)
    font: str = FONT


def months(*, title: str, figures: Sequence[MonthFigure]) -> Months:
    """Draw the months in their order."""
    step = _WIDTH / max(1, len(figures))
    most = max((one.due for one in figures), default=0)
    return Months(title, tuple(_column(one, index * step, step, most) for index, one in enumerate(figures)))


def _column(given: MonthFigure, x: float, step: float, most: int) -> Column:
    room = _HEIGHT - _TOP - _FOOT
    parts, foot = [], _HEIGHT - _FOOT
    for count, fill in (
        (given.hits, PALETTE.hit_mid), (given.misses, PALETTE.miss_mid), (given.no_data, PALETTE.none_mid),
        (given.no_target, PALETTE.untargeted_mid),
    ):  # fmt: skip
        if count and most:
            high = room * count / most
            foot -= high
            parts.append((round(foot, 2), round(high, 2), fill))
    counted = f"{given.hits} of {given.due} due hit, {given.ratio}" if given.due else "not due"
    said = f"{given.label}: {counted}"
    gap = step * 0.14
    return Column(
        round(x + gap, 2), round(step - 2 * gap, 2), given.label, given.ratio if given.due else "", tuple(parts), said,
        given.current,
    )  # fmt: skip

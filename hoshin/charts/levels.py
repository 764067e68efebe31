"""Attainment by level: one stacked bar a row, with the change against the last period in words and sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hoshin.charts.palette import PALETTE, Palette

_WIDTH = 240.0
_HEIGHT = 12.0


@dataclass(frozen=True, slots=True)
class Level:
    """One level as given: counts, and ready texts. `change` is -1, 0 or 1 against the last period, None unknown."""

    label: str
    hits: int
    misses: int
    no_data: int
    no_target: int
    ratio: str
    change: int | None = None
    change_text: str = ""
    href: str | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar; `count` things of one verdict."""

    key: str
    count: int
    x: float
    width: float
    fill: str


@dataclass(frozen=True, slots=True)
class LevelBar:
    """One row ready to draw; no segments when nothing is due."""

    label: str
    href: str | None
    depth: int
    due: int
    hits: int
    segments: tuple[Segment, ...]
    ratio: str
    arrow: str
    trend: str
    change_text: str
    said: str


@dataclass(frozen=True, slots=True)
class Levels:
    """The rows of one drawing, all bars on the same scale (the whole width is everything due)."""

    title: str
    width: float
    height: float
    bars: tuple[LevelBar, ...]
    palette: Palette = field(default=PALETTE)


_ARROWS = {1: ("▲", "up"), 0: ("=", "same"), -1: ("▼", "down"), None: ("", "none")}


def levels(*, title: str, rows: Sequence[Level]) -> Levels:
    """Shape the bars in the order given."""
    return Levels(title, _WIDTH, _HEIGHT, tuple(_bar(level=level) for level in rows))


def _bar(*, level: Level) -> LevelBar:
    arrow, trend = _ARROWS[level.change]
    due = level.hits + level.misses + level.no_data + level.no_target
    said = (
        f"{level.label}: {level.hits} hit, {level.misses} missed, {level.no_data} without data, "
        f"{level.no_target} without target"
    )
    return LevelBar(
        level.label, level.href, level.depth, due, level.hits, _segments(level=level, due=due), level.ratio, arrow,
        trend, level.change_text, said,
    )  # fmt: skip


def _segments(*, level: Level, due: int) -> tuple[Segment, ...]:
    parts = (
        ("hit", level.hits, PALETTE.hit_mid),
        ("miss", level.misses, PALETTE.miss_mid),
        ("no_data", level.no_data, PALETTE.none_mid),
        ("no_target", level.no_target, PALETTE.untargeted_mid),
    )
    out: list[Segment] = []
    before = 0
    for key, count, fill in parts:
        if count:
            out.append(Segment(key, count, round(before * _WIDTH / due, 3), round(count * _WIDTH / due, 3), fill))
        before += count
    return tuple(out)

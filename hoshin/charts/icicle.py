"""Attainment as an icicle: each node over what belongs to it, as wide as its due metrics, opened level by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hoshin.charts.palette import FONT, PALETTE, Palette
from hoshin.charts.text import shorten, width as width_of, wrap

_WIDTH, _ROW, _GAP, _PAD, _LEVELS = 680.0, 74.0, 3.0, 5.0, 3
_LEAST = 0.35
"""The share of a metric that a node without any due still gets, so that it can be seen and opened."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One node as given: counts of what is due, ready texts, where it opens, where its list of metrics is."""

    key: str
    label: str
    hits: int
    misses: int
    no_data: int
    no_target: int
    ratio: str
    change_text: str = ""
    href: str | None = None
    children: tuple[Branch, ...] = ()
    opens: bool = False
    """Whether something lies below it, be it drawn or not."""

    @property
    def due(self) -> int:
        """What counts."""
        return self.hits + self.misses + self.no_data + self.no_target


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a node's bar."""

    x: float
    width: float
    fill: str


@dataclass(frozen=True, slots=True)
class Slab:
    """One node drawn: its box, the lines of its name, its figure, its bar, and all of it in words."""

    key: str
    x: float
    y: float
    width: float
    height: float
    names: tuple[str, ...]
    figure: str
    parts: tuple[Part, ...]
    href: str | None
    said: str
    level: int
    opens: bool


@dataclass(frozen=True, slots=True)
class Icicle:
    """The whole drawing, slabs level by level and from left to right."""

    title: str
    width: float
    height: float
    slabs: tuple[Slab, ...]
    palette: Palette = field(default=PALETTE)
    font: str = FONT


def icicle(*, title: str, root: Branch) -> Icicle:
    """Draw the root and two levels below it; what lies deeper opens when its node becomes the root."""
    slabs: list[Slab] = []
    _place([root], 0.0, _WIDTH, 0, slabs)
    slabs.sort(key=lambda one: (one.level, one.x))
    levels = max(one.level for one in slabs) + 1
    return Icicle(title, _WIDTH, levels * _ROW - _GAP, tuple(slabs))


def _place(branches: Sequence[Branch], left: float, room: float, level: int, slabs: list[Slab]) -> None:
    weights = [max(float(one.due), _LEAST) for one in branches]
    total, x = sum(weights), left
    for one, weight in zip(branches, weights, strict=True):
        width = room * weight / total
        slabs.append(_slab(one, x, width, level))
        if level + 1 < _LEVELS and one.children:
            _place(one.children, x, width, level + 1, slabs)
        x += width


def _slab(branch: Branch, x: float, width: float, level: int) -> Slab:
    wide = width - min(_GAP, width / 3)
    room = wide - 2 * _PAD
    figure = f"{branch.hits}/{branch.due} · {branch.ratio}" if branch.due else "n/a"
    short = f"{branch.hits}/{branch.due}" if branch.due else "–"
    counted = f"{branch.hits} of {branch.due} due hit, {branch.ratio}" if branch.due else "none due"
    said = ", ".join(one for one in (f"{branch.label}: {counted}", branch.change_text) if one)
    fits = room > 92
    return Slab(
        key=branch.key,
        x=round(x, 2),
        y=level * _ROW,
        width=round(wide, 2),
        height=_ROW - _GAP,
        names=_names(branch.label, room) if room > 18 else (),
        figure=shorten(text=figure if fits else short, size=11, room=room) if room > 18 else "",
        parts=_parts(branch, x + min(_PAD, wide / 8), wide - 2 * min(_PAD, wide / 8)),
        href=branch.href,
        said=said,
        level=level,
        opens=branch.opens or bool(branch.children),
    )


def _names(label: str, room: float) -> tuple[str, ...]:
    """The name in two lines; in one, shortened, where a word would have to be broken."""
    widest = max((width_of(text=one, size=11.5, bold=True) for one in label.split()), default=0.0)
    if widest > room:
        return (shorten(text=label, size=11.5, room=room, bold=True),)
    return wrap(text=label, size=11.5, room=room, lines=2, bold=True)


def _parts(branch: Branch, x: float, room: float) -> tuple[Part, ...]:
    found, done = [], 0
    for count, fill in (
        (branch.hits, PALETTE.hit_mid), (branch.misses, PALETTE.miss_mid), (branch.no_data, PALETTE.none_mid),
        (branch.no_target, PALETTE.untargeted_mid),
    ):  # fmt: skip
        if count:
            found.append(Part(round(x + room * done / branch.due, 2), round(room * count / branch.due, 2), fill))
        done += count
    return tuple(found)

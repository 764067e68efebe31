"""The plan of an X-matrix: how large the sheet is set, how thick each arm, where each block begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hoshin.charts.matrix_shapes import Arm, MatrixItem
from hoshin.charts.signs import sign_of
from hoshin.charts.text import width, wrap

CORNERS: Mapping[str, tuple[str, str]] = {
    "north-west": ("north", "west"),
    "north-east": ("north", "east"),
    "south-west": ("south", "west"),
    "south-east": ("south", "east"),
    "north-owners": ("north", "owners"),
    "south-owners": ("south", "owners"),
}
"""Each field of cells, with the arm that gives its rows and the arm that gives its columns."""

TURNED = ("west", "east", "owners")
_CAPTION_SIZE = 9.5
CAPTION_LEADING = 12.0
_CAPTION_LINES = 3
_CAPTION_ROOM = 70.0  # a narrower corner goes without its question
_GAP = 14.0  # between the East arm and the owners: they are no fifth arm
MARGIN = 2.0
TEXT_START = 24.0
OWNERS = "Owners"
_MANY, _MANY_IN_ALL = 18, 60  # items of one arm or of all: beyond either, the sheet is set smaller


@dataclass(frozen=True, slots=True)
class Scale:
    """Type and thicknesses of one setting of the sheet, in SVG user units."""

    font: float
    leading: float
    one_line: float
    two_lines: float
    centre_width: float
    centre_height: float
    few: int  # an arm of at most so many items may give each two lines


_COMFORTABLE = Scale(11.5, 14.0, 25.0, 38.0, 500.0, 390.0, 16)
_DENSE = Scale(10.0, 12.0, 20.0, 32.0, 540.0, 470.0, 8)


@dataclass(frozen=True, slots=True)
class Tail:
    """What stands behind the titles of one arm, from the outside in: figure, total, sign; 0 for what no item has."""

    chip: float
    total: float
    sign: float

    @property
    def across(self) -> float:
        """How much of the length it takes, the margins included."""
        return (self.chip + 12 if self.chip else 8) + self.total + self.sign


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the blocks begin, and how thick one item of each arm is."""

    scale: Scale
    arms: Mapping[str, Arm]
    thickness: Mapping[str, float]
    left: float
    top: float
    captions: Mapping[str, tuple[str, ...]]

    def depth(self, *, arm: str) -> float:
        """How far an arm reaches out from the centre; an empty arm keeps the room of one item."""
        return self.thickness[arm] * max(1, len(self.arms[arm].items))

    @property
    def right(self) -> float:
        """Where the centre ends and the East begins."""
        return self.left + self.scale.centre_width

    @property
    def bottom(self) -> float:
        """Where the centre ends and the South begins."""
        return self.top + self.scale.centre_height

    @property
    def owners_x(self) -> float:
        """Where the owner grid begins."""
        return self.right + self.depth(arm="east") + _GAP

    @property
    def has_owners(self) -> bool:
        """Whether there is an owner grid at all."""
        return bool(self.arms["owners"].items)

    @property
    def total_width(self) -> float:
        """The width of the whole sheet."""
        east = self.right + self.depth(arm="east")
        owners = max(self.depth(arm="owners"), width(text=OWNERS, size=self.scale.font, bold=True))
        return (self.owners_x + owners if self.has_owners else east) + MARGIN

    def strip(self, *, side: str) -> float:
        """The height that captions take above (north) or below (south) the blocks."""
        lines = max((len(caption) for name, caption in self.captions.items() if name.startswith(side)), default=0)
        if side == "north" and self.has_owners:
            lines = max(lines, 1)
        return lines * CAPTION_LEADING + 8 if lines else 0.0


def plan_of(*, arms: Mapping[str, Arm], questions: Mapping[str, str]) -> Plan:
    """Measure the sheet for these arms; many items are set smaller. KeyError for a question to no corner."""
    sizes = [len(arm.items) for name, arm in arms.items() if name != "owners"]
    scale = _DENSE if max(sizes) > _MANY or sum(sizes) > _MANY_IN_ALL else _COMFORTABLE
    thickness = {name: _thickness(scale=scale, arm=name, items=arm.items) for name, arm in arms.items()}
    plan = Plan(scale, arms, thickness, 0.0, 0.0, {})
    captions = {name: _caption_texts(plan=plan, name=name, text=text) for name, text in questions.items()}
    plan = replace(plan, left=MARGIN + plan.depth(arm="west"), captions=captions)
    return replace(plan, top=MARGIN + plan.strip(side="north") + plan.depth(arm="north"))


def _caption_texts(*, plan: Plan, name: str, text: str) -> tuple[str, ...]:
    room = plan.depth(arm=CORNERS[name][1])
    return wrap(text=text, size=_CAPTION_SIZE, room=room - 4, lines=_CAPTION_LINES) if room >= _CAPTION_ROOM else ()


def _thickness(*, scale: Scale, arm: str, items: tuple[MatrixItem, ...]) -> float:
    if arm == "owners" or len(items) > scale.few:
        return scale.one_line
    room = room_of(scale=scale, arm=arm, tail=tail_of(scale=scale, items=items))
    long = any(width(text=item.title, size=scale.font) > room for item in items)
    return scale.two_lines if long else scale.one_line


def length_of(*, scale: Scale, arm: str) -> float:
    """How long the items of an arm are along their text."""
    return scale.centre_height if arm in TURNED else scale.centre_width


def room_of(*, scale: Scale, arm: str, tail: Tail) -> float:
    """How much of that length is left to the title between the number and the tail."""
    return length_of(scale=scale, arm=arm) - TEXT_START - tail.across


def chip_text(*, item: MatrixItem) -> str:
    """An item's figure and sign as one text."""
    glyph = sign_of(verdict=item.verdict).glyph if item.verdict else ""
    return f"{item.figure} {glyph}".strip()


def chip_width(*, scale: Scale, items: tuple[MatrixItem, ...]) -> float:
    """The width that the figures of one arm share; 0 when none has any."""
    texts = [width(text=text, size=scale.font, bold=True) for item in items if (text := chip_text(item=item))]
    return max(texts) + 12 if texts else 0.0


def tail_of(*, scale: Scale, items: tuple[MatrixItem, ...]) -> Tail:
    """The room that figures, totals and signs of one arm share."""
    totals = [width(text=item.total, size=scale.font - 1.5) for item in items if item.total]
    return Tail(
        chip=chip_width(scale=scale, items=items),
        total=max(totals) + 7 if totals else 0.0,
        sign=16.0 if any(item.warning for item in items) else 0.0,
    )

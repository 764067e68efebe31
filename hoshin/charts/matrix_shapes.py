"""What an X-matrix is made of: the items and links it is given, and the shapes it is drawn with."""

from __future__ import annotations

from dataclasses import dataclass, field

from hoshin.charts.palette import FONT, PALETTE, Palette
from hoshin.charts.signs import Sign

# ------------------------------------------------------------------ given


@dataclass(frozen=True, slots=True)
class MatrixItem:
    """One item of an arm. `figure` is ready text ("3/5", "82 %"); `verdict` gives it sign and colour, "" none.

    `total` is the sum of the strengths of its links as text, `note` what the tooltip says of them, and `warning` why it
    is marked. `owners` and `status` are words that a filter looks for; `dim` draws the item stepped back.
    """

    key: str
    title: str
    href: str | None = None
    figure: str = ""
    verdict: str = ""
    note: str = ""
    total: str = ""
    warning: str = ""
    owners: str = ""
    status: str = ""
    dim: bool = False


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: its label and its items, the first one nearest to the centre; `empty` says what to write instead.

    `warning` says why the whole arm is marked.
    """

    label: str
    items: tuple[MatrixItem, ...] = ()
    empty: str = "none yet"
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A correlation of two items by key, in either order; strength 9, 3 or 1; the sentence it answers."""

    a: str
    b: str
    strength: int
    sentence: str = ""
    dim: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """One column of the owner grid."""

    key: str
    name: str
    href: str | None = None
    warning: str = ""
    dim: bool = False


@dataclass(frozen=True, slots=True)
class OwnerLink:
    """An owner's part in one item: responsible, or supporting."""

    owner: str
    item: str
    responsible: bool = True
    dim: bool = False


# ------------------------------------------------------------------ drawn; all lengths in SVG user units


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, at the baseline."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One item's box in its own frame: origin, then turned; inside, x runs along the text and y across it."""

    key: str
    arm: str
    x: float
    y: float
    turn: int
    length: float
    thickness: float
    number: str
    lines: tuple[Line, ...]
    baseline: float
    figure: str
    figure_x: float
    chip_x: float
    chip_width: float
    sign: Sign | None
    title: str
    href: str | None
    unlinked: bool
    note: str = ""
    total: str = ""
    total_x: float = 0.0
    warning: str = ""
    warning_x: float = 0.0
    owners: str = ""
    status: str = ""
    dim: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom on the drawing, after the turn."""
        if self.turn:
            return self.x, self.y - self.length, self.x + self.thickness, self.y
        return self.x, self.y, self.x + self.length, self.y + self.thickness

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the box on the drawing."""
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2


@dataclass(frozen=True, slots=True)
class Corner:
    """A field of cells where two arms (or an arm and the owners) meet; `rows` and `columns` are its inner rules."""

    name: str
    x: float
    y: float
    width: float
    height: float
    rows: tuple[tuple[float, bool], ...]
    columns: tuple[tuple[float, bool], ...]
    caption: tuple[Line, ...] = ()
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """One filled cell: shape (disc, half, ring, triangle) around (x, y), and what it says."""

    corner: str
    row: str
    column: str
    x: float
    y: float
    size: float
    shape: str
    points: str
    colour: str
    title: str
    strength: int = 0
    dim: bool = False


@dataclass(frozen=True, slots=True)
class Centre:
    """The X itself: its box, the four arm labels, and the vision in its own box.

    `warnings` are the places of signs beside labels, each with its reason.
    """

    x: float
    y: float
    width: float
    height: float
    labels: tuple[tuple[Line, int], ...]
    vision_box: tuple[float, float, float, float]
    vision_size: float
    vision: tuple[Line, ...]
    vision_title: str
    heading: Line
    warnings: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One entry of the legend: a shape or a sign, and its words."""

    x: float
    y: float
    shape: str
    glyph: str
    colour: str
    text: str
    text_x: float


@dataclass(frozen=True, slots=True)
class Setting:
    """What the sheet was set with, for whoever goes on drawing it: an item on one line or two, and the legend's place.

    An arm of at most `few` items may give each two lines.
    """

    leading: float
    one_line: float
    two_lines: float
    few: int
    legend_y: float
    legend_height: float


@dataclass(frozen=True, slots=True)
class XMatrix:
    """A whole X-matrix, ready to be written as SVG; `unplaced` are links that no corner can take."""

    key: str
    title: str
    width: float
    height: float
    font_size: float
    setting: Setting
    centre: Centre
    slots: tuple[Slot, ...]
    corners: tuple[Corner, ...]
    marks: tuple[Mark, ...]
    legend: tuple[LegendEntry, ...]
    owners_heading: Line | None
    unplaced: tuple[Link, ...]
    unplaced_owners: tuple[OwnerLink, ...]
    palette: Palette = field(default=PALETTE)
    font: str = FONT

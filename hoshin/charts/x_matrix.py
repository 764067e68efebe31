"""The X-matrix: four arms around the vision, correlations in the four corners, owners at the far right.

Items count outwards from the centre. South and North are rows, West and East are turned columns, so every pair of
neighbouring arms meets in one corner; links of arms that face each other are handed back as unplaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hoshin.charts.matrix_legend import legend_entries
from hoshin.charts.matrix_shapes import (
    Arm,
    Centre,
    Corner,
    Line,
    Link,
    Mark,
    MatrixItem,
    Owner,
    OwnerLink,
    Slot,
    XMatrix,
)
from hoshin.charts.palette import PALETTE
from hoshin.charts.signs import RESPONSIBLE, SUPPORTS, Grade, grade_of, sign_of
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

_TURNED = ("west", "east", "owners")
_CAPTION_SIZE = 9.5
_CAPTION_LEADING = 12.0
_CAPTION_LINES = 3
_CAPTION_ROOM = 70.0  # a narrower corner goes without its question
_GAP = 14.0  # between the East arm and the owners: they are no fifth arm
_MARGIN = 2.0
_TEXT_START = 24.0
_VISION_SIZES = (15.0, 13.0, 11.5, 10.0)
_OWNERS = "Owners"
_LARGEST_MARK = 7.5
_FEW = 16  # an arm of at most so many items may give each two lines


@dataclass(frozen=True, slots=True)
class _Scale:
    font: float
    leading: float
    one_line: float
    two_lines: float
    centre_width: float
    centre_height: float


_COMFORTABLE = _Scale(11.5, 14.0, 25.0, 38.0, 500.0, 390.0)
_DENSE = _Scale(10.0, 12.0, 20.0, 32.0, 540.0, 470.0)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where the blocks begin, and how thick one item of each arm is."""

    scale: _Scale
    arms: Mapping[str, Arm]
    thickness: Mapping[str, float]
    left: float
    top: float
    captions: Mapping[str, tuple[str, ...]]

    def depth(self, arm: str) -> float:
        return self.thickness[arm] * max(1, len(self.arms[arm].items))

    @property
    def right(self) -> float:
        return self.left + self.scale.centre_width

    @property
    def bottom(self) -> float:
        return self.top + self.scale.centre_height

    @property
    def owners_x(self) -> float:
        return self.right + self.depth("east") + _GAP

    @property
    def has_owners(self) -> bool:
        return bool(self.arms["owners"].items)

    @property
    def total_width(self) -> float:
        east = self.right + self.depth("east")
        owners = max(self.depth("owners"), width(text=_OWNERS, size=self.scale.font, bold=True))
        return (self.owners_x + owners if self.has_owners else east) + _MARGIN

    def strip(self, side: str) -> float:
        """The height that captions take above (north) or below (south) the blocks."""
        lines = max((len(caption) for name, caption in self.captions.items() if name.startswith(side)), default=0)
        if side == "north" and self.has_owners:
            lines = max(lines, 1)
        return lines * _CAPTION_LEADING + 8 if lines else 0.0


def x_matrix(
    *,
    key: str,
    title: str,
    vision: str,
    south: Arm,
    west: Arm,
    north: Arm,
    east: Arm,
    links: Sequence[Link] = (),
    owners: Sequence[Owner] = (),
    owner_links: Sequence[OwnerLink] = (),
    questions: Mapping[str, str] | None = None,
    vision_label: str = "True North",
) -> XMatrix:
    """Lay out one sheet. Item keys are unique over all arms and owners (ValueError otherwise).

    `key` prefixes the ids inside the SVG. `questions` are captions by corner name (see CORNERS). Of two links between
    the same pair the stronger is drawn. A link whose items are unknown, or stand in arms without a common corner, is
    returned in `unplaced` (owners: `unplaced_owners`).
    """
    columns = tuple(MatrixItem(key=owner.key, title=owner.name, href=owner.href) for owner in owners)
    arms = {"south": south, "west": west, "north": north, "east": east, "owners": Arm(_OWNERS, columns)}
    plan = _plan(arms=arms, questions=questions or {})
    joined, unplaced = _joined(arms=arms, links=links)
    parts, unplaced_owners = _parts(arms=arms, owner_links=owner_links)
    linked = {item for pair in joined for item in pair}
    slots = {slot.key: slot for arm in arms for slot in _slots(plan=plan, arm=arm, linked=linked)}
    marks = _marks(slots=slots, joined=joined) + _owner_marks(slots=slots, parts=parts)
    below = plan.bottom + plan.depth("south") + plan.strip("south")
    legend, legend_height = legend_entries(y=below, width=plan.total_width, owners=plan.has_owners)
    return XMatrix(
        key=key,
        title=title,
        width=round(plan.total_width, 2),
        height=round(below + legend_height + _MARGIN, 2),
        font_size=plan.scale.font,
        centre=_centre(plan=plan, vision=vision, label=vision_label),
        slots=tuple(slots.values()) + _placeholders(plan=plan),
        corners=_corners(plan=plan),
        marks=marks,
        legend=legend,
        owners_heading=Line(plan.owners_x, plan.top - plan.depth("north") - 6, _OWNERS) if plan.has_owners else None,
        unplaced=unplaced,
        unplaced_owners=unplaced_owners,
    )


# ------------------------------------------------------------------ the plan of the sheet


def _plan(*, arms: Mapping[str, Arm], questions: Mapping[str, str]) -> _Plan:
    sizes = [len(arm.items) for name, arm in arms.items() if name != "owners"]
    scale = _DENSE if max(sizes) > _FEW + 2 or sum(sizes) > 60 else _COMFORTABLE
    thickness = {name: _thickness(scale=scale, arm=name, items=arm.items) for name, arm in arms.items()}
    plan = _Plan(scale, arms, thickness, 0.0, 0.0, {})
    captions = {name: _caption_texts(plan=plan, name=name, text=text) for name, text in questions.items()}
    plan = replace(plan, left=_MARGIN + plan.depth("west"), captions=captions)
    return replace(plan, top=_MARGIN + plan.strip("north") + plan.depth("north"))


def _caption_texts(*, plan: _Plan, name: str, text: str) -> tuple[str, ...]:
    room = plan.depth(CORNERS[name][1])
    return wrap(text=text, size=_CAPTION_SIZE, room=room - 4, lines=_CAPTION_LINES) if room >= _CAPTION_ROOM else ()


def _thickness(*, scale: _Scale, arm: str, items: tuple[MatrixItem, ...]) -> float:
    if arm == "owners" or len(items) > _FEW:
        return scale.one_line
    room = _room(scale=scale, arm=arm, chip=_chip_width(scale=scale, items=items))
    long = any(width(text=item.title, size=scale.font) > room for item in items)
    return scale.two_lines if long else scale.one_line


def _length(*, scale: _Scale, arm: str) -> float:
    return scale.centre_height if arm in _TURNED else scale.centre_width


def _room(*, scale: _Scale, arm: str, chip: float) -> float:
    return _length(scale=scale, arm=arm) - _TEXT_START - (chip + 12 if chip else 8)


def _chip_text(*, item: MatrixItem) -> str:
    glyph = sign_of(verdict=item.verdict).glyph if item.verdict else ""
    return f"{item.figure} {glyph}".strip()


def _chip_width(*, scale: _Scale, items: tuple[MatrixItem, ...]) -> float:
    texts = [width(text=text, size=scale.font, bold=True) for item in items if (text := _chip_text(item=item))]
    return max(texts) + 12 if texts else 0.0


# ------------------------------------------------------------------ links


def _arm_of(*, arms: Mapping[str, Arm]) -> dict[str, str]:
    keys = [(item.key, name) for name, arm in arms.items() for item in arm.items]
    found = dict(keys)
    if len(found) != len(keys):
        raise ValueError("an item stands twice on the matrix")
    return found


def _corner_of(*, a: str | None, b: str | None) -> str | None:
    return next((name for name, pair in CORNERS.items() if {a, b} == set(pair)), None)


def _joined(
    *, arms: Mapping[str, Arm], links: Sequence[Link]
) -> tuple[dict[tuple[str, str], tuple[str, Link]], tuple[Link, ...]]:
    """Links by (row item, column item) with their corner, and the links that no corner can take."""
    where = _arm_of(arms=arms)
    joined: dict[tuple[str, str], tuple[str, Link]] = {}
    unplaced: list[Link] = []
    for link in links:
        corner = _corner_of(a=where.get(link.a), b=where.get(link.b))
        if corner is None:
            unplaced.append(link)
            continue
        pair = (link.a, link.b) if where[link.a] == CORNERS[corner][0] else (link.b, link.a)
        if pair not in joined or joined[pair][1].strength < link.strength:
            joined[pair] = (corner, link)
    return joined, tuple(unplaced)


def _parts(
    *, arms: Mapping[str, Arm], owner_links: Sequence[OwnerLink]
) -> tuple[dict[tuple[str, str], tuple[str, OwnerLink]], tuple[OwnerLink, ...]]:
    where = _arm_of(arms=arms)
    parts: dict[tuple[str, str], tuple[str, OwnerLink]] = {}
    unplaced: list[OwnerLink] = []
    for link in owner_links:
        corner = _corner_of(a=where.get(link.item), b=where.get(link.owner))
        if corner is None or where[link.owner] != "owners":
            unplaced.append(link)
        elif link.responsible or (link.item, link.owner) not in parts:
            parts[link.item, link.owner] = (corner, link)
    return parts, tuple(unplaced)


def _marks(*, slots: Mapping[str, Slot], joined: Mapping[tuple[str, str], tuple[str, Link]]) -> tuple[Mark, ...]:
    marks = []
    for (row, column), (corner, link) in joined.items():
        grade = grade_of(strength=link.strength)
        words = f"{grade.glyph} {grade.word}: {slots[row].title} × {slots[column].title}"
        said = f"{words}. {link.sentence}" if link.sentence else words
        marks.append(_mark(corner=corner, row=slots[row], column=slots[column], grade=grade, title=said))
    return tuple(marks)


def _owner_marks(
    *, slots: Mapping[str, Slot], parts: Mapping[tuple[str, str], tuple[str, OwnerLink]]
) -> tuple[Mark, ...]:
    marks = []
    for (row, column), (corner, link) in parts.items():
        grade = RESPONSIBLE if link.responsible else SUPPORTS
        words = "is responsible for" if link.responsible else "supports"
        said = f"{grade.glyph} {slots[column].title} {words} {slots[row].title}"
        marks.append(_mark(corner=corner, row=slots[row], column=slots[column], grade=grade, title=said))
    return tuple(marks)


def _mark(*, corner: str, row: Slot, column: Slot, grade: Grade, title: str) -> Mark:
    x, y = column.middle[0], row.middle[1]
    size = min(_LARGEST_MARK, min(row.thickness, column.thickness) * (0.27 if grade.shape == "disc" else 0.25))
    colour = PALETTE.ink_2 if corner.endswith("owners") else PALETTE.accent
    points = triangle(x=x, y=y, size=size) if grade.shape == "triangle" else ""
    return Mark(
        corner, row.key, column.key, round(x, 2), round(y, 2), round(size, 2), grade.shape, points, colour, title
    )


def triangle(*, x: float, y: float, size: float) -> str:
    """The corners of a triangle that looks as large as a ring of radius `size` around (x, y), as SVG points."""
    side, up, down = size * 1.12, size * 1.1, size * 0.85
    return f"{x - side:.2f},{y + down:.2f} {x + side:.2f},{y + down:.2f} {x:.2f},{y - up:.2f}"


# ------------------------------------------------------------------ items


def _origin(*, plan: _Plan, arm: str, index: int) -> tuple[float, float]:
    """Where the frame of the index-th slot of an arm begins: top left of a row, bottom left of a turned column."""
    step = plan.thickness[arm]
    return {
        "north": (plan.left, plan.top - (index + 1) * step),
        "south": (plan.left, plan.bottom + index * step),
        "west": (plan.left - (index + 1) * step, plan.bottom),
        "east": (plan.right + index * step, plan.bottom),
        "owners": (plan.owners_x + index * step, plan.bottom),
    }[arm]


def _slots(*, plan: _Plan, arm: str, linked: set[str]) -> list[Slot]:
    items = plan.arms[arm].items
    chip = _chip_width(scale=plan.scale, items=items)
    return [
        _slot(plan=plan, arm=arm, index=index, item=item, chip=chip, unlinked=item.key not in linked)
        for index, item in enumerate(items)
    ]


def _slot(*, plan: _Plan, arm: str, index: int, item: MatrixItem, chip: float, unlinked: bool) -> Slot:
    scale, thickness = plan.scale, plan.thickness[arm]
    length = _length(scale=scale, arm=arm)
    x, y = _origin(plan=plan, arm=arm, index=index)
    start = 10.0 if arm == "owners" else _TEXT_START
    room = _room(scale=scale, arm=arm, chip=chip) + _TEXT_START - start
    lines = wrap(text=item.title, size=scale.font, room=room, lines=2 if thickness >= scale.two_lines else 1)
    has_chip = bool(_chip_text(item=item))
    return Slot(
        key=item.key,
        arm=arm,
        x=round(x, 2),
        y=round(y, 2),
        turn=-90 if arm in _TURNED else 0,
        length=length,
        thickness=thickness,
        number="" if arm == "owners" or not item.key else str(index + 1),
        lines=_lines(texts=lines, x=start, thickness=thickness, scale=scale),
        baseline=round(thickness / 2 + scale.font * 0.36, 2),
        figure=_chip_text(item=item),
        figure_x=round(length - 6 - chip / 2, 2),
        chip_x=round(length - 6 - chip, 2),
        chip_width=round(chip, 2) if has_chip else 0.0,
        sign=sign_of(verdict=item.verdict) if item.verdict else None,
        title=item.title,
        href=item.href,
        unlinked=unlinked and arm != "owners",
    )


def _lines(*, texts: tuple[str, ...], x: float, thickness: float, scale: _Scale) -> tuple[Line, ...]:
    first = thickness / 2 - (len(texts) - 1) * scale.leading / 2 + scale.font * 0.36
    return tuple(Line(x, round(first + index * scale.leading, 2), text) for index, text in enumerate(texts))


def _placeholders(*, plan: _Plan) -> tuple[Slot, ...]:
    """One quiet box for each empty arm, so that the sheet keeps its shape and says what is missing."""
    empty = [name for name in ("south", "west", "north", "east") if not plan.arms[name].items]
    return tuple(
        _slot(
            plan=plan, arm=name, index=0, chip=0.0, unlinked=False,
            item=MatrixItem(key="", title=f"{plan.arms[name].label}: {plan.arms[name].empty}"),
        )
        for name in empty
    )  # fmt: skip


# ------------------------------------------------------------------ corners and centre


def _corners(*, plan: _Plan) -> tuple[Corner, ...]:
    names = [name for name in CORNERS if plan.has_owners or not name.endswith("owners")]
    return tuple(_corner(plan=plan, name=name) for name in names)


def _corner(*, plan: _Plan, name: str) -> Corner:
    row_arm, column_arm = CORNERS[name]
    across, down = plan.depth(column_arm), plan.depth(row_arm)
    x = {"west": plan.left - across, "east": plan.right, "owners": plan.owners_x}[column_arm]
    y = plan.top - down if row_arm == "north" else plan.bottom
    rows = _rules(start=y, step=plan.thickness[row_arm], count=len(plan.arms[row_arm].items), back=row_arm == "north")
    columns = _rules(
        start=x, step=plan.thickness[column_arm], count=len(plan.arms[column_arm].items), back=column_arm == "west"
    )
    edge = y if row_arm == "north" else y + down
    caption = _caption(texts=plan.captions.get(name, ()), x=x, above=row_arm == "north", edge=edge)
    return Corner(name, round(x, 2), round(y, 2), round(across, 2), round(down, 2), rows, columns, caption)


def _rules(*, start: float, step: float, count: int, back: bool) -> tuple[tuple[float, bool], ...]:
    """Inner rules, and whether each closes a group of five counted from the centre."""
    counted = ((count - index if back else index, start + index * step) for index in range(1, count))
    return tuple((round(at, 2), number % 5 == 0) for number, at in counted)


def _caption(*, texts: tuple[str, ...], x: float, above: bool, edge: float) -> tuple[Line, ...]:
    first = edge - 6 - (len(texts) - 1) * _CAPTION_LEADING if above else edge + _CAPTION_LEADING + 2
    return tuple(
        Line(round(x + 2, 2), round(first + index * _CAPTION_LEADING, 2), text) for index, text in enumerate(texts)
    )


def _centre(*, plan: _Plan, vision: str, label: str) -> Centre:
    across, down = plan.scale.centre_width, plan.scale.centre_height
    x, y = plan.left, plan.top
    box = (x + across * 0.245, y + down * 0.255, across * 0.51, down * 0.49)
    middle_x, middle_y = x + across / 2, y + down / 2
    labels = (
        (Line(middle_x, y + down - 22, plan.arms["south"].label), 0),
        (Line(x + 34, middle_y, plan.arms["west"].label), -90),
        (Line(middle_x, y + 32, plan.arms["north"].label), 0),
        (Line(x + across - 26, middle_y, plan.arms["east"].label), -90),
    )
    heading, size, lines = _vision(vision=vision, label=label, box=box)
    return Centre(round(x, 2), round(y, 2), across, down, labels, box, size, lines, vision, heading)


def _vision(*, vision: str, label: str, box: tuple[float, float, float, float]) -> tuple[Line, float, tuple[Line, ...]]:
    """The heading, the font size and the lines of the vision: as large as lets the whole of it stand in its box."""
    left, top, across, down = box
    middle, high = round(left + across / 2, 2), down - 48
    for size in _VISION_SIZES:
        leading = size * 1.4
        texts = wrap(text=vision, size=size, room=across - 32, lines=int(high // leading), bold=True)
        if texts and not texts[-1].endswith("…"):
            break
    start = top + (down - 26 - len(texts) * leading) / 2 + 10
    lines = tuple(
        Line(middle, round(start + 26 + size * 0.7 + index * leading, 2), text) for index, text in enumerate(texts)
    )
    return Line(middle, round(start, 2), label), size, lines

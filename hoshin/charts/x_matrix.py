"""The X-matrix: four arms around the vision, correlations in the four corners, owners at the far right.

Items count outwards from the centre. South and North are rows, West and East are turned columns, so every pair of
neighbouring arms meets in one corner; links of arms that face each other are handed back as unplaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hoshin.charts.matrix_legend import legend_entries
from hoshin.charts.matrix_marks import joined_of, link_marks, owner_marks, parts_of
from hoshin.charts.matrix_plan import (
    CAPTION_LEADING,
    CORNERS,
    MARGIN,
    OWNERS,
    TEXT_START,
    TURNED,
    Plan,
    Scale,
    Tail,
    chip_text,
    length_of,
    plan_of,
    room_of,
    tail_of,
)
from hoshin.charts.matrix_shapes import (
    Arm,
    Centre,
    Corner,
    Line,
    Link,
    MatrixItem,
    Owner,
    OwnerLink,
    Setting,
    Slot,
    XMatrix,
)
from hoshin.charts.signs import TRIANGLE, sign_of
from hoshin.charts.text import wrap

__all__ = ["CORNERS", "x_matrix"]

_VISION_SIZES = (15.0, 13.0, 11.5, 10.0)


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
    owners_label: str = OWNERS,
    owner_links: Sequence[OwnerLink] = (),
    questions: Mapping[str, str] | None = None,
    vision_label: str = "True North",
    glyphs: str = TRIANGLE,
    figures: bool = True,
    warnings: Mapping[str, str] | None = None,
) -> XMatrix:
    """Lay out one sheet. Item keys are unique over all arms and owners (ValueError otherwise).

    `key` prefixes the ids inside the SVG. `questions` are captions by corner name (see CORNERS). Of two links between
    the same pair the stronger is drawn. A link whose items are unknown, or stand in arms without a common corner, is
    returned in `unplaced` (owners: `unplaced_owners`). `glyphs` names the family of signs (see charts.signs); without
    `figures` the legend does not speak of verdicts. `warnings` say why a corner, by its name, is marked.
    """
    columns = tuple(_column(owner=owner) for owner in owners)
    arms = {"south": south, "west": west, "north": north, "east": east, "owners": Arm(owners_label, columns)}
    plan = plan_of(arms=arms, questions=questions or {})
    joined, unplaced = joined_of(arms=arms, links=links)
    parts, unplaced_owners = parts_of(arms=arms, owner_links=owner_links)
    linked = {item for pair in joined for item in pair}
    slots = {slot.key: slot for arm in arms for slot in _slots(plan=plan, arm=arm, linked=linked)}
    marks = link_marks(slots=slots, joined=joined, glyphs=glyphs) + owner_marks(slots=slots, parts=parts)
    below = plan.bottom + plan.depth(arm="south") + plan.strip(side="south")
    legend, legend_height = legend_entries(
        y=below, width=plan.total_width, owners=plan.has_owners, figures=figures, glyphs=glyphs,
        totals=any(slot.total for slot in slots.values()), warnings=_warned(arms=arms, corners=warnings),
    )  # fmt: skip
    return XMatrix(
        key=key,
        title=title,
        width=round(plan.total_width, 2),
        height=round(below + legend_height + MARGIN, 2),
        font_size=plan.scale.font,
        setting=Setting(
            leading=plan.scale.leading,
            one_line=plan.scale.one_line,
            two_lines=plan.scale.two_lines,
            few=plan.scale.few,
            legend_y=round(below, 2),
            legend_height=round(legend_height + MARGIN, 2),
        ),
        centre=_centre(plan=plan, vision=vision, label=vision_label),
        slots=tuple(slots.values()) + _placeholders(plan=plan),
        corners=_corners(plan=plan, warnings=warnings or {}),
        marks=marks,
        legend=legend,
        owners_heading=_heading(plan=plan, label=owners_label) if plan.has_owners else None,
        unplaced=unplaced,
        unplaced_owners=unplaced_owners,
    )


# ------------------------------------------------------------------ items


def _heading(*, plan: Plan, label: str) -> Line:
    return Line(plan.owners_x, plan.top - plan.depth(arm="north") - 6, label)


def _origin(*, plan: Plan, arm: str, index: int) -> tuple[float, float]:
    """Where the frame of the index-th slot of an arm begins: top left of a row, bottom left of a turned column."""
    step = plan.thickness[arm]
    return {
        "north": (plan.left, plan.top - (index + 1) * step),
        "south": (plan.left, plan.bottom + index * step),
        "west": (plan.left - (index + 1) * step, plan.bottom),
        "east": (plan.right + index * step, plan.bottom),
        "owners": (plan.owners_x + index * step, plan.bottom),
    }[arm]


def _column(*, owner: Owner) -> MatrixItem:
    return MatrixItem(key=owner.key, title=owner.name, href=owner.href, warning=owner.warning, dim=owner.dim)


def _warned(*, arms: Mapping[str, Arm], corners: Mapping[str, str] | None) -> bool:
    return bool(corners) or any(arm.warning or any(item.warning for item in arm.items) for arm in arms.values())


def _slots(*, plan: Plan, arm: str, linked: set[str]) -> list[Slot]:
    items = plan.arms[arm].items
    tail = tail_of(scale=plan.scale, items=items)
    return [
        _slot(plan=plan, arm=arm, index=index, item=item, tail=tail, unlinked=item.key not in linked)
        for index, item in enumerate(items)
    ]


def _slot(*, plan: Plan, arm: str, index: int, item: MatrixItem, tail: Tail, unlinked: bool) -> Slot:
    scale, thickness = plan.scale, plan.thickness[arm]
    length = length_of(scale=scale, arm=arm)
    x, y = _origin(plan=plan, arm=arm, index=index)
    start = 10.0 if arm == "owners" else TEXT_START
    room = room_of(scale=scale, arm=arm, tail=tail) + TEXT_START - start
    before_chip = length - 6 - (tail.chip + 4 if tail.chip else 0)
    lines = wrap(text=item.title, size=scale.font, room=room, lines=2 if thickness >= scale.two_lines else 1)
    has_chip = bool(chip_text(item=item))
    return Slot(
        key=item.key,
        arm=arm,
        x=round(x, 2),
        y=round(y, 2),
        turn=-90 if arm in TURNED else 0,
        length=length,
        thickness=thickness,
        number="" if arm == "owners" or not item.key else str(index + 1),
        lines=_lines(texts=lines, x=start, thickness=thickness, scale=scale),
        baseline=round(thickness / 2 + scale.font * 0.36, 2),
        figure=chip_text(item=item),
        figure_x=round(length - 6 - tail.chip / 2, 2),
        chip_x=round(length - 6 - tail.chip, 2),
        chip_width=round(tail.chip, 2) if has_chip else 0.0,
        sign=sign_of(verdict=item.verdict) if item.verdict else None,
        title=item.title,
        href=item.href,
        unlinked=unlinked and arm != "owners",
        note=item.note,
        total=item.total,
        total_x=round(before_chip, 2),
        warning=item.warning,
        warning_x=round(before_chip - tail.total - 8, 2),
        owners=item.owners,
        status=item.status,
        dim=item.dim,
    )


def _lines(*, texts: tuple[str, ...], x: float, thickness: float, scale: Scale) -> tuple[Line, ...]:
    first = thickness / 2 - (len(texts) - 1) * scale.leading / 2 + scale.font * 0.36
    return tuple(Line(x, round(first + index * scale.leading, 2), text) for index, text in enumerate(texts))


def _placeholders(*, plan: Plan) -> tuple[Slot, ...]:
    """One quiet box for each empty arm, so that the sheet keeps its shape and says what is missing."""
    empty = [name for name in ("south", "west", "north", "east") if not plan.arms[name].items]
    return tuple(
        _slot(
            plan=plan, arm=name, index=0, tail=Tail(0.0, 0.0, 0.0), unlinked=False,
            item=MatrixItem(key="", title=f"{plan.arms[name].label}: {plan.arms[name].empty}"),
        )
        for name in empty
    )  # fmt: skip


# ------------------------------------------------------------------ corners and centre


def _corners(*, plan: Plan, warnings: Mapping[str, str]) -> tuple[Corner, ...]:
    names = [name for name in CORNERS if plan.has_owners or not name.endswith("owners")]
    return tuple(_corner(plan=plan, name=name, warning=warnings.get(name, "")) for name in names)


def _corner(*, plan: Plan, name: str, warning: str) -> Corner:
    row_arm, column_arm = CORNERS[name]
    across, down = plan.depth(arm=column_arm), plan.depth(arm=row_arm)
    x = {"west": plan.left - across, "east": plan.right, "owners": plan.owners_x}[column_arm]
    y = plan.top - down if row_arm == "north" else plan.bottom
    rows = _rules(start=y, step=plan.thickness[row_arm], count=len(plan.arms[row_arm].items), back=row_arm == "north")
    columns = _rules(
        start=x, step=plan.thickness[column_arm], count=len(plan.arms[column_arm].items), back=column_arm == "west"
    )
    edge = y if row_arm == "north" else y + down
    caption = _caption(texts=plan.captions.get(name, ()), x=x, above=row_arm == "north", edge=edge)
    return Corner(name, round(x, 2), round(y, 2), round(across, 2), round(down, 2), rows, columns, caption, warning)


def _rules(*, start: float, step: float, count: int, back: bool) -> tuple[tuple[float, bool], ...]:
    """Inner rules, and whether each closes a group of five counted from the centre."""
    counted = ((count - index if back else index, start + index * step) for index in range(1, count))
    return tuple((round(at, 2), number % 5 == 0) for number, at in counted)


def _caption(*, texts: tuple[str, ...], x: float, above: bool, edge: float) -> tuple[Line, ...]:
    first = edge - 6 - (len(texts) - 1) * CAPTION_LEADING if above else edge + CAPTION_LEADING + 2
    return tuple(
        Line(round(x + 2, 2), round(first + index * CAPTION_LEADING, 2), text) for index, text in enumerate(texts)
    )


def _centre(*, plan: Plan, vision: str, label: str) -> Centre:
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
    warnings = tuple(
        Line(at.x - 24 if turn else at.x, at.y if turn else at.y + (12 if side == "north" else -26), text)
        for (at, turn), side in zip(labels, ("south", "west", "north", "east"), strict=True)
        if (text := plan.arms[side].warning)
    )
    return Centre(round(x, 2), round(y, 2), across, down, labels, box, size, lines, vision, heading, warnings)


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

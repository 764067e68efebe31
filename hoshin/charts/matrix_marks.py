"""The marks in the corners of an X-matrix: which cell each link takes, and which links no corner can take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hoshin.charts.matrix_plan import CORNERS
from hoshin.charts.matrix_shapes import Arm, Link, Mark, OwnerLink, Slot
from hoshin.charts.palette import PALETTE
from hoshin.charts.signs import RESPONSIBLE, SUPPORTS, TRIANGLE, Grade, grades_of

_LARGEST_MARK = 7.5


def _arm_of(*, arms: Mapping[str, Arm]) -> dict[str, str]:
    keys = [(item.key, name) for name, arm in arms.items() for item in arm.items]
    found = dict(keys)
    if len(found) != len(keys):
        raise ValueError("an item stands twice on the matrix")
    return found


def _corner_of(*, a: str | None, b: str | None) -> str | None:
    return next((name for name, pair in CORNERS.items() if {a, b} == set(pair)), None)


def joined_of(
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


def parts_of(
    *, arms: Mapping[str, Arm], owner_links: Sequence[OwnerLink]
) -> tuple[dict[tuple[str, str], tuple[str, OwnerLink]], tuple[OwnerLink, ...]]:
    """Owners' parts by (row item, owner) with their corner, and those that no row can take."""
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


def link_marks(
    *, slots: Mapping[str, Slot], joined: Mapping[tuple[str, str], tuple[str, Link]], glyphs: str = TRIANGLE
) -> tuple[Mark, ...]:
    """One mark for each placed correlation."""
    middles = {key: slot.middle for key, slot in slots.items()}
    grades = grades_of(glyphs=glyphs)
    marks = []
    for (row, column), (corner, link) in joined.items():
        grade = grades[link.strength]
        words = f"{grade.glyph} {grade.word}: {slots[row].title} × {slots[column].title}"
        said = f"{words}. {link.sentence}" if link.sentence else words
        at = (middles[column][0], middles[row][1])
        marks.append(_mark(corner, slots[row], slots[column], at, grade, said, link.strength, link.dim))
    return tuple(marks)


def owner_marks(
    *, slots: Mapping[str, Slot], parts: Mapping[tuple[str, str], tuple[str, OwnerLink]]
) -> tuple[Mark, ...]:
    """One mark for each placed part of an owner."""
    marks = []
    for (row, column), (corner, link) in parts.items():
        grade = RESPONSIBLE if link.responsible else SUPPORTS
        words = "is responsible for" if link.responsible else "supports"
        said = f"{grade.glyph} {slots[column].title} {words} {slots[row].title}"
        at = (slots[column].middle[0], slots[row].middle[1])
        marks.append(_mark(corner, slots[row], slots[column], at, grade, said, 0, link.dim))
    return tuple(marks)


def _mark(
    corner: str, row: Slot, column: Slot, at: tuple[float, float], grade: Grade, title: str, strength: int, dim: bool
) -> Mark:
    x, y = at
    size = min(_LARGEST_MARK, min(row.thickness, column.thickness) * (0.27 if grade.shape == "disc" else 0.25))
    colour = PALETTE.ink_2 if corner.endswith("owners") else PALETTE.accent
    points = _triangle(x=x, y=y, size=size) if grade.shape == "triangle" else ""
    return Mark(
        corner, row.key, column.key, round(x, 2), round(y, 2), round(size, 2), grade.shape, points, colour, title,
        strength, dim,
    )  # fmt: skip


def _triangle(*, x: float, y: float, size: float) -> str:
    """The corners of a triangle that looks as large as a ring of radius `size` around (x, y), as SVG points."""
    side, up, down = size * 1.12, size * 1.1, size * 0.85
    return f"{x - side:.2f},{y + down:.2f} {x + side:.2f},{y + down:.2f} {x:.2f},{y - up:.2f}"

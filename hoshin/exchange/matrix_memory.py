"""The hidden sheet of a matrix's workbook: how everything stood when it was written, a line of JSON each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hoshin.charts.matrix_shapes import XMatrix
from hoshin.charts.signs import FAMILIES, RESPONSIBLE
from hoshin.queries.matrix import MatrixFacts

FORMAT = "hoshin x-matrix 3"
WITHOUT_REASONS = "hoshin x-matrix 2"
"""As we wrote it before; the notes of such a workbook only repeat what the drawing says."""
SIDES = ("south", "west", "north", "east")


@dataclass(frozen=True, slots=True)
class Origin:
    """Which matrix a workbook was written from."""

    unit_id: int
    cycle: str
    preset: str
    glyphs: str


@dataclass(frozen=True, slots=True)
class Memory:
    """How everything stood: names by item key, versions of the unit's own items, links, parts, arms, figures.

    `parts` says by item and person whether they are responsible (True) or support (False); `arms` holds the items of
    each side from the centre outwards, `figures` what stood beside each item, `people` the names in the grid, `drawn`
    the titles of the items that are at home in other units. `has_reasons` says that notes beside signs are reasons.
    """

    origin: Origin
    names: Mapping[str, str]
    versions: Mapping[str, int]
    links: Mapping[tuple[int, int], tuple[int, str, int]]
    parts: Mapping[tuple[str, str], bool]
    arms: Mapping[str, Sequence[str]]
    figures: Mapping[str, str]
    people: Mapping[str, str]
    drawn: Mapping[str, str]
    centre: str
    has_reasons: bool


def lines_of(
    *, facts: MatrixFacts, matrix: XMatrix, preset: str, figures: Mapping[str, str], centre: str
) -> list[str]:
    """What is remembered of a sheet."""
    return [json.dumps(one, ensure_ascii=False) for one in _kept(facts, matrix, preset, figures, centre)]


def _kept(
    facts: MatrixFacts, matrix: XMatrix, preset: str, figures: Mapping[str, str], centre: str
) -> Iterator[dict[str, Any]]:
    yield {
        "format": FORMAT, "unit": facts.unit.id, "cycle": facts.cycle.name, "preset": preset,
        "glyphs": facts.organisation.glyphs.value, "centre": centre,
    }  # fmt: skip
    for own in facts.plan.items:
        yield {"item": f"{own.kind.value}:{own.id}", "name": own.name, "version": own.version}
    titles = {one.key: one.title for one in matrix.slots}
    for far in facts.plan.shared():
        key = f"{far.kind.value}:{far.id}"
        yield {"item": key, "name": far.name if far.readable else "", "drawn": titles.get(key, "")}
    for one in facts.plan.links:
        yield {"upper": one.upper_id, "lower": one.lower_id, "strength": one.strength, "why": one.rationale,
               "version": one.version}  # fmt: skip
    for mark in matrix.marks:
        if not mark.strength:
            yield {"part": mark.row, "person": mark.column, "responsible": mark.shape == RESPONSIBLE.shape}
    for side in SIDES:
        yield {"arm": side, "items": [one.key for one in matrix.slots if one.arm == side and one.key]}
    for slot in matrix.slots:
        if slot.arm == "owners":
            yield {"owner": slot.key, "name": slot.title}
    yield {"figures": dict(figures)}


def memory_of(*, lines: Sequence[str]) -> Memory:
    """What the lines say; ValueError, KeyError or TypeError when they are not ours or have been damaged."""
    kept = [json.loads(one) for one in lines]
    head = kept[0] if kept else {}
    if head.get("format") not in (FORMAT, WITHOUT_REASONS) or head["glyphs"] not in FAMILIES:
        raise ValueError("another format")
    items = [one for one in kept if "item" in one]
    return Memory(
        origin=Origin(int(head["unit"]), str(head["cycle"]), str(head["preset"]), str(head["glyphs"])),
        names={str(one["item"]): str(one["name"]) for one in items},
        versions={str(one["item"]): int(one["version"]) for one in items if "version" in one},
        links={
            (int(one["upper"]), int(one["lower"])): (int(one["strength"]), str(one["why"]), int(one["version"]))
            for one in kept
            if "upper" in one
        },
        parts={(str(one["part"]), str(one["person"])): bool(one["responsible"]) for one in kept if "part" in one},
        arms={str(one["arm"]): [str(key) for key in one["items"]] for one in kept if "arm" in one},
        figures={str(key): str(text) for one in kept if "figures" in one for key, text in one["figures"].items()},
        drawn={str(one["item"]): str(one["drawn"]) for one in items if "drawn" in one},
        people={str(one["owner"]): str(one["name"]) for one in kept if "owner" in one},
        centre=str(head["centre"]),
        has_reasons=head["format"] == FORMAT,
    )

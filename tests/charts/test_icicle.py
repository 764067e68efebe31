"""The icicle: widths by what is due, nothing outside its parent, every node in words."""

from __future__ import annotations

import pytest

from hoshin.charts.icicle import Branch, icicle
from hoshin.charts.months import MonthFigure, months
from hoshin.charts.text import width


def branch(key: str, hits: int, misses: int, *children: Branch, label: str = "") -> Branch:
    return Branch(key, label or key, hits, misses, 0, 0, "50 %", href=f"/?open={key}", children=children)


def test_children_share_their_parent_by_what_is_due() -> None:
    root = branch("all", 3, 3, branch("a", 1, 3, branch("a1", 0, 1), branch("a2", 1, 2)), branch("b", 2, 0))
    drawn = {one.key: one for one in icicle(title="", root=root).slabs}
    assert drawn["a"].width / drawn["b"].width == pytest.approx(2, rel=0.02)
    assert drawn["a2"].x + drawn["a2"].width <= drawn["a"].x + drawn["a"].width + 0.01
    assert [one.key for one in icicle(title="", root=root).slabs] == ["all", "a", "b", "a1", "a2"]
    assert sum(part.width for part in drawn["a"].parts) <= drawn["a"].width
    assert drawn["a"].said == "a: 1 of 4 due hit, 50 %"


def test_what_lies_deeper_than_two_levels_waits_until_it_is_opened() -> None:
    deep = branch("a", 1, 0, branch("b", 1, 0, branch("c", 1, 0, branch("d", 1, 0))))
    assert [one.key for one in icicle(title="", root=deep).slabs] == ["a", "b", "c"]


def test_a_node_without_anything_due_can_still_be_seen_and_opened() -> None:
    root = branch("all", 90, 0, branch("a", 90, 0), branch("new", 0, 0))
    new = icicle(title="", root=root).slabs[-1]
    assert new.width > 0.5
    assert (new.parts, new.said) == ((), "new: none due")


def test_names_stay_in_their_slab() -> None:
    children = [branch(str(n), 1, n % 3, label="Incomprehensibilities of procurement") for n in range(12)]
    for one in icicle(title="", root=branch("all", 12, 9, *children)).slabs:
        assert all(width(text=name, size=11.5, bold=True) <= one.width for name in one.names)
        assert width(text=one.figure, size=11) <= one.width


def test_a_month_is_as_high_as_what_was_due() -> None:
    drawn = months(title="", figures=[MonthFigure("Jan", 1, 1, 0, 0, "50 %"), MonthFigure("Feb", 2, 1, 1, 0, "50 %"),
                                      MonthFigure("Mar", 0, 0, 0, 0, "n/a")])  # fmt: skip
    heights = [sum(high for _, high, _ in one.parts) for one in drawn.columns]
    assert heights[1] == pytest.approx(2 * heights[0], rel=0.01)
    assert (heights[2], drawn.columns[2].said) == (0, "Mar: not due")

"""The radar of a diagnosis: where its corners lie, what is said, and what happens without values."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hoshin.charts.radar import Axis, radar
from hoshin.reports.render import render


def _axes(*values: int | None) -> list[Axis]:
    return [
        Axis(f"Area {place}", None if one is None else Fraction(one), text=str(one)) for place, one in enumerate(values)
    ]


def test_the_first_axis_points_up_and_the_rim_is_the_highest_value() -> None:
    drawing = radar(title="Diagnosis", axes=_axes(5, 0, 0, 0), most=5, now_label="FY2026")
    top = drawing.spokes[0]
    assert drawing.dots[0] == (top.x, top.y)
    assert top.x == drawing.centre[0]
    assert top.y < drawing.centre[1]
    assert drawing.dots[1] == drawing.centre


def test_an_axis_without_a_value_has_no_corner() -> None:
    drawing = radar(title="Diagnosis", axes=_axes(3, None, 4, 5), most=5, now_label="FY2026")
    assert len(drawing.dots) == 3
    assert drawing.earlier == ""


def test_last_years_shape_is_drawn_only_where_there_is_one() -> None:
    axes = [Axis(f"Area {place}", Fraction(3), Fraction(2), "3.0 (+1.0)") for place in range(11)]
    drawing = radar(title="Diagnosis", axes=axes, most=5, now_label="FY2026", earlier_label="FY2025", said="better")
    written = render(template="charts/radar.svg", radar=drawing)
    assert written.count("<polygon") == 5 + 2
    assert "FY2025" in written
    assert "3.0 (+1.0)" in written
    assert "FY2025" not in render(
        template="charts/radar.svg",
        radar=radar(title="Diagnosis", axes=_axes(1, 2, 3), most=5, now_label="FY2026", earlier_label="FY2025"),
    )


def test_two_axes_have_no_area() -> None:
    with pytest.raises(ValueError, match="three axes"):
        radar(title="Diagnosis", axes=_axes(1, 2), most=5, now_label="FY2026")

"""The strips of a bowling chart on paper: nothing leaves its column, however long."""

from __future__ import annotations

import pytest

from hoshin.charts.bowling import Group, KpiRow, Month, Reading, bowling
from hoshin.charts.bowling_paper import bowling_paper
from hoshin.charts.strips import WIDTH
from hoshin.charts.text import width

MONTHS = tuple(Month(label) for label in "JFMAMJJASOND")


def _row(name: str, figure: str) -> KpiRow:
    reading = Reading(figure, figure, "miss", amended=True, note="a note", signal="outside")
    return KpiRow(name, (reading,) * 12, figure, reading, owner="Wilhelmina " * 4, uom="kilograms per hour",
                  last_year=figure, base=figure, forecast=figure, countermeasure="")  # fmt: skip


@pytest.mark.parametrize("figure", ["1", "12345.6789", "-99999999999999.9999"])
@pytest.mark.parametrize("name", ["Scrap", "A very long name of a KPI that goes on and on " * 4])
def test_texts_stay_in_their_columns_and_strips(figure: str, name: str) -> None:
    chart = bowling(title="", months=MONTHS, groups=[Group("All", (_row(name, figure),))])
    [strip] = bowling_paper(chart=chart).blocks[0].strips
    for one in strip.texts:
        wide = width(text=one.text, size=one.size, bold=one.bold)
        left = one.x - wide if one.anchor == "end" else one.x
        assert left >= -0.01
        assert left + wide <= WIDTH
        assert 0 < one.y <= strip.height
    shown = [one for one in strip.texts if one.text.startswith(figure) and one.anchor == "end"]
    assert len(shown) == 12 * 2 + 2 + 4
    assert "target amended" in strip.said


def test_what_is_not_due_and_not_read_has_no_colour() -> None:
    row = KpiRow("Scrap", (Reading("1", "", "not due"),) * 12, "", Reading("", "", "not due"))
    [strip] = bowling_paper(chart=bowling(title="", months=MONTHS, groups=[Group("All", (row,))])).blocks[0].strips
    assert strip.boxes == ()


def test_a_figure_of_the_year_is_marked_where_a_note_stands_beside_it() -> None:
    row = KpiRow("Scrap", (Reading("1", "", "not due"),) * 12, "7", Reading("", "", "not due"), forecast="8",
                 notes={"forecast": "new lines", "ytd": "a strike", "ytd_plan": "as agreed"})  # fmt: skip
    [strip] = bowling_paper(chart=bowling(title="", months=MONTHS, groups=[Group("All", (row,))])).blocks[0].strips
    texts = [one.text for one in strip.texts]
    assert [one for one in texts if one in {"7", "8 *", "*"}] == ["7", "8 *", "*", "*"]


def test_a_plan_is_marked_where_it_has_a_note_of_its_own() -> None:
    row = KpiRow("Scrap", (Reading("3", "4", "miss", plan_note="one shift"),) + (Reading("3", "4", "miss"),) * 11, "",
                 Reading("", "", "not due"))  # fmt: skip
    [strip] = bowling_paper(chart=bowling(title="", months=MONTHS, groups=[Group("All", (row,))])).blocks[0].strips
    texts = [one.text for one in strip.texts]
    assert (texts.count("3*"), texts.count("3"), texts.count("*")) == (1, 11, 0)
    assert "note to the plan: one shift" in strip.said

"""The shape of the bowling chart, its sparklines and the bars by level."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hoshin.charts.bowling import Bowling, Group, KpiRow, Month, Reading, bowling
from hoshin.charts.levels import Level, levels
from hoshin.charts.spark import spark

MONTHS = tuple(Month(label, current=label == "Mar") for label in ("Jan", "Feb", "Mar"))


def chart(*readings: Reading) -> Bowling:
    row = KpiRow("Lead time", readings, "10", Reading("10", "12", "miss", note="2 of 3 months"))
    return bowling(title="Bowling chart", months=MONTHS, groups=[Group("Fundamental", (row,))])


def test_every_cell_has_sign_and_words() -> None:
    """Colour is never the only sign, and the engine's own words are understood."""
    got = chart(Reading("10", "9", "hit"), Reading("10", "", "no data"), Reading("", "8", "without target"))
    cells = got.blocks[0].lines[0].cells
    assert [cell.sign.glyph for cell in cells] == ["✓", "–", "○"]
    assert cells[1].said == "Feb: no data; plan 10; actual none"
    assert [cell.current for cell in cells] == [False, False, True]
    assert got.blocks[0].lines[0].ytd.said.endswith("2 of 3 months")


def test_a_row_has_one_reading_per_month() -> None:
    """A missing month is refused, not shifted."""
    with pytest.raises(ValueError, match="2 readings for 3 months"):
        chart(Reading("10", "9", "hit"), Reading("10", "9", "hit"))


def test_an_unknown_verdict_is_refused() -> None:
    """No cell is coloured by accident."""
    with pytest.raises(ValueError, match="no such verdict"):
        chart(*(Reading("1", "1", "green") for _ in MONTHS))


def test_group_headings_span_the_table() -> None:
    """Ten columns stand beside the months."""
    assert chart(*(Reading("1", "1", "hit") for _ in MONTHS)).columns == 3 + 10


def test_notes_and_signals_are_gathered_below_the_chart() -> None:
    """A note names its KPI and month, the year carried on from the month that says it."""
    row = KpiRow("Lead time", (Reading("1", "1", "hit"), Reading("1", "2", "amber", note="strike", signal="outside")),
                 "", Reading("", "", "not due", note="1 of 2 months"), notes={"forecast": "new lines"})  # fmt: skip
    months = (Month("Dec", year="2026"), Month("Jan"))
    got = bowling(title="", months=months, groups=[Group("", (row,))], three=True)
    assert [(one.place, one.text) for one in got.notes] == [
        ("Lead time, Jan 2026", "strike"), ("Lead time, forecast", "new lines"),
    ]  # fmt: skip
    assert (got.has_signals, got.has_amber, got.has_countermeasures) == (True, True, False)
    assert "signal: outside" in got.blocks[0].lines[0].cells[1].said


def test_a_sparkline_stays_in_its_box_and_breaks_at_gaps() -> None:
    """Also when all values are alike or none is known."""
    drawn = spark(plan=[Decimal(1), Decimal(2), Decimal(3)], actual=[Decimal(1), None, Decimal(9)], verdict="miss")
    assert drawn.actual.count("M") == 2
    assert drawn.last is not None
    assert 0 < drawn.last[0] < drawn.width
    assert 0 < drawn.last[1] < drawn.height
    assert spark(plan=[Decimal(5), Decimal(5)], actual=[None, None]).plan == "M3 11 L81 11"
    assert spark(plan=[], actual=[]).last is None


def test_a_bar_fills_its_width_with_what_is_due() -> None:
    """Parts in proportion, side by side, empty ones left out."""
    bar = levels(title="", rows=[Level("All", 17, 5, 2, 0, "71 %", change=-1)]).bars[0]
    assert [part.key for part in bar.segments] == ["hit", "miss", "no_data"]
    assert sum(part.width for part in bar.segments) == pytest.approx(240)
    assert bar.segments[1].x == pytest.approx(bar.segments[0].width)
    assert (bar.arrow, bar.trend, bar.due) == ("▼", "down", 24)


def test_nothing_due_draws_no_bar() -> None:
    """A zero denominator is n/a, never an empty bar that looks like 0 %."""
    assert levels(title="", rows=[Level("None", 0, 0, 0, 0, "n/a")]).bars[0].segments == ()

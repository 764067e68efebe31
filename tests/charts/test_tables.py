"""Tables as strips: nothing leaves its column or the sheet, and nothing is cut off."""

from __future__ import annotations

import pytest

from hoshin.charts.signs import HIT
from hoshin.charts.strips import WIDTH, TitleBlock, flowing, pile, title_strip
from hoshin.charts.tables import Cell, Column, Row, Table, TableSheet, sheet_strips, table_strips
from hoshin.charts.text import width

LONG = "A title that goes on and on until it is three hundred characters long " * 5
WORD = "Donaudampfschifffahrtsgesellschaftskapitän" * 6
COLUMNS = (Column("Item", 10), Column("Department of Telecommunications", 1, "middle"), Column("Stands", 2, "end"))


def _table(text: str) -> Table:
    row = Row((Cell(text, kind="KPI:", indent=2, bold=True), Cell("●"), Cell("✓ hit", sign=HIT)))
    return Table("All", COLUMNS, (row,))


@pytest.mark.parametrize("text", ["Scrap", LONG, WORD, ""])
def test_every_text_is_whole_and_inside(text: str) -> None:
    for strip in table_strips(table=_table(text)):
        for one in strip.texts:
            wide = width(text=one.text, size=one.size, bold=one.bold)
            left = {"start": one.x, "middle": one.x - wide / 2, "end": one.x - wide}[one.anchor]
            assert left >= -0.01
            assert left + wide <= WIDTH + 0.01
            assert 0 < one.y <= strip.height
        for box in strip.boxes:
            assert box.x >= 0
            assert box.x + box.width <= WIDTH
    texts = [one for strip in table_strips(table=_table(text)) for one in strip.texts]
    drawn = "".join(one.text for one in texts if one.anchor == "start")
    assert "".join(text.split()) in "".join(drawn.split())


def test_a_head_is_set_smaller_rather_than_broken_inside_a_word() -> None:
    head = next(table_strips(table=_table("Scrap")))
    words = {one.text for one in head.texts}
    assert {"Item", "Department", "of", "Stands"} <= words | {word for one in words for word in one.split()}
    assert min(one.size for one in head.texts) < 8


def test_a_row_has_a_cell_for_each_column() -> None:
    with pytest.raises(ValueError, match="2 cells for 3 columns"):
        list(table_strips(table=Table("", COLUMNS, (Row((Cell(), Cell())),))))


def test_a_sheet_is_a_pile_without_gaps_or_overlaps() -> None:
    block = TitleBlock("Company", f"Tree of {LONG}", "Figures for May", "FY2026", "printed today")
    sheet = pile(title="Tree", strips=sheet_strips(sheet=TableSheet("Tree", block, (_table(LONG),), more="the end")))
    for one, following in zip(sheet.placed, sheet.placed[1:], strict=False):
        assert one.y + one.strip.height == pytest.approx(following.y, abs=0.02)
    last = sheet.placed[-1]
    assert last.y + last.strip.height + sheet.margin == pytest.approx(sheet.height, abs=0.02)
    said = [one.text for placed in sheet.placed for one in placed.strip.texts]
    assert said[-1] == "the end"
    assert {"FY2026", "printed today", "COMPANY"} <= set(said)


def test_a_legend_goes_on_in_the_next_line() -> None:
    strip = flowing(entries=["✓ hit, and a long word about it"] * 12)
    assert len({one.y for one in strip.texts}) > 1
    assert max(one.x + width(text=one.text, size=one.size) for one in strip.texts) <= WIDTH


def test_a_long_title_grows_downwards() -> None:
    short, long = (title_strip(block=TitleBlock("", title, "", "", "")) for title in ("Tree", LONG))
    assert long.height > short.height

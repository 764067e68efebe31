"""Sheets as drawings: well-formed whatever stands in them, every text a text."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from hoshin.charts.bowling import Group, KpiRow, Month, Reading, bowling
from hoshin.charts.strips import TitleBlock
from hoshin.charts.tables import Cell, Column, Row, Table, TableSheet
from hoshin.reports.drawings import bowling_svg, tables_svg

NASTY = ["<script>alert(1)</script>", 'a "b" & \'c\'', "]]>", "null\x00 and \x0b and \uffff", "🙂 العربية"]


def _texts(drawn: str) -> str:
    root = ElementTree.fromstring(drawn)
    return " ".join("".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.parametrize("name", NASTY)
def test_whatever_a_name_holds(name: str) -> None:
    block = TitleBlock("Company", name, name, "FY2026", "printed today")
    row = Row((Cell(name),))
    drawn = tables_svg(sheet=TableSheet("Tree", block, (Table(name, (Column("Item", 1),), (row,)),), said=(name,)))
    shown = name.replace("\x00", "\ufffd").replace("\x0b", "\ufffd").replace("\uffff", "\ufffd")
    assert "".join(shown.split()) in "".join(_texts(drawn).split())
    assert "<script" not in drawn


def test_a_bowling_chart_with_its_notes() -> None:
    month = Reading("5", "6", "hit", note="a <note>", amended=True)
    row = KpiRow("Scrap & more", (month,), "5", Reading("5", "6", "hit"), detail="at most", owner="Ada")
    chart = bowling(title="", months=(Month("Apr", year="2026"),), groups=(Group("Priority", (row,), "1 of 1"),))
    said = _texts(bowling_svg(chart=chart, block=TitleBlock("Company", "Bowling chart", "", "FY2026", "")))
    wanted = ("Scrap & more", "at most", "5◆", "6 ✓", "Priority", "1 of 1", "Apr 2026: a <note>", "✓ hit")
    assert [one for one in wanted if one not in said] == []


def test_an_empty_chart_says_so() -> None:
    chart = bowling(title="", months=(), groups=())
    said = _texts(bowling_svg(chart=chart, block=TitleBlock("Company", "Bowling chart", "", "FY2026", "")))
    assert "no KPI in force" in said

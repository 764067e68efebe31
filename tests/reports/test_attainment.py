"""The sheet that page, paper, CSV and shell share: the shell's contract, the trend, and what a reader may open."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from hoshin.engine.metrics import Reading
from hoshin.engine.plans import Kind, Life, State
from hoshin.reports.attainment import TABLE_HEAD, Sheet, as_json, as_rows, make_sheet, notes_of
from hoshin.reports.attainment_text import as_text
from tests.engine.building import CALENDAR, Sketch, aim, ask, hit, miss, months

OBJECTIVE, PRIORITY = Kind.OBJECTIVE, Kind.PRIORITY


def sketch() -> Sketch:
    """One objective with a priority; a department with a hit in April and a miss in May, and a hit at the top."""
    made = Sketch()
    crew = made.unit("Crew")
    made.item(OBJECTIVE, "Grow")
    made.item(PRIORITY, "Open shops")
    made.item(OBJECTIVE, "Staff the shops", unit=crew)
    made.kpi("Posts filled", months(*[("5", "5")] * 4, ("5", "4")), unit=crew)
    made.kpi("Shops", months(*[("5", "5")] * 5))
    made.link("Grow", "Open shops")
    made.link("Open shops", "Shops")
    made.deploy("Open shops", "Staff the shops")
    made.link("Staff the shops", "Posts filled")
    return made


def sheet(made: Sketch, readable: frozenset[int] | None = None) -> Sheet:
    april = made.report(ask(CALENDAR.parse(text="2026-04")))
    return make_sheet(plan=made.plan(), report=made.report(), before=april, readable=readable)


def test_the_contract_of_the_shell() -> None:
    found = as_json(sheet=sheet(sketch()))
    assert list(found)[:7] == ["cycle", "period", "mode", "as_of", "levels", "depths", "nodes"]
    assert (found["cycle"], found["period"], found["mode"], found["as_of"]) == (
        "FY2026", "2026-05", "period", "2027-06-30",
    )  # fmt: skip
    counts = {
        "total": 2, "hits": 1, "misses": 1, "no_data": 0, "not_due": 0, "no_target": 0,
        "coverage": "1.000000", "ratio": "0.500000", "measured_ratio": "0.500000",
    }  # fmt: skip
    levels, nodes = found["levels"], found["nodes"]
    assert isinstance(levels, list)
    assert isinstance(nodes, list)
    assert levels[1] == {"level": "objective", "kind": "objective", **counts}
    assert [one["level"] for one in levels] == ["organisation", "objective", "priority", "action"]
    assert nodes[0] == {"kind": "organisation", "name": "Company", "path": "Company", "unit": None, **counts}
    assert [one["kind"] for one in nodes] == [
        "organisation", "unit", "unit-own", "unit-own", "objective", "objective", "priority", "kpi", "kpi", "class",
        "class",
    ]  # fmt: skip
    assert json.loads(json.dumps(found)) == found


def test_what_is_not_applicable_is_null() -> None:
    levels = as_json(sheet=sheet(Sketch()))["levels"]
    assert isinstance(levels, list)
    assert (levels[0]["ratio"], levels[0]["coverage"], levels[0]["measured_ratio"]) == (None, None, None)


def test_depths_carry_numbers() -> None:
    depths = as_json(sheet=sheet(sketch()))["depths"]
    assert isinstance(depths, list)
    assert [(one["depth"], one["hits"], one["total"]) for one in depths] == [(0, 1, 1), (1, 0, 1)]


def test_the_trend_is_said_in_points() -> None:
    made = sheet(sketch())
    assert (made.whole.change, made.whole.change_text) == (-1, "down 50 points")
    top = made.of_kind("unit-own")[0]
    assert (top.change, top.change_text) == (0, "as before")


def test_a_reader_sees_the_truth_in_counts_and_only_her_own_names() -> None:
    drawn = sketch()
    mine = frozenset({drawn.items["Grow"].key, drawn.items["Open shops"].key, drawn.items["Shops"].key})
    made = sheet(drawn, mine)
    assert made.whole.counts.total == 2
    assert [one.name for one in made.of_kind("kpi")] == ["Shops"]
    assert made.outside_of_kind("kpi") == made.outside_of_kind("objective") == 1
    assert [(one.objective.name, len(one.priorities)) for one in made.branches] == [("Grow", 1)]
    for text in (str(as_json(sheet=made)), str(as_rows(sheet=made)), as_text(sheet=made)):
        assert "Posts filled" not in text
        assert "Staff the shops" not in text


def test_what_was_first_agreed_and_what_was_ended_stands_beside_the_ratio() -> None:
    made = Sketch()
    made.kpi("Softened", Reading(aim("4"), Decimal(4), aim("5")))
    made.kpi("Dropped", hit(), life=Life(State.ENDED, None, date(2026, 2, 1)))
    assert sheet(made).agreed_note == "As first agreed: 0 of 1 (0 %). 1 metric ended in this cycle."
    assert notes_of(row=sheet(sketch()).whole) == ""


def test_rows_for_a_spreadsheet_have_the_columns_of_their_head() -> None:
    rows = as_rows(sheet=sheet(sketch()))
    assert {len(one) for one in rows} == {len(TABLE_HEAD)}
    assert rows[0][:5] == ["level", "organisation", "organisation", "organisation", None]
    assert rows[4][:2] == ["depth", "depth"]
    assert rows[6][:5] == ["node", "organisation", "Company", "Company", None]


def test_the_text_is_aligned_and_says_the_headline() -> None:
    made = sketch()
    made.kpi("A name so long that it would push every column of the table off the screen of whoever reads it", miss())
    lines = as_text(sheet=sheet(made)).splitlines()
    assert lines[:2] == [
        "Company: FY2026, May 2026, as of 2027-06-30", "1 of 3 due metrics hit target (33 %)",
    ]  # fmt: skip
    assert "    Crew" in [line[:8] for line in lines]
    figures = [line for line in lines if "/" in line[20:] and "%" in line]
    assert len({line.index("%") for line in figures}) == 1
    assert max(map(len, lines)) <= 140


def test_nothing_due_is_said_plainly() -> None:
    assert "None of 0 metrics is due yet: n/a" in as_text(sheet=sheet(Sketch()))

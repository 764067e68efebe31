"""Rows that speak of the same thing in turns: what holds in the end, and which rows contradict which."""

from __future__ import annotations

from datetime import date
from itertools import product

from hypothesis import given, settings, strategies

from hoshin.errors import Refused
from hoshin.exchange.maps import SheetMap
from hoshin.exchange.sheets import read_sheets
from hoshin.exchange.tidy import Context, read_wish

Row = tuple[int, str, str]
"""A month, a unit of measure and a description; an empty one says nothing."""
COLUMNS = ("uom", "description")
ROWS = strategies.tuples(
    strategies.integers(1, 4), strategies.sampled_from(["", "days", "hours"]), strategies.sampled_from(["", "a", "b"])
)


def folded(rows: list[Row]) -> tuple[dict[str, str], list[str]]:
    """What the file says of its only KPI, or what is wrong with it."""
    lines = "".join(f"Lead time,2026-{month:02d},{uom},{description}\n" for month, uom, description in rows)
    sheets = read_sheets(name="plan.csv", content=f"kpi,period,uom,description\n{lines}".encode())
    try:
        wish = read_wish(sheets=sheets, using=SheetMap(), context=Context(source="plan.csv", today=date(2026, 6, 1)))
    except Refused as refused:
        return {}, sorted(str(one) for one in refused.problems)
    (kpi,) = wish.items
    return {name: value for name, value in kpi.values.items() if name in COLUMNS}, []


def one_by_one(rows: list[Row]) -> tuple[dict[str, str], list[str]]:
    """The same, fact by fact: the latest month wins, within one month all rows must agree."""
    held: dict[str, tuple[int, str, int]] = {}
    wrong: list[str] = []
    for (number, (month, *said)), (place, column) in product(enumerate(rows, 2), enumerate(COLUMNS)):
        text = said[place]
        since, known, where = held.get(column, (0, "", 0))
        if text and since < month:
            held[column] = month, text, number
        elif text and since == month and known != text:
            told = f"“{text}” contradicts “{known}” in row {where}"
            wrong.append(f"sheet plan.csv, row {number}, column {column}: {told}")
    return {} if wrong else {name: text for name, (_, text, _) in held.items()}, sorted(wrong)


@settings(max_examples=200, deadline=None)
@given(strategies.lists(ROWS, min_size=1, max_size=9))
def test_rows_said_in_turns_fold_as_they_would_one_by_one(rows: list[Row]) -> None:
    assert folded(rows) == one_by_one(rows)


def test_a_row_that_says_again_what_another_has_overtaken_contradicts_it() -> None:
    overtaken = [(1, "days", ""), (3, "hours", ""), (3, "days", "")]
    assert folded(overtaken)[1] == ["sheet plan.csv, row 4, column uom: “days” contradicts “hours” in row 3"]
    assert folded([(1, "days", ""), (2, "hours", ""), (3, "days", "")]) == ({"uom": "days"}, [])

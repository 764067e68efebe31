"""CSV says what was meant, and no spreadsheet runs anything in it, wherever in a long file the risky cell stands."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from hoshin.exchange.tables import TOGETHER, spool_csv, to_csv

SIGNS = '",\n\r\t=+-@a5%. é'
CELL = st.none() | st.integers(-9, 9) | st.decimals(-9, 9, places=1) | st.text(SIGNS, max_size=4)
RISKY = ("=", "+", "-", "@", "\t", "\r")


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def expected(value: object) -> str:
    """What a spreadsheet is given: plain numbers as they are, and an apostrophe before whatever it might run."""
    text = "" if value is None else str(value)
    digits = text.removesuffix("%").lstrip("+-") if text.count("+") + text.count("-") < 2 else text
    whole, _, part = digits.partition(".")
    is_number = all(one.isascii() and one.isdigit() for one in ([whole, part] if "." in digits else [whole]))
    return f"'{text}" if text.startswith(RISKY) and not is_number else text


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), max_size=4))
def test_every_cell_is_read_back_and_none_is_run(rows: list[list[object]]) -> None:
    told = read(to_csv(head=["a", "b"], rows=rows))
    assert told == [["a", "b"], *([expected(one) for one in row] for row in rows)]


@pytest.mark.parametrize("place", [0, 1, TOGETHER - 1, TOGETHER, 2 * TOGETHER + 1])
@pytest.mark.parametrize("risky", ["=1+1", "+x", "-x", "@a", "\tq", "\rq", '=a"b', "=a,b", "=a\nb"])
def test_a_risky_cell_is_found_wherever_it_stands(risky: str, place: int) -> None:
    rows: list[list[object]] = [["Lead time", number, None] for number in range(2 * TOGETHER + 2)]
    rows[place][place % 2] = risky
    told = read(to_csv(head=["name", "key", "note"], rows=rows))
    assert told[place + 1][place % 2] == f"'{risky}"
    assert sum("'" in cell for row in told for cell in row) == 1


@pytest.mark.parametrize("number", [Decimal("-4.2"), -4, "+4", "-4%", "-4.25%"])
def test_a_plain_number_stays_one_beside_a_risky_cell_and_without(number: object) -> None:
    for other in ("Lead time", "-lead time", "-4-2", "-4.", "-4%%", "=1"):
        told = read(to_csv(head=["change", "name", "again"], rows=[[number, other, number]]))
        assert told[1] == [str(number), expected(other), str(number)]


def test_a_risky_head_gets_an_apostrophe_too() -> None:
    assert read(to_csv(head=["=1+1", "b"], rows=[]))[0] == ["'=1+1", "b"]


def test_a_file_of_the_systems_holds_the_same() -> None:
    rows = [[f"KPI {number}", "é", None] for number in range(TOGETHER + 1)]
    with spool_csv(head=["name", "sign", "none"], rows=iter(rows)) as file:
        assert file.read().decode() == to_csv(head=["name", "sign", "none"], rows=rows)

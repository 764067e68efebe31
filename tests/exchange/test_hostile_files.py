"""Files that nobody should have to fear: each is refused in one clear line, at once, and nothing is stored."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from pathlib import Path
from time import thread_time

import pytest
from xlsxwriter import Workbook

from hoshin.errors import Refused
from hoshin.exchange.maps import SheetMap, read_map
from hoshin.exchange.sheets import Sheet, read_sheets
from hoshin.exchange.tidy import Context, read_wish

HEAD = "kpi,period,target,actual,objective,valid_from\n"
AT_ONCE = 0.5


def problems(content: bytes | str, *, mapped: str = "") -> list[str]:
    """What is wrong with a file; told at once."""
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    begun = thread_time()
    with pytest.raises(Refused) as refusal:
        _take(raw, mapped)
    assert thread_time() - begun < AT_ONCE
    return [str(one) for one in refusal.value.problems]


def _take(content: bytes, mapped: str) -> None:
    using = read_map(name="map.toml", content=mapped.encode()) if mapped else SheetMap()
    sheets = read_sheets(name="plan.csv", content=content)
    read_wish(sheets=sheets, using=using, context=Context(source="plan.csv", today=date(2018, 6, 1)))


@pytest.mark.parametrize(
    "figure",
    [
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "1e1000000",
        "1_000",
        "1e-5",
        "123456789012345",
        "0x10",
        "1 0",
        "٣",
        "9" * 9999,
    ],
)
def test_a_figure_that_is_none_is_refused_with_its_place(figure: str) -> None:
    (only,) = problems(f"{HEAD}Orders,2018,{figure},,,\n")
    assert only.startswith("sheet plan.csv, row 2, column target: ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\0b", "U+0000 is no character of a text"),
        ("a\x1bb", "U+001B is no character of a text"),
        ("x" * 10_000, "at most 500 characters; this has 10000"),
    ],
)
def test_a_name_that_no_database_could_hold_is_refused_with_its_place(text: str, told: str) -> None:
    (only,) = problems(f"{HEAD}Orders,2018,5,5,{text},\n")
    assert only.startswith(f"sheet plan.csv, row 2, column objective: {told}")


def test_half_a_character_is_not_utf_8() -> None:
    (only,) = problems(f"{HEAD}Orders,2018,5,5,\ud800,\n")
    assert only == "sheet plan.csv, row 2: byte 0xED is not UTF-8 (Windows-1252 perhaps); save it as CSV UTF-8"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "there is nothing in this file"),
        (b"\n , \n", "there is nothing in this file"),
        (b"\xff\xfek\0p\0i\0", "this file is UTF-16; save it as CSV UTF-8"),
        (b"\xef\xbb\xbf\n<?xml version='1.0'?><StrategicPlan/>", "this is XML or HTML; a plan is read from a CSV"),
        (b"%PDF-1.7\n", "this is PDF; a plan is read from a CSV or Excel sheet"),
        (b"PK\x03\x04 no workbook", "this workbook cannot be read"),
        (b'kpi\n"Orders', "a quoted cell does not end"),
        (b"kpi\nCaf\xe9\n", "byte 0xE9 is not UTF-8 (Windows-1252 perhaps); save it as CSV UTF-8"),
        (b"kpi,kpi\nOrders,Visits\n", "there are 2 columns “kpi”"),
        (b"kpi,targt\nOrders,5\n", "“targt” is none of our columns; is it target?"),
        (b"kpi,period\nOrders,2018,5\n", "this row has more cells than the head"),
        (b"kpi,period\nOrders,0000\n", "“0000” is not a fiscal year such as FY2018"),
        (b"kpi,period\nOrders,2018-02-30\n", "is not a period such as 2018-05, 2018-Q1 or 2018"),
        (b"kpi,valid_from\nOrders,2018-02-30\n", "“2018-02-30” is not a day such as 2018-05-31"),
        (b"kpi,valid_from\nOrders,99999999999999999999\n", "is not a day such as 2018-05-31"),
        (b"kpi,state\nOrders,alive\n", "“alive” is none of draft, active, ended"),
        (b"kpi,time_zone\nOrders,../../etc/passwd\n", "there is no such time zone"),
    ],
)
def test_a_file_that_cannot_be_understood_says_why(content: bytes, told: str) -> None:
    assert told in "\n".join(problems(content))


@pytest.mark.parametrize(
    ("mapped", "told"),
    [
        ("[colums]\nkpi = 'KPI'", "[colums]: a map has no such part"),
        ("[columns]\nkip = 'KPI'", "column [columns] kip: there is no such line"),
        ("[columns]\nkpi = 5", "column [columns] kpi: write text in quotes"),
        ("[columns]\nowner = 'Who'", "there is no column “Who”, which the map names for owner"),
        ("[directions]\nUp = 'upwards'", "it must mean at least, at most, between or exactly"),
        ("[values]\nmissing = ''", 'write a list such as ["", "NA"]'),
        ("[values]\nthousands = '12'", "write one sign"),
        ("[calendar]\nstarts = '10-15'", "a fiscal year starts on the first of a month"),
        ("[calendar]\nperiod = 'week'", "it must be one of year, quarter, month, date"),
        ("[calendar]\nnamed_by = 'me'", "it must be end or start"),
        ("calendar = 5", "write [calendar] and its lines below it"),
        ("kpi =", "the map is not TOML"),
    ],
)
def test_a_map_that_cannot_be_understood_says_why(mapped: str, told: str) -> None:
    assert told in "\n".join(problems("kpi\nOrders\n", mapped=mapped))


def test_thousands_are_refused_unless_the_map_names_them() -> None:
    text = 'kpi,period,target\nOrders,2018,"1,250.5"\n'
    assert "column target: “1,250.5” is not a figure" in problems(text)[0]
    using = read_map(name="map.toml", content=b"[values]\nthousands = ','")
    context = Context(source="plan.csv", today=date(2018, 6, 1))
    wish = read_wish(sheets=read_sheets(name="plan.csv", content=text.encode()), using=using, context=context)
    assert str(wish.figures[0].values["target"]) == "1250.5000"
    crooked = text.replace("1,250.5", "12,50.5")
    assert "is not a figure with “,” between its thousands" in problems(crooked, mapped="[values]\nthousands = ','")[0]


def test_a_quote_that_never_ends_does_not_swallow_the_file_in_silence() -> None:
    content = 'kpi,period\n"Orders,2018\n' + "Visits,2018\n" * 50_000
    assert "a quoted cell does not end" in problems(content)[0]


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    content = 'kpi,period,target\n"Or\nders",2018,5\n\nVisits,2018,x\n'
    assert problems(content)[0].startswith("sheet plan.csv, row 4, column target: ")


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_the_delimiter_is_the_one_that_makes_columns_of_the_head(sign: str) -> None:
    content = f"kpi{sign}period{sign}target\nA,b;c{sign}2018{sign}5\n"
    content = content if sign != "," else content.replace("A,b;c", '"A,b;c"')
    (sheet,) = read_sheets(name="plan.csv", content=content.encode(), known=("kpi", "period", "target"))
    assert sheet.head == ["kpi", "period", "target"]
    assert sheet.rows[0].cells[0] == ("A,b;c" if sign != ";" else "A,b")


def _book(**sheets: list[list[object]]) -> bytes:
    written = io.BytesIO()
    with Workbook(written, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return written.getvalue()


def _read(content: bytes) -> list[Sheet]:
    return read_sheets(name="plan.xlsx", content=content)


def test_a_workbook_gives_numbers_as_their_15_digits_and_days_as_days() -> None:
    day = datetime.combine(date(2018, 5, 31), time())
    (sheet,) = _read(_book(plan=[["kpi", "period", "target"], ["Orders", day, 0.1 + 0.2], [True, 2018, 1e15]]))
    assert [list(one.cells) for one in sheet.rows] == [
        ["Orders", "2018-05-31", "0.3"],
        ["TRUE", "2018", "1000000000000000"],
    ]


def test_a_workbook_read_in_parts_keeps_its_rows_places_and_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hoshin.exchange.sheets.AT_ONCE", 2)
    filled: list[list[object]] = [["", 1, "a"], ["", True], [], ["", "1.0", 1.5], ["", " "], ["", 1, 2]]
    (sheet,) = _read(_book(plan=[[], ["", "kpi", "note"], *filled]))
    assert [(one.number, list(one.cells)) for one in sheet.rows] == [
        (3, ["", "1", "a"]), (4, ["", "TRUE", ""]), (6, ["", "1.0", "1.5"]), (8, ["", "1", "2"]),
    ]  # fmt: skip


def test_every_sheet_with_kpis_is_read_and_the_others_are_named() -> None:
    sheets = _read(
        _book(
            north=[["kpi", "period", "target"], ["Orders", 2018, 5]],
            notes=[["written by", "Ada"]],
            south=[[], ["kpi", "period", "target"], ["Orders", 2018, 6]],
            empty=[],
        )
    )
    assert [one.name for one in sheets] == ["north", "notes", "south"]
    with pytest.raises(Refused) as refusal:
        read_wish(sheets=sheets, using=SheetMap(), context=Context(source="plan.xlsx", today=date(2018, 6, 1)))
    assert str(refusal.value) == "sheet south, row 3, column target: “6” contradicts “5” in sheet north, row 2"


def test_a_name_guarded_against_formulas_comes_back_as_it_was(tmp_path: Path) -> None:
    context = Context(source="plan.csv", today=date(2018, 6, 1))
    content = b"kpi\n'=1+1\n''-x\n-5 %\n'quoted'\n"
    wish = read_wish(sheets=read_sheets(name="plan.csv", content=content), using=SheetMap(), context=context)
    assert [one.key.name for one in wish.items] == ["=1+1", "'-x", "-5 %", "'quoted'"]

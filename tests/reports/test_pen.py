"""Our pen draws what WeasyPrint would have drawn, in fewer strokes, and nothing that breaks is passed over."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from pypdf import PageObject, PdfReader

from hoshin.charts.signs import sign_of
from hoshin.charts.spark import Spark
from hoshin.charts.strips import Box, Strip, Text
from hoshin.reports import pdf, pen
from hoshin.reports.drawings import STRIP, STRIP_FOR_PRINT
from hoshin.reports.render import render

TEXTS = (
    Text(10, 20, "Scrap & <rework>", anchor="start", bold=True),
    Text(300, 20, "12.5 ✓", fill="#0b6b5d"),
    Text(300, 40, "≥ 0.125 ◆", 7.2),
    Text(500, 40, "the middle", anchor="middle"),
)
SPARK = Spark(64, 20, "M3 5 L60 5", "M3 17 L30 10 L60 3", (60, 3), sign_of(verdict="hit"), "Trend")
DRAWN = Strip(
    60, (Box(200, 28, 100, 16, "#dcefe9"), Box(0, 58, 900, 2, "#3d4077")), ((0, 59.75, 1122, 59.75),), TEXTS,
    "Scrap. Apr 2026: hit", SPARK, (700, 10),
)  # fmt: skip


def sheet(template: str) -> str:
    """The strip alone on a page, a point being a point."""
    drawn = render(template=template, strip=DRAWN)
    page = "@page { size: 1122pt 60pt; margin: 0 } body { margin: 0 } svg { display: block; width: 1122pt }"
    return f"<!doctype html><html lang=en><title>Strip</title><style>{page}</style>{drawn}"


def printed(html: str) -> PageObject:
    """Its page."""
    return PdfReader(io.BytesIO(pdf.to_pdf(html=html))).pages[0]


def strokes(page: PageObject) -> str:
    """What draws the page."""
    content = page.get_contents()
    assert content is not None
    return content.get_data().decode("latin-1")


def figures(html: str) -> list[str]:
    """What a screen reader is told of each drawing."""
    root: Any = PdfReader(io.BytesIO(pdf.to_pdf(html=html))).root_object
    waiting, found = [root["/StructTreeRoot"]], []
    while waiting:
        one = waiting.pop()
        found += [str(one["/Alt"])] if one.get("/S") == "/Figure" else []
        waiting += [kid.get_object() for kid in one.get("/K", []) if not isinstance(kid, int)]
    return found


def shapes(page: PageObject) -> list[str]:
    """Its rectangles and lines."""
    return re.findall(r"^.* (?:re|m|l)$", strokes(page), re.MULTILINE)


def test_every_line_is_text_that_can_be_selected_and_the_whole_is_said_in_words() -> None:
    page = printed(sheet(STRIP_FOR_PRINT))
    read = page.extract_text()
    assert [one.text for one in TEXTS if one.text not in read] == []
    assert figures(sheet(STRIP_FOR_PRINT)) == [DRAWN.said]


def test_a_strip_in_short_is_the_strip_that_a_browser_draws() -> None:
    short, long = printed(sheet(STRIP_FOR_PRINT)), printed(sheet(STRIP))
    lines = [re.findall(r"1 0 0 -1 ([\d.]+) ([\d.]+) Tm", strokes(page)) for page in (short, long)]
    assert lines[0] == lines[1]
    assert len(lines[0]) == len(TEXTS)
    boxes = [[one for one in shapes(page) if one.endswith("re")] for page in (short, long)]
    assert boxes[0] == boxes[1]
    assert "0 59.75 m" in shapes(short)
    assert "703 15 m" in shapes(short), "the trend stands at its place"
    assert "760 13 l" in shapes(short)


def test_a_line_is_set_in_one_stroke_and_ends_where_it_should() -> None:
    page = printed(sheet(STRIP_FOR_PRINT))
    assert strokes(page).count(" TJ") <= 2 * len(TEXTS), "not one for every letter; a sign may be of another font"
    assert " Do" not in strokes(page), "and without a group of its own"
    ends = [float(one) for one in re.findall(r"1 0 0 -1 ([\d.]+) 20 Tm", strokes(page))]
    assert ends[0] == 10
    assert 260 < ends[1] < 300, "what is set to the right begins at the left of its place"


@pytest.mark.parametrize(
    "drawn",
    ['<text x="5" y="9" rotate="9">turned</text>', '<text x="5" y="9" letter-spacing="2">spaced</text>',
     '<text y="9"><tspan x="5">two</tspan><tspan x="50">parts</tspan></text>',
     '<text x="5 20 40" y="9">abc</text>', '<text x="5" y="9" font-weight="bolder">bolder</text>',
     '<text x="5" y="9"> </text>', '<text x="5" y="9" font-size="0">none</text>'],
)  # fmt: skip
def test_what_is_no_plain_line_is_left_to_the_printer_itself(drawn: str) -> None:
    html = f'<html lang=en><title>t</title><svg viewBox="0 0 100 20" width="100" height="20">{drawn}</svg>'
    weasyprint = pytest.importorskip("weasyprint")
    bare = PdfReader(io.BytesIO(weasyprint.HTML(string=html).write_pdf(pdf_variant="pdf/ua-1"))).pages[0]
    assert strokes(printed(html)) == strokes(bare)


def test_a_picture_among_letters_and_what_is_hidden() -> None:
    lines = '<text x="5" y="9">a ✓ 😀 b</text><text x="5" y="9" visibility="hidden">secret</text>'
    html = f'<html lang=en><title>t</title><svg viewBox="0 0 100 20">{lines}</svg>'
    read = printed(html).extract_text()
    assert read.startswith("a ✓")
    assert read.rstrip().endswith("b")
    assert "secret" not in read


def test_what_breaks_a_drawing_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object) -> bool:
        raise MemoryError

    monkeypatch.setattr(pen.Pen, "draws", full)
    with pytest.raises(MemoryError):
        pdf.to_pdf(html=sheet(STRIP))
    monkeypatch.undo()
    assert "Scrap" in printed(sheet(STRIP)).extract_text()

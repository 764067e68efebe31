"""The chart templates, rendered without an application: well-formed, with real text and links, nothing unescaped."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import jinja2

from hoshin.charts.bowling import Group, KpiRow, Month, Reading, bowling
from hoshin.charts.matrix_shapes import Arm, Link, MatrixItem, Owner, OwnerLink
from hoshin.charts.spark import spark
from hoshin.charts.trend import TrendPoint, trend
from hoshin.charts.x_matrix import x_matrix

TEMPLATES = Path(__file__).parents[2] / "templates"
SVG = "{http://www.w3.org/2000/svg}"
NASTY = 'Cut <b>stops</b> & "waste"'


def render(template: str, **model: object) -> str:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, autoescape=True)
    return environment.get_template(template).render(**model)


def parse(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text[text.index("<") :])


def matrix() -> str:
    items = {name: (MatrixItem(f"{name}:1", NASTY, f"/{name}/1", "3/5", "miss"),) for name in ("s", "w", "n", "e")}
    drawn = x_matrix(
        key="m1", title="Sheet", vision=NASTY, south=Arm("Objectives", items["s"]), west=Arm("Priorities", items["w"]),
        north=Arm("Actions", items["n"]), east=Arm("KPIs", items["e"]), owners=[Owner("o:1", "Ada Ng", "/people/1")],
        links=[Link("s:1", "w:1", 9, "Will it move?"), Link("w:1", "n:1", 3), Link("n:1", "e:1", 1)],
        owner_links=[OwnerLink("o:1", "n:1")],
    )  # fmt: skip
    return render("charts/x_matrix.svg", matrix=drawn)


def test_the_matrix_is_one_well_formed_drawing() -> None:
    """Texts are texts, items are links, marks say what they mean."""
    root = parse(matrix())
    titles = [element.text or "" for element in root.iter(f"{SVG}title")]
    assert [link.get("href") for link in root.iter(f"{SVG}a")] == ["/s/1", "/w/1", "/n/1", "/e/1", "/people/1"]
    assert any(title.startswith("● strong: ") and title.endswith("Will it move?") for title in titles)
    assert any(title.startswith("△ weak: ") for title in titles)
    assert sum((element.text or "") == NASTY for element in root.iter(f"{SVG}text")) >= 4
    assert root.get("aria-labelledby") == "m1-title"


def test_the_trend_is_one_well_formed_drawing() -> None:
    """With a title and a description for who cannot see it."""
    points = [TrendPoint("Jan", Decimal(1), Decimal(2), Decimal(3), "miss", year="2026", amended=True, note=NASTY)]
    root = parse(render("charts/trend.svg", trend=trend(key="k", title=NASTY, points=points, said="Up.")))
    assert next(element.text for element in root.iter(f"{SVG}title")) == NASTY
    assert [element.text for element in root.iter(f"{SVG}desc")] == ["Up."]


def test_the_bowling_chart_has_two_rows_a_kpi_and_heads_that_say_so() -> None:
    """Every cell carries its sign and its word."""
    row = KpiRow(
        NASTY, (Reading("10", "9", "miss", amended=True),), "10", Reading("10", "9", "miss"), href="/kpis/1",
        spark=spark(plan=[Decimal(1)], actual=[Decimal(2)]),
    )  # fmt: skip
    chart = bowling(
        title="Bowling", months=[Month("Jan", "2026", current=True)], groups=[Group("Daily", (row,), "0 of 1")]
    )
    text = render("charts/bowling.html", bowling=chart)
    assert text.count("<tr") == 4
    assert text.count(">✗</span>") == 2
    cells = [line.count("<td") + line.count("<th ") for line in text.split("<tr")[1:]]
    assert cells == [11, 1, 11, 3]
    assert "<b>stops</b>" not in text
    assert 'rowspan="2"' in text

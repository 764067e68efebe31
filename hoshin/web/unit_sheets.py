"""The plan of a unit for those who do not read an X: a tree and a linear sheet, on the page and to take along."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.charts.tables import TableSheet
from hoshin.errors import Missing
from hoshin.exchange.tables import to_csv
from hoshin.queries.cycles import list_cycles
from hoshin.queries.matrix import MatrixFacts, load_matrix
from hoshin.queries.unit_lists import paths_of
from hoshin.reports.matrix_paper import PAPERS
from hoshin.reports.path_tables import linear_book, tree_book
from hoshin.reports.pdf import NoPrinter, asset, to_pdf
from hoshin.reports.unit_paths import (
    TREE_HEAD,
    UNIT_SIGNS,
    Paths,
    linear_head,
    linear_rows,
    tree_rows,
    unit_paths,
)
from hoshin.reports.unit_sheets import linear_html, tree_html
from hoshin.web import door
from hoshin.web.addresses import item_address
from hoshin.web.kept_tables import download_tables
from hoshin.web.matrix_map import map_of
from hoshin.web.paging import cut, here_with
from hoshin.web.plan_context import chosen_cycle, cycle_switch, unit_switch

bp = Blueprint("unit_sheets", __name__)


@bp.get("/units/<int:unit_id>/tree")
@door.allow(read=Act.READ_UNIT)
def tree(unit_id: int) -> Response | tuple[str, int]:
    """The plan as a tree."""
    facts, paths = _load(unit_id)
    if request.args.get("format") == "csv":
        return _csv(facts, "tree", to_csv(head=TREE_HEAD, rows=tree_rows(paths=paths)))
    return door.page("unit_sheets/tree.html", paths=paths, **_around(facts, "tree"))


@bp.get("/units/<int:unit_id>/linear")
@door.allow(read=Act.READ_UNIT)
def linear(unit_id: int) -> Response | tuple[str, int]:
    """The plan with one row for each path."""
    facts, paths = _load(unit_id)
    if request.args.get("format") == "csv":
        return _csv(facts, "linear", to_csv(head=linear_head(paths=paths), rows=linear_rows(paths=paths)))
    rows, page = cut(rows=paths.rows)
    return door.page(
        "unit_sheets/linear.html", paths=paths, rows=rows, page=page, signs=UNIT_SIGNS, **_around(facts, "linear")
    )


@bp.get("/units/<int:unit_id>/tree.pdf")
@door.allow(read=Act.READ_UNIT)
def print_tree(unit_id: int) -> Response:
    """The tree on paper."""
    facts, paths = _load(unit_id)
    html = tree_html(facts=facts, paths=paths, paper=_paper(), today=door.today(), asset=asset)
    return _printed(facts, "tree", html)


@bp.get("/units/<int:unit_id>/linear.pdf")
@door.allow(read=Act.READ_UNIT)
def print_linear(unit_id: int) -> Response:
    """The linear sheet on paper."""
    facts, paths = _load(unit_id)
    html = linear_html(facts=facts, paths=paths, paper=_paper(), today=door.today(), asset=asset)
    return _printed(facts, "linear", html)


@bp.get("/units/<int:unit_id>/tree.svg", defaults={"ending": "svg"})
@bp.get("/units/<int:unit_id>/tree.xlsx", defaults={"ending": "xlsx"})
@door.allow(read=Act.READ_UNIT)
def keep_tree(unit_id: int, ending: str) -> Response:
    """The tree as a drawing or a workbook."""
    facts, paths = _load(unit_id)
    return _kept(facts, f"tree-{unit_id}", tree_book(facts=facts, paths=paths, today=door.today()), ending)


@bp.get("/units/<int:unit_id>/linear.svg", defaults={"ending": "svg"})
@bp.get("/units/<int:unit_id>/linear.xlsx", defaults={"ending": "xlsx"})
@door.allow(read=Act.READ_UNIT)
def keep_linear(unit_id: int, ending: str) -> Response:
    """The linear sheet as a drawing or a workbook."""
    facts, paths = _load(unit_id)
    return _kept(facts, f"linear-{unit_id}", linear_book(facts=facts, paths=paths, today=door.today()), ending)


def _kept(facts: MatrixFacts, name: str, sheet: TableSheet, ending: str) -> Response:
    return download_tables(sheet=sheet, name=f"{name}-{facts.cycle.name}", ending=ending)


def _paper() -> str:
    return door.text_arg("paper", "a3", most=20)


def _load(unit_id: int) -> tuple[MatrixFacts, Paths]:
    cycle = chosen_cycle()
    if cycle is None:
        raise Missing("no planning cycle has been opened yet")
    facts = load_matrix(session=door.session(), actor=door.actor(), unit_id=unit_id, cycle=cycle, now=door.now())
    return facts, unit_paths(facts=facts, address=item_address)


def _around(facts: MatrixFacts, name: str) -> dict[str, Any]:
    """What both pages show around the sheet."""
    kept: dict[str, Any] = {"unit_id": facts.unit.id, "cycle": facts.cycle.name}
    return {
        "now": name,
        "unit": facts.unit,
        "path": paths_of(units=facts.units)[facts.unit.id],
        "cycle": facts.cycle,
        "cycles": cycle_switch(list_cycles(session=door.session()), facts.cycle),
        "switch": unit_switch(facts.units, facts.unit, facts.cycle),
        "period": facts.attainment.period_label,
        "map": map_of(facts=facts, endpoint=f"unit_sheets.{name}"),
        "csv": here_with(format="csv"),
        "papers": [
            (paper.label, url_for(f"unit_sheets.print_{name}", paper=key, **kept)) for key, paper in PAPERS.items()
        ],
        "drawing": url_for(f"unit_sheets.keep_{name}", ending="svg", **kept),
        "excel": url_for(f"unit_sheets.keep_{name}", ending="xlsx", **kept),
    }


def _csv(facts: MatrixFacts, name: str, table: str) -> Response:
    return door.download(table, name=f"{name}-{facts.unit.id}-{facts.cycle.name}.csv", mime="text/csv")


def _printed(facts: MatrixFacts, name: str, html: str) -> Response:
    try:
        file = f"{name}-{facts.unit.id}-{facts.cycle.name}.pdf"
        return door.download(to_pdf(html=html), name=file, mime="application/pdf")
    except NoPrinter as reason:
        return door.done(url_for(f"unit_sheets.{name}", unit_id=facts.unit.id), str(reason), "error")

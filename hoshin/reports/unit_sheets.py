"""The tree and the linear sheet of a unit as they are printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from hoshin.queries.matrix import MatrixFacts
from hoshin.reports.matrix_paper import find_paper
from hoshin.reports.render import render
from hoshin.reports.unit_paths import UNIT_SIGNS, Paths


def tree_html(
    *, facts: MatrixFacts, paths: Paths, paper: str, today: date, asset: Callable[[str], str]
) -> str:
    """The tree with its title block."""
    return render(template="reports/tree.html", paths=paths, **_around(facts, paper, today, asset))


def linear_html(
    *, facts: MatrixFacts, paths: Paths, paper: str, today: date, asset: Callable[[str], str]
) -> str:
    """The linear sheet with its title block, its head repeated on every page."""
    around = _around(facts, paper, today, asset)
    return render(template="reports/linear.html", paths=paths, signs=UNIT_SIGNS, **around)


def _around(facts: MatrixFacts, paper: str, today: date, asset: Callable[[str], str]) -> dict[str, Any]:
    return {
        "organisation_name": facts.organisation.name,
        "unit_name": facts.unit.name,
        "cycle_name": facts.cycle.name,
        "period": facts.attainment.period_label,
        "paper": find_paper(key=paper),
        "today": today,
        "asset": asset,
    }

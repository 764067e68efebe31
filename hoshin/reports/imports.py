"""What became of an imported file: a table of what was created, changed and left, and what the reader should know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hoshin.commands.import_wish import ImportOutcome
from hoshin.errors import Problem

ORDER = (
    "organisation", "unit", "cycle", "person", "objective", "priority", "action", "KPI", "link", "answer",
    "KPI on a cycle's plan", "reading",
)  # fmt: skip
MOST_LINES = 200


def import_result(*, outcome: ImportOutcome) -> dict[str, Any]:
    """As the page shows it and a job keeps it: rows of a word and three counts, changes, notes."""
    counted = [(what, *(one[what] for one in (outcome.created, outcome.changed, outcome.left))) for what in ORDER]
    changes = [one for one in outcome.lines if one.startswith("change ")]
    return {
        "rows": [list(one) for one in counted if any(one[1:])],
        "changes": changes[:MOST_LINES],
        "more": max(0, len(changes) - MOST_LINES),
        "notes": list(outcome.notes),
    }


def refused_result(*, problems: Iterable[Problem]) -> dict[str, Any]:
    """What is wrong with the file, as the page shows it."""
    told = [str(one) for one in problems]
    return {"problems": told[:MOST_LINES], "more": max(0, len(told) - MOST_LINES)}


def undone_result(*, why: str) -> dict[str, Any]:
    """Why nothing was done where no file is to blame."""
    return {"why": why}

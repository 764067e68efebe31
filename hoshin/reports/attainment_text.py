"""Attainment as plain text for the shell: levels, the tree of units, objectives with their priorities, owners."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hoshin.engine.figures import show_percent
from hoshin.reports.attainment import LEVEL_LABELS, Row, Sheet

WIDEST = 56
HEAD = ("", "hit/due", "ratio", "missed", "no data", "no target", "not due", "total")
MODE_WORDS = {"period": "", "ytd": ", year to date", "year-end": ", at year end"}


def as_text(*, sheet: Sheet) -> str:
    """The sheet for a terminal: a headline, then one aligned table."""
    return "\n".join([*_headline(sheet), "", *_table(list(_lines(sheet)))])


def _headline(sheet: Sheet) -> list[str]:
    counts = sheet.whole.counts
    when = f"{sheet.cycle}, {sheet.period_label}" if sheet.cycle != sheet.period_label else sheet.cycle
    first = f"{sheet.organisation}: {when}{MODE_WORDS[sheet.mode]}, as of {sheet.as_of}"
    if not counts.due:
        return [first, f"None of {counts.total} metrics is due yet: n/a"]
    second = f"{counts.hits} of {counts.due} due metrics hit target ({show_percent(value=counts.ratio)})"
    return [first, second, *([sheet.agreed_note] if sheet.agreed_note else [])]


def _lines(sheet: Sheet) -> Iterable[tuple[str, Row] | str]:
    """Headings as text, and rows with their indented names."""
    yield "Levels"
    yield from ((LEVEL_LABELS[row.name], row) for row in sheet.levels)
    yield "Depth in the tree of units"
    yield from ((row.name, row) for row in sheet.depths)
    yield "Units with all below them"
    yield sheet.whole.name, sheet.whole
    yield from (("  " * row.depth + row.name, row) for row in sheet.of_kind("unit"))
    if sheet.branches:
        yield "Objectives, and the priorities that move them"
    for branch in sheet.branches:
        yield branch.objective.path, branch.objective
        yield from (("  " + row.name, row) for row in branch.priorities)
    for heading, kind in (("Classes", "class"), ("Owners", "owner")):
        rows = sheet.of_kind(kind)
        if rows:
            yield heading
        yield from ((row.name, row) for row in rows)


def _table(lines: Sequence[tuple[str, Row] | str]) -> list[str]:
    named = min(WIDEST, max(len(one[0]) + 2 for one in lines if not isinstance(one, str)))
    written = [_written(HEAD, named)]
    for one in lines:
        if isinstance(one, str):
            written += ["", one]
        else:
            written.append(_written((f"  {_shortened(one[0], named - 2)}", *_figures(one[1])), named))
    return written


def _written(cells: Sequence[str], named: int) -> str:
    return (cells[0].ljust(named) + "".join(f"  {cell:>9}" for cell in cells[1:])).rstrip()


def _figures(row: Row) -> tuple[str, ...]:
    counts = row.counts
    hits = f"{counts.hits}/{counts.due}" if counts.due else "n/a"
    rest = (counts.misses, counts.no_data, counts.no_target, counts.not_due, counts.total)
    return (hits, show_percent(value=counts.ratio), *map(str, rest))


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"

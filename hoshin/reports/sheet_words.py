"""What stands above and below every sheet, the same on the page, on paper, in a drawing and in a workbook."""

from __future__ import annotations

from datetime import date

from hoshin.charts.bowling import Bowling
from hoshin.charts.strips import TitleBlock
from hoshin.queries.matrix import MatrixFacts
from hoshin.reports.attainment import Sheet
from hoshin.reports.matrix import MatrixSheet
from hoshin.reports.render import day
from hoshin.reports.unit_paths import UNIT_SIGNS

MODES = {"period": "", "ytd": ", year to date", "year-end": ", at year end"}


def bowling_legend(*, chart: Bowling) -> list[str]:
    """What the signs of a bowling chart mean, as far as they stand in it."""
    near = ["~ near miss, counted as a miss"] if chart.has_amber else []
    said = ["✓ hit", "✗ miss", *near, "– no data", "○ without target", "◆ target amended"]
    said += ["⚑ open countermeasure"] if chart.has_countermeasures else []
    if chart.has_signals:
        said.append(
            "↯ signal, not noise: XmR limits, mean ± 2.66 × mean moving range (Wheeler, Understanding Variation)"
        )
    return [*said, *(["* note"] if chart.notes else [])]


def bowling_block(*, organisation: str, unit: str, cycle: str, period: str, today: date) -> TitleBlock:
    """The title block of a unit's bowling chart."""
    said = f"Year to date up to {period}"
    return TitleBlock(organisation, f"Bowling chart of {unit}", said, cycle, f"printed {day(today)}")


def matrix_block(*, facts: MatrixFacts, sheet: MatrixSheet, today: date) -> TitleBlock:
    """The title block of a unit's X-matrix."""
    said = f"{sheet.preset.label} layout · figures for {facts.attainment.period_label}"
    return _block(facts, "X-matrix", said, today)


def path_block(*, facts: MatrixFacts, name: str, today: date) -> TitleBlock:
    """The title block of a unit's tree or linear sheet."""
    signs = ", ".join(f"{sign} {said}" for sign, said in UNIT_SIGNS)
    return _block(facts, name, f"Figures for {facts.attainment.period_label} · {signs}", today)


def attainment_block(*, sheet: Sheet, today: date) -> TitleBlock:
    """The title block of an attainment sheet."""
    said = f"{sheet.period_label}{MODES[sheet.mode]}, as of {day(sheet.as_of)}"
    return TitleBlock(sheet.organisation, sheet.title, said, sheet.cycle, f"printed {day(today)}")


def _block(facts: MatrixFacts, name: str, said: str, today: date) -> TitleBlock:
    title = f"{name} of {facts.unit.name}"
    return TitleBlock(facts.organisation.name, title, said, facts.cycle.name, f"printed {day(today)}")

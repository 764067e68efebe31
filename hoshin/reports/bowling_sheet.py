"""The bowling chart of a unit as one sheet: the page, the shell and the job process draw the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from hoshin.access.actors import Actor
from hoshin.charts.bowling import Bowling
from hoshin.charts.bowling_paper import bowling_paper
from hoshin.queries.bowling import ChartSource
from hoshin.reports.bowling import BowlingFacts, bowling_chart
from hoshin.reports.drawings import STRIP_FOR_PRINT
from hoshin.reports.render import render
from hoshin.reports.sheet_words import bowling_legend


def drawn_chart(*, source: ChartSource, typist: Actor | None = None) -> Bowling:
    """The chart; with a typist its cells know what they are, so that they can be typed into or read back in."""
    facts = BowlingFacts(source.unit.id, source.unit.name, source.facts, typist)
    return bowling_chart(facts=facts, attainment=source.attainment)


def bowling_html(
    *,
    source: ChartSource,
    paper: str,
    organisation: str,
    today: date,
    asset: Callable[[str], str],
    strip: str = STRIP_FOR_PRINT,
) -> str:
    """The sheet on that paper (a3, tabloid or a4) as HTML; `strip` is the template that draws a row."""
    chart = drawn_chart(source=source)
    return render(
        template="bowling/sheet.html", bowling=chart, drawn=bowling_paper(chart=chart), size=paper,
        unit=source.unit, cycle=source.cycle, period=source.attainment.period_label, printed=today,
        legend=bowling_legend(chart=chart), organisation_name=organisation, asset=asset, strip_svg=strip,
    )  # fmt: skip


def bowling_name(*, unit_id: int, cycle: str, ending: str) -> str:
    """The name of the file."""
    return f"bowling-{unit_id}-{cycle}.{ending}"

"""The papers of meetings as HTML to print: A3, agenda, pack, diagnosis, self-assessment; page and shell share them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from hoshin.engine.diagnosis import LEVELS, Phase
from hoshin.engine.suppression import FEWEST
from hoshin.model.surveys import Survey
from hoshin.reports.a3 import A3
from hoshin.reports.diagnosis import Diagnosis
from hoshin.reports.packs import counts_in, note_in
from hoshin.reports.render import day, render
from hoshin.reports.surveys import Course, UnitRow

Asset = Callable[[str], str]
"""Gives a sheet the address of a bundled file."""

SIZES = {"roomy": 5_000, "plain": 8_000, "small": 12_000, "tiny": 18_000, "least": 40_000, "speck": 10**9}
"""An A3 is set smaller and smaller until it fits on its one page; each with the letters beyond which it cannot."""
FITTING = (60, 34, 28, 22, 16, 10)
"""How many units a self-assessment tries to hold on its one page, one after the other."""


def a3_sheets(*, sheet: A3, organisation: str, today: date, asset: Asset) -> list[str]:
    """The A3, set smaller and smaller; never empty."""
    return [
        render(
            template="countermeasures/a3_sheet.html", sheet=sheet, size=size, printed=day(today),
            organisation_name=organisation, asset=asset,
        )
        for size, most in SIZES.items()
        if sheet.letters <= most
    ]  # fmt: skip


def pack_sheet(*, content: Mapping[str, Any], asset: Asset) -> str:
    """The pack of a review: nothing stands on it that is not in the frozen facts."""
    return _review("reviews/pack.html", content, asset)


def agenda_sheet(*, content: Mapping[str, Any], people: Sequence[str], asset: Asset) -> str:
    """The agenda of a review to come, with lines for what is written by hand and the people who are expected."""
    return _review("reviews/agenda.html", content, asset, people=people)


def _review(template: str, content: Mapping[str, Any], asset: Asset, **more: Any) -> str:
    return render(
        template=template, content=content, counts=counts_in(content=content), note=note_in(content=content),
        organisation_name=content["organisation"], asset=asset, **more,
    )  # fmt: skip


def diagnosis_sheet(
    *, title: str, period: str, on: date, picture: Diagnosis, organisation: str, today: date, asset: Asset
) -> str:
    """A diagnosis with its radar."""
    return render(
        template="diagnosis/sheet.html", title=title, picture=picture, period=period, on=day(on), printed=day(today),
        organisation_name=organisation, asset=asset, levels=LEVELS, phases=list(Phase),
    )  # fmt: skip


def survey_sheets(
    *, survey: Survey, rows: Sequence[UnitRow], courses: Sequence[Course], organisation: str, today: date, asset: Asset
) -> Iterator[str]:
    """A closed self-assessment with fewer and fewer units, until it fits on one page."""
    shown = [one for one in rows if one.cells]
    for most in FITTING:
        yield render(
            template="surveys/sheet.html", survey=survey, rows=shown[:most], more=max(0, len(shown) - most),
            hidden=len(rows) - len(shown), fewest=FEWEST, courses=courses, organisation_name=organisation,
            printed=day(today), asset=asset,
        )  # fmt: skip

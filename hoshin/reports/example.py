"""The pack of a review that the example organisation has held before it is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from hoshin.engine.cadence import ReviewKind
from hoshin.model.diagnosis import Finding
from hoshin.model.reviews import Review
from hoshin.queries.agenda import Agenda
from hoshin.reports.diagnosis import diagnosis
from hoshin.reports.packs import content_of, period_text, title_of


def paper(
    *, agenda: Agenda, before: Review | None, findings: Sequence[Finding], earlier: Sequence[Finding]
) -> dict[str, Any]:
    """The report as it was seen that day; of a diagnosis the picture too, beside the one before it."""
    content = content_of(agenda=agenda)
    if agenda.review.kind is ReviewKind.DIAGNOSIS:
        calendar = agenda.organisation.calendar
        picture = diagnosis(
            title=title_of(review=agenda.review, unit=agenda.unit.name), findings=findings, earlier=earlier,
            now_label=period_text(review=agenda.review, calendar=calendar),
            earlier_label=period_text(review=before, calendar=calendar) if before else "",
        )  # fmt: skip
        content["diagnosis"] = asdict(picture)
    return content

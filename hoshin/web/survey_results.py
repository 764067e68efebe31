"""What the reader may see of closed self-assessments: rows by unit, the trend of one, and answers given with a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.model.surveys import Survey
from hoshin.queries.surveys import list_counted, list_panels, names_of_people
from hoshin.queries.unit_lists import list_units
from hoshin.reports.survey_units import Found, found_in
from hoshin.web import door

SERVED = {
    "linked": "an objective that the work is linked to", "elsewhere": "another objective than the links say",
    "unlinked": "work without a link", "unknown": "did not know",
}  # fmt: skip


def load_found() -> Found:
    """All of it, in a fixed number of statements."""
    units = list_units(session=door.session())
    readable = {one.id for one in units if door.can(Act.READ_UNIT, Subject(unit=one.id))}
    return found_in(closed=list_counted(session=door.session()), units=units, readable=readable)


@dataclass(frozen=True, slots=True)
class Said:
    """What one person said, where the campaign asked with names."""

    name: str
    lines: tuple[str, ...]
    served: str
    satisfied: str
    recommend: str


def answers_by_name(survey: Survey) -> Sequence[Said]:
    """Who said what, by name; for whoever runs the campaigns."""
    kept = [one for panel in list_panels(session=door.session(), survey_id=survey.id) for one in panel.bag]
    names = names_of_people(session=door.session(), keys=[one["person"] for one in kept])
    said = [
        Said(
            names.get(one["person"], ""), tuple(one["lines"]), SERVED[one["served"]],
            one["satisfied"].replace("unknown", "cannot tell"),
            "cannot tell" if one["recommend"] is None else str(one["recommend"]),
        )
        for one in kept
    ]  # fmt: skip
    return sorted(said, key=lambda one: one.name)

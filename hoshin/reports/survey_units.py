"""What a reader may see of the closed self-assessments: rows by unit and the trend of one unit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hoshin.errors import Missing
from hoshin.model.surveys import Survey
from hoshin.queries.surveys import Counted
from hoshin.queries.unit_lists import UnitLine, names_of
from hoshin.reports.surveys import Course, Facts, QuarterRow, UnitRow, courses, quarter_row, unit_row

MOST_QUARTERS = 12


@dataclass(frozen=True, slots=True)
class Found:
    """The closed campaigns, the latest first, with the facts of every unit that the reader may read."""

    closed: tuple[Survey, ...]
    facts: Mapping[tuple[int, int], Facts]
    units: tuple[UnitLine, ...]
    names: dict[int, str]
    top: int

    def one(self, survey_id: int) -> Survey:
        """A closed campaign; raises Missing for any other."""
        found = next((one for one in self.closed if one.id == survey_id), None)
        if found is None:
            raise Missing("there is no such self-assessment, or it has not been counted yet")
        return found

    def chosen(self, unit: int | None) -> int:
        """The unit whose trend is shown; raises Missing for one that the reader may not know."""
        if unit is not None and unit not in self.names:
            raise Missing("there is no such unit")
        return self.top if unit is None else unit

    def rows(self, survey: Survey) -> list[UnitRow]:
        """Every unit that the reader may read, in the order of the tree."""
        depths: dict[int | None, int] = {None: -1}
        rows = []
        for unit in self.units:
            depths[unit.id] = depths.get(unit.parent_id, -1) + 1
            facts = self.facts.get((survey.id, unit.id))
            if unit.id in self.names and (facts is not None or unit.archived_at is None):
                before = self._before(survey, unit.id)
                rows.append(
                    unit_row(key=unit.id, name=unit.name, depth=min(depths[unit.id], 4), facts=facts, before=before)
                )
        return rows

    def _before(self, survey: Survey, unit: int) -> Facts | None:
        earlier = [one for one in self.closed if one.quarter < survey.quarter]
        return next((self.facts[one.id, unit] for one in earlier if (one.id, unit) in self.facts), None)

    def _until(self, survey: Survey | None) -> list[Survey]:
        return [one for one in self.closed if survey is None or one.quarter <= survey.quarter][:MOST_QUARTERS]

    def quarters(self, unit: int, survey: Survey | None = None) -> list[QuarterRow]:
        """The unit's campaigns up to this one, the latest first."""
        return [
            quarter_row(
                survey_id=one.id, name=one.name, facts=self.facts.get((one.id, unit)), before=self._before(one, unit)
            )
            for one in self._until(survey)
        ]

    def courses(self, unit: int, survey: Survey | None = None) -> list[Course]:
        """How the unit's figures went."""
        return courses(
            quarters=[(one.name, self.facts.get((one.id, unit))) for one in reversed(self._until(survey))]
        )

    def lines(self) -> Iterator[tuple[str, str, Facts]]:
        """Everything for a file: by quarter, the latest first, and by unit."""
        for survey in self.closed:
            for unit in self.units:
                facts = self.facts.get((survey.id, unit.id))
                if facts is not None and unit.id in self.names:
                    yield survey.name, self.names[unit.id], facts


def found_in(*, closed: Counted, units: Sequence[UnitLine], readable: Collection[int]) -> Found:
    """All of it for whoever reads these units; the first of the units is the top."""
    names = {key: name for key, name in names_of(units=units, archived=True).items() if key in readable}
    facts = {(one.survey_id, one.unit_id): one.facts for one in closed.results if one.unit_id in names}
    return Found(tuple(closed.surveys), facts, tuple(units), names, units[0].id)

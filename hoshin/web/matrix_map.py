"""Where a unit's matrix sits: the units it answers, those that answer it, and how they attain."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.queries.matrix import MatrixFacts
from hoshin.queries.unit_lists import AnyUnit
from hoshin.web import door


@dataclass(frozen=True, slots=True)
class Step:
    """A neighbouring sheet, one click away: `linked` when one answers the other, not only by the unit tree."""

    name: str
    href: str
    figure: str
    linked: bool


@dataclass(frozen=True, slots=True)
class Map:
    """The neighbours of a sheet: up the cascade and down it; the sheet itself stands between them."""

    above: tuple[Step, ...]
    figure: str
    below: tuple[Step, ...]


def map_of(*, facts: MatrixFacts, endpoint: str) -> Map:
    """The map around the unit of those facts, leading to the same kind of sheet."""
    own, far = {one.id for one in facts.plan.items}, facts.plan.far
    answered = {far[one.source_id].unit_id for one in facts.plan.deployments if one.source_id in far}
    answering = {far[one.objective_id].unit_id for one in facts.plan.deployments if one.source_id in own}
    children = {one.id for one in facts.units if one.parent_id == facts.unit.id}
    parents = {facts.unit.parent_id} if facts.unit.parent_id is not None else set()
    return Map(
        above=_steps(facts=facts, endpoint=endpoint, wanted=answered | parents, linked=answered),
        figure=_figure(facts, facts.unit),
        below=_steps(facts=facts, endpoint=endpoint, wanted=answering | children, linked=answering),
    )


def _steps(*, facts: MatrixFacts, endpoint: str, wanted: set[int], linked: set[int]) -> tuple[Step, ...]:
    return tuple(
        Step(
            one.name,
            url_for(endpoint, unit_id=one.id, cycle=facts.cycle.name),
            _figure(facts, one),
            one.id in linked,
        )
        for one in facts.units
        if one.id in wanted and one.archived_at is None and door.can(Act.READ_UNIT, Subject(unit=one.id))
    )


def _figure(facts: MatrixFacts, unit: AnyUnit) -> str:
    """How many of the due metrics of the unit and below hit, as text; empty when none is due."""
    key = ("organisation", 0) if unit.parent_id is None else ("unit", unit.id)
    node = facts.attainment.report.nodes.get(key)
    return f"{node.counts.hits}/{node.counts.due}" if node and node.counts.due else ""

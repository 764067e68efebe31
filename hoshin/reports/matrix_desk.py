"""The X-matrix on the desk of somebody who edits it: the drawing without figures, and the same as plain facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hoshin.charts.matrix_shapes import Arm, Link, MatrixItem, XMatrix
from hoshin.charts.signs import Grade, grades_of
from hoshin.charts.x_matrix import x_matrix
from hoshin.engine.plans import Kind, State
from hoshin.model.items import Item
from hoshin.queries.unit_plans import Far, UnitPlan
from hoshin.reports.matrix import QUESTIONS, ArmOf, Preset, captions, stands_in

AnyItem = Item | Far
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """What is edited: a unit's plan under a preset, its arms named as the organisation calls them, and its signs."""

    plan: UnitPlan
    preset: Preset
    glyphs: str

    @property
    def grades(self) -> Mapping[int, Grade]:
        """The signs of strong, medium and weak."""
        return grades_of(glyphs=self.glyphs)

    @property
    def ring(self) -> int:
        """The strength that a ring stands for here."""
        return next(points for points, grade in self.grades.items() if grade.shape == "ring")

    @property
    def arms(self) -> dict[str, tuple[ArmOf, list[AnyItem]]]:
        """Each arm with its items, the first one nearest to the centre; what has ended is left out."""
        shown: list[AnyItem] = [*self.plan.items, *self.plan.shared()]
        there = [one for one in shown if one.state is not State.ENDED]
        return {
            side: (arm, [one for one in there if stands_in(arm=arm, item=one)])
            for side, arm in self.preset.arms.items()
        }


def drawing(*, desk: Desk, title: str, vision: str) -> XMatrix:
    """The sheet to edit on."""
    arms = desk.arms
    keys = {one.id: f"{one.kind.value}:{one.id}" for _, found in arms.values() for one in found}
    drawn = {side: _drawn_arm(desk, side, keys) for side in arms}
    return x_matrix(
        key="matrix",
        title=title,
        vision=vision or "The vision is not written yet",
        south=drawn["south"],
        west=drawn["west"],
        north=drawn["north"],
        east=drawn["east"],
        links=[
            Link(keys[one.upper_id], keys[one.lower_id], one.strength, one.rationale)
            for one in desk.plan.links
            if one.upper_id in keys and one.lower_id in keys
        ],
        questions=captions(preset=desk.preset),
        glyphs=desk.glyphs,
        figures=False,
    )


def _drawn_arm(desk: Desk, side: str, keys: Mapping[int, str]) -> Arm:
    arm, found = desk.arms[side]
    items = tuple(MatrixItem(keys[one.id], title_of(item=one)) for one in found)
    return Arm(arm.label, items)


def title_of(*, item: AnyItem) -> str:
    """What an item is called on the sheet."""
    return item.name if not isinstance(item, Far) or item.readable else "restricted"


def facts(*, desk: Desk) -> Facts:
    """The matrix as JSON can hold it: arms with their items, links with their versions, questions and signs."""
    arms = desk.arms
    shown = {one.id for _, found in arms.values() for one in found}
    return {
        "arms": {side: _arm(arm, found) for side, (arm, found) in arms.items()},
        "links": [
            {
                "upper": one.upper_id,
                "lower": one.lower_id,
                "strength": one.strength,
                "rationale": one.rationale,
                "version": one.version,
            }
            for one in desk.plan.links
            if one.upper_id in shown and one.lower_id in shown
        ],
        "questions": {f"{upper.value} {lower.value}": text for (upper, lower), text in QUESTIONS.items()},
        "grades": {str(points): asdict(grade) for points, grade in desk.grades.items()},
    }


def _arm(arm: ArmOf, found: list[AnyItem]) -> Facts:
    return {
        "kind": arm.kind.value,
        "kpiKind": arm.kpi_kind.value if arm.kpi_kind else "",
        "label": arm.label,
        "one": ONE[arm.kind],
        "items": [_item(one) for one in found],
    }


ONE = {Kind.OBJECTIVE: "objective", Kind.PRIORITY: "priority", Kind.ACTION: "action", Kind.KPI: "KPI"}


def _item(item: AnyItem) -> Facts:
    return {
        "id": item.id,
        "name": title_of(item=item),
        "version": item.version if isinstance(item, Item) else 0,
        "draft": item.state is State.DRAFT,
        "own": isinstance(item, Item),
    }


def setting(*, matrix: XMatrix) -> Facts:
    """What a script needs to go on drawing the sheet: where the centre stands, how thick an item is, the colours."""
    centre = matrix.centre
    return {
        "centre": {"x": centre.x, "y": centre.y, "width": centre.width, "height": centre.height},
        "font": matrix.font_size,
        "family": matrix.font,
        **asdict(matrix.setting),
        "palette": asdict(matrix.palette),
    }

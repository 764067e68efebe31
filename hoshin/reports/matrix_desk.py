"""The X-matrix on the desk of somebody who edits it: the drawing without figures, and the same as plain facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from hoshin.charts.matrix_plan import OWNERS
from hoshin.charts.matrix_shapes import Arm, Link, MatrixItem, Owner, OwnerLink, XMatrix
from hoshin.charts.signs import Grade, grades_of
from hoshin.charts.x_matrix import x_matrix
from hoshin.engine.plans import Kind, State
from hoshin.model.actions import Action
from hoshin.model.items import Item, Objective
from hoshin.model.kpis import KPI
from hoshin.queries.unit_plans import Far, UnitPlan
from hoshin.reports.matrix import QUESTIONS, ArmOf, Preset, captions, stands_in

AnyItem = Item | Far
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Owned:
    """An item with who answers for it, in words."""

    id: int
    name: str
    said: str


@dataclass(frozen=True, slots=True)
class Desk:
    """What is edited: a unit's plan under a preset, its arms named as the organisation calls them, and its signs.

    `helpers` are those of the actions. Whatever the preset puts at the far right, people are named one by one here.
    """

    plan: UnitPlan
    preset: Preset
    glyphs: str
    helpers: Mapping[int, Sequence[int]] = field(default_factory=dict)

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

    @property
    def owners_label(self) -> str:
        """What the owner grid is called: people are named here even where the sheet shows their teams."""
        return OWNERS if self.preset.teams else self.preset.owners

    @property
    def parts(self) -> dict[int, tuple[int | None, list[int]]]:
        """Who is responsible for each item shown, and who supports it: helpers, a sponsor, a KPI's reporter."""
        return {one.id: (one.owner_id, self._supporters(one)) for _, found in self.arms.values() for one in found}

    def _supporters(self, item: AnyItem) -> list[int]:
        if isinstance(item, Action):
            return list(self.helpers.get(item.id, ()))
        second = item.sponsor_id if isinstance(item, Objective) else None
        second = item.reporter_id if isinstance(item, KPI) else second
        return [] if second is None else [second]

    @property
    def people(self) -> dict[int, str]:
        """Everybody who has a part in one of the rows above and below the centre, by name."""
        rows = {one.id for side in ("north", "south") for one in self.arms[side][1]}
        parts = [part for item, part in self.parts.items() if item in rows]
        having = {one for owner, others in parts for one in (owner, *others) if one is not None}
        named = [(one, self.plan.people.get(one, "")) for one in having]
        return dict(sorted(named, key=lambda one: (one[1].casefold(), one[0])))

    @property
    def owned(self) -> list[Owned]:
        """The unit's own items shown, each with who answers for it and who supports it in a line."""
        own = [one for _, found in self.arms.values() for one in found if isinstance(one, Item)]
        return [Owned(one.id, one.name, self._said(one)) for one in own]

    def _said(self, item: Item) -> str:
        owner, supporters = item.owner_id, self._supporters(item)
        names = [] if owner is None else [f"● {self.plan.people.get(owner, '')}"]
        return ", ".join([*names, *(f"○ {self.plan.people.get(one, '')}" for one in supporters)])


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
        owners=[*(Owner(f"person:{one}", name) for one, name in desk.people.items()), SOMEBODY],
        owners_label=desk.owners_label,
        owner_links=_owner_links(desk, keys),
        questions=captions(preset=desk.preset),
        glyphs=desk.glyphs,
        figures=False,
    )


SOMEBODY = Owner("owners:new", "Somebody else…")
"""The last column of the owner grid, where the next person is named."""


def _owner_links(desk: Desk, keys: Mapping[int, str]) -> list[OwnerLink]:
    """The parts in the rows above and below the centre."""
    rows = {one.id for side in ("north", "south") for one in desk.arms[side][1]}
    found = []
    for item, (owner, supporters) in desk.parts.items():
        if item in rows:
            found += [OwnerLink(f"person:{owner}", keys[item])] if owner is not None else []
            found += [OwnerLink(f"person:{one}", keys[item], responsible=False) for one in supporters]
    return found


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
        "owners": desk.owners_label,
        "parts": [{"item": item, "owner": owner, "supports": more} for item, (owner, more) in desk.parts.items()],
        "people": [[one, name] for one, name in desk.people.items()],
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

"""The X-matrix of a unit: which items and links stand in which arm and corner under which preset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hoshin.charts.matrix_shapes import Arm, Link, MatrixItem, Owner, OwnerLink, XMatrix
from hoshin.charts.x_matrix import CORNERS, x_matrix
from hoshin.engine.attainment import Report
from hoshin.engine.metrics import KPIClass
from hoshin.engine.plans import Kind, State
from hoshin.errors import Problem, Refused
from hoshin.model.items import Item, Objective
from hoshin.model.kpis import KPI, KPIKind
from hoshin.queries.unit_plans import Far, UnitPlan

Address = Callable[[Kind, int], str]
AnyItem = Item | Far


@dataclass(frozen=True, slots=True)
class ArmOf:
    """What an arm holds: one kind of item, of KPIs perhaps only the results or the processes."""

    kind: Kind
    label: str
    kpi_kind: KPIKind | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """One layout of the four arms, and who stands at the far right."""

    key: str
    label: str
    south: ArmOf
    west: ArmOf
    north: ArmOf
    east: ArmOf
    teams: bool = False

    @property
    def arms(self) -> dict[str, ArmOf]:
        """The arms by side."""
        return {"south": self.south, "west": self.west, "north": self.north, "east": self.east}


OBJECTIVES, PRIORITIES = ArmOf(Kind.OBJECTIVE, "Objectives"), ArmOf(Kind.PRIORITY, "Priorities")
ACTIONS, KPIS = ArmOf(Kind.ACTION, "Actions"), ArmOf(Kind.KPI, "KPIs")
RESULTS = ArmOf(Kind.KPI, "Results", KPIKind.RESULT)
PROCESSES = ArmOf(Kind.KPI, "Process KPIs", KPIKind.PROCESS)

PRESETS: Mapping[str, Preset] = {
    one.key: one
    for one in (
        Preset("classic", "Classic", south=OBJECTIVES, west=PRIORITIES, north=ACTIONS, east=KPIS),
        Preset(
            "jackson",
            "Jackson A3-X",
            south=RESULTS,
            west=ArmOf(Kind.OBJECTIVE, "Strategies"),
            north=ArmOf(Kind.PRIORITY, "Tactics"),
            east=PROCESSES,
            teams=True,
        ),
        Preset("cascade", "Cascade", south=OBJECTIVES, west=PRIORITIES, north=KPIS, east=ACTIONS),
    )
}
"""The layouts as data: the literature disagrees, and the same links are drawn under each."""

QUESTIONS: Mapping[tuple[Kind, Kind], str] = {
    (Kind.OBJECTIVE, Kind.PRIORITY): "Will this priority move this objective?",
    (Kind.PRIORITY, Kind.ACTION): "Does this action carry the priority out?",
    (Kind.ACTION, Kind.KPI): "Will this action move this KPI?",
    (Kind.OBJECTIVE, Kind.KPI): "Does this KPI prove the objective?",
    (Kind.PRIORITY, Kind.KPI): "Does this KPI prove the priority?",
}
STRENGTH_WORDS = {9: "● strong", 3: "○ medium", 1: "△ weak"}


def question(*, upper: Kind, lower: Kind) -> str:
    """The question that a link between the two kinds answers."""
    return QUESTIONS[upper, lower]


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One correlation in words, for the table that stands beside the drawing."""

    upper: str
    lower: str
    strength: int
    said: str
    question: str
    rationale: str
    placed: bool


@dataclass(frozen=True, slots=True)
class MatrixSheet:
    """The drawing, what it could not place as sentences, and all links as rows."""

    preset: Preset
    matrix: XMatrix
    unplaced: tuple[str, ...]
    rows: tuple[LinkRow, ...]
    drafts: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a sheet needs beside the plan: titles, the vision, helpers of actions and teams of people."""

    title: str
    vision: str
    helpers: Mapping[int, Sequence[int]]
    teams: Mapping[int, str]
    address: Address | None = None


def find_preset(*, key: str) -> Preset:
    """The preset of that name; raises Refused for another name."""
    if (key or "classic") not in PRESETS:
        raise Refused(Problem(f"there is no layout “{key[:40]}”; choose {', '.join(PRESETS)}", field="preset"))
    return PRESETS[key or "classic"]


def matrix_sheet(*, plan: UnitPlan, report: Report, preset: Preset, around: Surroundings) -> MatrixSheet:
    """Draw the unit's plan under a preset; drafts are drawn and named so, what has ended is not."""
    shown = _shown(plan)
    arms = {side: _arm(arm, shown, report, around) for side, arm in preset.arms.items()}
    drawn = {one.key: one.title for arm in arms.values() for one in arm.items}
    links = [one for one in plan.links if one.upper_id in shown and one.lower_id in shown]
    keys = {key: _key(one) for key, one in shown.items()}
    owners, owner_links = _owners(preset, plan, shown, drawn, around)
    matrix = x_matrix(
        key="matrix",
        title=around.title,
        vision=around.vision or "The vision is not written yet",
        links=[
            Link(
                keys[one.upper_id],
                keys[one.lower_id],
                one.strength,
                one.rationale or _asked(shown, one.upper_id, one.lower_id),
            )
            for one in links
        ],
        owners=owners,
        owners_label="Teams" if preset.teams else "Owners",
        owner_links=owner_links,
        questions=captions(preset=preset),
        south=arms["south"],
        west=arms["west"],
        north=arms["north"],
        east=arms["east"],
    )
    unplaced = {(one.a, one.b) for one in matrix.unplaced}
    rows = tuple(
        LinkRow(
            upper=_name(shown[one.upper_id]),
            lower=_name(shown[one.lower_id]),
            strength=one.strength,
            said=STRENGTH_WORDS[one.strength],
            question=_asked(shown, one.upper_id, one.lower_id),
            rationale=one.rationale,
            placed=(keys[one.upper_id], keys[one.lower_id]) not in unplaced,
        )
        for one in links
    )
    return MatrixSheet(
        preset=preset,
        matrix=matrix,
        unplaced=tuple(f"{one.said}: {one.upper} × {one.lower}" for one in rows if not one.placed),
        rows=rows,
        drafts=sum(1 for one in shown.values() if one.state is State.DRAFT),
    )


def _asked(shown: Mapping[int, AnyItem], upper: int, lower: int) -> str:
    return QUESTIONS.get((shown[upper].kind, shown[lower].kind), "")


def _shown(plan: UnitPlan) -> dict[int, AnyItem]:
    own: dict[int, AnyItem] = {one.id: one for one in plan.items if one.state is not State.ENDED}
    return own | {one.id: one for one in plan.shared() if one.state is not State.ENDED}


def _key(item: AnyItem) -> str:
    return f"{item.kind.value}:{item.id}"


def _name(item: AnyItem) -> str:
    if isinstance(item, Far) and not item.readable:
        return "restricted"
    return f"{item.name} (draft)" if item.state is State.DRAFT else item.name


def _arm(arm: ArmOf, shown: Mapping[int, AnyItem], report: Report, around: Surroundings) -> Arm:
    items = [_matrix_item(one, report, around) for one in shown.values() if stands_in(arm=arm, item=one)]
    return Arm(arm.label, tuple(items))


def stands_in(*, arm: ArmOf, item: AnyItem) -> bool:
    """Fundamental KPIs run the business and stand in the bowling chart; shared ones stand with the results."""
    if item.kind is not arm.kind:
        return False
    if not isinstance(item, KPI):
        return arm.kpi_kind is not KPIKind.PROCESS
    return item.kpi_class is not KPIClass.FUNDAMENTAL and arm.kpi_kind in (None, item.kpi_kind)


def _matrix_item(item: AnyItem, report: Report, around: Surroundings) -> MatrixItem:
    readable = not isinstance(item, Far) or item.readable
    shared = " (shared)" if isinstance(item, Far) and item.readable else ""
    figure, verdict = _figure(item, report)
    return MatrixItem(
        key=_key(item),
        title=f"{_name(item)}{shared}",
        href=around.address(item.kind, item.id) if around.address and readable else None,
        figure=figure,
        verdict=verdict,
    )


def _figure(item: AnyItem, report: Report) -> tuple[str, str]:
    """A KPI shows its verdict, everything else how many of its due metrics hit."""
    if item.kind is Kind.KPI:
        judgement = report.judgements.get(item.id)
        return "", judgement.verdict.value if judgement else ""
    node = report.nodes.get((item.kind.value, item.id))
    return (f"{node.counts.hits}/{node.counts.due}", "") if node and node.counts.due else ("", "")


def captions(*, preset: Preset) -> dict[str, str]:
    """The question of each corner, by its name; a corner of two kinds that are never linked has none."""
    captions = {}
    for corner, (row, column) in CORNERS.items():
        arms = preset.arms
        if column in arms:
            kinds = (arms[row].kind, arms[column].kind)
            captions[corner] = QUESTIONS.get(kinds) or QUESTIONS.get((kinds[1], kinds[0]), "")
    return {corner: text for corner, text in captions.items() if text}


def _owners(
    preset: Preset,
    plan: UnitPlan,
    shown: Mapping[int, AnyItem],
    drawn: Mapping[str, str],
    around: Surroundings,
) -> tuple[list[Owner], list[OwnerLink]]:
    """Who answers for the rows above and below the centre, and who supports them: people, or their teams."""
    rows = {preset.north.kind, preset.south.kind}
    parts = [
        (_column(person, preset, plan, around), _key(item), responsible)
        for item in shown.values()
        if item.kind in rows and _key(item) in drawn
        for person, responsible in _people(item, around)
    ]
    names = {key: name for (key, name), _, _ in parts}
    links = [OwnerLink(key, item, responsible) for (key, _), item, responsible in parts]
    ordered = sorted(names.items(), key=lambda one: (one[1].casefold(), one[0]))
    return [Owner(key, name) for key, name in ordered], links


def _people(item: AnyItem, around: Surroundings) -> list[tuple[int, bool]]:
    found = [(item.owner_id, True)]
    if isinstance(item, Objective):
        found.append((item.sponsor_id, False))
    found += [(one, False) for one in around.helpers.get(item.id, ())]
    return [(person, responsible) for person, responsible in found if person is not None]


def _column(person: int, preset: Preset, plan: UnitPlan, around: Surroundings) -> tuple[str, str]:
    if preset.teams:
        team = around.teams.get(person) or "No team"
        return f"team:{team}", team
    return f"person:{person}", plan.people.get(person, "")

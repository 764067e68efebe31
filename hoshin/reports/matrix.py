"""The X-matrix of a unit: which items and links stand in which arm and corner under which preset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hoshin.charts.matrix_shapes import Arm, Link, MatrixItem, Owner, OwnerLink, XMatrix
from hoshin.charts.signs import TRIANGLE, grade_of, sign_of
from hoshin.charts.x_matrix import CORNERS, x_matrix
from hoshin.engine.attainment import Report
from hoshin.engine.checks import Finding
from hoshin.engine.metrics import KPIClass
from hoshin.engine.plans import Kind, State
from hoshin.errors import Problem, Refused
from hoshin.model.actions import Action, Status
from hoshin.model.items import Item, Objective
from hoshin.model.kpis import KPI, KPIKind
from hoshin.queries.links import LinkFact
from hoshin.queries.matrix import MatrixFacts
from hoshin.queries.unit_lists import names_of
from hoshin.queries.unit_plans import Far, UnitPlan
from hoshin.reports.matrix_reading import EVERYTHING, Chosen, lit, support, warnings_of
from hoshin.reports.prose import as_line

Address = Callable[[Kind, int], str]
AnyItem = Item | Far


@dataclass(frozen=True, slots=True)
class ArmOf:
    """What an arm holds: one kind of item, of KPIs perhaps only the results or the processes."""

    kind: Kind
    label: str
    kpi_kind: KPIKind | None = None

    @property
    def word(self) -> str:
        """The name under which an organisation keeps its own label for this arm."""
        return self.label.casefold().replace(" ", "_")


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
    owners: str = "Owners"

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
            owners="Teams",
        ),
        Preset("cascade", "Cascade", south=OBJECTIVES, west=PRIORITIES, north=KPIS, east=ACTIONS),
    )
}
"""The layouts as data: the literature disagrees, and the same links are drawn under each."""

LABELS: Mapping[str, str] = {
    arm.word: arm.label for preset in PRESETS.values() for arm in preset.arms.values()
} | {preset.owners.casefold(): preset.owners for preset in PRESETS.values()}
"""Every label that an organisation may rename, by its word."""


def renamed(*, preset: Preset, labels: Mapping[str, str]) -> Preset:
    """The preset with the organisation's own labels in place of ours; unknown and empty ones are left out."""
    south, west, north, east = (
        replace(arm, label=labels.get(arm.word) or arm.label)
        for arm in (preset.south, preset.west, preset.north, preset.east)
    )
    owners = labels.get(preset.owners.casefold()) or preset.owners
    return replace(preset, owners=owners, south=south, west=west, north=north, east=east)


QUESTIONS: Mapping[tuple[Kind, Kind], str] = {
    (Kind.OBJECTIVE, Kind.PRIORITY): "Will this priority move this objective?",
    (Kind.PRIORITY, Kind.ACTION): "Does this action carry the priority out?",
    (Kind.ACTION, Kind.KPI): "Will this action move this KPI?",
    (Kind.OBJECTIVE, Kind.KPI): "Does this KPI prove the objective?",
    (Kind.PRIORITY, Kind.KPI): "Does this KPI prove the priority?",
}


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
    """The drawing, what it could not place as sentences, all links as rows, and what the check says of the whole.

    `names` are those of all items by the key that the drawing knows them by.
    """

    preset: Preset
    matrix: XMatrix
    unplaced: tuple[str, ...]
    rows: tuple[LinkRow, ...]
    drafts: int
    names: Mapping[str, str]
    warned: tuple[str, ...] = ()
    chosen: Chosen = EVERYTHING


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a sheet needs beside the plan: titles, the vision, helpers of actions and teams of people, signs and labels.

    `findings` are those of the check, `chosen` is what the reader filters by.
    """

    title: str
    vision: str
    helpers: Mapping[int, Sequence[int]]
    teams: Mapping[int, str]
    address: Address | None = None
    glyphs: str = TRIANGLE
    labels: Mapping[str, str] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    unit_id: int = 0
    chosen: Chosen = EVERYTHING


def surroundings(*, facts: MatrixFacts, address: Address | None = None, chosen: Chosen = EVERYTHING) -> Surroundings:
    """What stands around the plan of those facts; `address` gives items their links."""
    names = names_of(units=facts.units, archived=True)
    return Surroundings(
        title=f"X-matrix of {facts.unit.name}, {facts.cycle.name}",
        vision=as_line(text=facts.organisation.true_north),
        helpers=facts.helpers,
        teams={person: names[home].rpartition(" / ")[2] for person, home in facts.homes.items()},
        address=address,
        glyphs=facts.organisation.glyphs.value,
        labels=facts.organisation.arm_labels,
        findings=facts.findings,
        unit_id=facts.unit.id,
        chosen=chosen,
    )


def find_preset(*, key: str) -> Preset:
    """The preset of that name; raises Refused for another name."""
    if (key or "classic") not in PRESETS:
        raise Refused(Problem(f"there is no layout “{key[:40]}”; choose {', '.join(PRESETS)}", field="preset"))
    return PRESETS[key or "classic"]


def matrix_sheet(*, plan: UnitPlan, report: Report, preset: Preset, around: Surroundings) -> MatrixSheet:
    """Draw the unit's plan under a preset; drafts are drawn and named so, what has ended is not."""
    return _Drawing(plan, report, renamed(preset=preset, labels=around.labels), around).sheet()


class _Drawing:
    """What all parts of one sheet share."""

    def __init__(self, plan: UnitPlan, report: Report, preset: Preset, around: Surroundings) -> None:
        self.plan, self.report, self.preset, self.around = plan, report, preset, around
        self.shown = _shown(plan)
        self.links = [one for one in plan.links if one.upper_id in self.shown and one.lower_id in self.shown]
        self.warnings = warnings_of(findings=around.findings, unit_id=around.unit_id)
        self.keys = {key: _key(one) for key, one in self.shown.items()}
        self.people = {key: _people(one, around) for key, one in self.shown.items()}
        self.statuses = {key: self.status(one) for key, one in self.shown.items()}
        pairs = [(one.upper_id, one.lower_id, one.strength) for one in self.links]
        self.lit = lit(
            chosen=around.chosen,
            owners={key: [person for person, _ in people] for key, people in self.people.items()},
            statuses=self.statuses,
            links=pairs,
        )
        arms = preset.arms.values()
        standing = {key for key, one in self.shown.items() if any(stands_in(arm=arm, item=one) for arm in arms)}
        self.cornerless = self.cornerless_kpis()
        self.support = support(links=[one for one in pairs if one[0] in standing and one[1] in standing])

    def sheet(self) -> MatrixSheet:
        """The whole sheet."""
        matrix = self.matrix()
        unplaced = {(one.a, one.b) for one in matrix.unplaced}
        rows = tuple(self.row(one, unplaced) for one in self.links)
        return MatrixSheet(
            preset=self.preset,
            matrix=matrix,
            unplaced=tuple(f"{one.said}: {one.upper} × {one.lower}" for one in rows if not one.placed),
            rows=rows,
            drafts=sum(1 for one in self.shown.values() if one.state is State.DRAFT),
            names={self.keys[key]: _name(one) for key, one in self.shown.items()},
            warned=self.warnings.unit,
            chosen=self.around.chosen,
        )

    def matrix(self) -> XMatrix:
        """The drawing."""
        arms = {side: self.arm(arm) for side, arm in self.preset.arms.items()}
        drawn = {one.key for arm in arms.values() for one in arm.items}
        owners, owner_links = self.owners(drawn)
        return x_matrix(
            key="matrix",
            title=self.around.title,
            vision=self.around.vision or "The vision is not written yet",
            links=[self.link(one) for one in self.links],
            owners=owners,
            owners_label=self.preset.owners,
            owner_links=owner_links,
            questions=captions(preset=self.preset),
            glyphs=self.around.glyphs,
            warnings=self.corner_warnings(),
            south=arms["south"],
            west=arms["west"],
            north=arms["north"],
            east=arms["east"],
        )

    def row(self, link: LinkFact, unplaced: Collection[tuple[str, str]]) -> LinkRow:
        """One correlation in words."""
        grade = grade_of(strength=link.strength, glyphs=self.around.glyphs)
        return LinkRow(
            upper=_name(self.shown[link.upper_id]),
            lower=_name(self.shown[link.lower_id]),
            strength=link.strength,
            said=f"{grade.glyph} {grade.word}",
            question=_asked(self.shown, link.upper_id, link.lower_id),
            rationale=link.rationale,
            placed=(self.keys[link.upper_id], self.keys[link.lower_id]) not in unplaced,
        )

    def link(self, one: LinkFact) -> Link:
        """One correlation for the drawing."""
        said = one.rationale or _asked(self.shown, one.upper_id, one.lower_id)
        dim = self.lit.dims_link(one.upper_id, one.lower_id)
        return Link(self.keys[one.upper_id], self.keys[one.lower_id], one.strength, said, dim)

    def arm(self, arm: ArmOf) -> Arm:
        """One arm with its items."""
        items = [self.item(one) for one in self.shown.values() if stands_in(arm=arm, item=one)]
        return Arm(arm.label, tuple(items), warning=self.warnings.arms.get(arm.kind, ""))

    def item(self, item: AnyItem) -> MatrixItem:
        """One item with its figure, its sums, its filters and what the check says of it."""
        readable = not isinstance(item, Far) or item.readable
        shared = " (shared)" if isinstance(item, Far) and item.readable else ""
        figure, verdict = _figure(item, self.report)
        own = self.cornerless[item.id]
        counted = f"{own} KPI{'' if own == 1 else 's'}" if own else ""
        address, sums = self.around.address, self.support.get(item.id)
        return MatrixItem(
            key=self.keys[item.id],
            title=f"{_name(item)}{shared}",
            href=address(item.kind, item.id) if address and readable else None,
            figure=" · ".join(part for part in (figure, counted) if part),
            verdict=verdict,
            note=sums.said(glyphs=self.around.glyphs) if sums else "",
            total=f"Σ {sums.total}" if sums else "",
            warning=self.warnings.items.get(item.id, "") if readable else "",
            owners=" ".join(str(person) for person, _ in self.people[item.id]),
            status=" ".join(self.statuses[item.id]),
            dim=self.lit.dims(item.id),
        )

    def cornerless_kpis(self) -> Counter[int]:
        """How many KPIs prove an item that the layout has no corner for: a priority's own, in the classic one."""
        arms = self.preset.arms
        corners = {
            frozenset({arms[row].kind, arms[column].kind}) for row, column in CORNERS.values() if column in arms
        }
        pairs = [(one.upper_id, self.shown[one.upper_id].kind, self.shown[one.lower_id].kind) for one in self.links]
        return Counter(
            upper for upper, above, below in pairs if below is Kind.KPI and frozenset({above, below}) not in corners
        )

    def status(self, item: AnyItem) -> list[str]:
        """The words that a filter by status looks for."""
        found = ["draft"] if item.state is State.DRAFT else []
        judgement = self.report.judgements.get(item.id) if item.kind is Kind.KPI else None
        found += [sign_of(verdict=judgement.verdict.value).key] if judgement else []
        found += [item.status.value.replace(" ", "_")] if isinstance(item, Action) else []
        return found + (["warned"] if item.id in self.warnings.items else [])

    def corner_warnings(self) -> dict[str, str]:
        """Why a corner is marked, by its name."""
        arms = self.preset.arms
        kinds = {
            name: frozenset({arms[row].kind, arms[column].kind})
            for name, (row, column) in CORNERS.items()
            if column in arms
        }
        return {name: self.warnings.corners[pair] for name, pair in kinds.items() if pair in self.warnings.corners}

    def owners(self, drawn: Collection[str]) -> tuple[list[Owner], list[OwnerLink]]:
        """Who answers for the rows above and below the centre, and who supports them: people, or their teams."""
        rows = {self.preset.north.kind, self.preset.south.kind}
        names: dict[str, str] = {}
        warned: dict[str, str] = {}
        links = []
        for item in self.shown.values():
            if item.kind not in rows or self.keys[item.id] not in drawn:
                continue
            for person, responsible in self.people[item.id]:
                key, name = _column(person, self.preset, self.plan, self.around)
                names[key] = name
                if person in self.warnings.owners and not self.preset.teams:
                    warned[key] = self.warnings.owners[person]
                links.append(OwnerLink(key, self.keys[item.id], responsible, self.lit.dims(item.id)))
        bright = {one.owner for one in links if not one.dim}
        ordered = sorted(names.items(), key=lambda one: (one[1].casefold(), one[0]))
        owners = [Owner(key, name, warning=warned.get(key, ""), dim=key not in bright) for key, name in ordered]
        return owners, links


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


def stands_in(*, arm: ArmOf, item: AnyItem) -> bool:
    """Fundamental KPIs run the business and stand in the bowling chart; shared ones stand with the results."""
    if item.kind is not arm.kind:
        return False
    if not isinstance(item, KPI):
        return arm.kpi_kind is not KPIKind.PROCESS
    return item.kpi_class is not KPIClass.FUNDAMENTAL and arm.kpi_kind in (None, item.kpi_kind)


def _figure(item: AnyItem, report: Report) -> tuple[str, str]:
    """A KPI shows its verdict, everything else how many of its due metrics hit."""
    if item.kind is Kind.KPI:
        judgement = report.judgements.get(item.id)
        return "", judgement.verdict.value if judgement else ""
    node = report.nodes.get((item.kind.value, item.id))
    attained = f"{node.counts.hits}/{node.counts.due}" if node and node.counts.due else ""
    return " · ".join(part for part in (attained, _progress(item)) if part), ""


def _progress(item: AnyItem) -> str:
    """How far an action is, in a word or per cent."""
    if not isinstance(item, Action):
        return ""
    return f"{item.progress} %" if item.status is Status.IN_PROGRESS and item.progress else item.status.value


def captions(*, preset: Preset) -> dict[str, str]:
    """The question of each corner, by its name; a corner of two kinds that are never linked has none."""
    captions = {}
    for corner, (row, column) in CORNERS.items():
        arms = preset.arms
        if column in arms:
            kinds = (arms[row].kind, arms[column].kind)
            captions[corner] = QUESTIONS.get(kinds) or QUESTIONS.get((kinds[1], kinds[0]), "")
    return {corner: text for corner, text in captions.items() if text}


def _people(item: AnyItem, around: Surroundings) -> list[tuple[int, bool]]:
    found = [(item.owner_id, True)]
    if isinstance(item, Objective):
        found.append((item.sponsor_id, False))
    if isinstance(item, KPI):
        found.append((item.reporter_id, False))
    found += [(one, False) for one in around.helpers.get(item.id, ())]
    return [(person, responsible) for person, responsible in found if person is not None]


def _column(person: int, preset: Preset, plan: UnitPlan, around: Surroundings) -> tuple[str, str]:
    if preset.teams:
        team = around.teams.get(person) or "No team"
        return f"team:{team}", team
    return f"person:{person}", plan.people.get(person, "")

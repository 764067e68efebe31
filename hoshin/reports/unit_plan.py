"""The plan of a unit as rows of ready text: one view model for the page and its CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hoshin.engine.attainment import Report
from hoshin.engine.counts import Counts
from hoshin.engine.plans import Kind, State
from hoshin.model.actions import Action
from hoshin.model.items import Item, Objective
from hoshin.model.kpis import KPI
from hoshin.queries.unit_plans import UnitPlan
from hoshin.reports.render import day


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a list: what it is, how it stands, and what hangs on it."""

    id: int
    kind: Kind
    name: str
    note: str
    state: State
    owner: str
    counts: Counts
    links: int
    status: str = ""
    progress: int = 0
    verdict: str = ""
    is_first: bool = False
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One of the four lists, with what its emptiness has to teach."""

    kind: Kind
    title: str
    rows: tuple[Row, ...]
    teaches: str
    first_step: str


TEACHES: Mapping[Kind, tuple[str, str, str]] = {
    Kind.OBJECTIVE: (
        "Objectives",
        (
            "What must be different in three to five years? Few and bold: three to five. A unit below the top takes "
            "over a priority from above as its objective."
        ),
        "Write the first objective",
    ),
    Kind.PRIORITY: (
        "Priorities",
        (
            "What will this unit do this year so that its objectives come nearer? A priority nobody can link to an "
            "objective is a good idea for another year."
        ),
        "Write the first priority",
    ),
    Kind.ACTION: (
        "Actions",
        "Who does what by when to carry the priorities out? One person answers for each, others may help.",
        "Write the first action",
    ),
    Kind.KPI: (
        "KPIs",
        (
            "How would you know that it works? Every objective and priority needs a figure that proves it, with an "
            "owner and a target for each period."
        ),
        "Define the first KPI",
    ),
}


def sections(*, plan: UnitPlan, report: Report) -> list[Section]:
    """The four lists in the order of the cascade."""
    groups: tuple[tuple[Kind, Sequence[Item]], ...] = (
        (Kind.OBJECTIVE, plan.objectives),
        (Kind.PRIORITY, plan.priorities),
        (Kind.ACTION, plan.actions),
        (Kind.KPI, plan.kpis),
    )
    links = Counter(end for one in plan.links for end in (one.upper_id, one.lower_id))
    links.update(end for one in plan.deployments for end in (one.source_id, one.objective_id))
    return [
        Section(
            kind=kind,
            title=TEACHES[kind][0],
            rows=tuple(_row(one, plan, report, links, place, len(group)) for place, one in enumerate(group)),
            teaches=TEACHES[kind][1],
            first_step=TEACHES[kind][2],
        )
        for kind, group in groups
    ]


def _row(item: Item, plan: UnitPlan, report: Report, links: Mapping[int, int], place: int, size: int) -> Row:
    return Row(
        id=item.id,
        kind=item.kind,
        name=item.name,
        note=note_of(item=item, people=plan.people),
        state=item.state,
        owner=plan.people.get(item.owner_id or 0, ""),
        counts=counts_of(report=report, item=item),
        links=links.get(item.id, 0),
        status=item.status.value if isinstance(item, Action) else "",
        progress=item.progress if isinstance(item, Action) else 0,
        verdict=_verdict(report, item),
        is_first=place == 0,
        is_last=place == size - 1,
    )


def _verdict(report: Report, item: Item) -> str:
    judgement = report.judgements.get(item.id) if item.kind is Kind.KPI else None
    return judgement.verdict.value if judgement else ""


def counts_of(*, report: Report, item: Item) -> Counts:
    """What the report counted at the item; nothing when it is not in force."""
    node = report.nodes.get((item.kind.value, item.id))
    return node.counts if node else Counts()


def note_of(*, item: Item, people: Mapping[int, str]) -> str:
    """The line below a name: horizon and sponsor, due day, or how the KPI is read."""
    parts: list[str] = []
    if isinstance(item, Objective):
        sponsor = people.get(item.sponsor_id or 0)
        parts = [_horizon(item), f"sponsor {sponsor}" if sponsor else ""]
    elif isinstance(item, Action):
        parts = [f"due {day(item.due_on)}" if item.due_on else "", f"{item.progress} %"]
    elif isinstance(item, KPI):
        parts = [
            item.direction.value if item.direction else "no direction yet",
            item.uom,
            f"every {item.frequency.value}",
            item.kpi_class.value if item.kpi_class else "no class yet",
        ]
    if item.state is State.ENDED:
        parts.append(f"ended {day(item.valid_to)}: {item.end_reason}".rstrip(": "))
    return " · ".join(part for part in parts if part)


def _horizon(objective: Objective) -> str:
    first, last = objective.horizon_from, objective.horizon_to
    if first and last:
        return str(first) if first == last else f"{first}–{last}"
    return f"from {first}" if first else f"until {last}" if last else ""


CSV_HEAD = ("kind", "name", "state", "owner", "status", "note", "links", "total", "due", "hits", "verdict")


def csv_rows(*, found: Sequence[Section]) -> list[tuple[object, ...]]:
    """The rows of the lists for a spreadsheet."""
    return [
        (
            row.kind.value, row.name, row.state.value, row.owner, row.status, row.note, row.links,
            row.counts.total, row.counts.due, row.counts.hits, row.verdict,
        )
        for section in found
        for row in section.rows
    ]  # fmt: skip

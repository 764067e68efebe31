"""The list of metrics behind a figure: verdict, actual against target, owner, and every path up to the vision."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from hoshin.engine.attainment import NodeKey, Report, unit_path
from hoshin.engine.band_text import show_band
from hoshin.engine.cascade import Edge, edges_up, lines_of_sight
from hoshin.engine.counts import Counts
from hoshin.engine.figures import show_figure
from hoshin.engine.metrics import Judgement
from hoshin.engine.plans import Item, Kind, Plan
from hoshin.engine.verdicts import Verdict
from hoshin.queries.drill import Wording
from hoshin.reports.attainment import LEVEL_LABELS, depth_label

MOST_PATHS = 8
ORDER = (Verdict.MISS, Verdict.NO_DATA, Verdict.NO_TARGET, Verdict.HIT, Verdict.NOT_DUE)
"""What asks for attention stands first."""


@dataclass(frozen=True, slots=True)
class Station:
    """One item on a path. `strength` is that of the link to the next one up; a restricted item has no name."""

    kind: str
    key: int
    name: str
    unit: str
    strength: int | None
    restricted: bool


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric as ready text; `note` says what the verdict rests on when it is not simply the period asked."""

    key: int
    name: str
    unit: str
    owner: str
    verdict: str
    actual: str
    target: str
    note: str
    paths: tuple[tuple[Station, ...], ...]
    more_paths: bool


@dataclass(frozen=True, slots=True)
class MetricList:
    """The metrics behind one node; `outside` of them the reader may not open."""

    title: str
    kind: str
    counts: Counts
    rows: tuple[MetricRow, ...]
    outside: int


Behind = tuple[str, str, Counts, list[int]]
"""What stands behind a figure: the kind and name of its node, its counts, and the keys of its KPIs."""


def node_of(*, text: str) -> NodeKey:
    """The node that an address names: "objective:7", "level:priority", "depth:1" …, there or not."""
    kind, _, key = text.partition(":")
    return (kind, int(key)) if _is_key(key) and kind != "level" else (kind, key)


def name_of(*, node: NodeKey, report: Report) -> str:
    """What a node of the report is called; of a level or a depth its own word."""
    kind, key = node
    return str(key) if kind in ("level", "depth") else report.nodes[node].name


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10


def metric_list(
    *,
    plan: Plan,
    report: Report,
    node: Behind,
    readable: Container[int],
    words: Mapping[int, Wording],
) -> MetricList:
    """The list behind a node, what asks for attention first; `words` of the readable KPIs."""
    kind, name, counts, keys = node
    name = _said_name(kind, name)
    making = _Rows(plan, report, readable, words)
    mine = [key for key in keys if key in readable]
    rows = sorted((making.row(key) for key in mine), key=lambda one: [each.value for each in ORDER].index(one.verdict))
    return MetricList(name, kind, counts, tuple(rows), len(keys) - len(mine))


def _said_name(kind: str, name: str) -> str:
    if kind == "level":
        return LEVEL_LABELS[name]
    if kind == "depth":
        return depth_label(depth=int(name))
    return name.capitalize() if kind == "class" else name


class _Rows:
    """What all rows of one list share."""

    def __init__(self, plan: Plan, report: Report, readable: Container[int], words: Mapping[int, Wording]) -> None:
        self.plan, self.report, self.readable, self.words = plan, report, readable, words
        self.items = {one.key: one for one in plan.items}
        self.units = {one.key: one for one in plan.units}
        self.parents: dict[int, list[Edge]] = edges_up(plan=plan, asked=report.asked)

    def row(self, key: int) -> MetricRow:
        item, judged = self.items[key], self.report.judgements[key]
        wording = self.words.get(key, Wording("", None))
        return MetricRow(
            key=key,
            name=item.name,
            unit=self.unit_of(item),
            owner=self.plan.people.get(item.owner or 0, ""),
            verdict=judged.verdict.value,
            actual=_measured(show_figure(value=judged.actual), wording),
            target=_measured(show_band(band=judged.band), wording),
            note=self.note(judged),
            paths=(paths := self.paths(key)),
            more_paths=len(paths) == MOST_PATHS,
        )

    def unit_of(self, item: Item) -> str:
        return unit_path(units=self.units, unit=item.unit) or self.units[item.unit].name

    def note(self, judged: Judgement) -> str:
        notes = []
        if judged.period is not None and judged.of <= 1 and judged.period != self.report.asked.period:
            notes.append(f"judged on {self.plan.calendar.label(period=judged.period)}")
        if judged.used < judged.of:
            notes.append(f"{judged.used} of {judged.of} periods")
        if judged.first is not None and judged.first is not judged.verdict:
            notes.append(f"as first agreed: {judged.first.value}")
        return "; ".join(notes)

    def paths(self, key: int) -> tuple[tuple[Station, ...], ...]:
        found = lines_of_sight(parents=self.parents, item=key, most=MOST_PATHS)
        return tuple(
            tuple(self.station(step.item, step.strength) for step in path[1:]) for path in found if len(path) > 1
        )

    def station(self, key: int, strength: int | None) -> Station:
        item, restricted = self.items[key], key not in self.readable
        if restricted:
            return Station(item.kind.value, 0, "", "", strength, True)
        return Station(item.kind.value, key, item.name, self.unit_of(item), strength, False)


def _measured(figure: str, wording: Wording) -> str:
    return f"{figure} {wording.uom}".rstrip() if figure else ""


CSV_HEAD = ("metric", "unit", "owner", "verdict", "actual", "target", "note", "paths")


def csv_rows(*, metrics: MetricList) -> Sequence[Sequence[object]]:
    """The list as rows under CSV_HEAD; each path reads from the metric upwards."""
    return [
        (one.name, one.unit, one.owner, one.verdict, one.actual, one.target, one.note, _paths_text(one))
        for one in metrics.rows
    ]


def _paths_text(row: MetricRow) -> str:
    return " | ".join(" > ".join(station.name or "restricted" for station in path) for path in row.paths)


def is_hidden(*, node: str, readable: Container[int]) -> bool:
    """Whether the node is an item that the reader may not know of."""
    kind, _, key = node.partition(":")
    return kind in {one.value for one in Kind} and not (_is_key(key) and int(key) in readable)

"""The cascade of the whole organisation as a tree: who answers what, with attainment at each node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from hoshin.engine.attainment import Report, depth_first, unit_path
from hoshin.engine.cascade import Edge, counted_items, edges_up
from hoshin.engine.counts import Counts
from hoshin.engine.figures import show_percent
from hoshin.engine.plans import Item, Kind, Plan
from hoshin.queries.cascade import Part

CSV_HEAD = ("level", "kind", "name", "unit", "strength", "hits", "due", "ratio", "verdict")


@dataclass(frozen=True, slots=True)
class Branch:
    """One item of the tree. `strength` is that of its link to the one above (None: the top, or a deployment).

    An item that stands under several others shows what is below it once; `again` marks the other places.
    A restricted item has no name, key or unit; what is below it is shown as far as the reader may see it.
    """

    kind: str
    key: int
    name: str
    unit: str
    strength: int | None
    counts: Counts
    verdict: str
    restricted: bool
    again: bool
    anchor: str
    below: tuple[Branch, ...]
    hidden: int = 0
    """How many stand right below it and are not shown here."""
    opens: int = 0
    """The key by which those are opened; 0 where none are hidden."""


@dataclass(frozen=True, slots=True)
class Cascade:
    """The tree below the vision, and what hangs on nothing, by unit."""

    tops: tuple[Branch, ...]
    loose: tuple[tuple[str, tuple[Branch, ...]], ...]
    more_loose: int = 0
    """How many more hang on nothing than are shown."""


def cascade(*, plan: Plan, report: Report, readable: frozenset[int]) -> Cascade:
    """The cascade of what counts for the report's question; `readable` are the items the reader may open."""
    growing = _Growing(plan, report, readable)
    tops, loose = growing.roots()
    grown = tuple(growing.branch(item, None) for item in tops)
    apart = {
        unit: tuple(growing.branch(item, None) for item in items if item.key in readable)
        for unit, items in loose.items()
    }
    return Cascade(grown, tuple((unit, branches) for unit, branches in apart.items() if branches))


def cascade_part(*, part: Part, readable: frozenset[int]) -> Cascade:
    """A part of a large cascade: the same branches, those that are not opened with how many they hide."""
    report, plan = part.attainment.report, part.attainment.plan
    growing = _Growing(plan, report, readable, part.hidden)
    tops = tuple(growing.branch(growing.items[key], None) for key in part.tops)
    apart: dict[str, list[Branch]] = {growing.unit_of(key): [] for key in growing.order}
    for item in (growing.items[key] for key in part.loose if key in readable):
        apart[growing.unit_of(item.unit)].append(growing.branch(item, None))
    return Cascade(tops, tuple((unit, tuple(one)) for unit, one in apart.items() if one), part.more_loose)


def above_of(*, part: Part, readable: frozenset[int]) -> tuple[Branch, ...]:
    """What the first items of a part serve, each alone."""
    growing = _Growing(part.attainment.plan, part.attainment.report, readable)
    growing.down = {}
    return tuple(growing.branch(growing.items[key], None) for key in part.above)


class _Growing:
    """The tree while it grows, top down; `seen` are the items whose lower parts are drawn already."""

    def __init__(
        self, plan: Plan, report: Report, readable: frozenset[int], hidden: Mapping[int, int] = MappingProxyType({})
    ) -> None:
        self.report, self.readable, self.hidden = report, readable, hidden
        self.units = {one.key: one for one in plan.units}
        self.order = [one.key for one in depth_first(units=plan.units)]
        self.items = counted_items(plan=plan, asked=report.asked)
        self.up = edges_up(plan=plan, asked=report.asked)
        self.down = _turned(self.up, self.items)
        self.seen: set[int] = set()

    def roots(self) -> tuple[list[Item], dict[str, list[Item]]]:
        """The objectives of the top unit, and everything else that nothing stands above, by unit; no fundamentals."""
        tops: list[Item] = []
        loose: dict[str, list[Item]] = {self.unit_of(key): [] for key in self.order}
        for item in self.items.values():
            if item.key in self.up:
                continue
            if item.kind is Kind.OBJECTIVE and self.units[item.unit].parent is None:
                tops.append(item)
            elif item.kind is not Kind.KPI or item.kpi_class != "fundamental":
                loose[self.unit_of(item.unit)].append(item)
        return tops, loose

    def unit_of(self, unit: int) -> str:
        return unit_path(units=self.units, unit=unit) or self.units[unit].name

    def branch(self, item: Item, strength: int | None) -> Branch:
        again = item.key in self.seen and item.key in self.down  # nothing is below a KPI: it may stand anywhere
        self.seen.add(item.key)
        open_to_reader = item.key in self.readable
        node = self.report.nodes[item.kind.value, item.key]
        verdict = node.counts.verdict if open_to_reader and item.kind is Kind.KPI else None
        return Branch(
            kind=item.kind.value,
            key=item.key if open_to_reader else 0,
            name=item.name if open_to_reader else "",
            unit=self.unit_of(item.unit) if open_to_reader else "",
            strength=strength,
            counts=node.counts,
            verdict=verdict.value if verdict else "",
            restricted=not open_to_reader,
            again=again,
            anchor=f"item-{item.key}" if item.key in self.down else "",
            below=() if again else self.below(item.key),
            hidden=self.hidden.get(item.key, 0),
            opens=item.key if item.key in self.hidden else 0,
        )

    def below(self, key: int) -> tuple[Branch, ...]:
        return tuple(self.branch(item, strength) for item, strength in self.down.get(key, ()))


def _turned(up: Mapping[int, Sequence[Edge]], items: Mapping[int, Item]) -> dict[int, list[tuple[Item, int | None]]]:
    """The steps downwards, each list in the order of kinds and then of the plan."""
    down: dict[int, list[tuple[Item, int | None]]] = {}
    for lower in items:
        for edge in up.get(lower, ()):
            down.setdefault(edge.upper, []).append((items[lower], edge.strength))
    return down


def csv_rows(*, tree: Cascade) -> list[Sequence[object]]:
    """The tree as rows under CSV_HEAD, top down; level 1 stands right below the vision, 0 hangs on nothing."""
    rows: list[Sequence[object]] = []
    for branch in tree.tops:
        rows.extend(_rows(branch, 1))
    for _, branches in tree.loose:
        for branch in branches:
            rows.extend(_rows(branch, 0))
    return rows


def _rows(branch: Branch, level: int) -> Iterator[Sequence[object]]:
    name = "restricted" if branch.restricted else branch.name
    counts = branch.counts
    yield (
        level, branch.kind, name, branch.unit, branch.strength, counts.hits, counts.due,
        show_percent(value=counts.ratio), branch.verdict,
    )  # fmt: skip
    for one in branch.below:
        yield from _rows(one, level + 1)

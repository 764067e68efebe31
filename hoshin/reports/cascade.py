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
        self.paths = {key: unit_path(units=self.units, unit=key) or one.name for key, one in self.units.items()}
        self.items = counted_items(plan=plan, asked=report.asked)
        self.up = edges_up(plan=plan, asked=report.asked)
        self.down = _turned(self.up, self.items)
        self.seen: set[int] = set()
        self.percents: dict[tuple[int, int], str] = {}

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
        return self.paths[unit]

    def branch(self, item: Item, strength: int | None) -> Branch:
        again = self.is_again(item)
        return self.alone(item, strength, again, () if again else self.below(item.key))

    def percent(self, counts: Counts) -> str:
        """The ratio as people write it: most nodes have one of a few."""
        pair = counts.hits, counts.due
        if pair not in self.percents:
            self.percents[pair] = show_percent(value=counts.ratio)
        return self.percents[pair]

    def is_again(self, item: Item) -> bool:
        again = item.key in self.seen and item.key in self.down  # nothing is below a KPI: it may stand anywhere
        self.seen.add(item.key)
        return again

    def alone(
        self, item: Item, strength: int | None, again: bool, below: tuple[Branch, ...] = ()
    ) -> Branch:
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
            below=below,
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


def csv_rows(*, plan: Plan, report: Report, readable: frozenset[int]) -> Iterator[Sequence[object]]:
    """The tree of `cascade` as rows under CSV_HEAD, top down, one at a time as it grows.

    Level 1 stands right below the vision, 0 hangs on nothing.
    """
    growing = _Growing(plan, report, readable)
    tops, loose = growing.roots()
    for item in tops:
        yield from _rows(growing, item, None, 1)
    for items in loose.values():
        for item in items:
            if item.key in readable:
                yield from _rows(growing, item, None, 0)


def _rows(growing: _Growing, item: Item, strength: int | None, level: int) -> Iterator[Sequence[object]]:
    again = growing.is_again(item)
    branch = growing.alone(item, strength, again)
    counts = branch.counts
    yield (
        level, branch.kind, "restricted" if branch.restricted else branch.name, branch.unit, strength, counts.hits,
        counts.due, growing.percent(counts), branch.verdict,
    )  # fmt: skip
    if not again:
        for lower, strong in growing.down.get(item.key, ()):
            yield from _rows(growing, lower, strong, level + 1)

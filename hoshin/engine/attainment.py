"""Attainment at every level: judge each metric once, pool the distinct ones at each node (DESIGN §3, rules 4-10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hoshin.engine.cascade import counted_items, edges_down
from hoshin.engine.counts import Counts
from hoshin.engine.metrics import Asked, Judgement, KPIClass, judge_metric
from hoshin.engine.plans import Item, Kind, Plan, State, Unit
from hoshin.engine.rollup import Members, belonging, keys_in
from hoshin.engine.tallies import Tally
from hoshin.engine.verdicts import Verdict

NodeKey = tuple[str, int | str]
"""Kind of node and the key of what it stands for, such as ("objective", 7) or ("class", "breakthrough")."""

SEPARATOR = " / "
ABOVE_KPIS = (Kind.OBJECTIVE, Kind.PRIORITY, Kind.ACTION)
LEVELS = ("organisation", Kind.OBJECTIVE.value, Kind.PRIORITY.value, Kind.ACTION.value)


@dataclass(frozen=True, slots=True)
class Node:
    """One place in the report: what it is, where it stands, and what was counted there.

    `unit` is the path of its unit below the organisation, None for the organisation itself.
    """

    key: NodeKey
    name: str
    path: str
    unit: str | None
    counts: Counts
    as_first_agreed: Counts
    members: Members

    @property
    def kind(self) -> str:
        """organisation, unit, unit-own, objective, priority, action, kpi, owner or class."""
        return self.key[0]


@dataclass(frozen=True, slots=True)
class Level:
    """A pool of distinct metrics across many nodes: all objectives, or all units of one depth."""

    name: str
    counts: Counts
    members: Members = 0


@dataclass(frozen=True, slots=True)
class Report:
    """The answer to one question, at every node; `order` holds the KPI behind each bit of a node's members."""

    asked: Asked
    nodes: Mapping[NodeKey, Node]
    levels: Sequence[Level]
    depths: Sequence[Level]
    judgements: Mapping[int, Judgement]
    order: Sequence[int]
    ended: int
    """How many metrics were ended within this cycle (rule 6)."""

    @property
    def organisation(self) -> Node:
        """The node of the whole organisation."""
        return next(iter(self.nodes.values()))

    def metrics_of(self, *, node: NodeKey) -> list[int]:
        """The keys of the KPIs behind a node's figure, in the order of the plan (rule 10)."""
        return keys_in(members=self.nodes[node].members, order=self.order)


def attain(*, plan: Plan, asked: Asked) -> Report:
    """The attainment of every node of the plan for the question asked."""
    return _Attaining(plan, asked).report()


def describe(*, plan: Plan, asked: Asked, now: Tally, first: Tally, kpis: bool = True) -> Report:
    """The same report for counts that were found already; it holds no single judgement and no members.

    Of the plan's metrics only the keys matter, as the KPIs that belong to the cycle. Without `kpis` they are no nodes
    of their own, which are most of a large report.
    """
    return _Described(plan, asked, now, first, (*Kind,) if kpis else ABOVE_KPIS).report()


def describe_part(*, plan: Plan, asked: Asked, now: Tally, first: Tally) -> Report:
    """The report for a part of a plan whose counts, those of the whole, were found already.

    Its nodes are made when they are looked up: every unit, class and level, and the part's own items and owners.
    Judgements, `order` and `ended` are those of the part's metrics; there are no members.
    """
    return _Part(plan, asked, now, first).report()


class _Attaining:
    """The working table of one report."""

    kinds: Sequence[Kind] = (*Kind,)

    def __init__(self, plan: Plan, asked: Asked) -> None:
        self.plan, self.asked = plan, asked
        self.items = counted_items(plan=plan, asked=asked)
        self.order = [one.key for one in plan.items if one.kind is Kind.KPI and one.key in self.items]
        self.bit = {key: 1 << place for place, key in enumerate(self.order)}
        self.judgements = {
            key: judge_metric(metric=plan.metrics[key], asked=asked, calendar=plan.calendar) for key in self.order
        }
        self.now = self._masks({key: one.verdict for key, one in self.judgements.items()})
        self.first = self._masks({key: one.first or one.verdict for key, one in self.judgements.items()})
        self.below = belonging(children=edges_down(plan=plan, asked=asked), own=self.bit)
        self.units = {one.key: one for one in plan.units}
        self.paths: dict[int, str | None] = {}

    def _masks(self, verdicts: Mapping[int, Verdict]) -> dict[Verdict, Members]:
        masks = dict.fromkeys(Verdict, 0)
        for key, verdict in verdicts.items():
            masks[verdict] |= self.bit[key]
        return masks

    def count(self, members: Members, masks: Mapping[Verdict, Members]) -> Counts:
        return Counts(
            total=members.bit_count(),
            hits=(members & masks[Verdict.HIT]).bit_count(),
            misses=(members & masks[Verdict.MISS]).bit_count(),
            no_data=(members & masks[Verdict.NO_DATA]).bit_count(),
            not_due=(members & masks[Verdict.NOT_DUE]).bit_count(),
            no_target=(members & masks[Verdict.NO_TARGET]).bit_count(),
        )

    def report(self) -> Report:
        nodes = [*self._unit_nodes(), *self._item_nodes(), *self._owner_nodes(), *self._class_nodes()]
        return Report(
            asked=self.asked,
            nodes={one.key: one for one in nodes},
            levels=self._levels(nodes),
            depths=self._depths(),
            judgements=self.judgements,
            order=tuple(self.order),
            ended=sum(1 for one in self.plan.items if self._ended_in_cycle(one)),
        )

    def _ended_in_cycle(self, item: Item) -> bool:
        """Ended before its year was over, by a person or by its own last day; a whole year's metric is not."""
        life, cycle = item.life, self.asked.cycle
        if item.kind is not Kind.KPI or life.state is State.DRAFT or life.last is None:
            return False
        if life.state is not State.ENDED and life.last == cycle.last:
            return False
        return cycle.first <= life.last <= min(cycle.last, self.asked.as_of)

    def _node(self, key: NodeKey, name: str, path: str, unit: str | None, members: Members) -> Node:
        return Node(key, name, path, unit, self.count(members, self.now), self.count(members, self.first), members)

    def _unit_nodes(self) -> list[Node]:
        own = self._own()
        ordered = depth_first(units=self.plan.units)
        subtree = dict(own)
        for unit in reversed(ordered):
            if unit.parent is not None:
                subtree[unit.parent] = subtree.get(unit.parent, 0) | subtree.get(unit.key, 0)
        everything = (1 << len(self.order)) - 1
        nodes = [self._node(("organisation", 0), self.plan.organisation, self.plan.organisation, None, everything)]
        for kind, members in (("unit", subtree), ("unit-own", own)):
            for unit in ordered:
                if kind == "unit" and unit.parent is None:
                    continue  # the organisation's node already is the top unit with its whole subtree
                path = self.path_of(unit.key)
                nodes.append(self._node((kind, unit.key), unit.name, path or unit.name, path, members.get(unit.key, 0)))
        return nodes

    def _own(self) -> dict[int, Members]:
        own: dict[int, Members] = defaultdict(int)
        for key in self.order:
            own[self.items[key].unit] |= self.bit[key]
        return own

    def path_of(self, unit: int) -> str | None:
        if unit not in self.paths:
            self.paths[unit] = unit_path(units=self.units, unit=unit)
        return self.paths[unit]

    def _item_nodes(self) -> list[Node]:
        place = {unit.key: index for index, unit in enumerate(depth_first(units=self.plan.units))}
        nodes = []
        for kind in self.kinds:
            listed = [one for one in self.items.values() if one.kind is kind]
            for item in sorted(listed, key=lambda one: place[one.unit]):
                unit = self.path_of(item.unit)
                path = SEPARATOR.join(part for part in (unit, item.name) if part)
                nodes.append(self._node((kind.value, item.key), item.name, path, unit, self.below.get(item.key, 0)))
        return nodes

    def _owner_nodes(self) -> list[Node]:
        members: dict[int, Members] = defaultdict(int)
        for key in self.order:
            owner = self.items[key].owner
            if owner is not None:
                members[owner] |= self.bit[key]
        names = {key: self.plan.people.get(key, "") for key in members}
        return [
            self._node(("owner", key), names[key], names[key], None, members[key])
            for key in sorted(members, key=lambda one: (names[one], one))
        ]

    def _class_nodes(self) -> list[Node]:
        nodes = []
        for kpi_class in KPIClass:
            members = self._union(self.bit[key] for key in self.order if self.items[key].kpi_class is kpi_class)
            nodes.append(self._node(("class", kpi_class.value), kpi_class.value, kpi_class.value, None, members))
        return nodes

    @staticmethod
    def _union(parts: Iterable[Members]) -> Members:
        members = 0
        for part in parts:
            members |= part
        return members

    def _levels(self, nodes: Sequence[Node]) -> list[Level]:
        levels = []
        for kind in LEVELS:
            members = self._union(one.members for one in nodes if one.kind == kind)
            levels.append(Level(kind, self.count(members, self.now), members))
        return levels

    def _depths(self) -> list[Level]:
        pools: dict[int, Members] = {}
        own = self._own()
        for unit in self.plan.units:
            depth = unit_depth(units=self.units, unit=unit.key)
            pools[depth] = pools.get(depth, 0) | own.get(unit.key, 0)
        return [Level(str(depth), self.count(pools[depth], self.now), pools[depth]) for depth in sorted(pools)]


class _Described(_Attaining):
    """The working table of a report whose counts are known: sets stay empty, every count is looked up."""

    def __init__(
        self, plan: Plan, asked: Asked, now: Tally, first: Tally, kinds: Sequence[Kind] = (*Kind,)
    ) -> None:
        self.plan, self.asked, self.known, self.kinds = plan, asked, (now, first), kinds
        self.items = counted_items(plan=plan, asked=asked)
        self.order = [one.key for one in plan.items if one.kind is Kind.KPI and one.key in self.items]
        self.bit = dict.fromkeys(self.order, 0)
        self.judgements, self.below = {}, {}
        self.units = {one.key: one for one in plan.units}
        self.paths = {}
        self.every: Sequence[Mapping[str, Mapping[int, Counts]]] = ({}, {})

    def report(self) -> Report:
        many = ("unit", "unit-own", "owner", *(one.value for one in self.kinds))
        now, first = self.known
        every = {kind: now.every(kind=kind) for kind in many}
        self.every = (every, every if first is now else {kind: first.every(kind=kind) for kind in many})
        return replace(super().report(), order=())

    def _node(self, key: NodeKey, name: str, path: str, unit: str | None, members: Members) -> Node:
        counts, agreed = (self._counted(place, key) for place in range(len(self.known)))
        return Node(key, name, path, unit, counts, agreed, members)

    def _counted(self, place: int, key: NodeKey) -> Counts:
        """What is known now (0) or as first agreed (1) of a node; of most, all of their kind were looked up at once."""
        kind, it = key
        every = self.every[place].get(kind)
        return self.known[place].counts(kind=kind, key=it) if every is None else every[int(it)]

    def _levels(self, nodes: Sequence[Node]) -> list[Level]:
        return [Level(kind, self.known[0].counts(kind="level", key=kind)) for kind in LEVELS]

    def _depths(self) -> list[Level]:
        depths = sorted({unit_depth(units=self.units, unit=one.key) for one in self.plan.units})
        return [Level(str(depth), self.known[0].counts(kind="depth", key=depth)) for depth in depths]


class _Part(_Described):
    """The working table of a report for a part of a plan."""

    def __init__(self, plan: Plan, asked: Asked, now: Tally, first: Tally) -> None:
        super().__init__(plan, asked, now, first)
        self.judgements = {
            key: judge_metric(metric=plan.metrics[key], asked=asked, calendar=plan.calendar) for key in self.order
        }

    def report(self) -> Report:
        return Report(
            asked=self.asked,
            nodes=_Nodes(self),
            levels=self._levels(()),
            depths=self._depths(),
            judgements=self.judgements,
            order=tuple(self.order),
            ended=sum(1 for one in self.plan.items if self._ended_in_cycle(one)),
        )

    def keys(self) -> Iterator[NodeKey]:
        """All nodes there are, in the order of a whole report."""
        units = depth_first(units=self.plan.units)
        yield "organisation", 0
        yield from (("unit", one.key) for one in units if one.parent is not None)
        yield from (("unit-own", one.key) for one in units)
        place = {unit.key: index for index, unit in enumerate(units)}
        items = sorted(self.items.values(), key=lambda one: place[one.unit])
        for kind in Kind:
            yield from ((kind.value, one.key) for one in items if one.kind is kind)
        owners = {one.owner for one in self.items.values() if one.kind is Kind.KPI and one.owner is not None}
        yield from (("owner", key) for key in sorted(owners, key=lambda one: (self.plan.people.get(one, ""), one)))
        yield from (("class", one.value) for one in KPIClass)

    def node(self, key: NodeKey) -> Node:
        """One node; raises KeyError when there is none such."""
        kind, it = key
        if kind == "organisation":
            return self._node(key, self.plan.organisation, self.plan.organisation, None, 0)
        if kind in ("unit", "unit-own"):
            unit, path = self.units[int(it)], self.path_of(int(it))
            if kind == "unit" and path is None:
                raise KeyError(key)
            return self._node(key, unit.name, path or unit.name, path, 0)
        if kind in ("owner", "class"):
            name = str(it) if kind == "class" else self.plan.people.get(int(it), "")
            return self._node(key, name, name, None, 0)
        item = self.items[int(it)]
        if item.kind.value != kind:
            raise KeyError(key)
        unit_at = self.path_of(item.unit)
        return self._node(key, item.name, SEPARATOR.join(part for part in (unit_at, item.name) if part), unit_at, 0)


class _Nodes(Mapping[NodeKey, Node]):
    """The nodes of a part, each made when somebody looks it up."""

    def __init__(self, working: _Part) -> None:
        self._working = working

    def __getitem__(self, key: NodeKey) -> Node:
        return self._working.node(key)

    def __iter__(self) -> Iterator[NodeKey]:
        return self._working.keys()

    def __len__(self) -> int:
        return sum(1 for _ in self)


def depth_first(*, units: Sequence[Unit]) -> list[Unit]:
    """The units, each followed by what stands below it; siblings keep their order."""
    children: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in units:
        children[unit.parent].append(unit)
    ordered: list[Unit] = []
    waiting = list(reversed(children[None]))
    while waiting:
        unit = waiting.pop()
        ordered.append(unit)
        waiting.extend(reversed(children[unit.key]))
    return ordered


def unit_path(*, units: Mapping[int, Unit], unit: int) -> str | None:
    """The names from below the organisation down to the unit, joined by " / "; None for the top unit."""
    names: list[str] = []
    at = units[unit]
    while at.parent is not None:
        names.append(at.name)
        at = units[at.parent]
    return SEPARATOR.join(reversed(names)) or None


def unit_depth(*, units: Mapping[int, Unit], unit: int) -> int:
    """How many units stand above this one."""
    depth, at = 0, units[unit]
    while at.parent is not None:
        depth, at = depth + 1, units[at.parent]
    return depth

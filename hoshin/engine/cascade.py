"""The edges along which metrics belong: which items count for a question, and what stands directly below each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from hoshin.engine.metrics import Asked
from hoshin.engine.plans import Item, Kind, Plan
from hoshin.engine.rollup import paths_up


@dataclass(frozen=True, slots=True)
class Edge:
    """One step up: the item above and how strongly it is served, None for a deployment."""

    upper: int
    strength: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One item on a path, with the strength of the link to the next one up (None: a deployment, or the top)."""

    item: int
    strength: int | None


def counted_items(*, plan: Plan, asked: Asked) -> dict[int, Item]:
    """The items in force on the question's last day, by key; a priority or action only in its own cycle (rule 9).

    A KPI also has to belong to the cycle.
    """
    return {one.key: one for one in plan.items if _counts(one, plan, asked)}


def _counts(item: Item, plan: Plan, asked: Asked) -> bool:
    if not item.life.in_force(on=asked.last_day):
        return False
    if item.kind is Kind.KPI:
        return item.key in plan.metrics
    return item.cycle is None or item.cycle == asked.cycle.name


def edges_down(*, plan: Plan, asked: Asked) -> dict[int, list[int]]:
    """For every counted item what belongs directly below it: linked items and, by the rotation, deployed objectives."""
    children: dict[int, list[int]] = {key: [] for key in counted_items(plan=plan, asked=asked)}
    for lower, edges in edges_up(plan=plan, asked=asked).items():
        for edge in edges:
            children[edge.upper].append(lower)
    return children


def edges_up(*, plan: Plan, asked: Asked) -> dict[int, list[Edge]]:
    """For every counted item that serves another the steps up from it, in the order of the plan's links."""
    items = counted_items(plan=plan, asked=asked)
    parents: dict[int, list[Edge]] = defaultdict(list)
    for link in plan.links:
        if link.strength >= plan.least_strength and link.upper in items and link.lower in items:
            parents[link.lower].append(Edge(link.upper, link.strength))
    for one in plan.deployments:
        source = items.get(one.source)
        if source is None or one.objective not in items or source.kind.value != plan.rotation.value:
            continue
        if one.life.in_force(on=asked.last_day):
            parents[one.objective].append(Edge(one.source, None))
    return dict(parents)


def lines_of_sight(*, parents: Mapping[int, list[Edge]], item: int, most: int = 20) -> list[tuple[Step, ...]]:
    """Every path from the item up to something nothing stands above, at most `most`; each begins with the item."""
    above: dict[int, list[int]] = {}
    waiting = [item]
    while waiting:  # only what is asked about: the plan may be large
        key = waiting.pop()
        if key not in above:
            above[key] = [one.upper for one in parents.get(key, ())]
            waiting.extend(above[key])
    return [_steps(path, parents) for path in paths_up(parents=above, node=item, most=most)]


def _steps(path: tuple[int, ...], parents: Mapping[int, list[Edge]]) -> tuple[Step, ...]:
    strengths = [
        next((edge.strength for edge in parents[lower] if edge.upper == upper), None) for lower, upper in pairwise(path)
    ]
    return tuple(Step(key, strength) for key, strength in zip(path, [*strengths, None], strict=True))

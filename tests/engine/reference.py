"""The class forest in plain Python: what engine.forest does with arrays, to be read and to be compared with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from graphlib import TopologicalSorter

Node = int
Leaf = int


def count_everywhere(
    *,
    parents: Mapping[Node, Set[Node]],
    nodes: Sequence[Node],
    direct: Mapping[Leaf, Set[Node]],
    weights: Mapping[Leaf, int],
) -> dict[Node, int]:
    """What each node adds up to when every leaf below it counts once.

    Raises graphlib.CycleError on a circle.
    """
    classes: dict[frozenset[Node], int] = defaultdict(int)
    for leaf, above in direct.items():
        classes[frozenset(above)] += weights[leaf]
    found = dict.fromkeys(nodes, 0)
    for node in children_first(parents=parents, nodes=nodes):
        for waiting in [one for one in classes if node in one]:
            weight = classes.pop(waiting)
            found[node] += weight
            classes[(waiting - {node}) | parents.get(node, set())] += weight  # equal sets go on as one class
    return found


def children_first(*, parents: Mapping[Node, Set[Node]], nodes: Sequence[Node]) -> list[Node]:
    """The nodes, none before what stands below it."""
    below: dict[Node, set[Node]] = {node: set() for node in nodes}
    for lower, uppers in parents.items():
        for upper in uppers:
            below[upper].add(lower)
    return list(TopologicalSorter(below).static_order())

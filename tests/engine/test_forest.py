"""The class forest against the reference and against sets counted by brute force, over random plans."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from graphlib import CycleError

import numpy as np
import pytest
from hypothesis import given, strategies
from hypothesis.strategies import DrawFn

from hoshin.engine import forest
from hoshin.engine.forest import Forest, Whole, grow
from tests.engine.reference import count_everywhere


@dataclass(frozen=True)
class Graph:
    """Nodes 0… with steps to their parents, and leaves 0… with the nodes they stand below."""

    nodes: int
    parents: dict[int, set[int]]
    direct: dict[int, set[int]]

    @property
    def forest(self) -> Forest:
        """The same as arrays."""
        return grow(
            size=self.nodes, leaves=len(self.direct), steps=columns(self.parents), links=columns(self.direct)
        )

    def reach(self, leaf: int) -> Set[int]:
        """The nodes above a leaf, found by walking every step."""
        found, waiting = set(), list(self.direct[leaf])
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting.extend(self.parents.get(node, ()))
        return found


def columns(pairs: dict[int, set[int]]) -> tuple[Whole, Whole]:
    """Pairs as two columns, some of them twice."""
    flat = [(one, other) for one, others in pairs.items() for other in sorted(others)]
    flat += flat[:2]
    return np.array([one for one, _ in flat], np.int64), np.array([other for _, other in flat], np.int64)


@strategies.composite
def graphs(draw: DrawFn) -> Graph:
    """Any plan: diamonds, shared metrics, metrics below nothing, chains; steps lead to higher numbers only."""
    nodes = draw(strategies.integers(0, 12))
    parents = {
        lower: draw(strategies.sets(strategies.integers(lower + 1, nodes - 1), max_size=3))
        for lower in range(nodes - 1)
    }
    shuffled = draw(strategies.permutations(range(nodes)))  # the number of a node says nothing of its place
    renamed = {shuffled[one]: {shuffled[other] for other in others} for one, others in parents.items()}
    some = strategies.sets(strategies.integers(0, nodes - 1), max_size=4) if nodes else strategies.just(set[int]())
    direct = {leaf: draw(some) for leaf in range(draw(strategies.integers(0, 12)))}
    return Graph(nodes, renamed, direct)


WEIGHTS = strategies.lists(strategies.integers(0, 2**20), min_size=12, max_size=12)


def counted(grown: Forest, weights: list[int]) -> list[int]:
    """What each node adds up to."""
    own = np.zeros(grown.classes, np.int64)
    for leaf, at in enumerate(grown.leaf_class):
        if at >= 0:
            own[at] += weights[leaf]
    return [int(one) for one in grown.count(weights=own)]


@given(graphs(), WEIGHTS)
def test_the_arrays_the_reference_and_brute_force_agree(graph: Graph, weights: list[int]) -> None:
    expected = [0] * graph.nodes
    for leaf in graph.direct:
        for node in graph.reach(leaf):
            expected[node] += weights[leaf]
    reference = count_everywhere(
        parents=graph.parents, nodes=range(graph.nodes), direct=graph.direct, weights=dict(enumerate(weights))
    )
    assert [reference[node] for node in range(graph.nodes)] == expected
    assert counted(graph.forest, weights) == expected


@given(graphs())
def test_one_metric_walks_up_its_own_classes_and_meets_every_node_once(graph: Graph) -> None:
    grown = graph.forest
    for leaf in graph.direct:
        assert sorted(grown.above(leaf=leaf)) == sorted(graph.reach(leaf))


@given(graphs())
def test_a_class_knows_what_it_reaches(graph: Graph) -> None:
    grown = graph.forest
    marks = np.array([1 << node for node in range(graph.nodes)], np.int64)
    reached = grown.reached(marks=marks)
    for leaf in graph.direct:
        at = int(grown.leaf_class[leaf])
        assert (int(reached[at]) if at >= 0 else 0) == sum(1 << node for node in graph.reach(leaf))


@given(graphs(), WEIGHTS)
def test_no_answer_rests_on_the_sums_that_bring_equal_sets_together(graph: Graph, weights: list[int]) -> None:
    expected = counted(graph.forest, weights)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forest, "_scattered", lambda nodes: np.zeros(len(nodes), np.uint64))
        assert counted(graph.forest, weights) == expected


def test_equal_sets_go_on_as_one_class() -> None:
    """Two priorities below one objective, a hundred metrics below each: three classes, whatever the metrics' number."""
    graph = Graph(3, {0: {2}, 1: {2}}, {leaf: {leaf % 2} for leaf in range(200)})
    assert graph.forest.classes == 3
    assert counted(graph.forest, [1] * 200) == [100, 100, 200]


def test_a_metric_on_both_sides_of_a_diamond_counts_once() -> None:
    graph = Graph(4, {0: {1, 2}, 1: {3}, 2: {3}}, {0: {0}, 1: {1, 2}})
    assert counted(graph.forest, [1, 1]) == [1, 2, 2, 2]


@pytest.mark.parametrize("circle", [{0: {0}}, {0: {1}, 1: {0}}, {0: {1}, 1: {2}, 2: {1}}])
def test_a_circle_is_refused(circle: dict[int, set[int]]) -> None:
    with pytest.raises(CycleError):
        _ = Graph(3, circle, {0: {0}}).forest
    with pytest.raises(CycleError):
        count_everywhere(parents=circle, nodes=range(3), direct={0: {0}}, weights={0: 1})

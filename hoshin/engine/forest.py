"""The class forest: distinct metrics counted at every node of a plan by additions alone (DESIGN §3, rule 4).

Each metric has the set of nodes that it still has to visit. Nodes are taken children first; at a node every class of
metrics whose set holds it is counted once, and in the set the node gives way to its parents; classes whose sets have
become equal go on as one. So each class has one successor, and a report only adds along the levels. Nodes of one level
never stand above each other and are taken together. `tests/engine/reference.py` says the same without arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Edges = tuple[Whole, Whole]
"""Two columns of one length: what stands below, and what it stands below of."""


@dataclass(frozen=True, slots=True)
class _Sets:
    """Many sets of nodes: how many each holds, and all their nodes one set after another, sorted within each."""

    sizes: Whole
    nodes: Whole

    @property
    def starts(self) -> Whole:
        return starts_of(sizes=self.sizes)

    def take(self, chosen: Whole) -> _Sets:
        sizes = self.sizes[chosen]
        return _Sets(sizes, self.nodes[spans(starts=self.starts[chosen], sizes=sizes)])


@dataclass(frozen=True, slots=True)
class _Level:
    """The additions of one level: classes of earlier levels into those of this one, and these into their nodes."""

    sources: Whole
    source_starts: Whole
    targets: Whole
    visitors: Whole
    node_starts: Whole
    nodes: Whole


@dataclass(frozen=True, slots=True)
class Forest:
    """A plan's structure made ready for counting; `leaf_class` is -1 for a metric that stands below nothing."""

    size: int
    classes: int
    leaf_class: Whole
    levels: tuple[_Level, ...]
    first_class: Whole
    """The first class of each level; classes are numbered level by level."""
    successor: Whole
    visits: _Sets
    """The nodes at which each class is counted."""
    visit_starts: Whole

    def count(self, *, weights: Whole) -> Whole:
        """What each node adds up to when each class by itself weighs so much; several small figures may share one."""
        weights = weights.copy()
        found = np.zeros(self.size, np.int64)
        for level in self.levels:
            if len(level.sources):
                weights[level.targets] += np.add.reduceat(weights[level.sources], level.source_starts)
            found[level.nodes] = np.add.reduceat(weights[level.visitors], level.node_starts)
        return found

    def above(self, *, leaf: int) -> Iterator[Whole]:
        """The nodes that one metric is counted at, class by class along its way up; no node comes twice."""
        at = int(self.leaf_class[leaf])
        while at >= 0:
            yield self.visits.nodes[self.visit_starts[at] : self.visit_starts[at] + self.visits.sizes[at]]
            at = int(self.successor[at])

    def reached(self, *, marks: Whole) -> Whole:
        """For every class the bits of all nodes that it is counted at on its whole way up."""
        if not self.classes:
            return np.zeros(0, np.int64)
        found = np.bitwise_or.reduceat(marks[self.visits.nodes], self.visit_starts)
        bounds = [*self.first_class.tolist(), self.classes]
        for first, end in reversed(list(pairwise(bounds))):
            on = np.flatnonzero(self.successor[first:end] >= 0) + first
            found[on] |= found[self.successor[on]]
        return found


def grow(*, size: int, leaves: int, steps: Edges, links: Edges) -> Forest:
    """The forest of `size` nodes and `leaves` metrics.

    `steps` lead from each node to its parents, `links` from each metric to the nodes it stands below directly.
    Raises graphlib.CycleError where nodes stand above each other in a circle.
    """
    parents = _sets_of(owners=steps[0], nodes=steps[1], many=size)
    return _Growing(parents, heights(size=size, steps=steps)).grow(leaves, links)


class _Growing:
    """The classes under construction; `waiting` holds, by level, the sets whose lowest node stands there."""

    def __init__(self, parents: _Sets, height: Whole) -> None:
        self.parents, self.parent_starts, self.height = parents, parents.starts, height
        self.top = int(height.max()) + 1 if len(height) else 0
        self.waiting: list[list[tuple[Whole, _Sets]]] = [[] for _ in range(self.top)]
        self.classes = 0
        self.levels: list[_Level] = []
        self.first_class: list[int] = []
        self.visits: list[_Sets] = []
        self.moves: list[Edges] = []

    def grow(self, leaves: int, links: Edges) -> Forest:
        direct = _sets_of(owners=links[0], nodes=links[1], many=leaves)
        linked = np.flatnonzero(direct.sizes)
        first, kin = merge(sets=direct.take(linked)) if len(linked) else (linked, linked)
        self._wait(-1 - np.arange(len(first)), direct.take(linked[first]))  # below zero: not yet a class
        begun = np.full(len(first), -1)
        for height in range(self.top):
            if self.waiting[height]:
                self._visit(height, begun)
        leaf_class = np.full(leaves, -1)
        leaf_class[linked] = begun[kin]
        return self._forest(leaf_class)

    def _visit(self, height: int, begun: Whole) -> None:
        """Make the classes of this level, count them at its nodes, and let them go on to the parents."""
        came = np.concatenate([one for one, _ in self.waiting[height]])
        sets = _joined([one for _, one in self.waiting[height]])
        self.waiting[height] = []
        first, kin = merge(sets=sets)
        number, sets = self.classes + kin, sets.take(first)
        begun[-1 - came[came < 0]] = number[came < 0]
        moved = (came[came >= 0], number[came >= 0])
        owner = np.repeat(np.arange(len(first)), sets.sizes) + self.classes
        here = self.height[sets.nodes] == height
        self.first_class.append(self.classes)
        self.classes += len(first)
        self.moves.append(moved)
        self.visits.append(_Sets(np.bincount(owner[here] - self.first_class[-1]), sets.nodes[here]))
        self.levels.append(_additions(moved, owner[here], sets.nodes[here]))
        self._go_on(owner[here], sets.nodes[here], owner[~here], sets.nodes[~here])

    def _go_on(self, visitors: Whole, visited: Whole, owners: Whole, others: Whole) -> None:
        sizes = self.parents.sizes[visited]
        above = self.parents.nodes[spans(starts=self.parent_starts[visited], sizes=sizes)]
        owners = np.concatenate([owners, np.repeat(visitors, sizes)])
        if not len(owners):
            return
        offset = int(owners.min())
        sets = _sets_of(owners=owners - offset, nodes=np.concatenate([others, above]), many=self.classes - offset)
        going = np.flatnonzero(sets.sizes)
        self._wait(going + offset, sets.take(going))

    def _wait(self, classes: Whole, sets: _Sets) -> None:
        """Each set waits at the level of its lowest node."""
        if not len(classes):
            return
        lowest = np.minimum.reduceat(self.height[sets.nodes], sets.starts)
        for height in np.flatnonzero(np.bincount(lowest)).tolist():
            chosen = np.flatnonzero(lowest == height)
            self.waiting[height].append((classes[chosen], sets.take(chosen)))

    def _forest(self, leaf_class: Whole) -> Forest:
        successor = np.full(self.classes, -1)
        for sources, targets in self.moves:
            successor[sources] = targets
        visits = _joined(self.visits)
        return Forest(
            len(self.height),
            self.classes,
            leaf_class,
            tuple(self.levels),
            np.array(self.first_class, np.int64),
            successor,
            visits,
            visits.starts,
        )


def _additions(moved: Edges, visitors: Whole, nodes: Whole) -> _Level:
    by_target, by_node = np.argsort(moved[1]), np.argsort(nodes)
    targets, target_starts = np.unique(moved[1][by_target], return_index=True)
    visited, node_starts = np.unique(nodes[by_node], return_index=True)
    return _Level(moved[0][by_target], target_starts, targets, visitors[by_node], node_starts, visited)


def heights(*, size: int, steps: Edges) -> Whole:
    """How many steps at most lie below each node.

    Raises graphlib.CycleError where that never ends.
    """
    lower, upper = steps
    parents = _sets_of(owners=lower, nodes=upper, many=size)
    below = np.bincount(parents.nodes, minlength=size)
    starts, height = parents.starts, np.zeros(size, np.int64)
    ready, seen, level = np.flatnonzero(below == 0), 0, 0
    while len(ready):
        height[ready] = level
        seen, level = seen + len(ready), level + 1
        above = parents.nodes[spans(starts=starts[ready], sizes=parents.sizes[ready])]
        touched, times = np.unique(above, return_counts=True)
        below[touched] -= times
        ready = touched[below[touched] == 0]
    if seen < size:
        raise CycleError("nodes stand above each other in a circle", np.flatnonzero(below > 0).tolist())
    return height


def merge(*, sets: _Sets) -> tuple[Whole, Whole]:
    """The first of every kind of equal sets, and of which kind each set is.

    Sets are brought together by a sum over their nodes, and taken as one only where they are equal node by node.
    """
    starts = sets.starts
    sums = np.add.reduceat(_scattered(sets.nodes), starts)
    order = np.argsort(sums)
    sums, sizes = sums[order], sets.sizes[order]
    maybe = np.flatnonzero((sums[1:] == sums[:-1]) & (sizes[1:] == sizes[:-1]))
    same = np.zeros(len(order), bool)
    if len(maybe):
        many = sizes[maybe]
        one = sets.nodes[spans(starts=starts[order[maybe]], sizes=many)]
        next_one = sets.nodes[spans(starts=starts[order[maybe + 1]], sizes=many)]
        same[maybe + 1] = np.logical_and.reduceat(one == next_one, starts_of(sizes=many))
    kin = np.empty(len(order), np.int64)
    kin[order] = np.cumsum(~same) - 1
    return order[~same], kin


def _scattered(nodes: Whole) -> NDArray[np.uint64]:
    """The same odd large number for the same node, sums of which seldom meet by chance."""
    mixed = (nodes.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return mixed


def _sets_of(*, owners: Whole, nodes: Whole, many: int) -> _Sets:
    """The sets of `many` owners, from pairs in any order; a pair that comes twice counts once."""
    span = int(nodes.max()) + 1 if len(nodes) else 1
    pairs = np.sort(owners * span + nodes)
    pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]]
    return _Sets(np.bincount(pairs // span, minlength=many), pairs % span)


def _joined(parts: list[_Sets]) -> _Sets:
    if not parts:
        return _Sets(np.zeros(0, np.int64), np.zeros(0, np.int64))
    return _Sets(np.concatenate([one.sizes for one in parts]), np.concatenate([one.nodes for one in parts]))


def starts_of(*, sizes: Whole) -> Whole:
    """Where each of so many stretches begins when they stand one after another."""
    return np.cumsum(sizes) - sizes


def spans(*, starts: Whole, sizes: Whole) -> Whole:
    """The places of stretches that begin here and are so long, one after another."""
    total = int(sizes.sum())
    return np.repeat(starts - starts_of(sizes=sizes), sizes) + np.arange(total)

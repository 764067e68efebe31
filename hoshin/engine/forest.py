"""The class forest: distinct metrics counted at every node of a plan by additions alone (DESIGN §3, rule 4).

Each metric has the set of nodes that it still has to visit. Nodes are taken children first; at a node every class of
metrics whose set holds it is counted once, and in the set the node gives way to its parents; classes whose sets have
become equal go on as one. So each class has one successor, and a report only adds along the levels. Nodes of one level
never stand above each other and are taken together. `tests/engine/reference.py` says the same without arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.signedinteger[Any]]
"""Whole numbers: places and keys of 32 bits wherever they fit, for a large plan is mostly waiting for memory."""
Edges = tuple[Whole, Whole]
"""Two columns of one length: what stands below, and what it stands below of."""


@dataclass(frozen=True, slots=True)
class _Sets:
    """Many sets of nodes: how many each holds, where it begins, and all their nodes one set after another, sorted."""

    sizes: Whole
    starts: Whole
    nodes: Whole

    @classmethod
    def of(cls, sizes: Whole, nodes: Whole) -> _Sets:
        return cls(sizes, starts_of(sizes=sizes), nodes)

    def take(self, chosen: Whole) -> _Sets:
        """Some of the sets, in that order."""
        sizes = self.sizes[chosen]
        starts = starts_of(sizes=sizes)
        return _Sets(sizes, starts, self.nodes[_stretches(self.starts[chosen] - starts, sizes)])

    def nodes_of(self, chosen: Whole) -> Whole:
        """The nodes of some of the sets, one set after another."""
        return self.nodes[spans(starts=self.starts[chosen], sizes=self.sizes[chosen])]


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

    def count(self, *, weights: Whole) -> Whole:
        """What each node adds up to when each class by itself weighs so much; several small figures may share one."""
        weights = weights.copy()
        found = np.zeros(self.size, np.int64)
        for level in self.levels:
            if len(level.sources):
                weights[level.targets] += np.add.reduceat(weights[level.sources], level.source_starts)
            found[level.nodes] = np.add.reduceat(weights[level.visitors], level.node_starts)
        return found

    def above(self, *, leaf: int) -> list[int]:
        """The nodes that one metric is counted at, class by class along its way up; no node comes twice."""
        at, nodes, found = self.leaf_class.item(leaf), self.visits.nodes, list[int]()
        start_of, size_of, successor_of = self.visits.starts.item, self.visits.sizes.item, self.successor.item
        while at >= 0:
            start = start_of(at)
            found += nodes[start : start + size_of(at)].tolist()
            at = successor_of(at)
        return found

    def all_above(self, *, leaves: Whole) -> Edges:
        """The same of many metrics at once: which of them, and a node that it is counted at."""
        leaf, at = climbed(begin=self.leaf_class[leaves], above=self.successor)
        return np.repeat(leaf, self.visits.sizes[at]), self.visits.nodes_of(at)

    def reached(self, *, marks: Whole) -> Whole:
        """For every class the bits of all nodes that it is counted at on its whole way up."""
        if not self.classes:
            return np.zeros(0, np.int64)
        found = np.bitwise_or.reduceat(marks[self.visits.nodes], self.visits.starts)
        bounds = [*self.first_class.tolist(), self.classes]
        for first, end in reversed(list(pairwise(bounds))):
            on = np.flatnonzero(self.successor[first:end] >= 0) + first
            found[on] |= found[self.successor[on]]
        return found


def climbed(*, begin: Whole, above: Whole) -> Edges:
    """Everybody's way up from where they begin: who it is, and where; -1 is nowhere."""
    who, at = np.arange(len(begin), dtype=np.int32), begin
    ways: list[Edges] = []
    while len(at):
        somewhere = at >= 0
        if not bool(somewhere.all()):
            who, at = who[somewhere], at[somewhere]
        ways.append((who, at))
        at = above[at]
    who, at = (np.concatenate([np.zeros(0, np.int32), *one]) for one in zip(*ways, strict=True)) if ways else (who, at)
    return who, at


def grow(*, size: int, leaves: int, steps: Edges, links: Edges) -> Forest:
    """The forest of `size` nodes and `leaves` metrics.

    `steps` lead from each node to its parents, `links` from each metric to the nodes it stands below directly.
    Raises graphlib.CycleError where nodes stand above each other in a circle.
    """
    parents = _sets_of(owners=steps[0], nodes=steps[1], many=size)
    return _Growing(parents, _heights(parents, size)).grow(leaves, links)


class _Growing:
    """The classes under construction; `waiting` holds, by level, the sets whose lowest node stands there."""

    def __init__(self, parents: _Sets, height: Whole) -> None:
        self.parents, self.height = parents, height
        self.scattered = _scattered(np.arange(len(height)))
        self.top = int(height.max(initial=-1)) + 1
        self.waiting: list[list[tuple[Whole, _Sets]]] = [[] for _ in range(self.top)]
        self.classes = 0
        self.levels: list[_Level] = []
        self.first_class: list[int] = []
        self.visits: list[_Sets] = []
        self.moves: list[Edges] = []

    def grow(self, leaves: int, links: Edges) -> Forest:
        direct = _sets_of(owners=links[0], nodes=links[1], many=leaves)
        linked = _true(direct.sizes)
        if len(linked) < leaves:
            direct = direct.take(linked)
        first, kin = self._merge(direct) if len(linked) else (linked, linked)
        self._wait(-1 - np.arange(len(first), dtype=np.int32), direct.take(first))  # below zero: not yet a class
        del direct
        begun = np.full(len(first), -1, np.int32)
        for height in range(self.top):
            if self.waiting[height]:
                self._visit(height, begun)
        leaf_class = np.full(leaves, -1, np.int32)
        leaf_class[linked] = begun[kin]
        return self._forest(leaf_class)

    def _merge(self, sets: _Sets) -> tuple[Whole, Whole]:
        return merge(sets=sets, scattered=self.scattered)

    def _visit(self, height: int, begun: Whole) -> None:
        """Make the classes of this level, count them at its nodes, and let them go on to the parents."""
        came = np.concatenate([one for one, _ in self.waiting[height]])
        sets = _joined([one for _, one in self.waiting[height]])
        self.waiting[height] = []
        first, kin = self._merge(sets)
        number, sets = kin + np.int32(self.classes), sets.take(first)
        new = came < 0
        begun[-1 - came[new]] = number[new]
        moved = (came[~new], number[~new])
        owner = np.repeat(np.arange(self.classes, self.classes + len(first), dtype=np.int32), sets.sizes)
        here = self.height[sets.nodes] == height
        self.first_class.append(self.classes)
        self.classes += len(first)
        self.moves.append(moved)
        visitors, visited = owner[here], sets.nodes[here]
        self.visits.append(_Sets.of(_counted(visitors - self.first_class[-1], len(first)), visited))
        self.levels.append(_additions(moved, visitors, visited))
        self._go_on(visitors, visited, owner[~here], sets.nodes[~here])

    def _go_on(self, visitors: Whole, visited: Whole, owners: Whole, others: Whole) -> None:
        owners = np.concatenate([owners, np.repeat(visitors, self.parents.sizes[visited])])
        if not len(owners):
            return
        offset, above = self.first_class[-1], self.parents.nodes_of(visited)
        sets = _sets_of(owners=owners - offset, nodes=np.concatenate([others, above]), many=self.classes - offset)
        going = _true(sets.sizes)
        self._wait(going + np.int32(offset), sets.take(going))

    def _wait(self, classes: Whole, sets: _Sets) -> None:
        """Each set waits at the level of its lowest node."""
        if not len(classes):
            return
        lowest = np.minimum.reduceat(self.height[sets.nodes], sets.starts)
        for height in np.flatnonzero(np.bincount(lowest)).tolist():
            chosen = _true(lowest == height)
            self.waiting[height].append((classes[chosen], sets.take(chosen)))

    def _forest(self, leaf_class: Whole) -> Forest:
        successor = np.full(self.classes, -1, np.int32)
        for sources, targets in self.moves:
            successor[sources] = targets
        levels, first = tuple(self.levels), np.array(self.first_class, np.int64)
        return Forest(len(self.height), self.classes, leaf_class, levels, first, successor, _joined(self.visits))


def _additions(moved: Edges, visitors: Whole, nodes: Whole) -> _Level:
    sources, targets, target_starts = _by(moved[1], moved[0])
    visitors, visited, node_starts = _by(nodes, visitors)
    return _Level(sources, target_starts, targets, visitors, node_starts, visited)


def _by(keys: Whole, values: Whole) -> tuple[Whole, Whole, Whole]:
    """The values put together by their keys; each key that there is; and where its values begin."""
    packed = np.sort(keys.astype(np.int64) << 32 | values)
    keys = (packed >> 32).astype(np.int32)
    begins = _true(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    return (packed & 0xFFFFFFFF).astype(np.int32), keys[begins], begins


def _heights(parents: _Sets, size: int) -> Whole:
    """How many steps at most lie below each node; CycleError where that never ends."""
    below = _counted(parents.nodes, size)
    height = np.zeros(size, np.int32)
    ready, seen, level = _true(below == 0), 0, 0
    while len(ready):
        height[ready] = level
        seen, level = seen + len(ready), level + 1
        touched, times = np.unique(parents.nodes_of(ready), return_counts=True)
        below[touched] -= times.astype(np.int32)
        ready = touched[below[touched] == 0]
    if seen < size:
        raise CycleError("nodes stand above each other in a circle", np.flatnonzero(below > 0).tolist())
    return height


def merge(*, sets: _Sets, scattered: NDArray[np.uint64]) -> tuple[Whole, Whole]:
    """The first of every kind of equal sets, and of which kind each set is.

    Sets are brought together by a sum over their nodes, and taken as one only where they are equal node by node.
    """
    sums = np.add.reduceat(scattered[sets.nodes], sets.starts)
    order = np.argsort(sums)
    sums, sizes = sums[order], sets.sizes[order]
    maybe = np.flatnonzero((sums[1:] == sums[:-1]) & (sizes[1:] == sizes[:-1]))
    same = np.zeros(len(order), bool)
    if len(maybe):
        equal = sets.nodes_of(order[maybe]) == sets.nodes_of(order[maybe + 1])
        same[maybe + 1] = np.logical_and.reduceat(equal, starts_of(sizes=sizes[maybe]))
    kin = np.empty(len(order), np.int32)
    kin[order] = np.cumsum(~same, dtype=np.int32) - np.int32(1)
    return order[~same].astype(np.int32), kin


def _scattered(nodes: Whole) -> NDArray[np.uint64]:
    """The same odd large number for the same node, sums of which seldom meet by chance."""
    mixed = (nodes.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return mixed


def _sets_of(*, owners: Whole, nodes: Whole, many: int) -> _Sets:
    """The sets of `many` owners, from pairs in any order; a pair that comes twice counts once."""
    pairs = np.sort(owners.astype(np.int64) << 32 | nodes)
    if len(pairs):
        pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])]
    return _Sets.of(_counted(pairs >> 32, many), (pairs & 0xFFFFFFFF).astype(np.int32))


def _counted(places: Whole, many: int) -> Whole:
    """How often each of `many` places comes."""
    return np.bincount(places, minlength=many).astype(np.int32)


def _true(flags: NDArray[Any]) -> Whole:
    """The places of what is true or not zero."""
    return np.flatnonzero(flags).astype(np.int32)


def _joined(parts: list[_Sets]) -> _Sets:
    if len(parts) == 1:
        return parts[0]
    none = np.zeros(0, np.int32)
    sizes = np.concatenate([none, *(one.sizes for one in parts)])
    return _Sets.of(sizes, np.concatenate([none, *(one.nodes for one in parts)]))


def starts_of(*, sizes: Whole) -> Whole:
    """Where each of so many stretches begins when they stand one after another."""
    return np.cumsum(sizes, dtype=np.int32) - sizes


def spans(*, starts: Whole, sizes: Whole) -> Whole:
    """The places of stretches that begin here and are so long, one after another."""
    return _stretches(starts - starts_of(sizes=sizes), sizes)


def _stretches(shifts: Whole, sizes: Whole) -> Whole:
    moved = np.repeat(shifts, sizes)
    moved += np.arange(len(moved), dtype=np.int32)
    return moved

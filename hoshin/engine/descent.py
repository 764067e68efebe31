"""The steps of a plan as pairs of keys: what stands below an item, level by level, without an object for each item."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from hoshin.engine.columns import KINDS, Columns, D, Flags, I, K, L
from hoshin.engine.forest import Whole
from hoshin.engine.plans import Kind


@dataclass(frozen=True, slots=True)
class Steps:
    """Every step between what counts for a question: the keys of its two ends; and the keys of all that counts."""

    upper: Whole
    lower: Whole
    items: Whole
    kpis: Whole

    @property
    def size(self) -> int:
        """How many items and KPIs count."""
        return len(self.items) + len(self.kpis)

    def below(self, *, keys: Collection[int]) -> Whole:
        """The keys of what stands right below these, each once."""
        return np.unique(self.lower[np.isin(self.upper, _array(keys))])

    def above(self, *, key: int) -> list[int]:
        """The keys of what the item serves directly, in order."""
        found: list[int] = np.unique(self.upper[self.lower == key]).tolist()
        return found

    def many_below(self, *, keys: Collection[int]) -> dict[int, int]:
        """How many stand right below each of these, where there are any."""
        uppers, many = np.unique(self.upper[np.isin(self.upper, _array(keys))], return_counts=True)
        return dict(zip(uppers.tolist(), many.tolist(), strict=True))

    def holds(self, *, key: int) -> bool:
        """Whether the item counts."""
        return bool((self.items == key).any() or (self.kpis == key).any())

    def loose(self) -> set[int]:
        """The keys of what nothing stands above."""
        mine = np.concatenate([self.items, self.kpis])
        return set(mine[~np.isin(mine, self.lower)].tolist())


def steps_between(
    *, columns: Columns, live: Flags, kpis: Flags, deployed: Flags, rotation: Kind, least_strength: int
) -> Steps:
    """The steps between counted items, and between those and counted KPIs; see engine.cascade.edges_up for the rule."""
    items, metrics = columns.items[live], columns.kpis[kpis, K.KEY]
    keys = items[:, I.KEY]
    links = columns.links[columns.links[:, L.STRENGTH] >= least_strength]
    links = links[np.isin(links[:, L.UPPER], keys) & np.isin(links[:, L.LOWER], np.concatenate([keys, metrics]))]
    sources = items[items[:, I.KIND] == KINDS.index(rotation), I.KEY]
    turned = columns.deployments[deployed]
    turned = turned[np.isin(turned[:, D.SOURCE], sources) & np.isin(turned[:, D.OBJECTIVE], keys)]
    return Steps(
        upper=np.concatenate([links[:, L.UPPER], turned[:, D.SOURCE]]),
        lower=np.concatenate([links[:, L.LOWER], turned[:, D.OBJECTIVE]]),
        items=keys,
        kpis=metrics,
    )


def open_downwards(*, steps: Steps, roots: Collection[int], most: int) -> tuple[frozenset[int], frozenset[int]]:
    """What is shown, and whose lower parts are: whole levels below the roots while no more than `most` items are shown.

    The first level is shown however many there are.
    """
    shown, opened = set(roots), set[int]()
    waiting = set(roots)
    while waiting:
        new = set(steps.below(keys=waiting).tolist()) - shown
        if opened and len(shown) + len(new) > most:
            break
        opened |= waiting
        shown |= new
        waiting = new
    return frozenset(shown), frozenset(opened)


def _array(keys: Collection[int]) -> Whole:
    return np.array(sorted(keys), np.int64)

"""What the lint of engine.checks finds in a plan of any size, found on columns: where, not yet in which words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hoshin.engine.checks import (
    FEWEST_CELLS,
    FEWEST_KPIS,
    FULL_CELLS,
    MOST_ACTIONS,
    MOST_OBJECTIVES,
    MOST_PRIORITIES,
    Rule,
)
from hoshin.engine.columns import CLASSES, KINDS, NONE, Columns, Flags, I, K, L, U
from hoshin.engine.descent import Steps
from hoshin.engine.forest import Whole
from hoshin.engine.metrics import KPIClass
from hoshin.engine.plans import LINKED_KINDS, Kind


class Spot(NamedTuple):
    """One finding: its rule, what it is about (kind and key), its unit (0: none) and the numbers of its sentence."""

    rule: Rule
    kind: str
    key: int
    unit: int
    numbers: tuple[int, ...] = ()
    arms: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the rules look at: the items and KPIs in force, the steps between what counts, and what else is known.

    `kpis` are all KPIs in force, planned or not; `without_target` and `silent` are meant of these. `busy` are the keys
    and owners of the actions in force that somebody still works on, in the order of the plan.
    """

    columns: Columns
    steps: Steps
    live: Flags
    kpis: Flags
    without_direction: Collection[int]
    without_target: Collection[int]
    silent: Collection[int]
    busy: Collection[tuple[int, int]]


def find_spots(*, grounds: Grounds) -> list[Spot]:
    """Everything the rules find; items by key, units by key."""
    return [*_Items(grounds).spots(), *_Units(grounds).spots(), *_owners(grounds)]


class _Items:
    def __init__(self, grounds: Grounds) -> None:
        self.grounds, columns, steps = grounds, grounds.columns, grounds.steps
        self.items, self.kpis = columns.items[grounds.live], columns.kpis[grounds.kpis]
        uppers = np.concatenate([self.items[:, I.KEY], self.kpis[:, K.KEY]])
        linked = columns.links[np.isin(columns.links[:, L.UPPER], uppers), L.LOWER]
        self.served = np.union1d(linked, steps.lower)

    def spots(self) -> Iterator[Spot]:
        top = self.grounds.columns.units[self.grounds.columns.units[:, U.PARENT] == NONE, U.KEY]
        alone = ~np.isin(self.items[:, I.KEY], self.served)
        for kind, rule in (
            (Kind.OBJECTIVE, Rule.ORPHAN_OBJECTIVE), (Kind.PRIORITY, Rule.ORPHAN_PRIORITY),
            (Kind.ACTION, Rule.ORPHAN_ACTION),
        ):  # fmt: skip
            chosen = alone & (self.items[:, I.KIND] == KINDS.index(kind))
            if kind is Kind.OBJECTIVE:
                chosen &= ~np.isin(self.items[:, I.UNIT], top)
            yield from _said(rule, kind, self.items[chosen][:, [I.KEY, I.UNIT]])
        yield from self._unsupported()
        yield from self._kpis()

    def _unsupported(self) -> Iterator[Spot]:
        kinds, steps = self.items[:, I.KIND], self.grounds.steps
        priorities = self.items[kinds == KINDS.index(Kind.PRIORITY), I.KEY]
        supported = steps.upper[np.isin(steps.lower, priorities)]
        chosen = (kinds == KINDS.index(Kind.OBJECTIVE)) & ~np.isin(self.items[:, I.KEY], supported)
        yield from _said(Rule.UNSUPPORTED_OBJECTIVE, Kind.OBJECTIVE, self.items[chosen][:, [I.KEY, I.UNIT]])

    def _kpis(self) -> Iterator[Spot]:
        rows, grounds = self.kpis, self.grounds
        keys = rows[:, K.KEY]
        undirected, untargeted, silent = (
            np.isin(keys, np.array(sorted(one), np.int64))
            for one in (grounds.without_direction, grounds.without_target, grounds.silent)
        )
        breakthrough = rows[:, K.CLASS] == CLASSES.index(KPIClass.BREAKTHROUGH)
        for rule, chosen in (
            (Rule.ORPHAN_KPI, breakthrough & ~np.isin(keys, self.served)),
            (Rule.NO_OWNER, rows[:, K.OWNER] == NONE),
            (Rule.NO_DIRECTION, undirected),
            (Rule.NO_TARGET, untargeted & ~undirected),
            (Rule.NO_CLASS, rows[:, K.CLASS] == NONE),
            (Rule.NO_READING, silent),
        ):
            yield from _said(rule, Kind.KPI, rows[chosen][:, [K.KEY, K.UNIT]])


def _said(rule: Rule, kind: Kind, rows: Whole) -> Iterator[Spot]:
    for key, unit in rows.tolist():
        yield Spot(rule, kind.value, key, unit)


class _Units:
    def __init__(self, grounds: Grounds) -> None:
        self.links = grounds.columns.links
        items, kpis = grounds.columns.items[grounds.live], grounds.columns.kpis[grounds.kpis]
        self.kpis = kpis
        kinds = np.concatenate([items[:, I.KIND], np.full(len(kpis), len(KINDS))])
        keys, units = (np.concatenate([items[:, one], kpis[:, two]]) for one, two in ((I.KEY, K.KEY), (I.UNIT, K.UNIT)))
        order = np.argsort(keys, kind="stable")
        self.keys, self.kinds, self.units = keys[order], kinds[order], units[order]
        self.names = (*KINDS, Kind.KPI)

    def spots(self) -> Iterator[Spot]:
        for kind, most, rule in (
            (Kind.OBJECTIVE, MOST_OBJECTIVES, Rule.MANY_OBJECTIVES),
            (Kind.PRIORITY, MOST_PRIORITIES, Rule.MANY_PRIORITIES),
        ):  # fmt: skip
            for unit, there in self._many(kind).items():
                if there > most:
                    yield Spot(rule, "unit", unit, unit, (there, most), (kind,))
        yield from self._corners()
        yield from self._one_owner()

    def _many(self, kind: Kind) -> dict[int, int]:
        units, many = np.unique(self.units[self.kinds == self.names.index(kind)], return_counts=True)
        return dict(zip(units.tolist(), many.tolist(), strict=True))

    def _corners(self) -> Iterator[Spot]:
        upper, lower = (self._place(self.links[:, end]) for end in (L.UPPER, L.LOWER))
        known = (upper >= 0) & (lower >= 0)
        upper, lower = upper[known], lower[known]
        same = self.units[upper] == self.units[lower]
        upper, lower = upper[same], lower[same]
        for upper_kind, lower_kind in sorted(LINKED_KINDS):
            uppers, lowers = self._many(upper_kind), self._many(lower_kind)
            meets = (self.kinds[upper] == self.names.index(upper_kind)) & (
                self.kinds[lower] == self.names.index(lower_kind)
            )
            units, many = np.unique(self.units[upper[meets]], return_counts=True)
            for unit, linked in zip(units.tolist(), many.tolist(), strict=True):
                cells = uppers[unit] * lowers[unit]
                if cells >= FEWEST_CELLS and linked * FULL_CELLS[1] > cells * FULL_CELLS[0]:
                    arms = (upper_kind, lower_kind)
                    yield Spot(Rule.FULL_CORNER, "unit", unit, unit, (linked, cells), arms)

    def _place(self, of: Whole) -> Whole:
        if not len(self.keys):
            return np.full(len(of), NONE, np.int64)
        at = np.minimum(np.searchsorted(self.keys, of), len(self.keys) - 1)
        return np.where(self.keys[at] == of, at, NONE)

    def _one_owner(self) -> Iterator[Spot]:
        owned = self.kpis[self.kpis[:, K.OWNER] != NONE]
        pairs, many = np.unique(owned[:, [K.UNIT, K.OWNER]], axis=0, return_counts=True)
        total = self._many(Kind.KPI)
        for (unit, owner), here in zip(pairs.tolist(), many.tolist(), strict=True):
            if total[unit] >= FEWEST_KPIS and here * 2 > total[unit]:
                yield Spot(Rule.ONE_OWNER, "unit", unit, unit, (here, total[unit], owner), (Kind.KPI,))


def _owners(grounds: Grounds) -> Iterator[Spot]:
    many: dict[int, int] = {}
    for _, owner in grounds.busy:
        many[owner] = many.get(owner, 0) + 1
    for owner, there in many.items():
        if there > MOST_ACTIONS:
            yield Spot(Rule.MANY_ACTIONS, "owner", owner, 0, (there, MOST_ACTIONS))

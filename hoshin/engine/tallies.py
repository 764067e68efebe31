"""Counts at every node, unit, owner, class and level of a plan in one table, mended in place of one metric's change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoshin.engine.columns import CLASSES, KINDS, NONE, Columns, Flags, I, K, U, place_of, places
from hoshin.engine.counts import Counts
from hoshin.engine.forest import Forest, Whole, climbed
from hoshin.engine.metrics import KPIClass
from hoshin.engine.plans import Kind
from hoshin.engine.verdicts import Verdict

Codes = NDArray[np.uint8]
"""For every KPI how it is counted: 0 not at all, else one more than its verdict's place in COUNTED."""

COUNTED = (Verdict.HIT, Verdict.MISS, Verdict.NO_DATA, Verdict.NO_TARGET, Verdict.NOT_DUE)
CODE: Mapping[Verdict, int] = {one: place + 1 for place, one in enumerate(COUNTED)}
WIDTH = len(COUNTED) + 1
ITEM_KINDS = frozenset(one.value for one in Kind)
ONE = tuple(1 << 32 * place for place in range(len(COUNTED)))
"""One of each verdict, in a number that holds all counts of a row side by side; none of them needs over 32 bits."""
Moves = Mapping[int, tuple[int, int]]
"""By the place of each KPI that is counted otherwise: its code before and its code now."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each KPI is counted, and in which rows of the table: items, units alone, units with all below, owners,
    classes, levels, depths and the organisation, one after another.
    """

    forest: Forest
    items: Whole
    live: Flags
    units: Whole
    unit_parent: Whole
    unit_depth: Whole
    owners: Whole
    kpis: Whole
    kpi_unit: Whole
    kpi_owner: Whole
    kpi_group: Whole
    """Class and reached levels in one: eight times the class (none being 0), and a bit for each kind of item."""
    starts: Mapping[str, int]
    """The first row of each stretch of the table."""

    def row_of(self, *, kind: str, key: int | str) -> int:
        """The row of a node, as the report names it; raises KeyError when there is none such."""
        starts = self.starts
        if kind in ITEM_KINDS:
            place = _place(self.items[:, I.KEY], int(key))
            if not self.live[place] or KINDS[self.items[place, I.KIND]].value != kind:
                raise KeyError((kind, key))
            return starts["item"] + place
        if kind in ("unit", "unit-own"):
            return starts[kind] + _place(self.units, int(key))
        if kind == "owner":
            return starts[kind] + _place(self.owners, int(key))
        if kind == "class":
            return starts[kind] + CLASSES.index(KPIClass(str(key)))
        if kind == "level":
            return starts[kind] + KINDS.index(Kind(str(key))) if key != "organisation" else starts["organisation"]
        return starts[kind] + (int(key) if kind == "depth" else 0)

    def rows_of(self, *, kpi: int) -> list[int]:
        """Every row in which the KPI at this place is counted; none comes twice."""
        starts, unit, owner = self.starts, self.kpi_unit.item(kpi), self.kpi_owner.item(kpi)
        found = self.forest.above(leaf=kpi)
        found += starts["unit-own"] + unit, starts["depth"] + self.unit_depth.item(unit), starts["organisation"]
        begin, parent = starts["unit"], self.unit_parent.item
        while unit != NONE:
            found.append(begin + unit)
            unit = parent(unit)
        if owner != NONE:
            found.append(starts["owner"] + owner)
        kpi_class, levels = divmod(self.kpi_group.item(kpi), 8)
        if kpi_class:
            found.append(starts["class"] + kpi_class - 1)
        found += [starts["level"] + bit for bit in range(len(KINDS)) if levels >> bit & 1]
        return found


    def inside(self, *, unit: int) -> Flags:
        """Which units are this one or stand below it."""
        found: Flags = self.units == unit
        for level in range(1, int(self.unit_depth.max(initial=0)) + 1):
            here = self.unit_depth == level
            found[here] |= found[self.unit_parent[here]]
        return found


    def rows_above(self, *, kpis: Whole) -> tuple[Whole, Whole]:
        """The same of many: for each row in which one of the KPIs is counted, which of them it is, and the row."""
        unit, (kpi_class, levels) = self.kpi_unit[kpis], np.divmod(self.kpi_group[kpis], 8)
        who, units = climbed(begin=unit, above=self.unit_parent)
        found = [self.forest.all_above(leaves=kpis), (who, units + self.starts["unit"])]
        found.append(self._rows("unit-own", unit))
        found.append(self._rows("depth", self.unit_depth[unit]))
        found.append(self._rows("owner", self.kpi_owner[kpis]))
        found.append(self._rows("class", kpi_class - 1))
        found += [self._rows("level", np.where(levels >> bit & 1, bit, NONE)) for bit in range(len(KINDS))]
        found.append(self._rows("organisation", np.zeros(len(kpis), np.int32)))
        which, rows = zip(*found, strict=True)
        return np.concatenate(which), np.concatenate(rows)

    def _rows(self, kind: str, place: Whole) -> tuple[Whole, Whole]:
        there = np.flatnonzero(place != NONE)
        return there, place[there] + self.starts[kind]


def _place(keys: Whole, key: int) -> int:
    place = place_of(keys=keys, key=key)
    if place == NONE:
        raise KeyError(key)
    return place


def lay_out(*, columns: Columns, forest: Forest, live: Flags) -> Layout:
    """The layout of a plan whose forest is grown."""
    units, kpis = columns.units[:, U.KEY], columns.kpis
    parent = places(keys=units, of=columns.units[:, U.PARENT])
    owners = np.unique(kpis[:, K.OWNER])
    owners = owners[owners != NONE]
    marks = np.left_shift(1, columns.items[:, I.KIND])
    reached = np.append(forest.reached(marks=marks), 0)[forest.leaf_class]
    depth = _depths(parent)
    many = {
        "item": len(columns.items),
        "unit-own": len(units),
        "unit": len(units),
        "owner": len(owners),
        "class": len(CLASSES),
        "level": len(KINDS),
        "depth": int(depth.max(initial=0)) + 1,
        "organisation": 1,
    }
    return Layout(
        forest=forest,
        items=columns.items,
        live=live,
        units=units,
        unit_parent=parent,
        unit_depth=depth,
        owners=owners,
        kpis=kpis[:, K.KEY],
        kpi_unit=places(keys=units, of=kpis[:, K.UNIT]),
        kpi_owner=places(keys=owners, of=kpis[:, K.OWNER]),
        kpi_group=(kpis[:, K.CLASS] + 1) * 8 + reached,
        starts=dict(zip(many, accumulate(many.values(), initial=0), strict=False)),
    )


def _depths(parent: Whole) -> Whole:
    depth, at = np.zeros(len(parent), np.int64), parent.copy()
    while (at != NONE).any():
        depth += at != NONE
        at = np.where(at == NONE, NONE, parent[at])
    return depth


NOTHING: Mapping[int, int] = {}


@dataclass(frozen=True, slots=True)
class Moved:
    """By row what has been added to its counts since its table was made, in one number (see ONE).

    What moved `lately` goes before what moved `earlier`: only that little is copied when more moves.
    """

    earlier: Mapping[int, int] = field(default_factory=lambda: NOTHING)
    lately: Mapping[int, int] = field(default_factory=lambda: NOTHING)

    def __len__(self) -> int:
        """How many rows are kept, those twice that moved earlier and lately."""
        return len(self.earlier) + len(self.lately)

    def of(self, *, row: int) -> int:
        """What has been added to the row."""
        found = self.lately.get(row)
        return self.earlier.get(row, 0) if found is None else found

    def whole(self) -> dict[int, int]:
        """What has been added to each row."""
        return {**self.earlier, **self.lately}

    def after(self, *, more: Iterable[tuple[int, Sequence[int]]]) -> Moved:
        """The same once so much more has been added to each of those rows."""
        few = len(self.lately) <= MOST_LATELY
        earlier, lately = (self.earlier, dict(self.lately)) if few else (self.whole(), {})
        for by, rows in more:
            for row in rows:
                known = lately.get(row)
                lately[row] = by + (earlier.get(row, 0) if known is None else known)
        return Moved(earlier, lately)


MOST_LATELY = 100
"""Beyond so many rows what moved lately is put to what moved earlier: some changes together copy all of it once."""
UNMOVED = Moved()
"""One and the same, so that what has not moved yet is shared too."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of one report: a table of rows and verdicts made of some codes, with what little changed since then.

    Nothing in it is ever changed in place or copied whole: others may be looking at it, and it may be large.
    """

    layout: Layout
    codes_then: Codes
    table: Whole
    moved: Moved = UNMOVED
    recoded: Mapping[int, int] = field(default_factory=lambda: NOTHING)

    @property
    def codes(self) -> Codes:
        """How every KPI is counted now."""
        return recoded(codes=self.codes_then, changes=self.recoded)

    def counts(self, *, kind: str, key: int | str = 0) -> Counts:
        """The counts of a node, as the report names it; raises KeyError when there is none such."""
        if kind == Kind.KPI.value:
            place = _place(self.layout.kpis, int(key))
            code = self.recoded.get(place, int(self.codes_then[place]))
            return counts_of(row=[int(code == one + 1) for one in range(len(COUNTED))])
        row = self.layout.row_of(kind=kind, key=key)
        return counts_of(row=_moved(self.table[row].tolist(), self.moved.of(row=row)))

    def every(self, *, kind: str) -> dict[int, Counts]:
        """The counts of all nodes of a kind by their keys: items of a kind, units, units alone, owners."""
        layout = self.layout
        if kind == Kind.KPI.value:
            rows = np.eye(WIDTH, dtype=np.int64)[:, 1:]
            return _by_key(layout.kpis, rows, self.codes)
        begin = layout.starts["item" if kind in ITEM_KINDS else kind]
        keys = {"owner": layout.owners, "unit": layout.units, "unit-own": layout.units}.get(kind)
        if keys is None:
            there = np.flatnonzero(layout.live & (layout.items[:, I.KIND] == KINDS.index(Kind(kind))))
            keys, wanted = layout.items[there, I.KEY], there + begin
        else:
            wanted = np.arange(begin, begin + len(keys))
        rows, which = np.unique(self.whole()[wanted], axis=0, return_inverse=True)
        return _by_key(keys, rows, which)

    def whole(self) -> Whole:
        """The table with every change in it."""
        if not self.moved:
            return self.table
        moved = self.moved.whole()
        table, rows = self.table.copy(), list(moved)
        table[rows] = [_moved(row, by) for row, by in zip(table[rows].tolist(), moved.values(), strict=True)]
        return table

    def after(self, *, changes: Mapping[int, int]) -> Tally:
        """The tally once the KPIs at these places have these codes; only the rows that count them are touched."""
        return self._with(changes, self._walked(self._moves(changes)))

    def both_after(self, *, other: Tally, changes: Mapping[int, tuple[int, int]]) -> tuple[Tally, Tally]:
        """This tally and another of the layout, once the KPIs have the first and the second of their two codes.

        Nearly always both move alike: then the rows are walked once, and what moved is kept once.
        """
        mine, theirs = ({place: codes[which] for place, codes in changes.items()} for which in (0, 1))
        moves = self._moves(mine)
        one = self._with(mine, self._walked(moves))
        if other is self and mine == theirs:
            return one, one
        others = other._moves(theirs)
        alike = other.moved is self.moved and others == moves
        return one, other._with(theirs, one.moved if alike else other._walked(others))

    def _moves(self, changes: Mapping[int, int]) -> Moves:
        known, then = self.recoded, self.codes_then
        found = ((place, known[place] if place in known else then.item(place), code) for place, code in changes.items())
        return {place: (before, code) for place, before, code in found if before != code}

    def _walked(self, moves: Moves) -> Moved:
        """What has moved once the KPIs are counted otherwise: each is walked up from."""
        if not moves:
            return self.moved
        rows_of = self.layout.rows_of
        return self.moved.after(
            more=(
                ((ONE[code - 1] if code else 0) - (ONE[before - 1] if before else 0), rows_of(kpi=place))
                for place, (before, code) in moves.items()
            )
        )

    def _with(self, changes: Mapping[int, int], moved: Moved) -> Tally:
        return Tally(self.layout, self.codes_then, self.table, moved, {**self.recoded, **changes})


def _moved(row: list[int], by: int) -> list[int]:
    """A row's counts after what was added to them: they share a number as long as it takes to add."""
    if not by:
        return row
    whole = sum(map(mul, row, ONE)) + by
    return [whole >> 32 * place & 0xFFFFFFFF for place in range(len(row))]


def recoded(*, codes: Codes, changes: Mapping[int, int]) -> Codes:
    """The codes with other ones at some places."""
    if changes:
        codes = codes.copy()
        codes[list(changes)] = list(changes.values())
    return codes


def counts_of(*, row: tuple[int, ...] | list[int]) -> Counts:
    """A row of a table as counts."""
    hits, misses, no_data, no_target, not_due = row
    return Counts(sum(row), hits, misses, no_data, not_due, no_target)


def _by_key(keys: Whole, rows: Whole, which: NDArray[Any]) -> dict[int, Counts]:
    """The counts by key, each told by the number of its row; most nodes share theirs with others."""
    made = [counts_of(row=one) for one in rows.tolist()]
    return dict(zip(keys.tolist(), map(made.__getitem__, which.tolist()), strict=True))


def tally(*, layout: Layout, codes: Codes) -> Tally:
    """Count every KPI once in each of its rows."""
    return Tally(layout, codes, _table(layout, codes))


def beside(*, one: Tally, codes: Codes) -> Tally:
    """The tally of other codes; where few differ only those are counted, away from the one and to the other."""
    was, layout = one.codes, one.layout
    differ = np.flatnonzero(was != codes)
    if not len(differ):
        return one
    if MANY * len(differ) > len(codes):
        return tally(layout=layout, codes=codes)
    which, rows = layout.rows_above(kpis=differ)
    table = one.whole().copy()
    cells = table.reshape(-1)
    for each, step in ((was, -1), (codes, 1)):
        code = each[differ][which]
        counted = code > 0
        np.add.at(cells, rows[counted] * (WIDTH - 1) + code[counted] - 1, step)
    return Tally(layout, codes, table)


MANY = 16
"""From one in so many on it is quicker to count all."""


def _table(layout: Layout, codes: Codes) -> Whole:
    own = _histogram(layout.kpi_unit, codes, len(layout.units))
    depth = np.zeros((int(layout.unit_depth.max(initial=0)) + 1, WIDTH - 1), np.int64)
    np.add.at(depth, layout.unit_depth, own)
    groups = _histogram(layout.kpi_group, codes, 8 * (len(CLASSES) + 1)).reshape(-1, 8, WIDTH - 1)
    bits = np.arange(8)
    levels = [groups[:, bits >> bit & 1 == 1].sum(axis=(0, 1)) for bit in range(len(KINDS))]
    parts = [
        _at_items(layout.forest, codes),
        own,
        _with_all_below(own, layout.unit_parent, layout.unit_depth),
        _histogram(layout.kpi_owner, codes, len(layout.owners)),
        groups.sum(axis=1)[1:],
        np.array(levels),
        depth,
        groups.sum(axis=(0, 1))[None],
    ]
    return np.concatenate(parts, dtype=np.int32, casting="same_kind")


def _histogram(place: Whole, codes: Codes, many: int) -> Whole:
    """For each of `many` places how many KPIs with each code stand there; NONE stands nowhere."""
    found = np.bincount((place + 1) * WIDTH + codes, minlength=(many + 1) * WIDTH)
    return found.reshape(-1, WIDTH)[1:, 1:]


def _at_items(forest: Forest, codes: Codes) -> Whole:
    """Several counters share one whole number: each has as many bits as all of it together can need."""
    many = forest.classes + 1
    own = np.bincount(codes * np.int64(many) + forest.leaf_class + 1, minlength=many * WIDTH)
    own = own.reshape(WIDTH, many)[:, 1:]
    bits = [int(one).bit_length() for one in np.bincount(codes, minlength=WIDTH)]
    found = np.zeros((forest.size, WIDTH - 1), np.int64)
    waiting = [one for one in range(1, WIDTH) if bits[one]]
    while waiting:
        shared, shift = [], 0
        while waiting and shift + bits[waiting[0]] < 63:
            shared.append((waiting[0], shift))
            shift += bits[waiting.pop(0)]
        counted = forest.count(weights=sum((own[one] << by for one, by in shared), np.zeros(many - 1, np.int64)))
        for one, by in shared:
            found[:, one - 1] = counted >> by & (1 << bits[one]) - 1
    return found


def _with_all_below(own: Whole, parent: Whole, depth: Whole) -> Whole:
    total = own.copy()
    for level in range(int(depth.max(initial=0)), 0, -1):
        here = np.flatnonzero(depth == level)
        np.add.at(total, parent[here], total[here])
    return total

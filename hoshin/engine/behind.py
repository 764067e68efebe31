"""Which KPIs stand behind the figure of a node: the same sets that its counts were added up from, found one by one."""

from __future__ import annotations

import numpy as np

from hoshin.engine.columns import KINDS, NONE, Flags
from hoshin.engine.plans import Kind
from hoshin.engine.tallies import Layout, Tally

ITEM_KINDS = frozenset(one.value for one in KINDS)


def behind(*, tally: Tally, kind: str, key: int | str) -> Flags:
    """Which KPIs, by their places, are counted at a node as the report names it; KeyError when there is none such."""
    codes = tally.codes
    try:
        members: Flags = _belonging(tally.layout, kind, key) & (codes != 0)
    except ValueError as error:  # a word where a key should be, or a class or level that is none
        raise KeyError((kind, key)) from error
    if kind == Kind.KPI.value and not members.any():
        raise KeyError((kind, key))
    return members


def _belonging(layout: Layout, kind: str, key: int | str) -> Flags:
    if kind == Kind.KPI.value:
        return np.equal(layout.kpis, int(key))
    if kind == "level" and key != "organisation":
        bit = 1 << KINDS.index(Kind(str(key)))
        found: Flags = layout.kpi_group & bit == bit
        return found
    if kind in ("organisation", "level"):
        if kind == "organisation" and key not in (0, "0"):
            raise KeyError((kind, key))
        return np.ones(len(layout.kpis), np.bool_)
    if kind == "depth":
        return _depth(layout, int(key))
    row = layout.row_of(kind=kind, key=key) - layout.starts["item" if kind in ITEM_KINDS else kind]
    if kind in ITEM_KINDS:
        return _below(layout, row)
    if kind == "owner":
        return np.equal(layout.kpi_owner, row)
    if kind == "class":
        return np.equal(layout.kpi_group // 8, row + 1)
    if kind == "unit" and layout.unit_parent[row] == NONE:  # the organisation itself
        raise KeyError((kind, key))
    return _units(layout, row, whole=kind == "unit")[layout.kpi_unit]


def _depth(layout: Layout, depth: int) -> Flags:
    units: Flags = layout.unit_depth == depth
    if not units.any():
        raise KeyError(("depth", depth))
    return units[layout.kpi_unit]


def _below(layout: Layout, item: int) -> Flags:
    """The KPIs that are counted at an item on their way up."""
    marks = np.zeros(layout.forest.size, np.int64)
    marks[item] = 1
    found: Flags = np.append(layout.forest.reached(marks=marks), 0)[layout.forest.leaf_class] == 1
    return found


def _units(layout: Layout, unit: int, *, whole: bool) -> Flags:
    """A unit alone, or with all below it."""
    inside: Flags = np.arange(len(layout.units)) == unit
    for _ in range(int(layout.unit_depth.max(initial=0)) if whole else 0):
        inside = inside | (layout.unit_parent >= 0) & inside[layout.unit_parent]
    return inside

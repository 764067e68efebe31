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
    return _subtree(layout, row) if kind == "unit" else np.equal(layout.kpi_unit, row)


def _subtree(layout: Layout, row: int) -> Flags:
    """The KPIs of a unit and of all below it; those of the organisation have a name of their own."""
    if layout.unit_parent[row] == NONE:
        raise KeyError(("unit", int(layout.units[row])))
    return layout.inside(unit=int(layout.units[row]))[layout.kpi_unit]


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

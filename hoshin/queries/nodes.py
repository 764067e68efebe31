"""Which units, objectives and owners a sheet of figures lists, in its order: keys alone, however many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from hoshin.engine.attainment import depth_first
from hoshin.engine.columns import KINDS, NONE, I, places
from hoshin.engine.plans import Kind, Unit
from hoshin.queries.attainment import Standing
from hoshin.queries.behind import item_positions
from hoshin.queries.beside import keep_with_structure
from hoshin.queries.unit_plans import people_names


@dataclass(frozen=True, slots=True)
class Tree:
    """The units, each followed by what stands below it, with the units right below each."""

    ordered: Sequence[Unit]
    below: Mapping[int, Sequence[Unit]]

    @property
    def top(self) -> Unit:
        """The one above all."""
        return self.ordered[0]

    def find(self, *, unit: int) -> Unit | None:
        """The unit, or None."""
        return next((one for one in self.ordered if one.key == unit), None)

    def way(self, *, unit: Unit) -> list[Unit]:
        """The units from the top down to this one."""
        by_key, way = {one.key: one for one in self.ordered}, [unit]
        while way[-1].parent is not None:
            way.append(by_key[way[-1].parent])
        return way[::-1]


def tree_of(*, units: Sequence[Unit]) -> Tree:
    """The tree of the units of a plan, sisters in the plan's order."""
    ordered, below = depth_first(units=units), dict[int, list[Unit]]()
    for one in ordered:
        if one.parent is not None:
            below.setdefault(one.parent, []).append(one)
    return Tree(ordered, below)


def objectives(*, session: Session, standing: Standing, tree: Tree, unit: Unit) -> list[int]:
    """The counted objectives of the unit and of all below it, unit by unit down the tree, in each one's order."""
    layout = standing.figures.now.layout
    place = np.full(len(layout.units) + 1, NONE, np.int64)  # the last one takes what has no place
    place[places(keys=layout.units, of=np.array([one.key for one in tree.ordered]))] = np.arange(len(tree.ordered))
    home = places(keys=layout.units, of=layout.items[:, I.UNIT])
    chosen = layout.live & (layout.items[:, I.KIND] == KINDS.index(Kind.OBJECTIVE))
    chosen &= layout.inside(unit=unit.key)[home]
    at = np.flatnonzero(chosen)
    positions = item_positions(session=session, ground=standing.ground)
    keys: list[int] = layout.items[at[np.lexsort((positions[at], place[home[at]]))], I.KEY].tolist()
    return keys


def own_objectives(*, standing: Standing, unit: Unit) -> frozenset[int]:
    """The counted objectives of the unit alone."""
    layout = standing.figures.now.layout
    chosen = layout.live & (layout.items[:, I.KIND] == KINDS.index(Kind.OBJECTIVE))
    return frozenset(layout.items[chosen & (layout.items[:, I.UNIT] == unit.key), I.KEY].tolist())


def owners(*, session: Session, standing: Standing, unit: Unit, text: str = "") -> list[int]:
    """The people who own a counted KPI of the unit or of one below it, by name; those whose name holds the text."""
    names = people_names(session=session)
    ordered = keep_with_structure(
        session=session, name="people in order", make=lambda: tuple(sorted(names, key=lambda key: (names[key], key)))
    )
    layout = standing.figures.now.layout
    counts = (standing.figures.now.codes != 0) & (layout.kpi_owner != NONE)
    counts &= layout.inside(unit=unit.key)[layout.kpi_unit]
    theirs = np.zeros(len(layout.owners), np.bool_)
    theirs[layout.kpi_owner[counts]] = True
    found = frozenset(layout.owners[theirs].tolist())
    by_name = [key for key in ordered if key in found]  # to put all people in order takes longer than all the rest
    wanted = text.casefold()
    return [key for key in by_name if wanted in names[key].casefold()] if wanted else by_name

"""What of a large sheet of figures one page shows: the units around the one that is opened, and lists by pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import request

from hoshin.engine.attainment import NodeKey
from hoshin.engine.metrics import KPIClass
from hoshin.engine.plans import Unit
from hoshin.errors import Missing
from hoshin.queries.attainment import Attainment, Standing, describe_standing
from hoshin.queries.behind import objectives_down
from hoshin.queries.drill import Readable, find_readable
from hoshin.queries.nodes import Tree, objectives, own_objectives, owners, tree_of
from hoshin.reports.attainment import Branch, Sheet, make_sheet
from hoshin.web import door
from hoshin.web.paging import Page, cut, here_with

MOST = 60
"""A list of no more stands on the page whole, as does a tree of so many units."""
Crumb = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Part:
    """The sheet of what is shown, and of each list which page of it that is.

    `crumbs` lead from the top down to the opened unit, none where all units are shown; `below` says by node how many
    units stand right below a unit that is shown without them, and where it opens. `lower` objectives are those of the
    units below the top, `outside` are hidden from the reader.
    """

    sheet: Sheet
    found: Attainment
    crumbs: Sequence[Crumb]
    below: Mapping[str, tuple[int, str]]
    units: Page
    lower: Page
    owners: Page
    outside: int
    is_opened: bool
    searched: str
    hidden_words: Mapping[str, str]

    @property
    def is_long(self) -> bool:
        """Whether the owners need more than one page, or were looked for."""
        return self.owners.pages > 1 or bool(self.searched)


def shown_part(standing: Standing) -> Part:
    """What this address asks for; Missing for a unit that is none."""
    session = door.report_session()
    tree = tree_of(units=describe_standing(session=session, standing=standing, item_ids=()).plan.units)
    unit = _opened(tree)
    readable = find_readable(session=door.report_session(), actor=door.actor())
    crumbs, units, unit_page = _units(tree, unit)
    every = objectives(session=session, standing=standing, tree=tree, unit=unit)
    mine = readable.cut(keys=every)
    tops, lower, lower_page = _objectives(standing, mine, is_top=unit is tree.top, tree=tree)
    branches = _branches(standing, [*tops, *lower], readable)
    searched = door.text_arg("owner", most=100)
    people = owners(session=session, standing=standing, unit=unit, text=searched)
    named, owner_page = cut(rows=people, size=MOST, name="owners", anchor="owners")
    items = [*branches, *(one for some in branches.values() for one in some)]
    found = describe_standing(session=session, standing=standing, item_ids=items, person_ids=named)
    return Part(
        sheet=_sheet(found, readable, units, branches, named),
        found=found,
        crumbs=crumbs,
        below={} if not crumbs else _folded(tree, units, unit),
        units=unit_page,
        lower=lower_page,
        owners=owner_page,
        outside=len(every) - len(mine),
        is_opened=unit is not tree.top,
        searched=searched,
        hidden_words={name: value for name, value in request.args.items() if name not in ("owner", "owners")},
    )


def _opened(tree: Tree) -> Unit:
    key = door.key_arg("unit")
    unit = tree.top if key is None else tree.find(unit=key)
    if unit is None:
        raise Missing("there is no such unit here")
    return unit


def _units(tree: Tree, unit: Unit) -> tuple[list[Crumb], list[Unit], Page]:
    """The whole tree of a small organisation; else the opened unit and those right below it, some at a time."""
    if len(tree.ordered) <= MOST and unit is tree.top:
        rows, page = cut(rows=list(tree.ordered[1:]), size=MOST, name="units", anchor="units")
        return [], list(rows), page
    rows, page = cut(rows=list(tree.below.get(unit.key, ())), size=MOST, name="units", anchor="units")
    way = tree.way(unit=unit)
    crumbs: list[Crumb] = [(one.name, _opening(one)) for one in way[:-1]]
    own = [unit] if unit is not tree.top else []
    return [*crumbs, (unit.name, None)], [*own, *rows], page


def _opening(unit: Unit) -> str:
    """This page with another unit opened; its lists begin anew."""
    words = {name: "1" for name in ("units", "objectives", "owners") if name in request.args}
    return here_with(unit=str(unit.key), **words) + "#units"


def _folded(tree: Tree, units: Sequence[Unit], unit: Unit) -> dict[str, tuple[int, str]]:
    """How many units stand below each one that is shown without them."""
    return {
        f"unit:{one.key}": (len(tree.below[one.key]), _opening(one))
        for one in units
        if one is not unit and one.key in tree.below
    }


def _objectives(
    standing: Standing, keys: Sequence[int], *, is_top: bool, tree: Tree
) -> tuple[list[int], list[int], Page]:
    """Those of the top unit, if that is open, and a page of the others."""
    own = own_objectives(standing=standing, unit=tree.top) if is_top else frozenset()
    tops = [key for key in keys if key in own]
    rest = [key for key in keys if key not in own]
    lower, page = cut(rows=rest, size=MOST, name="objectives", anchor="objectives")
    return tops, list(lower), page


def _branches(standing: Standing, keys: Sequence[int], readable: Readable) -> dict[int, list[int]]:
    """The priorities that move each of the objectives, as far as the reader may open them."""
    below = objectives_down(session=door.report_session(), standing=standing)
    return {key: readable.cut(keys=[int(one) for _, one in below.get(("objective", key), ())]) for key in keys}


def _sheet(
    found: Attainment,
    readable: Readable,
    units: Sequence[Unit],
    branches: Mapping[int, Sequence[int]],
    people: Sequence[int],
) -> Sheet:
    wanted: list[NodeKey] = [("organisation", 0), *(("unit", one.key) for one in units)]
    wanted += [("objective", key) for key in branches]
    wanted += [("priority", one) for some in branches.values() for one in some]
    wanted += [("owner", key) for key in people]
    wanted += [("class", one.value) for one in KPIClass]
    sheet = make_sheet(
        plan=found.plan, report=found.report, before=found.before, known_at=found.known_at, readable=readable,
        only=dict.fromkeys(wanted),
    )  # fmt: skip
    rows = {row.node: row for row in sheet.nodes}
    return replace(
        sheet,
        branches=tuple(
            Branch(rows[f"objective:{key}"], tuple(rows[f"priority:{one}"] for one in below))
            for key, below in branches.items()
        ),
    )

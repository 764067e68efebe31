"""Home as one picture: attainment as an icicle of units or of objectives, its twin as a table, and month by month."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hoshin.charts.icicle import Branch, Icicle, icicle
from hoshin.charts.levels import Level, Levels, levels
from hoshin.charts.months import MonthFigure, Months, months
from hoshin.engine.attainment import NodeKey, Report
from hoshin.engine.calendars import MONTH_NAMES, Period
from hoshin.engine.counts import Counts
from hoshin.engine.figures import show_percent
from hoshin.engine.plans import Plan
from hoshin.reports.attainment import COUNTED, Row, Sheet

ORGANISATION: NodeKey = ("organisation", 0)
ROOT = "organisation:0"
DRAWN = 2
"""So many levels are drawn below the opened node."""
MOST_BESIDE = 40
"""So many nodes stand side by side below one; the rest of them stand together."""
Below = Mapping[NodeKey, Sequence[NodeKey]]


class By(StrEnum):
    """What the icicle is made of."""

    UNITS = "units"
    OBJECTIVES = "objectives"


@dataclass(frozen=True, slots=True)
class Outline:
    """Which nodes a picture shows: those on the way down to the opened one, which is the last, and what stands below
    each.
    """

    way: tuple[NodeKey, ...]
    below: Below

    def shown(self) -> list[NodeKey]:
        """All nodes that have a name in the picture, the organisation first, none twice."""
        found, level = [*self.way], [self.way[-1]]
        for _ in range(DRAWN):
            level = [child for one in level for child in self.below.get(one, ())[:MOST_BESIDE]]
            found += level
        return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Picture:
    """The icicle with its root's way up as (label, address), the same as a table, and the months."""

    icicle: Icicle
    crumbs: tuple[tuple[str, str | None], ...]
    table: Levels
    list_href: str
    by: By


def outline(*, below: Below, opened: str) -> Outline | None:
    """The picture with one node opened, by the first way that leads there; None when no way does."""
    came_from: dict[NodeKey, NodeKey | None] = {}
    waiting: list[tuple[NodeKey, NodeKey | None]] = [(ORGANISATION, None)]
    while waiting:
        node, above = waiting.pop()
        if node in came_from:
            continue
        came_from[node] = above
        if key_of(node=node) == opened:
            return Outline(_way(came_from, node), below)
        waiting.extend((child, node) for child in reversed(below.get(node, ())))
    return None


def _way(came_from: Mapping[NodeKey, NodeKey | None], node: NodeKey) -> tuple[NodeKey, ...]:
    way, above = [node], came_from[node]
    while above is not None:
        way.append(above)
        above = came_from[above]
    return tuple(reversed(way))


def key_of(*, node: NodeKey) -> str:
    """The node as addresses have it."""
    return f"{node[0]}:{node[1]}"


def units_below(*, plan: Plan, report: Report) -> Below:
    """Each unit over the units below it, and over what is at home in the unit itself."""
    top = next(one.key for one in plan.units if one.parent is None)
    found: dict[NodeKey, list[NodeKey]] = {}
    for unit in plan.units:
        if unit.parent is not None:
            found.setdefault(ORGANISATION if unit.parent == top else ("unit", unit.parent), []).append(
                ("unit", unit.key)
            )
    for parent in list(found):
        own = ("unit-own", top if parent == ORGANISATION else parent[1])
        if report.nodes[own].counts.due:
            found[parent].append(own)
    return found


def picture(
    *, outlined: Outline, report: Report, sheet: Sheet, by: By, address: Callable[..., str]
) -> Picture:
    """The picture; the sheet has a row of each node that is shown.

    `address(open=…)` is this page with another node opened, `address(list=…)` the metrics behind one.
    """
    growing = _Growing(outlined, report, sheet, address)
    *above, opened = outlined.way
    shown = growing.grow(opened, 0)
    title = f"Attainment by {by.value}, {sheet.period_label}"
    crumbs = [(growing.label(one), address(open=key_of(node=one))) for one in above]
    return Picture(
        icicle=icicle(title=title, root=shown),
        crumbs=(*crumbs, (shown.label, None)),
        table=levels(title=title, rows=list(_rows(shown, growing.rows, address))),
        list_href=address(list=shown.key),
        by=by,
    )


def _rows(branch: Branch, rows: Mapping[str, Row], address: Callable[..., str], depth: int = 0) -> Iterator[Level]:
    row = rows.get(branch.key)
    yield Level(
        branch.label, branch.hits, branch.misses, branch.no_data, branch.no_target, branch.ratio,
        row.change if row else None, branch.change_text, _listed(branch, row, address), depth,
    )  # fmt: skip
    for child in branch.children:
        yield from _rows(child, rows, address, depth + 1)


def _listed(branch: Branch, row: Row | None, address: Callable[..., str]) -> str | None:
    """The metrics behind a node; what stands together leads where it does in the drawing."""
    if row is None:
        return branch.href
    return address(list=branch.key) if branch.due else None


class _Growing:
    """The tree under construction."""

    def __init__(self, outlined: Outline, report: Report, sheet: Sheet, address: Callable[..., str]) -> None:
        self.outlined, self.report, self.address = outlined, report, address
        self.rows = {row.node: row for row in sheet.nodes}

    def grow(self, node: NodeKey, depth: int) -> Branch:
        """A node with what is drawn below it."""
        key, below = key_of(node=node), self.outlined.below.get(node, ())
        row = self.rows[key]
        return self._branch(
            key,
            self.label(node),
            row.counts,
            row.change_text,
            self._up() if depth == 0 else self._href(row, opens=bool(below)),
            self._children(node, below, depth),
            opens=bool(below),
        )

    @staticmethod
    def _branch(
        key: str, label: str, counts: Counts, change: str, href: str | None, children: tuple[Branch, ...], opens: bool
    ) -> Branch:
        return Branch(
            key=key,
            label=label,
            hits=counts.hits,
            misses=counts.misses,
            no_data=counts.no_data,
            no_target=counts.no_target,
            ratio=show_percent(value=counts.ratio),
            change_text=change,
            href=href,
            children=children,
            opens=opens,
        )

    def _children(self, node: NodeKey, below: Sequence[NodeKey], depth: int) -> tuple[Branch, ...]:
        if depth == DRAWN:
            return ()
        children = [self.grow(one, depth + 1) for one in below[:MOST_BESIDE]]
        rest = below[MOST_BESIDE:]
        if rest:
            total = _sum([self.report.nodes[one].counts for one in rest])
            key = key_of(node=node)
            more = self._branch(f"{key}:more", f"{len(rest)} more", total, "", self.address(list=key), (), opens=False)
            children.append(more)
        return tuple(children)

    def _up(self) -> str | None:
        """The opened node leads back up."""
        way = self.outlined.way
        return self.address(open=key_of(node=way[-2])) if len(way) > 1 else None

    def _href(self, row: Row, *, opens: bool) -> str | None:
        if opens:
            return self.address(open=row.node)
        return self.address(list=row.node) if row.counts.due and not row.outside else None

    def label(self, node: NodeKey) -> str:
        """What the node is called."""
        row = self.rows[key_of(node=node)]
        if row.outside:
            return "restricted"
        return "itself" if row.kind == "unit-own" else row.name


def _sum(counts: Sequence[Counts]) -> Counts:
    """What stands together: what two share is as wide as in both, as it would be beside each other."""
    return Counts(*(sum(getattr(one, name) for one in counts) for name in COUNTED))


def month_chart(*, cycle: str, months_of: Sequence[tuple[Period, Counts]], asked: Period) -> Months:
    """The organisation's attainment in each month of a cycle; of one that is not shown yet the counts are empty."""
    figures = [
        MonthFigure(
            MONTH_NAMES[one.first.month - 1], counts.hits, counts.misses, counts.no_data, counts.no_target,
            show_percent(value=counts.ratio), one.last == asked.last,
        )
        for one, counts in months_of
    ]  # fmt: skip
    return months(title=f"Attainment month by month, {cycle}, in per cent", figures=figures)

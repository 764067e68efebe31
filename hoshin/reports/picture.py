"""Home as one picture: attainment as an icicle of units or of objectives, its twin as a table, and month by month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from hoshin.charts.icicle import Branch, Icicle, icicle
from hoshin.charts.levels import Level, Levels, levels
from hoshin.charts.months import MonthFigure, Months, months
from hoshin.engine.attainment import NodeKey, Report
from hoshin.engine.calendars import MONTH_NAMES, Frequency
from hoshin.engine.cascade import counted_items, edges_down
from hoshin.engine.counts import Counts, count
from hoshin.engine.figures import show_percent
from hoshin.engine.metrics import Asked, Mode, judge_metric
from hoshin.engine.plans import Kind, Plan
from hoshin.reports.attainment import Row, Sheet

ROOT = "organisation:0"
DEEPEST = 12


class By(StrEnum):
    """What the icicle is made of."""

    UNITS = "units"
    OBJECTIVES = "objectives"


@dataclass(frozen=True, slots=True)
class Picture:
    """The icicle with its root's way up as (label, address), the same as a table, and the months."""

    icicle: Icicle
    crumbs: tuple[tuple[str, str | None], ...]
    table: Levels
    list_href: str
    by: By


def picture(
    *, plan: Plan, report: Report, sheet: Sheet, by: By, opened: str, address: Callable[..., str]
) -> Picture | None:
    """The picture with one node opened; None when there is no such node to open.

    `address(open=…)` is this page with another node opened, `address(list=…)` the metrics behind one.
    """
    growing = _Growing(plan, report, sheet, by, address)
    whole = growing.grow(ROOT, ())
    path = _path_to(whole, opened)
    if path is None:
        return None
    shown = path[-1]
    title = f"Attainment by {by.value}, {sheet.period_label}"
    crumbs = [(one.label, address(open=one.key)) for one in path[:-1]]
    return Picture(
        icicle=icicle(title=title, root=replace(shown, href=_up(path, address))),
        crumbs=(*crumbs, (shown.label, None)),
        table=levels(title=title, rows=list(_rows(shown, growing.rows, address))),
        list_href=address(list=shown.key),
        by=by,
    )


def _up(path: list[Branch], address: Callable[..., str]) -> str | None:
    """The opened node leads back up."""
    return address(open=path[-2].key) if len(path) > 1 else None


def _path_to(root: Branch, key: str) -> list[Branch] | None:
    if root.key == key:
        return [root]
    for child in root.children:
        found = _path_to(child, key)
        if found:
            return [root, *found]
    return None


def _rows(branch: Branch, rows: Mapping[str, Row], address: Callable[..., str], depth: int = 0) -> list[Level]:
    row = rows.get(branch.key)
    here = Level(
        branch.label, branch.hits, branch.misses, branch.no_data, branch.no_target, branch.ratio,
        row.change if row else None, branch.change_text, address(list=branch.key) if branch.due else None, depth,
    )  # fmt: skip
    below = [one for child in branch.children for one in _rows(child, rows, address, depth + 1)] if depth < 2 else []
    return [here, *below]


class _Growing:
    """The tree under construction."""

    def __init__(self, plan: Plan, report: Report, sheet: Sheet, by: By, address: Callable[..., str]) -> None:
        self.plan, self.report, self.address, self.by = plan, report, address, by
        self.rows = {row.node: row for row in sheet.nodes}
        self.below = self._units() if by is By.UNITS else self._objectives()

    def grow(self, key: str, above: tuple[str, ...]) -> Branch:
        """A node with everything below it; a way that meets itself ends."""
        row, counts = self.rows.get(key), self._counts(key)
        keys = self.below.get(key, ()) if len(above) < DEEPEST else ()
        children = tuple(self.grow(one, (*above, key)) for one in keys if one not in above)
        opens = bool(children) and bool(above)
        return Branch(
            key=key,
            label=self._label(key, row),
            hits=counts.hits,
            misses=counts.misses,
            no_data=counts.no_data,
            no_target=counts.no_target,
            ratio=show_percent(value=counts.ratio),
            change_text=row.change_text if row else "",
            href=self._href(key, opens=opens, due=bool(counts.due), hidden=bool(row and row.outside)),
            children=children,
        )

    def _href(self, key: str, *, opens: bool, due: bool, hidden: bool) -> str | None:
        if opens:
            return self.address(open=key)
        return self.address(list=key) if due and not hidden else None

    def _counts(self, key: str) -> Counts:
        node = self.report.nodes.get(_node_key(key))
        return node.counts if node else Counts()

    def _label(self, key: str, row: Row | None) -> str:
        if row is None or row.outside:
            return "restricted"
        return "itself" if row.kind == "unit-own" else row.name

    def _units(self) -> dict[str, list[str]]:
        """Each unit over the units below it, and over what is at home in the unit itself."""
        top = next(one.key for one in self.plan.units if one.parent is None)
        found: dict[str, list[str]] = {}
        for unit in self.plan.units:
            if unit.parent is not None:
                found.setdefault(ROOT if unit.parent == top else f"unit:{unit.parent}", []).append(f"unit:{unit.key}")
        for parent in list(found):
            own = f"unit-own:{top}" if parent == ROOT else parent.replace("unit:", "unit-own:")
            if self._counts(own).due:
                found[parent].append(own)
        return found

    def _objectives(self) -> dict[str, list[str]]:
        """The objectives that answer nothing, over their priorities, over the objectives that answer those."""
        items = counted_items(plan=self.plan, asked=self.report.asked)
        wanted = {key for key, one in items.items() if one.kind in (Kind.OBJECTIVE, Kind.PRIORITY)}
        edges = edges_down(plan=self.plan, asked=self.report.asked)
        below = {key: [one for one in edges.get(key, ()) if one in wanted] for key in wanted}
        answering = {one for children in below.values() for one in children}
        named = {key: f"{items[key].kind.value}:{key}" for key in wanted}
        found = {named[key]: [named[one] for one in children] for key, children in below.items() if children}
        roots = [key for key in items if key in wanted and key not in answering and items[key].kind is Kind.OBJECTIVE]
        return found | {ROOT: [named[key] for key in roots]}


def _node_key(key: str) -> NodeKey:
    kind, _, number = key.partition(":")
    return kind, int(number)


def month_chart(*, plan: Plan, report: Report) -> Months:
    """The organisation's attainment in each month of the cycle that has fallen due, up to the month asked for."""
    asked = report.asked
    figures = []
    for one in plan.calendar.periods(first=asked.cycle.first, last=asked.cycle.last, frequency=Frequency.MONTH):
        due = plan.calendar.is_due(period=one, as_of=asked.as_of) and one.last <= asked.period.last
        counts = _month_counts(plan, Asked(asked.cycle, one, Mode.PERIOD, asked.as_of)) if due else Counts()
        figures.append(
            MonthFigure(
                MONTH_NAMES[one.first.month - 1], counts.hits, counts.misses, counts.no_data, counts.no_target,
                show_percent(value=counts.ratio), one.last == asked.period.last,
            )
        )  # fmt: skip
    return months(title=f"Attainment month by month, {asked.cycle.name}, in per cent", figures=figures)


def _month_counts(plan: Plan, asked: Asked) -> Counts:
    items: Mapping[int, Any] = counted_items(plan=plan, asked=asked)
    metrics = [plan.metrics[key] for key, one in items.items() if one.kind is Kind.KPI]
    return count(
        verdicts=[judge_metric(metric=one, asked=asked, calendar=plan.calendar).verdict for one in metrics]
    )

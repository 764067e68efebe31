"""Attainment as one frozen sheet, shared by page, paper, CSV and shell: every count at every level, ready to show."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from operator import itemgetter

from hoshin.charts.levels import Level as ChartLevel, Levels, levels as draw_levels
from hoshin.engine.attainment import Level, Node, NodeKey, Report, unit_depth
from hoshin.engine.cascade import edges_down
from hoshin.engine.counts import Counts
from hoshin.engine.figures import show_percent, six_decimals
from hoshin.engine.plans import Kind, Plan

ITEM_KINDS = frozenset(one.value for one in Kind)
COUNTED = ("total", "hits", "misses", "no_data", "not_due", "no_target")
RATIOS = ("coverage", "ratio", "measured_ratio")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the sheet. `node` addresses the list of metrics behind it ("objective:7", "level:priority").

    `unit` is None for the organisation and what stands at the top unit; `change` is -1, 0 or 1 against the last
    period and None when there is nothing to compare with; `outside` says that the reader may not open the thing.
    """

    node: str
    kind: str
    name: str
    path: str
    unit: str | None
    depth: int
    counts: Counts
    first: Counts
    change: int | None = None
    change_text: str = ""
    outside: bool = False

    @property
    def said(self) -> str:
        """The name as people say it: that of a level or a depth in words."""
        if self.kind == "depth":
            return depth_label(depth=int(self.name))
        return LEVEL_LABELS[self.name] if self.kind == "level" else self.name

    @property
    def key(self) -> str:
        """The key of the thing, without its kind."""
        return self.node.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Branch:
    """An objective and the priorities that move it, as far as the reader may see them."""

    objective: Row
    priorities: tuple[Row, ...]

    @property
    def is_top(self) -> bool:
        """Whether the objective is the whole organisation's."""
        return self.objective.unit is None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole answer. `nodes` stand in the order of the shell's contract; `ended` metrics ended in this cycle."""

    organisation: str
    cycle: str
    period: str
    period_label: str
    mode: str
    as_of: date
    known_at: datetime | None
    ended: int
    levels: tuple[Row, ...]
    depths: tuple[Row, ...]
    nodes: tuple[Row, ...]
    branches: tuple[Branch, ...]
    part: str = ""
    """The path of the unit that the sheet is cut down to; "" for the whole organisation."""

    @property
    def title(self) -> str:
        """What the sheet is called."""
        return f"Attainment of {self.part}" if self.part else "Attainment"

    @property
    def subject(self) -> str:
        """Whose attainment it is."""
        return self.part or self.organisation

    @property
    def whole(self) -> Row:
        """The line of the organisation, or of the unit that the sheet is cut down to."""
        return self.nodes[0]

    @property
    def units(self) -> list[Row]:
        """The units below, without the line of the whole."""
        return [one for one in self.of_kind("unit") if one is not self.whole]

    def of_kind(self, kind: str) -> list[Row]:
        """The lines of one kind that the reader may open."""
        return [one for one in self.nodes if one.kind == kind and not one.outside]

    def outside_of_kind(self, kind: str) -> int:
        """How many lines of one kind the reader may not open."""
        return sum(1 for one in self.nodes if one.kind == kind and one.outside)

    @property
    def agreed_note(self) -> str:
        """What stands beside the ratio when targets were moved or metrics dropped (rule 6); often empty."""
        return notes_of(row=self.whole, ended=self.ended)


def make_sheet(
    *,
    plan: Plan,
    report: Report,
    before: Report | None = None,
    known_at: datetime | None = None,
    readable: Container[int] | None = None,
    only: Iterable[NodeKey] | None = None,
) -> Sheet:
    """The sheet of a report; `before` gives the trend, `readable` the keys of items the reader may open (None: all).

    `only` some nodes are wanted of a large report, the organisation first (None: all).
    """
    making = _Making(plan, report, before, readable)
    wanted = report.nodes.values() if only is None else [report.nodes[key] for key in only]
    nodes = {row.node: row for row in map(making.node_row, wanted)}
    return Sheet(
        organisation=plan.organisation,
        cycle=report.asked.cycle.name,
        period=plan.calendar.code(period=report.asked.period),
        period_label=plan.calendar.label(period=report.asked.period),
        mode=report.asked.mode.value,
        as_of=report.asked.as_of,
        known_at=known_at,
        ended=report.ended,
        levels=tuple(making.level_rows("level", report.levels, before.levels if before else ())),
        depths=tuple(making.level_rows("depth", report.depths, before.depths if before else ())),
        nodes=tuple(nodes.values()),
        branches=tuple(_branches(plan, report, nodes)),
    )


class _Making:
    """The sheet under construction."""

    def __init__(self, plan: Plan, report: Report, before: Report | None, readable: Container[int] | None) -> None:
        self.report, self.before, self.readable = report, before, readable
        self.units = {one.key: one for one in plan.units}

    def node_row(self, node: Node) -> Row:
        kind, key = node.key
        earlier = self.before.nodes.get(node.key) if self.before else None
        return _row(
            Row(
                node=f"{kind}:{key}",
                kind=kind,
                name=node.name,
                path=node.path,
                unit=node.unit,
                depth=unit_depth(units=self.units, unit=int(key)) if kind in ("unit", "unit-own") else 0,
                counts=node.counts,
                first=node.as_first_agreed,
                outside=kind in ITEM_KINDS and self.readable is not None and key not in self.readable,
            ),
            earlier.counts if earlier else None,
        )

    @staticmethod
    def level_rows(kind: str, pools: Sequence[Level], earlier: Sequence[Level]) -> Iterable[Row]:
        then = {one.name: one.counts for one in earlier}
        for one in pools:
            row = Row(f"{kind}:{one.name}", kind, one.name, one.name, None, 0, one.counts, one.counts)
            yield _row(row, then.get(one.name))


def _row(row: Row, earlier: Counts | None) -> Row:
    """The row with its change against the last period."""
    if earlier is None:
        return row
    now, then = row.counts.ratio, earlier.ratio
    if now is None or then is None:
        return row
    change = (now > then) - (now < then)
    return replace(row, change=change, change_text=_change_text(now - then))


def _change_text(difference: Fraction) -> str:
    """The change in whole points, half even; a smaller one is said to be small."""
    points = abs(round(difference * 100))
    if difference == 0:
        return "as before"
    word = "up" if difference > 0 else "down"
    return f"{word} {points} point{'' if points == 1 else 's'}" if points else f"{word} by less than a point"


def _branches(plan: Plan, report: Report, nodes: Mapping[str, Row]) -> Iterable[Branch]:
    children = edges_down(plan=plan, asked=report.asked)
    listed = [one for one in nodes.values() if one.kind == Kind.PRIORITY and not one.outside]
    priorities = {int(one.key): (place, one) for place, one in enumerate(listed)}  # in the order of the sheet
    for row in nodes.values():
        if row.kind == Kind.OBJECTIVE and not row.outside:
            below = [priorities[key] for key in set(children[int(row.key)]) if key in priorities]
            yield Branch(row, tuple(one for _, one in sorted(below, key=itemgetter(0))))


def notes_of(*, row: Row, ended: int = 0) -> str:
    """The ratio as first agreed where it differs, and how many metrics were ended in the cycle."""
    notes = []
    if (row.first.hits, row.first.due) != (row.counts.hits, row.counts.due):
        notes.append(f"As first agreed: {row.first.hits} of {row.first.due} ({show_percent(value=row.first.ratio)}).")
    if ended:
        notes.append(f"{ended} metric{'' if ended == 1 else 's'} ended in this cycle.")
    return " ".join(notes)


LEVEL_LABELS = {
    "organisation": "Organisation", "objective": "Objectives", "priority": "Priorities", "action": "Actions",
}  # fmt: skip


def depth_label(*, depth: int) -> str:
    """A depth of the tree of units as people say it."""
    if depth == 0:
        return "The organisation itself"
    return f"{depth} step{'' if depth == 1 else 's'} below it"


def level_chart(*, sheet: Sheet, href: Callable[[str], str | None]) -> Levels:
    """The levels as bars; `href` gives the address of the list behind a node, None on paper."""
    return draw_levels(
        title=f"Attainment by level, {sheet.period_label}",
        rows=[
            ChartLevel(
                LEVEL_LABELS[row.name],
                row.counts.hits,
                row.counts.misses,
                row.counts.no_data,
                row.counts.no_target,
                show_percent(value=row.counts.ratio),
                row.change,
                row.change_text,
                href(row.node) if row.counts.total else None,
            )
            for row in sheet.levels
        ],
    )


def counts_as_json(*, counts: Counts) -> dict[str, int | str | None]:
    """The counts by name; the ratios as text with six decimals (half even) or None."""
    return dict(zip((*COUNTED, *RATIOS), _told(counts), strict=True))


@lru_cache(maxsize=10_000)
def _told(counts: Counts) -> tuple[int | str | None, ...]:
    """The counts and ratios in their order; most nodes of a large plan have one of a few hundred different counts."""
    whole = (getattr(counts, name) for name in COUNTED)
    return (*whole, *(six_decimals(value=getattr(counts, name)) for name in RATIOS))


def as_json(*, sheet: Sheet) -> dict[str, object]:
    """The sheet as the shell's contract has it."""
    return {
        "cycle": sheet.cycle,
        "period": sheet.period,
        "mode": sheet.mode,
        "as_of": sheet.as_of.isoformat(),
        "levels": [{"level": row.name, "kind": row.name, **counts_as_json(counts=row.counts)} for row in sheet.levels],
        "depths": [{"depth": int(row.name), **counts_as_json(counts=row.counts)} for row in sheet.depths],
        "nodes": [
            {
                "kind": row.kind,
                "name": row.name,
                "path": row.path,
                "unit": row.unit,
                **counts_as_json(counts=row.counts),
            }
            for row in sheet.nodes
            if not row.outside
        ],
        "known_at": sheet.known_at.isoformat() if sheet.known_at else None,
        "as_first_agreed": counts_as_json(counts=sheet.whole.first),
        "ended": sheet.ended,
    }


TABLE_HEAD = ("list", "kind", "name", "path", "unit", *COUNTED, *RATIOS)


def part_of(*, sheet: Sheet, unit: str) -> Sheet:
    """What the sheet says of the unit at that path and all below it, without the levels and depths of the whole."""
    nodes = tuple(row for row in sheet.nodes if _stands_below(row, unit))
    branches = tuple(one for one in sheet.branches if _stands_below(one.objective, unit))
    return replace(sheet, part=unit, nodes=nodes, branches=branches, levels=(), depths=())


def _stands_below(row: Row, unit: str) -> bool:
    where = row.path if row.kind in ("unit", "unit-own") else row.unit
    return where is not None and (where == unit or where.startswith(f"{unit} / "))


def as_rows(*, sheet: Sheet) -> list[list[object]]:
    """The sheet as rows under TABLE_HEAD, for CSV: levels, depths, then every node."""
    listed = [("level", row) for row in sheet.levels] + [("depth", row) for row in sheet.depths]
    listed += [("node", row) for row in sheet.nodes if not row.outside]
    return [[part, _kind_of(row), row.name, row.path, row.unit, *_told(row.counts)] for part, row in listed]


def rows_of_nodes(
    *, levels: Sequence[Level], depths: Sequence[Level], nodes: Iterable[Node], readable: Container[int]
) -> Iterator[tuple[object, ...]]:
    """The same rows one after another, without the sheet that a page needs; items that cannot be read are left out."""
    for one in levels:
        yield ("level", one.name, one.name, one.name, None, *_told(one.counts))
    for one in depths:
        yield ("depth", "depth", one.name, one.name, None, *_told(one.counts))
    for node in nodes:
        kind, key = node.key
        if kind not in ITEM_KINDS or key in readable:
            yield ("node", kind, node.name, node.path, node.unit, *_told(node.counts))


def _kind_of(row: Row) -> str:
    return row.name if row.kind == "level" else row.kind

"""How the closing of a cycle is shown: what waits in each unit, what each item came to, and the record of it all."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from hoshin.engine.closing import Fate, TargetRule
from hoshin.engine.counts import Counts
from hoshin.engine.figures import show_figure
from hoshin.engine.plans import Kind, State
from hoshin.engine.verdicts import Verdict
from hoshin.model.actions import Action
from hoshin.model.closing import ClosingChoice
from hoshin.model.items import Item
from hoshin.queries.attainment import Attainment

SIGNS = {Fate.KEEP: "✓", Fate.CHANGE: "~", Fate.END: "–"}
WORDS = {Fate.KEEP: "kept", Fate.CHANGE: "changed", Fate.END: "ended"}
TONES = {Fate.KEEP: "s-done", Fate.CHANGE: "s-active", Fate.END: "s-ended"}
KINDS = {Kind.OBJECTIVE: "Objective", Kind.PRIORITY: "Priority", Kind.ACTION: "Action", Kind.KPI: "KPI"}
CSV_HEAD = ("unit", "kind", "item", "came to", "decision", "reason", "goes on as", "targets", "by", "on")


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """How far one unit is: how many of its items have a word, and whether the reader may give one."""

    id: int
    name: str
    total: int
    decided: int
    may_decide: bool

    @property
    def is_done(self) -> bool:
        """Whether nothing waits there."""
        return self.decided >= self.total


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item as it stood at the end of the year."""

    id: int
    kind: str
    name: str
    is_kpi: bool
    came_to: str
    owner: str


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """One line of the record; an item outside the reader's view has no row, only a place in the count."""

    id: int
    kind: Kind
    kind_word: str
    name: str
    unit: str
    came_to: str
    sign: str
    word: str
    tone: str
    reason: str
    goes_on_as: str
    targets: str
    by: str
    on: date


def came_to(*, item: Item, attainment: Attainment) -> str:
    """What an item came to at the end of the year, in a few words; `attainment` was asked for the year's end."""
    report = attainment.report
    if item.state is State.DRAFT:
        return "still a draft"
    node = report.nodes.get((item.kind.value, item.id))
    if item.kind is Kind.KPI:
        verdict = node.counts.verdict if node else None
        return _verdict_text(verdict) if verdict else "not counted"
    figure = _counts_text(node.counts if node else Counts())
    if isinstance(item, Action):
        standing = item.status.value if item.progress in (0, 100) else f"{item.status.value}, {item.progress} %"
        return f"{standing}; {figure}" if node and node.counts.total else standing
    return figure


def _verdict_text(verdict: Verdict) -> str:
    sign = {Verdict.HIT: "✓ ", Verdict.MISS: "✗ "}.get(verdict, "– ")
    return f"{sign}{verdict.value} at the year’s end"


def _counts_text(counts: Counts) -> str:
    return f"{counts.hits} of {counts.due} metrics hit" if counts.due else "no metric due"


def item_views(
    *, items: Iterable[Item], attainment: Attainment, people: Mapping[int, str]
) -> list[ItemView]:
    """The items of one unit for the page on which they are decided."""
    return [
        ItemView(
            id=one.id, kind=KINDS[one.kind], name=one.name, is_kpi=one.kind is Kind.KPI,
            came_to=came_to(item=one, attainment=attainment), owner=people.get(one.owner_id or 0, ""),
        )
        for one in items
    ]  # fmt: skip


def progress(
    *, counted: Mapping[int, tuple[int, int]], names: Mapping[int, str], mine: Collection[int]
) -> list[UnitProgress]:
    """How far each unit is, in the order of the unit tree; units without an item have no line."""
    return [UnitProgress(key, name, *counted[key], key in mine) for key, name in names.items() if key in counted]


def decided_rows(
    *,
    decided: Iterable[tuple[ClosingChoice, Item]],
    attainment: Attainment,
    names: Mapping[int, str],
    zone: ZoneInfo,
) -> list[DecidedRow]:
    """The record, in the order given; its days are those of the organisation's time zone."""
    called = {one.key: one.name for one in attainment.plan.items}
    return [
        DecidedRow(
            id=item.id, kind=item.kind, kind_word=KINDS[item.kind], name=called.get(item.id, item.name),
            unit=names.get(item.unit_id, ""), came_to=came_to(item=item, attainment=attainment),
            sign=SIGNS[choice.fate], word=WORDS[choice.fate], tone=TONES[choice.fate], reason=choice.reason,
            goes_on_as=choice.wording, targets=_targets_text(choice), by=choice.chosen_by,
            on=choice.chosen_at.astimezone(zone).date(),
        )
        for choice, item in decided
    ]  # fmt: skip


def in_tree_order(
    *, decided: Iterable[tuple[ClosingChoice, Item]], names: Mapping[int, str], readable: Container[int]
) -> list[tuple[ClosingChoice, Item]]:
    """What of it may be read, in the order of the unit tree."""
    order = {key: place for place, key in enumerate(names)}
    mine = [one for one in decided if one[1].id in readable]
    return sorted(mine, key=lambda one: order.get(one[1].unit_id, len(order)))


def _targets_text(choice: ClosingChoice) -> str:
    if choice.targets is TargetRule.SAME:
        return "the same targets"
    if choice.targets is TargetRule.RAMP:
        return f"in even steps to {show_figure(value=choice.ramp_to)}"
    return ""


def csv_rows(*, rows: Sequence[DecidedRow]) -> list[tuple[object, ...]]:
    """The record as a table."""
    return [
        (
            one.unit, one.kind_word, one.name, one.came_to, one.word, one.reason, one.goes_on_as, one.targets, one.by,
            one.on.isoformat(),
        )
        for one in rows
    ]  # fmt: skip


def tally(*, decided: Iterable[tuple[ClosingChoice, Item]]) -> dict[str, int]:
    """How many items of the record were kept, changed and ended."""
    found = dict.fromkeys(WORDS.values(), 0)
    for choice, _ in decided:
        found[WORDS[choice.fate]] += 1
    return found

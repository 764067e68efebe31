"""The lint of a plan: rules with a code, a reason and a source, and what each of them finds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hoshin.engine.attainment import depth_first, unit_path
from hoshin.engine.cascade import counted_items, edges_up
from hoshin.engine.metrics import Asked, KPIClass, Metric, Reading
from hoshin.engine.plans import LINKED_KINDS, Item, Kind, Plan

MOST_OBJECTIVES, MOST_PRIORITIES, MOST_ACTIONS = 5, 8, 10
FEWEST_CELLS, FULL_CELLS = 9, (80, 100)
FEWEST_KPIS = 5


class Rule(StrEnum):
    """The rules by code."""

    ORPHAN_OBJECTIVE = "HK101"
    ORPHAN_PRIORITY = "HK102"
    ORPHAN_KPI = "HK103"
    ORPHAN_ACTION = "HK104"
    UNSUPPORTED_OBJECTIVE = "HK105"
    NO_OWNER = "HK201"
    NO_TARGET = "HK202"
    NO_DIRECTION = "HK203"
    NO_CLASS = "HK204"
    NO_READING = "HK205"
    MANY_OBJECTIVES = "HK301"
    MANY_PRIORITIES = "HK302"
    MANY_ACTIONS = "HK303"
    FULL_CORNER = "HK401"
    ONE_OWNER = "HK402"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a rule is called, why it is there, and where it comes from."""

    title: str
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules ask beyond the plan: KPIs with a direction, and actions that nobody works on any more."""

    with_direction: frozenset[int] = frozenset()
    closed_actions: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """One warning: the rule, the thing (a kind and a key: of an item, a unit or an owner), its unit and a sentence.

    `arms` are the kinds whose arm, or whose corner where there are two, of the unit's matrix is meant.
    """

    rule: Rule
    kind: str
    key: int
    name: str
    unit: int | None
    message: str
    arms: tuple[Kind, ...] = ()


SENTENCES: Mapping[Rule, str] = {
    Rule.ORPHAN_OBJECTIVE: "answers no priority of another unit",
    Rule.ORPHAN_PRIORITY: "serves no objective",
    Rule.ORPHAN_KPI: "proves no objective, priority or action",
    Rule.ORPHAN_ACTION: "carries out no priority",
    Rule.UNSUPPORTED_OBJECTIVE: "has no priority in force that moves it this year",
    Rule.NO_OWNER: "has no owner",
    Rule.NO_DIRECTION: "does not say which direction is good",
    Rule.NO_TARGET: "has no target in {cycle}",
    Rule.NO_CLASS: "is neither breakthrough nor fundamental",
    Rule.NO_READING: "has no reading in {cycle}, and one was due",
    Rule.MANY_OBJECTIVES: "has {0} objectives in force; more than {1} is no focus",
    Rule.MANY_PRIORITIES: "has {0} priorities in force; more than {1} is no focus",
    Rule.FULL_CORNER: "has {0} of {1} cells linked where {where} meet: everything moves everything",
    Rule.ONE_OWNER: "has {0} of its {1} KPIs with {owner}",
    Rule.MANY_ACTIONS: "answers for {0} actions at once; more than {1} is no focus",
}
"""What a finding says; the braces are its numbers in order, the cycle, the corner and the owner."""


def sentence(
    *, rule: Rule, numbers: Sequence[int] = (), cycle: str = "", where: str = "", owner: str = ""
) -> str:
    """What a finding of the rule says; its `numbers` are as many and in the order that SENTENCES wants."""
    return SENTENCES[rule].format(*numbers, cycle=cycle, where=where, owner=owner)


def check_plan(*, plan: Plan, asked: Asked, facts: Facts) -> list[Finding]:
    """Everything the rules find in what is in force on the question's last day, by rule, then in the plan's order."""
    found = list(_Checking(plan, asked, facts).findings())
    return sorted(found, key=lambda one: list(Rule).index(one.rule))


class _Checking:
    """The working table of one check."""

    def __init__(self, plan: Plan, asked: Asked, facts: Facts) -> None:
        self.plan, self.asked, self.facts = plan, asked, facts
        self.units = {one.key: one for one in plan.units}
        self.items = counted_items(plan=plan, asked=asked)
        unplanned = (one for one in plan.items if one.kind is Kind.KPI and one.life.in_force(on=asked.last_day))
        self.items |= {one.key: one for one in unplanned}
        self.up = edges_up(plan=plan, asked=asked)
        self.linked = {(one.upper, one.lower) for one in plan.links}
        self.served = {lower for upper, lower in self.linked if upper in self.items} | set(self.up)
        self.arms: dict[tuple[Kind, int], list[Item]] = defaultdict(list)
        for one in self.items.values():
            self.arms[one.kind, one.unit].append(one)
        filled = {unit for _, unit in self.arms}  # of a part of a plan few units have anything
        self.order = [one.key for one in depth_first(units=plan.units) if one.key in filled]

    def findings(self) -> Iterator[Finding]:
        for item in self.items.values():
            yield from self._orphan(item)
            if item.kind is Kind.KPI:
                yield from self._incomplete(item)
        yield from self._unsupported()
        for unit in self.order:
            yield from self._too_many(unit)
            yield from self._corners(unit)
            yield from self._one_owner(unit)
        yield from self._busy_owners()

    def _orphan(self, item: Item) -> Iterator[Finding]:
        if item.key in self.served:
            return
        match item.kind:
            case Kind.OBJECTIVE if self.units[item.unit].parent is not None:
                yield _about(item, Rule.ORPHAN_OBJECTIVE)
            case Kind.PRIORITY:
                yield _about(item, Rule.ORPHAN_PRIORITY)
            case Kind.KPI if item.kpi_class is KPIClass.BREAKTHROUGH:
                yield _about(item, Rule.ORPHAN_KPI)
            case Kind.ACTION:
                yield _about(item, Rule.ORPHAN_ACTION)

    def _unsupported(self) -> Iterator[Finding]:
        supported = {
            edge.upper
            for lower, edges in self.up.items()
            if self.items[lower].kind is Kind.PRIORITY
            for edge in edges
        }  # fmt: skip
        for item in self.items.values():
            if item.kind is Kind.OBJECTIVE and item.key not in supported:
                yield _about(item, Rule.UNSUPPORTED_OBJECTIVE)

    def _incomplete(self, kpi: Item) -> Iterator[Finding]:
        metric = self.plan.metrics.get(kpi.key)
        if kpi.owner is None:
            yield _about(kpi, Rule.NO_OWNER)
        if kpi.key not in self.facts.with_direction:
            yield _about(kpi, Rule.NO_DIRECTION)
        elif metric is None or not _has_target(metric.readings.values()):
            yield _about(kpi, Rule.NO_TARGET, self.asked.cycle.name)
        if kpi.kpi_class is None:
            yield _about(kpi, Rule.NO_CLASS)
        if metric is not None and self._is_silent(metric):
            yield _about(kpi, Rule.NO_READING, self.asked.cycle.name)

    def _is_silent(self, metric: Metric) -> bool:
        calendar, cycle = self.plan.calendar, self.asked.cycle
        periods = calendar.periods(first=cycle.first, last=cycle.last, frequency=metric.frequency)
        was_due = any(calendar.is_due(period=one, as_of=self.asked.as_of) for one in periods)
        return was_due and all(one.actual is None and one.ytd_actual is None for one in metric.readings.values())

    def _too_many(self, unit: int) -> Iterator[Finding]:
        for kind, most, rule in (
            (Kind.OBJECTIVE, MOST_OBJECTIVES, Rule.MANY_OBJECTIVES),
            (Kind.PRIORITY, MOST_PRIORITIES, Rule.MANY_PRIORITIES),
        ):
            there = len(self.arms[kind, unit])
            if there > most:
                yield self._about_unit(unit, rule, sentence(rule=rule, numbers=(there, most)), kind)

    def _corners(self, unit: int) -> Iterator[Finding]:
        for upper_kind, lower_kind in sorted(LINKED_KINDS):
            uppers, lowers = self.arms[upper_kind, unit], self.arms[lower_kind, unit]
            cells = [(upper.key, lower.key) for upper in uppers for lower in lowers]
            linked = sum(1 for one in cells if one in self.linked)
            if len(cells) >= FEWEST_CELLS and linked * FULL_CELLS[1] > len(cells) * FULL_CELLS[0]:
                where = f"{upper_kind.value} × {lower_kind.value}"
                message = sentence(rule=Rule.FULL_CORNER, numbers=(linked, len(cells)), where=where)
                yield self._about_unit(unit, Rule.FULL_CORNER, message, upper_kind, lower_kind)

    def _one_owner(self, unit: int) -> Iterator[Finding]:
        kpis = self.arms[Kind.KPI, unit]
        owners = Counter(one.owner for one in kpis if one.owner is not None)
        for owner, owned in owners.most_common(1):
            if len(kpis) >= FEWEST_KPIS and owned * 2 > len(kpis):
                name = self.plan.people.get(owner, "one person")
                message = sentence(rule=Rule.ONE_OWNER, numbers=(owned, len(kpis)), owner=name)
                yield self._about_unit(unit, Rule.ONE_OWNER, message, Kind.KPI)

    def _busy_owners(self) -> Iterator[Finding]:
        owned: dict[int, list[Item]] = defaultdict(list)
        for item in self.items.values():
            if item.kind is Kind.ACTION and item.owner is not None and item.key not in self.facts.closed_actions:
                owned[item.owner].append(item)
        for owner, actions in owned.items():
            if len(actions) > MOST_ACTIONS:
                name = self.plan.people.get(owner, "")
                message = sentence(rule=Rule.MANY_ACTIONS, numbers=(len(actions), MOST_ACTIONS))
                yield Finding(Rule.MANY_ACTIONS, "owner", owner, name, None, message)

    def _about_unit(self, unit: int, rule: Rule, message: str, *arms: Kind) -> Finding:
        path = unit_path(units=self.units, unit=unit) or self.units[unit].name
        return Finding(rule, "unit", unit, path, unit, message, arms)


def _about(item: Item, rule: Rule, cycle: str = "") -> Finding:
    return Finding(rule, item.kind.value, item.key, item.name, item.unit, sentence(rule=rule, cycle=cycle))


def _has_target(readings: Iterable[Reading]) -> bool:
    return any(one.band is not None or one.ytd_band is not None for one in readings)

"""The home page's one sentence, what is newly red, and the first steps of an empty plan."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from hoshin.engine.attainment import Report, unit_path
from hoshin.engine.calendars import Frequency
from hoshin.engine.counts import Counts
from hoshin.engine.metrics import KPIClass
from hoshin.engine.plans import Kind, Plan
from hoshin.engine.verdicts import Verdict
from hoshin.reports.render import day

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class RedMetric:
    """A KPI that misses now and did not in the period before."""

    key: int
    name: str
    owner: str
    unit: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The first sentence; `question` is asked when a perfect score may mean that the targets are too easy."""

    sentence: str
    question: str
    newly_red: tuple[RedMetric, ...]
    outside: int


@dataclass(frozen=True, slots=True)
class MyUnit:
    """A unit that the reader heads: its figures and what turned red in it."""

    key: int
    name: str
    node: str
    counts: Counts
    newly_red: tuple[RedMetric, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step towards the first figure."""

    label: str
    done: bool
    place: str


def make_headline(*, plan: Plan, report: Report, before: Report | None, readable: Collection[int]) -> Headline:
    """The sentence of the whole organisation; names only what the reader may open."""
    red = newly_red(report=report, before=before)
    mine = tuple(_metric(plan, key) for key in red if key in readable)
    counts = report.organisation.counts
    if not counts.due:
        return Headline(_nothing_due(plan, report), "", mine, len(red) - len(mine))
    parts = [f"{counts.hits} of {counts.due} due metrics hit target", _rest(counts), _classes(report)]
    if red:
        parts.append(f"newly red: {_named(mine, len(red))}")
    return Headline("; ".join(one for one in parts if one) + ".", _question(report), mine, len(red) - len(mine))


def _nothing_due(plan: Plan, report: Report) -> str:
    counts, cycle = report.organisation.counts, report.asked.cycle
    if not counts.total:
        return f"{cycle.name} has no metric in force yet."
    first = plan.calendar.period_of(day=cycle.first, frequency=Frequency.MONTH)
    due = day(plan.calendar.due_on(period=first))
    return f"None of {counts.total} metrics is due yet; the first month of {cycle.name} falls due on {due}."


def _rest(counts: Counts) -> str:
    rest = [(counts.misses, "missed"), (counts.no_data, "not reported"), (counts.no_target, "without target")]
    return ", ".join(f"{number} {word}" for number, word in rest if number)


def _classes(report: Report) -> str:
    told = []
    for one in KPIClass:
        counts = report.nodes["class", one.value].counts
        if counts.due:
            told.append(f"{one.value} {counts.hits} of {counts.due}")
    return ", ".join(told)


def _named(red: tuple[RedMetric, ...], total: int) -> str:
    named = [f"{one.name} ({one.owner or 'no owner'})" for one in red[:MOST_NAMED]]
    more = total - len(named)
    if not named:
        return f"{more} outside your view"
    return ", ".join(named) + (f" and {more} more" if more else "")


def _question(report: Report) -> str:
    counts = report.nodes["class", KPIClass.BREAKTHROUGH.value].counts
    if not counts.due or counts.hits < counts.due:
        return ""
    return (
        "Every breakthrough metric hit its target. Do these targets stretch? "
        "A breakthrough that never misses may be a fundamental in disguise."
    )


def newly_red(*, report: Report, before: Report | None) -> list[int]:
    """The KPIs that miss now and did not in the period before; none at the start of a cycle, where nobody can tell."""
    if before is None:
        return []
    return [
        key
        for key in report.order
        if report.judgements[key].verdict is Verdict.MISS
        and not (key in before.judgements and before.judgements[key].verdict is Verdict.MISS)
    ]


def _metric(plan: Plan, key: int) -> RedMetric:
    item = next(one for one in plan.items if one.key == key)
    units = {one.key: one for one in plan.units}
    path = unit_path(units=units, unit=item.unit) or units[item.unit].name
    return RedMetric(key, item.name, plan.people.get(item.owner or 0, ""), path)


def my_units(
    *, plan: Plan, report: Report, before: Report | None, heads: Collection[int], readable: Collection[int]
) -> list[MyUnit]:
    """The units headed, in the order of the tree, each with all below it; the top one is the whole page already."""
    red = newly_red(report=report, before=before)
    found = []
    for unit in plan.units:
        node = ("unit", unit.key)
        if unit.key in heads and node in report.nodes:
            inside = set(report.metrics_of(node=node))
            metrics = tuple(_metric(plan, key) for key in red if key in inside and key in readable)
            found.append(MyUnit(unit.key, unit.name, f"unit:{unit.key}", report.nodes[node].counts, metrics))
    return found


def first_steps(*, plan: Plan, report: Report, vision: str) -> list[Step]:
    """The way from an empty database to the first figure; empty when all of it is done."""
    there = {item.kind for item in plan.items}
    counts = report.organisation.counts
    steps = [
        Step("Write the vision: the True North that everything serves", bool(vision), "vision.show"),
        Step("Write three to five strategic objectives", Kind.OBJECTIVE in there, "plans.show_mine"),
        Step("Answer them with this year's priorities", Kind.PRIORITY in there, "plans.show_mine"),
        Step("Define the KPIs that prove it, with a target for each period", bool(counts.total), "plans.show_mine"),
        Step("Record the first reading", counts.hits + counts.misses > 0 or counts.not_due > 0, "plans.show_mine"),
    ]
    return [] if all(one.done for one in steps) else steps


def period_note(*, plan: Plan, report: Report) -> str:
    """Which month the page speaks of, and when the next figure comes."""
    asked, calendar = report.asked, plan.calendar
    label, cycle = calendar.label(period=asked.period), asked.cycle.name
    if not calendar.is_due(period=asked.period, as_of=asked.as_of):
        return f"{label}, the first month of {cycle}; it falls due on {day(calendar.due_on(period=asked.period))}."
    following = calendar.period_of(day=asked.period.last + timedelta(days=1), frequency=Frequency.MONTH)
    due = day(calendar.due_on(period=following))
    return f"{label}, the latest month due in {cycle}. The next one falls due on {due}."

"""The home page's one sentence, what is newly red, and the first steps of an empty plan."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from hoshin.engine.attainment import Report, unit_path
from hoshin.engine.calendars import Frequency
from hoshin.engine.counts import Counts
from hoshin.engine.metrics import KPIClass
from hoshin.engine.plans import Kind, Plan
from hoshin.reports.render import day

MOST_NAMED = 3
MOST_LISTED = 20


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
    more: int = 0


@dataclass(frozen=True, slots=True)
class MyUnit:
    """A unit that the reader heads: its figures and what turned red in it."""

    key: int
    name: str
    node: str
    counts: Counts
    newly_red: tuple[RedMetric, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One step towards the first figure."""

    label: str
    done: bool
    place: str


def make_headline(*, plan: Plan, report: Report, red: Sequence[int], readable: Container[int]) -> Headline:
    """The sentence of the whole organisation; names only what the reader may open.

    `red` are the KPIs that miss now and did not before; the plan has those of them that are named (see `named`).
    """
    mine = [key for key in red if key in readable]
    shown, outside = _metrics(plan, named(keys=mine)), len(red) - len(mine)
    counts = report.organisation.counts
    if not counts.due:
        return Headline(_nothing_due(plan, report), "", shown, outside, len(mine) - len(shown))
    parts = [f"{counts.hits} of {counts.due} due metrics hit target", _rest(counts), _classes(report)]
    if red:
        parts.append(f"newly red: {_named(shown, len(red))}")
    sentence = "; ".join(one for one in parts if one) + "."
    return Headline(sentence, _question(report), shown, outside, len(mine) - len(shown))


def named(*, keys: Sequence[int]) -> Sequence[int]:
    """Those of a list of KPIs that a panel of the page names; its other ones are counted and stand behind a link."""
    return keys[:MOST_LISTED]


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


def _metrics(plan: Plan, keys: Sequence[int]) -> tuple[RedMetric, ...]:
    items, units = {one.key: one for one in plan.items}, {one.key: one for one in plan.units}
    found = [items[key] for key in keys]
    return tuple(
        RedMetric(
            one.key, one.name, plan.people.get(one.owner or 0, ""),
            unit_path(units=units, unit=one.unit) or units[one.unit].name,
        )
        for one in found
    )  # fmt: skip


def my_units(*, plan: Plan, report: Report, red: Mapping[int, Sequence[int]]) -> list[MyUnit]:
    """The units headed, in the order of the tree, each with all below it and what of it turned red and may be opened.

    The top one is the whole page already and no key of `red`.
    """
    return [
        MyUnit(
            unit.key, unit.name, f"unit:{unit.key}", report.nodes["unit", unit.key].counts,
            (shown := _metrics(plan, named(keys=red[unit.key]))), len(red[unit.key]) - len(shown),
        )
        for unit in plan.units
        if unit.key in red
    ]  # fmt: skip


def first_steps(*, there: Container[Kind], report: Report, vision: str) -> list[Step]:
    """The way from an empty database to the first figure; empty when all of it is done.

    `there` are the kinds of item that have been written.
    """
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

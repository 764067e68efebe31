"""Rule 4 over random plans: sets counted by brute force, paths that change nothing, verdicts that add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations

from hypothesis import assume, given, strategies
from hypothesis.strategies import DrawFn

from hoshin.engine.attainment import Report, attain
from hoshin.engine.calendars import Frequency
from hoshin.engine.counts import Counts
from hoshin.engine.metrics import Asked, KPIClass, Metric, Reading
from hoshin.engine.plans import LINKED_KINDS, Deployment, Item, Kind, Life, Link, Plan, State, Unit
from hoshin.engine.verdicts import Band, Verdict
from tests.engine.building import CALENDAR, COMPANY, MAY, YEAR, ask

FIGURES = strategies.one_of(strategies.none(), strategies.integers(-3, 3).map(Decimal))
LIVES = strategies.sampled_from(
    [Life(), Life(), Life(), Life(State.DRAFT), Life(State.ENDED, None, date(2026, 3, 31)), Life(State.ENDED)]
)
QUESTIONS = strategies.builds(
    ask,
    strategies.sampled_from([MAY, CALENDAR.parse(text="2026-03"), CALENDAR.parse(text="2026-Q2")]),
    as_of=strategies.dates(date(2026, 1, 1), date(2027, 3, 1)),
)


@strategies.composite
def bands(draw: DrawFn) -> Band | None:
    """Any target, or none."""
    low, high = draw(FIGURES), draw(FIGURES)
    return Band(low, high) if low is not None or high is not None else None


@strategies.composite
def plans(draw: DrawFn) -> Plan:
    """A plan with any tree of units, any links downwards and any readings."""
    lower = range(2, 2 + draw(strategies.integers(0, 5)))
    units = [COMPANY, *(Unit(key, f"Unit {key}", draw(strategies.integers(1, key - 1))) for key in lower)]
    items = [_item(draw, key, len(units)) for key in range(1, 1 + draw(strategies.integers(0, 18)))]
    downwards = list(combinations(items, 2))  # from a lower to a higher key: no circle can close
    pairs = [(one, other) for one, other in downwards if (one.kind, other.kind) in LINKED_KINDS]
    across = [
        Deployment(one.key, other.key, draw(LIVES))
        for one, other in downwards
        if one.kind is Kind.PRIORITY and other.kind is Kind.OBJECTIVE and draw(strategies.booleans())
    ]
    linked = draw(strategies.lists(strategies.sampled_from(pairs), unique=True)) if pairs else []
    return Plan(
        organisation="Company",
        calendar=CALENDAR,
        units=units,
        items=items,
        links=[Link(one.key, other.key, draw(strategies.sampled_from([1, 3, 9]))) for one, other in linked],
        deployments=across,
        metrics={one.key: _metric(draw, one.key) for one in items if one.kind is Kind.KPI and draw(_MOSTLY)},
        least_strength=draw(strategies.sampled_from([1, 1, 3, 9])),
    )


_MOSTLY = strategies.sampled_from([True, True, True, False])


def _item(draw: DrawFn, key: int, units: int) -> Item:
    kind = draw(strategies.sampled_from([*Kind, Kind.KPI]))
    cycle = draw(strategies.sampled_from([YEAR.name, YEAR.name, "FY2025"]))
    return Item(
        key=key,
        kind=kind,
        unit=draw(strategies.integers(1, units)),
        name=f"{kind.value} {key}",
        life=draw(LIVES),
        cycle=cycle if kind in (Kind.PRIORITY, Kind.ACTION) else None,
        owner=draw(strategies.one_of(strategies.none(), strategies.integers(1, 3))),
        kpi_class=draw(strategies.sampled_from([None, *KPIClass])) if kind is Kind.KPI else None,
    )


def _metric(draw: DrawFn, key: int) -> Metric:
    frequency = draw(strategies.sampled_from(Frequency))
    periods = CALENDAR.periods(first=YEAR.first, last=YEAR.last, frequency=frequency)
    readings = {
        one.first: Reading(draw(bands()), draw(FIGURES), draw(bands()))
        for one in periods
        if draw(_MOSTLY)
    }  # fmt: skip
    return Metric(key, frequency, readings=readings)


def brute_force(plan: Plan, asked: Asked, top: int) -> set[int]:
    """The KPIs below an item, found by walking every link again and again until nothing new turns up."""
    live = {
        one.key: one
        for one in plan.items
        if one.life.state is not State.DRAFT
        and not (one.life.state is State.ENDED and (one.life.last is None or one.life.last < asked.period.last))
        and one.cycle in (None, YEAR.name)
        and (one.kind is not Kind.KPI or one.key in plan.metrics)
    }
    steps = [(one.upper, one.lower) for one in plan.links if one.strength >= plan.least_strength]
    steps += [(one.source, one.objective) for one in plan.deployments if one.life.in_force(on=asked.period.last)]
    reached = {top} & live.keys()
    for _ in live:
        reached |= {lower for upper, lower in steps if upper in reached and lower in live}
    return {key for key in reached if live[key].kind is Kind.KPI}


def counted(report: Report, keys: set[int]) -> Counts:
    """The verdicts of these KPIs, one by one."""
    verdicts = [report.judgements[key].verdict for key in keys]
    return Counts(
        len(verdicts),
        verdicts.count(Verdict.HIT),
        verdicts.count(Verdict.MISS),
        verdicts.count(Verdict.NO_DATA),
        verdicts.count(Verdict.NOT_DUE),
        verdicts.count(Verdict.NO_TARGET),
    )


@given(plans(), QUESTIONS)
def test_pooled_counts_equal_a_brute_force_set_count(plan: Plan, asked: Asked) -> None:
    report = attain(plan=plan, asked=asked)
    for node in report.nodes.values():
        if node.kind in {one.value for one in Kind}:
            expected = brute_force(plan, asked, int(node.key[1]))
            assert set(report.metrics_of(node=node.key)) == expected
            assert node.counts == counted(report, expected)


@given(plans(), QUESTIONS)
def test_units_pool_what_is_at_home_in_their_subtree(plan: Plan, asked: Asked) -> None:
    report = attain(plan=plan, asked=asked)
    parent = {one.key: one.parent for one in plan.units}
    home = {one.key: one.unit for one in plan.items}
    for node in report.nodes.values():
        if node.kind == "unit":
            inside = {key for key in report.order if node.key[1] in _upwards(home[key], parent)}
            assert set(report.metrics_of(node=node.key)) == inside
    assert set(report.metrics_of(node=("organisation", 0))) == set(report.order)


def _upwards(unit: int, parent: dict[int, int | None]) -> set[int]:
    found: set[int] = set()
    at: int | None = unit
    while at is not None:
        found.add(at)
        at = parent[at]
    return found


@given(plans(), QUESTIONS)
def test_the_five_verdicts_add_up_at_every_node_and_level(plan: Plan, asked: Asked) -> None:
    report = attain(plan=plan, asked=asked)
    everywhere = [
        *(one.counts for one in report.nodes.values()),
        *(one.as_first_agreed for one in report.nodes.values()),
        *(one.counts for one in (*report.levels, *report.depths)),
    ]
    for counts in everywhere:
        five = counts.hits + counts.misses + counts.no_data + counts.not_due + counts.no_target
        assert five == counts.total
    assert sum(one.counts.total for one in report.depths) == report.organisation.counts.total


@given(plans(), QUESTIONS, strategies.data())
def test_adding_a_path_never_changes_a_total_that_already_held_the_kpi(
    plan: Plan, asked: Asked, data: strategies.DataObject
) -> None:
    before = attain(plan=plan, asked=asked)
    uppers = [one for one in plan.items if one.kind is not Kind.KPI]
    kpis = [one for one in plan.items if one.kind is Kind.KPI]
    assume(bool(uppers) and bool(kpis))
    upper, kpi = data.draw(strategies.sampled_from(uppers)), data.draw(strategies.sampled_from(kpis))
    wider = replace(plan, links=[*plan.links, Link(upper.key, kpi.key, 9)])
    after = attain(plan=wider, asked=asked)
    for key, node in before.nodes.items():
        if kpi.key in before.metrics_of(node=key):
            assert after.nodes[key].counts == node.counts
    assert after.organisation.counts == before.organisation.counts

"""The table of counts against the report of sets, over random plans, and after one metric's change."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, strategies

from hoshin.engine import tallies
from hoshin.engine.attainment import Report, attain
from hoshin.engine.columns import (
    CLASSES,
    KINDS,
    NONE,
    STATES,
    Columns,
    Flags,
    I,
    day_number,
    live_deployments,
    live_items,
    live_kpis,
    patched,
    places,
    steps_of,
)
from hoshin.engine.forest import Whole, grow
from hoshin.engine.metrics import Asked
from hoshin.engine.plans import Kind, Life, Plan
from hoshin.engine.tallies import CODE, WIDTH, Moved, Tally, beside, lay_out, recoded, tally
from tests.engine.building import YEAR
from tests.engine.test_properties import QUESTIONS, plans

CYCLES = {None: NONE, YEAR.name: 1, "FY2025": 2}


def _life(life: Life) -> tuple[int, int, int]:
    return STATES.index(life.state), day_number(day=life.first), day_number(day=life.last)


def _table(rows: list[tuple[int, ...]], width: int) -> Whole:
    return np.array(sorted(rows), np.int64).reshape(-1, width)


def columns_of(plan: Plan) -> Columns:
    """The plan as columns."""
    items = [one for one in plan.items if one.kind is not Kind.KPI]
    kpis = [one for one in plan.items if one.kind is Kind.KPI]
    none = NONE
    return Columns(
        units=_table([(one.key, one.parent or none) for one in plan.units], 2),
        items=_table(
            [(one.key, one.unit, CYCLES[one.cycle], KINDS.index(one.kind), *_life(one.life)) for one in items], 7
        ),
        kpis=_table(
            [
                (one.key, one.unit, one.owner or none, *_life(one.life),
                 CLASSES.index(one.kpi_class) if one.kpi_class else none, 1, 0)
                for one in kpis
            ],
            9,
        ),
        links=_table([(one.upper, one.lower, one.strength) for one in plan.links], 3),
        deployments=_table(
            [(at, one.source, one.objective, *_life(one.life)) for at, one in enumerate(plan.deployments)], 6
        ),
    )


def tally_of(plan: Plan, asked: Asked, report: Report) -> Tally:
    """The same question answered by the table, from the verdicts of the report."""
    columns, on = columns_of(plan), day_number(day=asked.last_day)
    live = live_items(columns=columns, cycle=1, on=on)
    steps, links = steps_of(
        columns=columns,
        live=live,
        deployed=live_deployments(columns=columns, on=on),
        rotation=Kind(plan.rotation.value),
        least_strength=plan.least_strength,
    )
    forest = grow(size=len(columns.items), leaves=len(columns.kpis), steps=steps, links=links)
    members: Flags = np.array([key in plan.metrics for key in columns.kpis[:, 0].tolist()], bool)
    counted = live_kpis(columns=columns, members=members, on=on)
    assert set(columns.kpis[counted, 0].tolist()) == set(report.order)
    codes = np.zeros(len(columns.kpis), np.uint8)
    for place, key in enumerate(columns.kpis[:, 0].tolist()):
        if key in report.judgements:
            codes[place] = CODE[report.judgements[key].verdict]
    return tally(layout=lay_out(columns=columns, forest=forest, live=live), codes=codes)


@given(plans(), QUESTIONS)
def test_every_node_level_and_depth_counts_as_the_report_of_sets_does(plan: Plan, asked: Asked) -> None:
    report = attain(plan=plan, asked=asked)
    counted = tally_of(plan, asked, report)
    for node in report.nodes.values():
        if node.kind != "kpi":
            assert counted.counts(kind=node.kind, key=node.key[1]) == node.counts, node.key
    for kind in ("unit", "unit-own", "owner", "objective", "priority", "action", "kpi"):
        expected = {node.key[1]: node.counts for node in report.nodes.values() if node.kind == kind}
        every = counted.every(kind=kind)
        assert {key: every[int(key)] for key in expected} == expected, kind
    for level in report.levels:
        assert counted.counts(kind="level", key=level.name) == level.counts
    for depth in report.depths:
        assert counted.counts(kind="depth", key=depth.name) == depth.counts
    live = counted.layout.items[counted.layout.live, I.KEY]
    assert len(live) == sum(one.kind in ("objective", "priority", "action") for one in report.nodes.values())


@given(plans(), QUESTIONS, strategies.data())
def test_a_changed_metric_gives_what_counting_again_gives(
    plan: Plan, asked: Asked, data: strategies.DataObject
) -> None:
    counted = tally_of(plan, asked, attain(plan=plan, asked=asked))
    many = len(counted.codes)
    changes = strategies.dictionaries(strategies.integers(0, many - 1), strategies.integers(0, WIDTH - 1))
    for _ in range(2 if many else 0):
        now = counted.after(changes=(wanted := data.draw(changes)))
        again = tally(layout=counted.layout, codes=now.codes)
        assert {place: int(now.codes[place]) for place in wanted} == wanted
        assert (now.whole() == again.table).all()
        assert all(now.every(kind=kind) == again.every(kind=kind) for kind in ("unit", "owner", "objective", "kpi"))
        counted = now


@given(plans(), QUESTIONS, strategies.data())
def test_two_tallies_that_change_together_give_what_counting_each_again_gives(
    plan: Plan, asked: Asked, data: strategies.DataObject
) -> None:
    """Whether they begin as one, side by side or apart, and whether they move alike or not."""
    counted = tally_of(plan, asked, attain(plan=plan, asked=asked))
    many = len(counted.codes)
    codes = strategies.integers(0, WIDTH - 1)
    pairs = strategies.one_of(strategies.tuples(codes, codes), codes.map(lambda one: (one, one)))
    changes = strategies.dictionaries(strategies.integers(0, many - 1), pairs)
    apart = strategies.dictionaries(strategies.integers(0, many - 1), codes, max_size=2)
    now = first = counted
    if many:
        first = beside(one=counted, codes=recoded(codes=counted.codes, changes=data.draw(apart)))
    for limit in (100, 2, 2) if many else ():
        wanted = data.draw(changes)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tallies, "MOST_LATELY", limit)
            now, first = now.both_after(other=first, changes=wanted)
        for place, one in enumerate((now, first)):
            assert {key: int(one.codes[key]) for key in wanted} == {key: codes[place] for key, codes in wanted.items()}
            assert (one.whole() == tally(layout=counted.layout, codes=one.codes).table).all()


def test_what_moves_is_copied_a_little_at_a_time() -> None:
    moved = Moved()
    for one in range(30):
        moved = moved.after(more=[(1, range(10 * one, 10 * one + 10)), (2, range(5))])
        assert len(moved.lately) <= tallies.MOST_LATELY + 15
    assert moved.whole() == {row: (1 if row < 10 else 0) + 60 if row < 5 else 1 for row in range(300)}
    assert [moved.of(row=row) for row in (0, 9, 299, 300)] == [61, 1, 1, 0]


@given(plans(), QUESTIONS)
def test_what_moves_alike_is_walked_and_kept_once(plan: Plan, asked: Asked) -> None:
    counted = tally_of(plan, asked, attain(plan=plan, asked=asked))
    other = tally(layout=counted.layout, codes=counted.codes)
    for place, code in enumerate(counted.codes.tolist()):
        one, two = counted.both_after(other=other, changes={place: (1 + code % 5, 1 + code % 5)})
        assert one.moved is two.moved
        both = counted.both_after(other=counted, changes={place: (2, 2)})
        assert both[0] is both[1]


@given(plans(), QUESTIONS, strategies.data())
def test_other_codes_beside_them_give_what_counting_again_gives(
    plan: Plan, asked: Asked, data: strategies.DataObject
) -> None:
    """Whether few of them differ or nearly all."""
    counted = tally_of(plan, asked, attain(plan=plan, asked=asked))
    many = len(counted.codes)
    changes = strategies.dictionaries(strategies.integers(0, many - 1), strategies.integers(0, WIDTH - 1))
    for limit in (0, 16, 10**6) if many else ():
        codes = recoded(codes=counted.codes, changes=data.draw(changes))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tallies, "MANY", limit)
            other = beside(one=counted, codes=codes)
        again = tally(layout=counted.layout, codes=codes)
        assert (other.codes == codes).all()
        assert (other.whole() == again.table).all()
        assert (counted.whole() == tally(layout=counted.layout, codes=counted.codes).table).all()
        counted = other


def test_rows_are_put_in_the_place_of_others() -> None:
    table = np.array([[1, 5], [2, 6], [4, 7]], np.int64)
    assert patched(table=table, rows={}) is table
    assert patched(table=table, rows={2: None, 3: (3, 9), 4: (4, 8)}).tolist() == [[1, 5], [3, 9], [4, 8]]
    assert patched(table=table, rows={1: None, 2: None, 4: None}).tolist() == []


def test_a_key_is_found_or_not() -> None:
    keys = np.array([3, 5, 9], np.int64)
    assert places(keys=keys, of=np.array([5, 4, 10, 3, -1])).tolist() == [1, NONE, NONE, 0, NONE]
    small = np.array([3, 5, 2**31 - 1], np.int32)
    assert places(keys=small, of=np.array([2**31 - 1, 2**31, -1, 2**40, 5])).tolist() == [2, NONE, NONE, NONE, 1]
    assert day_number(day=date(2026, 5, 31)) == 20260531

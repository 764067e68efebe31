"""Who turned red, who is silent and what stands behind a figure, from columns: the same as from every judged metric."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hoshin.engine.attainment import NodeKey
from hoshin.engine.cascade import counted_items, edges_down
from hoshin.engine.metrics import Mode
from hoshin.engine.plans import Kind
from hoshin.engine.verdicts import Direction, Verdict
from hoshin.model.kpis import Reading
from hoshin.model.units import Unit
from hoshin.queries.attainment import (
    Attainment,
    Question,
    Standing,
    describe_standing,
    judge_standing,
    load,
    load_standing,
    month_by_month,
)
from hoshin.queries.behind import keys_behind, members, newly_red, objectives_down, silent
from hoshin.reports.metrics import ORDER
from tests import factories
from tests.queries.test_as_known import MONTHS, Story
from tests.queries.test_figures import _shown, begin
from tests.statements import counted

QUESTIONS = (
    Question("FY2026", "2026-03"),
    Question("FY2026", "2026-01"),
    Question("FY2026", "2026-03", Mode.YTD),
    Question("FY2026", mode=Mode.YEAR_END, as_of=date(2027, 3, 1)),
    Question("FY2026", "2026-03", as_of=date(2026, 4, 20)),
)


def _begin(session: Session, seed: int) -> Story:
    """A story with a unit below a unit, where one KPI misses in every month and another has no reading in any."""
    story = begin(session, seed)
    works = next(one for one in story.all(Unit) if one.name == "Works")
    cell = factories.unit(session, "Cell", works)
    for name, actual in (("Always late", Decimal(3)), ("Silent", None)):
        kpi = factories.kpi(session, name, cell, cycle=story.cycle, direction=Direction.AT_LEAST)
        for month in MONTHS:
            story.record(kpi.id, month, {"target": Decimal(5), "actual": actual})
    session.commit()
    return story


def _pairs(session: Session, now: datetime) -> list[tuple[Attainment, Standing]]:
    return [
        (load(session=session, question=one, now=now), load_standing(session=session, question=one, now=now))
        for one in QUESTIONS
    ]


def _same_kpis(session: Session, whole: Attainment, standing: Standing) -> None:
    report, before = whole.report, whole.before
    missed = {key for key, one in report.judgements.items() if one.verdict is Verdict.MISS}
    then = {key for key, one in before.judgements.items() if one.verdict is Verdict.MISS} if before else missed
    red = [key for key in report.order if key in missed - then]
    assert newly_red(session=session, standing=standing) == red
    waiting = [key for key in report.order if report.judgements[key].verdict is Verdict.NO_DATA]
    assert silent(session=session, standing=standing) == waiting
    assert silent(session=session, standing=standing, kpi_ids=[*waiting[::2], 10**9]) == waiting[::2]
    for node in report.nodes:
        behind = report.metrics_of(node=node)
        ordered = sorted(behind, key=lambda one: ORDER.index(report.judgements[one].verdict))
        assert members(session=session, standing=standing, node=node, verdicts=ORDER) == ordered, node
        assert newly_red(session=session, standing=standing, node=node) == [one for one in red if one in behind]
    for kind, pools in (("level", report.levels), ("depth", report.depths)):
        for pool in pools:
            found = keys_behind(standing=standing, node=(kind, pool.name)) or frozenset()
            assert set(found) == {key for place, key in enumerate(report.order) if pool.members >> place & 1}


def _same_words(session: Session, whole: Attainment, standing: Standing) -> None:
    items = [one.key for one in whole.plan.items]
    part = describe_standing(session=session, standing=standing, item_ids=items)
    assert part.report.ended == whole.report.ended
    for report, other in ((part.report, whole.report), (part.before, whole.before)):
        assert (report is None) == (other is None)
        if report is not None and other is not None:
            assert [_shown(one) for one in other.nodes.values()] == [report.nodes[key] for key in other.nodes]
    some = [one for one in whole.report.order if one % 3 == 0]
    judged = judge_standing(session=session, standing=standing, item_ids=some)
    assert judged.report.judgements == {key: whole.report.judgements[key] for key in judged.report.judgements}
    assert set(some) <= set(judged.report.judgements)


def _same_tree(session: Session, whole: Attainment, standing: Standing) -> None:
    items = counted_items(plan=whole.plan, asked=whole.asked)
    wanted = {key: one.kind.value for key, one in items.items() if one.kind in (Kind.OBJECTIVE, Kind.PRIORITY)}
    edges = edges_down(plan=whole.plan, asked=whole.asked)
    below = {(wanted[key], key): {(wanted[one], one) for one in edges[key] if one in wanted} for key in wanted}
    found = dict(objectives_down(session=session, standing=standing))
    roots = found.pop(("organisation", 0))
    assert {key: set(children) for key, children in found.items()} == {key: one for key, one in below.items() if one}
    answering = {one for children in below.values() for one in children}
    assert roots == [("objective", key) for key in wanted if wanted[key] == "objective" and
                     ("objective", key) not in answering]  # fmt: skip


def test_what_stands_behind_figures_is_what_the_engine_says(session: Session, engine: Engine) -> None:
    story = _begin(session, 31)
    reds = 0
    for step in range(5):
        for _ in range(2 + step % 3 * 3):
            story.edit()
        session.commit()
        with Session(engine, autoflush=False) as reader:
            for whole, standing in _pairs(reader, story.now):
                _same_kpis(reader, whole, standing)
                _same_words(reader, whole, standing)
                _same_tree(reader, whole, standing)
                reds += len(newly_red(session=reader, standing=standing))
    assert reds, "nothing ever turned red"


@pytest.mark.parametrize(
    "node",
    [("objective", 10**9), ("unit", 10**9), ("unit", 1), ("owner", 0), ("class", "golden"), ("level", "kpi"),
     ("depth", 99), ("kpi", 10**9), ("organisation", 7), ("", ""), ("unit", "x")],
)  # fmt: skip
def test_no_node_has_nothing_behind_it(session: Session, engine: Engine, node: NodeKey) -> None:
    story = _begin(session, 32)
    standing = load_standing(session=session, question=QUESTIONS[0], now=story.now)
    assert keys_behind(standing=standing, node=node) is None
    with pytest.raises(KeyError):
        members(session=session, standing=standing, node=node, verdicts=ORDER)


def test_figures_too_large_to_add_up_in_columns_are_added_up_one_by_one(session: Session, engine: Engine) -> None:
    story = _begin(session, 33)
    for one in session.query(Reading).all():
        one.actual = Decimal("99999999999999.9999")
    session.commit()
    with Session(engine, autoflush=False) as reader:
        for whole, standing in _pairs(reader, story.now):
            _same_kpis(reader, whole, standing)


def test_months_are_counted_as_each_would_be_alone(session: Session, engine: Engine) -> None:
    story = _begin(session, 34)
    standing = load_standing(session=session, question=QUESTIONS[0], now=story.now)
    months = month_by_month(session=session, standing=standing)
    assert len(months) == 12
    for period, counts in months:
        alone = load(session=session, question=Question("FY2026", f"{period.first:%Y-%m}"), now=story.now)
        shown = period.last <= standing.asked.period.last
        assert counts.due == (alone.report.organisation.counts.due if shown else 0)
        assert not shown or counts == alone.report.organisation.counts


def test_a_standing_takes_few_statements_that_do_not_grow(session: Session, engine: Engine) -> None:
    story, taken = _begin(session, 35), set()
    for _ in range(2):
        with Session(engine, autoflush=False) as reader:
            load_standing(session=reader, question=QUESTIONS[0], now=story.now)
        with Session(engine, autoflush=False) as reader, counted(engine) as seen:
            standing = load_standing(session=reader, question=QUESTIONS[0], now=story.now)
            describe_standing(session=reader, standing=standing, item_ids=newly_red(session=reader, standing=standing))
        taken.add(len(seen))
        for _ in range(10):
            story.edit()
        session.commit()
    assert len(taken) == 1
    assert max(taken) <= 12

"""The figures of columns, stored verdicts and kept structures are those of the engine's report, whatever is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine, delete, update
from sqlalchemy.orm import Session

from hoshin.db import make_engine
from hoshin.engine.attainment import Node
from hoshin.engine.calendars import Frequency
from hoshin.engine.metrics import Aggregation, Mode
from hoshin.model.cycles import CycleKPI
from hoshin.model.kpis import KPI, Reading
from hoshin.queries import figures, statuses
from hoshin.queries.attainment import Question, load, load_standing
from hoshin.queries.figures import Figures, count
from hoshin.queries.grounds import get_ground
from hoshin.queries.node_lists import list_nodes
from tests.queries.test_as_known import MONTHS, Story
from tests.statements import counted

LONGER = (
    Question("FY2026", "2026-03", Mode.YTD),
    Question("FY2026", "2026-01", Mode.YTD),
    Question("FY2026", "2026-Q1"),
    Question("FY2026", mode=Mode.YEAR_END, as_of=date(2027, 3, 1)),
)
DAYS = (None, date(2026, 4, 9), date(2026, 5, 9))


def same(session: Session, question: Question, now: datetime) -> Figures:
    """The figures, after every one of them was compared with the report."""
    found = load(session=session, question=question, now=now)
    ground = get_ground(session=session, known_at=found.known_at)
    counted = count(session=session, ground=ground, cycle=found.cycle, asked=found.asked)
    for node in found.report.nodes.values():
        if node.kind != "kpi" and (node.kind != "owner" or node.counts.total):
            kind, key = node.key
            assert counted.counts(kind=kind, key=key) == node.counts, (question, node)
            assert counted.as_first_agreed(kind=kind, key=key) == node.as_first_agreed, (question, node)
    for kind, pools in (("level", found.report.levels), ("depth", found.report.depths)):
        for one in pools:
            assert counted.counts(kind=kind, key=one.name) == one.counts, (question, kind, one.name)
    told = load(session=session, question=replace(question, counted=True), now=now)
    standing = load_standing(session=session, question=question, now=now)
    levels, listed = list_nodes(session=session, standing=standing)
    assert list(listed) == [_shown(one) for one in found.report.nodes.values()], question
    assert [replace(one, members=0) for one in (*found.report.levels, *found.report.depths)] == [
        *levels.levels, *levels.depths
    ]  # fmt: skip
    assert told.known_at == found.known_at
    assert told.asked == found.asked
    assert [_shown(one) for one in told.report.nodes.values()] == [_shown(one) for one in found.report.nodes.values()]
    assert told.before is None or found.before is not None
    assert told.report.ended == found.report.ended
    items = ("objective", "priority", "action")
    assert counted.now.layout.live.sum() == sum(one.kind in items for one in found.report.nodes.values())
    return counted


def _shown(node: Node) -> Node:
    return replace(node, members=0)


def begin(session: Session, seed: int) -> Story:
    """A story whose KPIs are read monthly, quarterly and yearly."""
    story = Story(session, seed)
    for kpi, frequency in zip(story.all(KPI)[:4], (Frequency.QUARTER, Frequency.YEAR) * 2, strict=True):
        kpi.frequency = frequency
    for place, kpi in enumerate(story.all(KPI)):
        kpi.aggregation = list(Aggregation)[(place + seed) % 4]
    session.commit()
    return story


@pytest.mark.parametrize("seed", [11, 12])
def test_kept_and_read_anew_the_figures_are_the_reports(session: Session, engine: Engine, seed: int) -> None:
    story = begin(session, seed)
    known = [story.now]
    for step in range(12):
        for _ in range(1 + step % 4 * 3):
            story.edit()
        session.commit()
        with Session(engine, autoflush=False) as reader:
            for month in MONTHS:
                same(reader, Question("FY2026", f"{month:%Y-%m}"), story.now)
            same(reader, Question(as_of=story.dice.choice(DAYS)), story.now)
            past = Question("FY2026", "2026-03", Mode.PERIOD, date(2026, 5, 20), story.dice.choice(known))
            same(reader, past, story.now)
            for question in LONGER:
                same(reader, question, story.now)
                same(reader, replace(question, as_of=date(2026, 5, 20), known_at=story.dice.choice(known)), story.now)
        known.append(story.now)
    assert story.done.total() - story.done["refused"] >= 25, story.done


def test_a_session_that_writes_sees_what_it_has_not_committed(session: Session) -> None:
    story = begin(session, 3)
    same(session, Question(), story.now)
    story.record(story.all(KPI)[5].id, date(2026, 4, 1), {"actual": Decimal(9)})
    story.any(KPI).position = 70
    same(session, Question(), story.now)


def asked_in(session: Session, engine: Engine, work: Callable[[], object]) -> list[str]:
    """The statements of one report after the work was committed."""
    work()
    session.commit()
    with Session(engine, autoflush=False) as reader, counted(engine) as seen:
        same(reader, Question("FY2026", "2026-04"), datetime.fromisoformat("2026-05-20T09:00+00:00"))
    return [one for one in seen if ("reading_changes" in one and "FROM versions" not in one) or "(status" in one]


def test_one_reading_is_mended_and_many_are_read_again(session: Session, engine: Engine) -> None:
    story = begin(session, 4)
    kpi = story.all(KPI)[5]

    def record(actual: int) -> None:
        story.record(kpi.id, date(2026, 4, 1), {"actual": Decimal(actual)})

    first = asked_in(session, engine, lambda: None)
    assert any("(status" in one for one in first)
    assert asked_in(session, engine, lambda: None) == []
    after = asked_in(session, engine, lambda: record(9))
    assert len(after) == 1
    assert "reading_changes" in after[0]
    assert asked_in(session, engine, lambda: record(8)) == []  # of the period asked last the versions bring the news
    with Session(engine) as other:
        found = statuses.read_versions(session=other, after=(date(2026, 4, 1), 0))
        assert found.rows == statuses.read_versions(session=other).rows, "news are no versions"
    assert found.news is not None
    assert [key for key, _ in found.news.changed][-2:] == [kpi.id, kpi.id]
    whole = asked_in(session, engine, lambda: session.execute(update(Reading).values(note="all of them")))
    assert len(whole) == 3  # the month before and the quarter are read too
    assert not any("reading_changes" in one for one in whole)


def test_what_one_change_touches_is_walked_and_not_counted_again(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = begin(session, 5)
    kpi = story.all(KPI)[5]
    asked_in(session, engine, lambda: None)
    monkeypatch.setattr(figures, "tally", None)  # counting everything would fail now
    for actual in (9, 1, 5):
        asked_in(
            session, engine, lambda: story.record(kpi.id, date(2026, 4, 1), {"actual": Decimal(actual)})  # noqa: B023
        )


@pytest.mark.parametrize("news", [0, 1, 64])
def test_changes_that_the_versions_do_not_tell_are_asked_for(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch, news: int
) -> None:
    story = begin(session, 10)
    monkeypatch.setattr(statuses, "MOST_NEWS", news)
    asked_in(session, engine, lambda: None)
    for actual in (0, 1000, 0):
        for kpi in story.all(KPI)[4:7]:
            story.record(kpi.id, date(2026, 4, 1), {"actual": Decimal(actual)})
            session.commit()
        after = asked_in(session, engine, lambda: None)
        assert not any("(status" in one for one in after)


def test_many_single_changes_are_put_together_now_and_then(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = begin(session, 7)
    monkeypatch.setattr(statuses, "MOST_APART", 2)
    asked_in(session, engine, lambda: None)
    for kpi in story.all(KPI)[4:8]:
        after = asked_in(
            session, engine, lambda: story.record(kpi.id, date(2026, 4, 1), {"actual": Decimal(9)})  # noqa: B023
        )
        assert not any("(status" in one for one in after)


def test_a_kpi_outside_the_cycle_or_without_a_reading_does_not_hide_behind_the_number_of_the_others(
    session: Session, engine: Engine
) -> None:
    story = begin(session, 8)
    months = Question("FY2026", "2026-04"), Question("FY2026", "2026-04", known_at=story.now)
    for kpi in story.all(KPI)[4:6]:
        session.execute(delete(CycleKPI).where(CycleKPI.kpi_id == kpi.id))
        session.execute(delete(Reading).where(Reading.kpi_id == story.all(KPI)[-1].id))
        session.commit()
        with Session(engine, autoflush=False) as reader:
            for question in months:
                same(reader, question, story.now)


def test_two_databases_are_not_mistaken_for_each_other(session: Session, engine: Engine, database_url: str) -> None:
    story = begin(session, 6)
    other = make_engine(url=database_url)
    for _ in range(2):
        for each in (engine, other):
            with Session(each, autoflush=False) as reader:
                same(reader, Question(), story.now)
        story.edit()
        session.commit()
    other.dispose()


def test_figures_too_large_to_be_added_up_in_columns_are_added_up_one_by_one(session: Session, engine: Engine) -> None:
    story = begin(session, 9)
    kpi = story.all(KPI)[4]
    kpi.aggregation = Aggregation.SUM
    question = Question("FY2026", "2026-05", Mode.YTD, date(2026, 7, 1), counted=True)
    enormous = Decimal(10**14 - 1)
    for month in MONTHS:
        story.record(kpi.id, month, {"target": enormous, "actual": enormous})
    session.commit()
    with Session(engine, autoflush=False) as reader:
        told = load(session=reader, question=question, now=story.now)
        found = load(session=reader, question=replace(question, counted=False), now=story.now)
        same_nodes = zip(told.report.nodes.values(), found.report.nodes.values(), strict=True)
        assert all(_shown(one) == _shown(other) for one, other in same_nodes)
        ground = get_ground(session=reader)
        with pytest.raises(OverflowError):
            count(session=reader, ground=ground, cycle=found.cycle, asked=found.asked)

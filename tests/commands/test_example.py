"""The example organisation in an empty database: complete, never ahead of its time, and true about its own past."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import NOBODY, system_actor
from hoshin.commands.example import load, people_to_show
from hoshin.commands.start import Taken
from hoshin.db import make_engine
from hoshin.engine.cadence import ReviewKind
from hoshin.engine.catchball import BallState
from hoshin.engine.closing import Fate
from hoshin.engine.counts import Counts
from hoshin.engine.plans import Kind
from hoshin.exchange.example import read
from hoshin.model.actions import Action, Status
from hoshin.model.catchball import Ball
from hoshin.model.checkins import CheckIn
from hoshin.model.closing import ClosingChoice
from hoshin.model.countermeasures import AnswerState, Countermeasure
from hoshin.model.cycles import Cycle, CycleState, MonthLock
from hoshin.model.diagnosis import Finding
from hoshin.model.items import Item
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import Reading, Revision
from hoshin.model.links import Correlation
from hoshin.model.people import Person
from hoshin.model.promises import Promise
from hoshin.model.reviews import Pack, Review, ReviewState
from hoshin.model.roadblocks import Roadblock, RoadblockState
from hoshin.model.scorings import Score, Scoring
from hoshin.model.units import Preset, Unit
from hoshin.queries import attainment
from hoshin.queries.closing import list_choices, list_to_decide
from hoshin.reports.example import paper
from tests import databases

SHELL = system_actor(name="hoshin (test)")
JUNE, SEPTEMBER = datetime(2026, 6, 20, 12, tzinfo=UTC), datetime(2026, 9, 15, 12, tzinfo=UTC)
Report = dict[tuple[str, str], Counts]


def test_it_is_a_whole_company(session: Session) -> None:
    """Loaded as from the first page, where nobody is signed in; once, because that takes its time."""
    load(session=session, wish=read(), paper=paper, by=NOBODY, at=SEPTEMBER)
    kinds = dict(session.execute(select(Item.kind, func.count(Item.id)).group_by(Item.kind)).all())
    assert session.scalar(select(func.count(Unit.id))) == 15
    assert kinds[Kind.KPI] == 120
    assert kinds[Kind.ACTION] == 150
    assert kinds[Kind.PRIORITY] >= 40
    assert session.scalar(select(func.count(CheckIn.id))) == 6
    states = session.execute(select(Roadblock.state, func.count(Roadblock.id)).group_by(Roadblock.state))
    assert dict(states.all()) == {RoadblockState.OPEN: 3, RoadblockState.RESOLVED: 1}
    layouts = dict(session.execute(select(Unit.preset, func.count(Unit.id)).group_by(Unit.preset)).all())
    assert (layouts[Preset.JACKSON], layouts[Preset.CASCADE]) == (1, 1)
    _assert_a_round_of_scoring_has_found_disagreement_and_a_plan_adds_up_in_part(session)
    _assert_the_method_is_lived(session)
    _assert_it_is_never_ahead_of_its_time(session)
    _assert_last_year_is_closed(session)
    with pytest.raises(Taken):
        load(session=session, wish=read(), by=SHELL, at=SEPTEMBER)


def _assert_a_round_of_scoring_has_found_disagreement_and_a_plan_adds_up_in_part(session: Session) -> None:
    [scoring] = session.scalars(select(Scoring)).all()
    assert scoring.closed_at is not None
    spread = func.max(Score.strength) - func.min(Score.strength)
    far = session.execute(select(Score.upper_id).group_by(Score.upper_id, Score.lower_id).having(spread >= 8)).all()
    assert len(far) >= 2, "somebody says strong where somebody else says none or weak"
    effects = session.scalars(select(Correlation.effect).where(Correlation.effect.is_not(None))).all()
    assert sum(one for one in effects if one is not None) == 9, "of a gap of 14.9: the plan covers 60 %"


def _assert_the_method_is_lived(session: Session) -> None:
    """Answers to misses, meetings with their packs, a diagnosis twice, promises, and every state of a ball."""
    answers = session.scalars(select(Countermeasure)).all()
    assert {one.state for one in answers} >= {AnswerState.OPEN, AnswerState.CLOSED}
    assert any(one.background for one in answers), "one has grown into an A3"
    held = session.scalars(select(Review).where(Review.state == ReviewState.HELD)).all()
    assert {one.kind for one in held} == {ReviewKind.MONTHLY, ReviewKind.QUARTERLY, ReviewKind.DIAGNOSIS}
    assert session.scalar(select(func.count(Pack.review_id))) == len(held) == 7
    assert session.scalar(select(func.count()).select_from(Finding)) == 22
    pack = session.scalars(select(Pack).join(Review).where(Review.kind == ReviewKind.DIAGNOSIS)).all()[-1]
    assert pack.content["diagnosis"]["change"].startswith("+")
    assert session.scalar(select(func.count(Promise.id)).where(Promise.given_on.is_not(None))) == 3
    assert set(session.scalars(select(Ball.state))) == {
        BallState.AGREED, BallState.ESCALATED, BallState.RETURNED, BallState.THROWN, BallState.WITHDRAWN,
    }


def _assert_last_year_is_closed(session: Session) -> None:
    """Every item of it has its word, and its figures are those that they were: frozen or not makes no difference."""
    cycle = session.scalars(select(Cycle).where(Cycle.name == "FY2025")).one()
    assert (cycle.state, cycle.closed_by) == (CycleState.CLOSED, "Helen Marsh")
    assert {one.id for one in list_to_decide(session=session, cycle=cycle)} <= set(
        list_choices(session=session, cycle_id=cycle.id)
    )
    fates = session.execute(select(ClosingChoice.fate, func.count(ClosingChoice.id)).group_by(ClosingChoice.fate)).all()
    assert dict(fates)[Fate.CHANGE] == 6
    assert dict(fates)[Fate.END] == 2
    question = attainment.Question(cycle="FY2025", period="2025-12")
    frozen = attainment.load(session=session, question=question, now=SEPTEMBER).report
    cycle.closed_at = None
    session.flush()
    live = attainment.load(session=session, question=question, now=SEPTEMBER).report
    assert {key: one.counts for key, one in frozen.nodes.items()} == {
        key: one.counts for key, one in live.nodes.items()
    }


def _assert_it_is_never_ahead_of_its_time(session: Session) -> None:
    today = SEPTEMBER.date()
    for column in (JournalLine.at, Revision.recorded_at, Reading.recorded_at):
        latest = session.scalar(select(func.max(column)))
        assert latest is not None
        assert latest <= SEPTEMBER
    read_later = select(func.count()).where(Reading.actual.is_not(None), Reading.period >= date(2026, 9, 1))
    assert session.scalar(read_later) == 0
    done_early = select(func.count()).where(Action.status == Status.DONE, Action.due_on > today)
    assert session.scalar(done_early) == 0
    locked = session.scalars(select(MonthLock.month).distinct().order_by(MonthLock.month)).all()
    assert (len(locked), locked[0], locked[-1]) == (12, date(2025, 1, 1), date(2025, 12, 1))
    assert session.scalar(select(func.count(Person.id)).where(Person.password_hash.is_not(None))) == 0


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
        datetime(2027, 1, 1, 0, 5, tzinfo=UTC),
        datetime(2028, 2, 29, 9, tzinfo=UTC),
    ],
)
def test_it_can_be_loaded_on_any_day(sqlite_url: str, at: datetime) -> None:
    assert _loaded(sqlite_url, at, at.date())


def test_a_past_day_looks_as_it_did_on_that_day(sqlite_template: Path, tmp_path: Path) -> None:
    """Loaded in September, the company of June is the one that was there when it was loaded in June."""
    reports = []
    for at in (JUNE, SEPTEMBER):
        folder = tmp_path / f"{at:%m}"
        folder.mkdir()
        reports.append(_loaded(databases.copy_sqlite(template=sqlite_template, folder=folder), at, JUNE.date()))
    assert reports[0] == reports[1]
    assert reports[0]["organisation", "Tarnbridge Pumps"].hits > 50


def test_three_people_are_shown_to_a_newcomer() -> None:
    shown = people_to_show(wish=read())
    assert [one.part for one in shown] == ["executive", "department head", "member of staff"]
    assert len({one.email for one in shown}) == 3


def _loaded(url: str, at: datetime, as_of: date) -> Report:
    """The counts of every node as of that day, in a database loaded at that moment."""
    engine = make_engine(url=url)
    try:
        with Session(engine) as session:
            load(session=session, wish=read(), paper=paper, by=SHELL, at=at)
            found = attainment.load(session=session, question=attainment.Question(as_of=as_of), now=at)
            nodes = found.report.nodes.values()  # what was agreed some days ago, whenever that is, has no metrics yet
            return {(one.kind, one.path): one.counts for one in nodes if one.counts.total}
    finally:
        engine.dispose()

"""What a meeting looks at is what the whole report says of its unit, and what asks for attention finds room first."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor, system_actor
from hoshin.engine.attainment import NodeKey
from hoshin.engine.verdicts import Verdict
from hoshin.model.units import Unit
from hoshin.queries import looked_at
from hoshin.queries.agenda import reader_of
from hoshin.queries.attainment import Attainment, Question, load
from hoshin.queries.looked_at import look_at
from tests.queries.test_as_known import Story
from tests.queries.test_figures import begin
from tests.statements import counted

QUESTIONS = (
    Question("FY2026", "2026-04"),
    Question("FY2026", "2026-Q1"),
    Question("FY2026"),
    Question("FY2026", "2026-04", as_of=date(2026, 5, 20)),
)


def _reds(found: Attainment | None, keys: list[int]) -> set[int]:
    judged = found.report.judgements if found else {}
    return {key for key in keys if key in judged and judged[key].verdict is Verdict.MISS}


def _is_the_same(session: Session, story: Story, actor: Actor, question: Question) -> None:
    whole = load(session=session, question=question, now=story.now)
    for unit, parent in session.execute(select(Unit.id, Unit.parent_id)):
        node: NodeKey = ("organisation", 0) if parent is None else ("unit", unit)
        said = look_at(session=session, actor=actor, question=question, unit=node, at=story.now)
        keys = whole.report.metrics_of(node=node)
        assert said.counts == whole.report.nodes[node].counts
        assert said.first_counts == whole.report.nodes[node].as_first_agreed
        assert (said.red, said.more) == (len(_reds(whole, keys)), 0)
        assert len(said.listed) + said.outside == len(keys)
        assert list(said.listed) == [key for key in keys if key in set(said.listed)]
        judged = said.found.report.judgements
        assert {key: judged[key] for key in said.listed} == {key: whole.report.judgements[key] for key in said.listed}
        if whole.before is not None:
            then = {key for key, one in whole.before.judgements.items() if one.verdict is Verdict.MISS}
            newly = _reds(whole, keys) - then
            assert said.newly == len(newly)
            assert said.newly_red == newly & set(said.listed)


def test_it_says_what_the_whole_report_says(session: Session, engine: Engine) -> None:
    story = begin(session, 41)
    for step in range(4):
        for _ in range(1 + step % 4 * 3):
            story.edit()
        session.commit()
        with Session(engine, autoflush=False) as reader:
            for question in QUESTIONS:
                for actor in (system_actor(name="all"), reader_of(session=reader, unit_id=2)):
                    _is_the_same(reader, story, actor, question)


def test_what_asks_for_attention_comes_first_where_room_is_short(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = begin(session, 42)
    question, actor = Question("FY2026", "2026-04"), system_actor(name="all")
    node: NodeKey = ("organisation", 0)
    every = look_at(session=session, actor=actor, question=question, unit=node, at=story.now)
    judged = every.found.report.judgements
    ranked = sorted(
        every.listed, key=lambda key: (key not in every.newly_red, looked_at.ORDER.index(judged[key].verdict))
    )
    for room in (1, 3, len(ranked) - 1):
        monkeypatch.setattr(looked_at, "MOST_LISTED", room)
        few = look_at(session=session, actor=actor, question=question, unit=node, at=story.now)
        assert set(few.listed) == set(ranked[:room])
        assert (few.counts, few.red, few.newly) == (every.counts, every.red, every.newly)
        assert few.more == len(ranked) - room


def test_it_takes_as_many_statements_for_every_unit(session: Session, engine: Engine) -> None:
    story = begin(session, 43)
    taken = set()
    with Session(engine, autoflush=False) as reader:
        actor, question = system_actor(name="all"), Question("FY2026", "2026-04")
        look_at(session=reader, actor=actor, question=question, unit=("organisation", 0), at=story.now)
        for unit in reader.scalars(select(Unit.id).where(Unit.parent_id.is_not(None))).all():
            with counted(engine) as seen:
                look_at(session=reader, actor=actor, question=question, unit=("unit", unit), at=story.now)
            taken.add(len(seen))
    assert len(taken) == 1, taken

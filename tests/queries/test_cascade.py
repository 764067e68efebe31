"""The cascade opened part by part is the whole cascade, however small the parts; so is what is counted at its units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hoshin.engine.figures import show_percent
from hoshin.engine.verdicts import Verdict
from hoshin.errors import Missing
from hoshin.model.items import Item
from hoshin.queries import cascade as queries
from hoshin.queries.attainment import Question, load, load_part
from hoshin.queries.beside import kpis_with
from hoshin.queries.cascade import Part, find_part
from hoshin.reports.cascade import Branch, cascade, cascade_part, csv_rows
from tests import factories
from tests.queries.test_as_known import Story
from tests.queries.test_figures import _shown, begin
from tests.statements import counted

Seen = dict[int, tuple[object, ...]]


def _note(branches: Iterable[Branch], seen: Seen) -> None:
    """What is right below each item that is shown in full."""
    for one in branches:
        if not one.again and not one.hidden:
            assert one.key not in seen or one.kind == "kpi" or not one.below
            seen[one.key] = tuple((b.kind, b.key, b.name, b.unit, b.strength, b.counts, b.verdict) for b in one.below)
            _note(one.below, seen)


def _opened(session: Session, story: Story, question: Question, readable: frozenset[int]) -> tuple[list[int], Seen]:
    """Everything that can be reached from the first part by its links."""
    seen: Seen = {}
    waiting: list[int | None] = [None]
    first: list[int] = []
    while waiting:
        item = waiting.pop()
        part = find_part(session=session, question=question, now=story.now, item_id=item, unit_id=None)
        assert part is not None
        tree = cascade_part(part=part, readable=readable)
        branches = [*tree.tops, *(one for _, loose in tree.loose for one in loose)]
        if item is None:
            first = [one.key for one in branches]
        here: Seen = {}
        _note(branches, here)
        for key, below in here.items():
            assert seen.setdefault(key, below) == below
        waiting += [key for key in part.hidden if key not in seen and key not in waiting]
    return first, seen


def _same(session: Session, story: Story, question: Question) -> None:
    whole = load(session=session, question=question, now=story.now)
    readable = frozenset(session.scalars(select(Item.id)))
    tree = cascade(plan=whole.plan, report=whole.report, readable=readable)
    expected: Seen = {}
    branches = [*tree.tops, *(one for _, loose in tree.loose for one in loose)]
    _note(branches, expected)
    first, seen = _opened(session, story, question, readable)
    assert first == [one.key for one in branches]
    assert seen == expected


def _units_are_the_same(session: Session, story: Story, question: Question) -> None:
    whole = load(session=session, question=question, now=story.now)
    items = [one.key for one in whole.plan.items][::3]
    part = load_part(session=session, question=question, now=story.now, item_ids=items)
    assert part.asked == whole.asked
    for node in whole.report.nodes.values():
        if node.kind in ("organisation", "unit", "unit-own", "class") or node.key[1] in items:
            assert node.kind == "owner" or _shown(node) == part.report.nodes[node.key]
    for key in items:
        assert part.report.judgements.get(key) == whole.report.judgements.get(key)
    assert part.figures is not None
    for unit in whole.plan.units:
        place: tuple[str, int] = ("organisation", 0) if unit.parent is None else ("unit", unit.key)
        keys, judged = whole.report.metrics_of(node=place), whole.report.judgements
        for verdict in Verdict:
            found = kpis_with(figures=part.figures, verdict=verdict, unit=unit.key)
            assert found == sorted(key for key in keys if judged[key].verdict is verdict)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_WHOLE", 0)
    monkeypatch.setattr(queries, "MOST_SHOWN", 8)


def test_part_by_part_it_is_the_whole(session: Session, engine: Engine) -> None:
    story = begin(session, 31)
    known = [story.now]
    for step in range(5):
        for _ in range(1 + step % 4 * 3):
            story.edit()
        session.commit()
        with Session(engine, autoflush=False) as reader:
            past = Question("FY2026", "2026-03", as_of=date(2026, 5, 20), known_at=story.dice.choice(known))
            for question in (Question("FY2026"), past):
                _same(reader, story, question)
                _units_are_the_same(reader, story, question)
        known.append(story.now)
    assert story.done.total() - story.done["refused"] >= 10, story.done


def test_a_part_takes_as_many_statements_whatever_it_holds(session: Session, engine: Engine) -> None:
    story = begin(session, 32)
    taken = set()
    with Session(engine, autoflush=False) as reader:
        question = Question("FY2026")
        part = find_part(session=reader, question=question, now=story.now, item_id=None, unit_id=None)
        assert isinstance(part, Part)
        for item in [*part.tops, *list(part.hidden)[:5]]:
            with counted(engine) as seen:
                find_part(session=reader, question=question, now=story.now, item_id=item, unit_id=None)
            taken.add(len(seen))
    assert len(taken) == 1, taken


def test_what_does_not_count_opens_nothing(session: Session) -> None:
    story = begin(session, 33)
    with pytest.raises(Missing):
        find_part(session=session, question=Question("FY2026"), now=story.now, item_id=10**8, unit_id=None)


def _rows_of(branch: Branch, level: int) -> Iterator[tuple[object, ...]]:
    counts, name = branch.counts, "restricted" if branch.restricted else branch.name
    ratio = show_percent(value=counts.ratio)
    yield level, branch.kind, name, branch.unit, branch.strength, counts.hits, counts.due, ratio, branch.verdict
    for one in branch.below:
        yield from _rows_of(one, level + 1)


def test_the_rows_that_grow_are_those_of_the_tree(session: Session) -> None:
    """Where some items may not be read, and where the counts alone are asked for, as the CSV does."""
    story, seen = begin(session, 44), set[int]()
    for number in range(6):
        factories.priority(session, f"Loose {number}", cycle=story.cycle)
    for step in range(4):
        for _ in range(4):
            story.edit()
        session.commit()
        items = session.scalars(select(Item.id)).all()
        readable = frozenset(one for one in items if one % 5 != step)
        found = load(session=session, question=Question("FY2026"), now=story.now)
        counts = load(session=session, question=Question("FY2026", counted=True, compared=False), now=story.now)
        tree = cascade(plan=found.plan, report=found.report, readable=readable)
        expected = [row for one in tree.tops for row in _rows_of(one, 1)]
        expected += [row for _, some in tree.loose for one in some for row in _rows_of(one, 0)]
        assert list(csv_rows(plan=counts.plan, report=counts.report, readable=readable)) == expected
        seen |= {int(str(row[0])) for row in expected}
    assert {0, 1, 2} <= seen, seen

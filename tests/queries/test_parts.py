"""A part of a plan says of its unit, and of what stands above an item, what the whole plan says, whatever is done."""

from __future__ import annotations

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hoshin.engine.cascade import edges_up, lines_of_sight
from hoshin.engine.serving import serving
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.units import Unit
from hoshin.queries.attainment import Attainment, Question, load, load_items, load_unit
from hoshin.queries.checks import check_today
from tests.queries.test_as_known import Story
from tests.queries.test_figures import _shown, begin
from tests.statements import counted


def _unit_is_the_same(session: Session, story: Story, whole: Attainment, unit: int) -> None:
    people = list(whole.plan.people)
    part = load_unit(session=session, cycle=whole.cycle, unit_id=unit, now=story.now, busy=people)
    assert part.asked == whole.asked
    items = {one.key for one in whole.plan.items if one.unit == unit}
    shared = {one.lower for one in whole.plan.links if one.upper in items}
    for node in whole.report.nodes.values():
        kind, key = node.key
        if kind in ("organisation", "unit", "unit-own", "class") or (key in items | shared and kind != "owner"):
            assert _shown(node) == part.report.nodes[node.key]
    listed = list(part.report.nodes)
    assert [one for one in whole.report.nodes if one in set(listed)] == listed
    for key in items | shared:
        assert part.report.judgements.get(key) == whole.report.judgements.get(key), key
    assert part.report.levels == [type(one)(one.name, one.counts) for one in whole.report.levels]
    arguments = {"plan": whole.plan, "asked": whole.asked, "unit_id": unit}
    assert serving(**arguments) == serving(**arguments | {"plan": part.plan})  # type: ignore[arg-type] # two alike
    kpis = items | {one for one in shared if one in whole.report.judgements}
    today = story.now.date()
    said, expected = (
        [
            one
            for one in check_today(session=session, plan=found.plan, cycle=whole.cycle, today=today, is_part=is_part)
            if one.kind == "owner" or (one.unit == unit if one.kind == "unit" else one.key in kpis)
        ]
        for found, is_part in ((part, True), (whole, False))
    )
    assert sorted(said, key=repr) == sorted(expected, key=repr)


def _ways_up_are_the_same(session: Session, story: Story, whole: Attainment, item: int) -> None:
    part = load_items(session=session, cycle=whole.cycle, item_ids=[item], now=story.now)
    ways = [
        lines_of_sight(parents=edges_up(plan=one.plan, asked=one.asked), item=item, most=12) for one in (part, whole)
    ]
    assert ways[0] == ways[1]
    assert part.report.judgements.get(item) == whole.report.judgements.get(item)


def test_a_part_says_what_the_whole_says(session: Session, engine: Engine) -> None:
    story = begin(session, 21)
    for step in range(6):
        for _ in range(1 + step % 4 * 3):
            story.edit()
        session.commit()
        with Session(engine, autoflush=False) as reader:
            whole = load(session=reader, question=Question("FY2026", compared=False), now=story.now)
            for unit in reader.scalars(select(Unit.id)):
                _unit_is_the_same(reader, story, whole, unit)
            for item in reader.scalars(select(Item.id)).all()[step::3]:
                _ways_up_are_the_same(reader, story, whole, item)
    assert story.done.total() - story.done["refused"] >= 10, story.done


def test_parts_take_as_many_statements_whatever_they_hold(session: Session, engine: Engine) -> None:
    story = begin(session, 23)
    now, taken = story.now, []
    with Session(engine, autoflush=False) as reader:
        cycle = reader.scalars(select(Cycle).where(Cycle.name == "FY2026")).one()
        load_unit(session=reader, cycle=cycle, unit_id=1, now=now)
        for unit in reader.scalars(select(Unit.id)).all():
            with counted(engine) as seen:
                load_unit(session=reader, cycle=cycle, unit_id=unit, now=now)
            taken.append(len(seen))
        items = reader.scalars(select(Item.id)).all()
        for item in items[:6]:
            with counted(engine) as seen:
                load_items(session=reader, cycle=cycle, item_ids=[item], now=now)
            taken.append(-len(seen))
    assert len(set(taken)) == 2, taken

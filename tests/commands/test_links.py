"""Correlations and deployments: which pairs may be linked, by whom, and that no circle ever closes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import items, links
from hoshin.commands.links import AnswerWish, CorrelationWish, TakeOverWish
from hoshin.engine.plans import Rotation, State
from hoshin.errors import Forbidden, Missing, Refused, Stale
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.journal import JournalLine
from hoshin.model.links import Correlation, Deployment
from hoshin.model.people import Role
from hoshin.model.units import Unit
from hoshin.queries.items import AnyItem
from tests import factories
from tests.factories import NOW, TODAY


@dataclass
class Two:
    """Two departments, each with a head, an objective and a priority that serves it."""

    cycle: Cycle
    ops: Unit
    sales: Unit
    ops_head: Actor
    sales_head: Actor
    ops_objective: Objective
    ops_priority: Priority
    sales_objective: Objective
    sales_priority: Priority


@pytest.fixture
def two(session: Session) -> Two:
    """The two departments, nothing linked between them."""
    return two_departments(session)


def two_departments(session: Session) -> Two:
    """As the fixture, for tests that bring a session of their own."""
    factories.organisation(session)
    cycle = factories.cycle(session)
    ops, sales = factories.unit(session, "Operations"), factories.unit(session, "Sales")
    for unit in (ops, sales):
        factories.link(
            session,
            factories.objective(session, f"{unit.name} objective", unit),
            factories.priority(session, f"{unit.name} priority", unit),
        )
    return Two(
        cycle=cycle,
        ops=ops,
        sales=sales,
        ops_head=factories.actor(session, factories.person(session, "Opal", Role.HEAD, ops)),
        sales_head=factories.actor(session, factories.person(session, "Saul", Role.HEAD, sales)),
        ops_objective=_only(session, Objective, ops),
        ops_priority=_only(session, Priority, ops),
        sales_objective=_only(session, Objective, sales),
        sales_priority=_only(session, Priority, sales),
    )


def _only(session: Session, kind: type[AnyItem], unit: Unit) -> AnyItem:
    return session.scalars(select(kind).where(kind.unit_id == unit.id)).one()


def _correlate(
    session: Session, by: Actor, upper: Item, lower: Item, strength: int = 9, **more: Any
) -> Correlation | None:
    wish = CorrelationWish(upper_id=upper.id, lower_id=lower.id, strength=strength, **more)
    return links.correlate(session=session, wish=wish, by=by, at=NOW)


def _answer(session: Session, by: Actor, source: Item, objective: Item) -> Deployment:
    wish = AnswerWish(source_id=source.id, objective_id=objective.id)
    return links.answer(session=session, wish=wish, by=by, at=NOW)


def test_a_link_is_set_changed_and_taken_away_with_a_line_each(session: Session, two: Two) -> None:
    action = factories.action(session, "Cut set-up time", two.ops)
    made = _correlate(session, two.ops_head, two.ops_priority, action, 9, rationale="Set-up is half the lead time")
    assert made is not None
    assert (made.strength, made.version) == (9, 1)
    changed = _correlate(session, two.ops_head, two.ops_priority, action, 1, version=1)
    assert changed is made
    assert (made.strength, made.version) == (1, 2)
    assert _correlate(session, two.ops_head, two.ops_priority, action, 0, version=2) is None
    query = select(JournalLine.verb).where(JournalLine.subject == "correlation").order_by(JournalLine.id)
    assert session.scalars(query).all() == ["created", "changed", "removed"]


def test_a_link_that_stands_already_writes_nothing(session: Session, two: Two) -> None:
    before = session.scalar(select(func.count(JournalLine.id)))
    _correlate(session, two.ops_head, two.ops_objective, two.ops_priority, 3)
    assert session.scalar(select(func.count(JournalLine.id))) == before


def test_a_link_saved_by_somebody_else_in_between_is_not_overwritten(session: Session, two: Two) -> None:
    with pytest.raises(Stale):
        _correlate(session, two.ops_head, two.ops_objective, two.ops_priority, 9, version=0)


@pytest.mark.parametrize("strength", [2, -1, 10])
def test_there_are_three_strengths(session: Session, two: Two, strength: int) -> None:
    with pytest.raises(Refused, match="strong"):
        _correlate(session, two.ops_head, two.ops_objective, two.ops_priority, strength)


def test_links_go_down_the_matrix_only(session: Session, two: Two) -> None:
    with pytest.raises(Refused, match="a priority is not linked down to an objective"):
        _correlate(session, two.ops_head, two.ops_priority, two.ops_objective)


def test_both_ends_stand_in_one_unit(session: Session, two: Two) -> None:
    with pytest.raises(Refused, match="one unit's matrix"):
        _correlate(session, two.ops_head, two.ops_objective, two.sales_priority)


def test_a_kpi_of_another_unit_may_be_shared(session: Session, two: Two) -> None:
    kpi = factories.kpi(session, "Complaints", two.sales)
    assert _correlate(session, two.ops_head, two.ops_priority, kpi) is not None


def test_a_kpi_that_one_may_not_read_cannot_be_shared(session: Session, two: Two) -> None:
    hidden = factories.unit(session, "Deals", restricted=True)
    kpi = factories.kpi(session, "Margin", hidden)
    by = factories.actor(session, factories.person(session, "Kim", Role.HEAD, two.ops))
    with pytest.raises(Missing):
        _correlate(session, by, two.ops_priority, kpi)


def test_both_ends_belong_to_one_cycle(session: Session, two: Two) -> None:
    other = factories.cycle(session, 2025)
    action = factories.action(session, "Last year's", two.ops, cycle=other)
    with pytest.raises(Refused, match="different cycles"):
        _correlate(session, two.ops_head, two.ops_priority, action)


def test_only_who_writes_the_plan_links(session: Session, two: Two) -> None:
    staff = factories.actor(session, factories.person(session, "Sam", Role.STAFF, two.ops))
    with pytest.raises(Forbidden):
        _correlate(session, staff, two.ops_objective, two.ops_priority)
    with pytest.raises(Forbidden):
        _correlate(session, two.sales_head, two.ops_objective, two.ops_priority)


def test_many_links_are_saved_all_or_none(session: Session, two: Two) -> None:
    action = factories.action(session, "Cut set-up time", two.ops)
    wishes = [
        CorrelationWish(upper_id=two.ops_priority.id, lower_id=action.id, strength=9, place="a"),
        CorrelationWish(upper_id=two.ops_priority.id, lower_id=two.ops_objective.id, strength=9, place="b"),
    ]
    with pytest.raises(Refused) as refusal:
        links.correlate_all(session=session, wishes=wishes, by=two.ops_head, at=NOW)
    assert [one.field for one in refusal.value.problems] == ["b"]


def test_a_priority_is_answered_by_a_sister_and_counts_at_once(session: Session, two: Two) -> None:
    made = _answer(session, two.sales_head, two.ops_priority, two.sales_objective)
    assert made.state is State.ACTIVE


def test_a_facilitator_drafts_answers_and_the_head_signs(session: Session, two: Two) -> None:
    office = factories.actor(session, factories.person(session, "Office", Role.FACILITATOR, two.sales))
    made = _answer(session, office, two.ops_priority, two.sales_objective)
    assert made.state == "draft"
    with pytest.raises(Forbidden):
        links.put_deployment_in_force(session=session, deployment_id=made.id, by=office, at=NOW)
    links.put_deployment_in_force(session=session, deployment_id=made.id, by=two.sales_head, at=NOW)
    assert made.state == "active"


def test_an_answer_ends_with_a_reason_and_may_begin_again(session: Session, two: Two) -> None:
    made = _answer(session, two.sales_head, two.ops_priority, two.sales_objective)
    with pytest.raises(Refused, match="say why"):
        links.end_deployment(session=session, deployment_id=made.id, reason=" ", on=TODAY, by=two.sales_head, at=NOW)
    links.end_deployment(session=session, deployment_id=made.id, reason="Done", on=TODAY, by=two.sales_head, at=NOW)
    assert (made.state, made.valid_to) == (State.ENDED, TODAY)
    assert _answer(session, two.sales_head, two.ops_priority, two.sales_objective) is made
    assert (made.state, made.valid_to) == (State.ACTIVE, None)


@pytest.mark.parametrize("number", [0, 1])
def test_who_answers_writes_the_answering_unit(session: Session, two: Two, number: int) -> None:
    staff = factories.actor(session, factories.person(session, "Sam", Role.STAFF, two.sales))
    with pytest.raises(Forbidden):
        _answer(session, (two.ops_head, staff)[number], two.ops_priority, two.sales_objective)


def test_a_unit_does_not_answer_itself(session: Session, two: Two) -> None:
    with pytest.raises(Refused, match="another unit"):
        _answer(session, two.ops_head, two.ops_priority, two.ops_objective)


def test_the_rotation_says_what_is_taken_over(session: Session, two: Two) -> None:
    action = factories.action(session, "Move the line", two.ops)
    with pytest.raises(Refused, match="priorities are taken over, not an action"):
        _answer(session, two.sales_head, action, two.sales_objective)
    two.cycle.rotation = Rotation.ACTION
    session.flush()
    assert _answer(session, two.sales_head, action, two.sales_objective).state is State.ACTIVE


def test_taking_over_writes_a_draft_objective_that_comes_into_force_with_its_answer(session: Session, two: Two) -> None:
    wish = TakeOverWish(source_id=two.ops_priority.id, unit_id=two.sales.id)
    made = links.take_over(session=session, wish=wish, by=two.sales_head, at=NOW)
    deployment = session.scalars(select(Deployment).where(Deployment.objective_id == made.id)).one()
    assert (made.name, made.state, deployment.state) == (two.ops_priority.name, State.DRAFT, State.DRAFT)
    assert (made.horizon_from, made.horizon_to) == (2026, 2026)
    items.put_in_force(session=session, item_id=made.id, by=two.sales_head, at=NOW)
    assert deployment.state is State.ACTIVE


def test_a_draft_of_another_unit_cannot_be_taken_over(session: Session, two: Two) -> None:
    draft = factories.priority(session, "Not agreed", two.ops, state=State.DRAFT)
    with pytest.raises(Missing):
        links.take_over(
            session=session, wish=TakeOverWish(source_id=draft.id, unit_id=two.sales.id), by=two.sales_head, at=NOW
        )


def test_a_circle_is_refused_and_shown(session: Session, two: Two) -> None:
    _answer(session, two.sales_head, two.ops_priority, two.sales_objective)
    with pytest.raises(Refused) as refusal:
        _answer(session, two.ops_head, two.sales_priority, two.ops_objective)
    assert "Sales priority → Operations objective → Operations priority → Sales objective → Sales priority" in str(
        refusal.value
    )


def test_a_correlation_may_close_a_circle_too(session: Session, two: Two) -> None:
    link = session.scalars(select(Correlation).where(Correlation.upper_id == two.sales_objective.id)).one()
    session.delete(link)
    _answer(session, two.sales_head, two.ops_priority, two.sales_objective)
    _answer(session, two.ops_head, two.sales_priority, two.ops_objective)
    with pytest.raises(Refused, match="this would close a circle"):
        _correlate(session, two.sales_head, two.sales_objective, two.sales_priority)


def test_what_the_reader_may_not_see_on_a_circle_stays_unnamed(session: Session, two: Two) -> None:
    link = session.scalars(select(Correlation).where(Correlation.upper_id == two.ops_objective.id)).one()
    session.delete(link)
    factories.deployment(session, two.ops_priority, two.sales_objective)
    factories.deployment(session, two.sales_priority, two.ops_objective)
    two.sales.restricted = True
    session.flush()
    by = factories.actor(session, factories.person(session, "Kim", Role.HEAD, two.ops))
    with pytest.raises(Refused, match=r"\(restricted\)") as refusal:
        _correlate(session, by, two.ops_objective, two.ops_priority)
    assert "Sales" not in str(refusal.value)


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_halves_of_a_circle_added_at_once_exactly_one_is_kept(engine: Engine, attempt: int) -> None:
    writing = engine.execution_options(hoshin_writes=True)
    with Session(writing, expire_on_commit=False) as session:
        two = two_departments(session)
        session.commit()
    barrier = Barrier(2)
    outcomes: list[str] = []

    def add(by: Actor, source: Item, objective: Item) -> Callable[[], None]:
        def run() -> None:
            barrier.wait()
            with Session(writing) as own:
                try:
                    _answer(own, by, source, objective)
                    own.commit()
                    outcomes.append("kept")
                except Refused as refusal:
                    outcomes.append(str(refusal))

        return run

    halves = [
        add(two.sales_head, two.ops_priority, two.sales_objective),
        add(two.ops_head, two.sales_priority, two.ops_objective),
    ]
    threads = [Thread(target=one) for one in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert outcomes.count("kept") == 1
    assert sum("circle" in one for one in outcomes) == 1
    with Session(engine) as session:
        assert session.scalar(select(func.count(Deployment.id))) == 1

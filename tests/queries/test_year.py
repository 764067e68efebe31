"""The year of a unit: what the database counts and cuts is what a walk over every row of the plan finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hoshin.engine.catchball import BallState
from hoshin.engine.misses import Occasion
from hoshin.engine.plans import State
from hoshin.engine.steps import Handed, Thing, YearFacts, seven_steps
from hoshin.engine.verdicts import Verdict
from hoshin.model.actions import Action, Status
from hoshin.model.catchball import Ball
from hoshin.model.countermeasures import AnswerState, Countermeasure
from hoshin.model.items import Item
from hoshin.model.kpis import KPI
from hoshin.model.links import Deployment
from hoshin.model.units import Unit
from hoshin.queries.attainment import Question, load, load_part
from hoshin.queries.unit_lists import list_units
from hoshin.queries.units import get_organisation
from hoshin.queries.year import YearQuestion, load_year
from hoshin.reports.year import HELD, step_views
from tests import factories
from tests.factories import NOW, TODAY
from tests.planting import APRIL, read
from tests.queries.test_at_hand import plant
from tests.statements import counted


def _company(session: Session, seed: int) -> None:
    """The balls of tests/queries/test_at_hand.py, some agreed or withdrawn, beside all else that a year may lack."""
    dice = Random(seed)
    factories.organisation(session)
    people, units, cycle = plant(session, seed), _units(session), factories.cycle(session)
    for ball in session.scalars(select(Ball)).all():
        if dice.random() < 0.4:
            ball.state = dice.choice((BallState.AGREED, BallState.WITHDRAWN))
            ball.holder = ball.held_since = None
            ball.round = ball.number = ball.last = ball.agreed = int(ball.state is BallState.AGREED)
    for number in range(40):
        _loose(session, dice, number, units)
        kpi = factories.kpi(session, f"Late {number}", dice.choice(units), cycle=cycle, position=dice.randrange(9))
        read(session, kpi, APRIL, "5", dice.choice(("5", None)))
        _answer(session, dice, kpi, people[0].id)
    for one in units[4:6]:
        one.archived_at = NOW
    session.flush()


def _loose(session: Session, dice: Random, number: int, units: list[Unit]) -> None:
    """A link without a ball, and an action."""
    state = dice.choice((State.ACTIVE, State.ACTIVE, State.DRAFT, State.ENDED))
    source = factories.priority(session, f"Thrown {number}", dice.choice(units), state=state)
    caught = factories.objective(session, f"Caught {number}", dice.choice(units))
    factories.deployment(session, source, caught, state=dice.choice(list(State)))
    caught.archived_at = dice.choice((None, None, NOW))
    due, status = dice.choice((None, TODAY - timedelta(dice.randrange(9)))), dice.choice([*Status, Status.OPEN])
    factories.action(session, f"Act {number}", dice.choice(units), status=status, due_on=due)


def _answer(session: Session, dice: Random, kpi: KPI, doer: int) -> None:
    closed = dice.random() < 0.3
    session.add(Countermeasure(
        kpi_id=kpi.id, occasion=Occasion.MISS, state=AnswerState.CLOSED if closed else AnswerState.OPEN,
        closed_at=NOW if closed else None, opened_for=date(2026 - dice.randrange(2), 3, 1), opened_at=NOW,
        gap="1", cause=dice.choice(("", "why")), action="so", doer_id=dice.choice((None, doer)), due_on=TODAY,
    ))  # fmt: skip


def _asked(session: Session, unit: Unit, *, whole: bool = True) -> YearQuestion:
    known = get_organisation(session=session)
    loader = load if whole else load_part
    found = loader(session=session, question=Question("FY2026", compared=False), now=NOW)
    readable = {key for key in session.scalars(select(Item.id)) if key % 7}
    return YearQuestion(known, unit.id, TODAY, NOW, found, readable)


def _units(session: Session) -> list[Unit]:
    return [session.get_one(Unit, one.id) for one in list_units(session=session)]


def _inside(session: Session, unit: Unit, *, archived: bool = False) -> set[int]:
    inside = {unit.id}
    for one in list_units(session=session):
        if one.parent_id in inside and (archived or one.archived_at is None):
            inside.add(one.id)
    return inside


def _walked(session: Session, asked: YearQuestion, unit: Unit) -> tuple[int, list[Handed], dict[str, list[Thing]]]:
    """How much is agreed, what is not, and the lists, found one row after the other."""
    inside, items = _inside(session, unit), {one.id: one for one in session.scalars(select(Item))}
    called = {key: one.name if key in asked.readable else "" for key, one in items.items()}
    balls = {one.deployment_id: one for one in session.scalars(select(Ball))}
    units = {one.id: one.name for one in session.scalars(select(Unit))}
    agreed, handed = 0, list[tuple[tuple[int, ...], Handed]]()
    for one in session.scalars(select(Deployment)):
        source, caught, ball = items[one.source_id], items[one.objective_id], balls.get(one.id)
        gone = source.archived_at or caught.archived_at or State.ENDED in (source.state, one.state)
        if gone or (ball and ball.state is BallState.WITHDRAWN) or not inside & {source.unit_id, caught.unit_id}:
            continue
        if one.state is State.ACTIVE and (ball is None or ball.state is BallState.AGREED):
            agreed += 1
            continue
        said = "" if ball is None else ball.state.value + (", 0 days in hand" * bool(ball.held_since and ball.round))
        place = (source.unit_id, source.position, source.id, caught.unit_id, one.id)
        key = ball.id if ball else None
        handed.append((place, Handed(one.id, called[source.id], units[caught.unit_id], key, said)))
    return agreed, [row for _, row in sorted(handed, key=lambda one: one[0])], {
        "unread": _unread(asked, items, _inside(session, unit, archived=True), called),  # as attainment counts
        "overdue": _overdue(session, inside, called),
        "unanswered": _unanswered(session, items, inside, called),
    }  # fmt: skip


def _unread(asked: YearQuestion, items: dict[int, Item], inside: set[int], called: dict[int, str]) -> list[Thing]:
    judged = asked.attainment.report.judgements
    silent = [items[key] for key, one in judged.items() if one.verdict is Verdict.NO_DATA]
    there = [one for one in silent if one.unit_id in inside]
    return [Thing(one.id, called[one.id]) for one in sorted(there, key=lambda one: (one.position, one.id))]


def _overdue(session: Session, inside: set[int], called: dict[int, str]) -> list[Thing]:
    late = [
        one for one in session.scalars(select(Action))
        if one.unit_id in inside and one.due_on and one.due_on < TODAY and one.state is State.ACTIVE
        and one.status not in (Status.DONE, Status.CANCELLED)
    ]  # fmt: skip
    return [Thing(one.id, called[one.id]) for one in sorted(late, key=lambda one: (one.due_on or TODAY, one.id))]


def _unanswered(
    session: Session, items: dict[int, Item], inside: set[int], called: dict[int, str]
) -> list[Thing]:
    waiting = [
        one for one in session.scalars(select(Countermeasure).order_by(Countermeasure.id))
        if one.is_open and not one.is_written and one.opened_for.year == 2026 and items[one.kpi_id].unit_id in inside
    ]  # fmt: skip
    return [Thing(one.id, called[one.kpi_id]) for one in waiting]


@pytest.mark.parametrize("seed", range(3))
def test_the_year_lists_what_a_walk_over_the_plan_finds(session: Session, seed: int) -> None:
    _company(session, seed)
    seen = dict.fromkeys(("handed", "unread", "overdue", "unanswered"), 0)
    for unit in _units(session):
        asked = _asked(session, unit)
        facts = load_year(session=session, question=asked)
        agreed, handed, lists = _walked(session, asked, unit)
        assert (facts.agreed, list(facts.handed)) == (agreed, handed)
        for name, things in {"handed": handed, **lists}.items():
            assert list(getattr(facts, name)) == things, (unit.name, name)
            seen[name] += len(things)
    assert min(seen.values()) > 8, seen


def _is_a_part(part: YearFacts, whole: YearFacts, most: int) -> None:
    for name in ("handed", "unread", "overdue", "unanswered"):
        some, every = getattr(part, name), getattr(whole, name)
        assert list(some) == list(every)[:most]
        assert len(some) + getattr(part.unlisted, name) == len(every)


@pytest.mark.parametrize("whole", [True, False])
def test_of_a_part_the_rest_is_counted_and_everything_said_stays(session: Session, whole: bool) -> None:
    """Whether every KPI was judged by itself or all were counted."""
    _company(session, 5)
    for unit in _units(session):
        asked = _asked(session, unit, whole=whole)
        everything = load_year(session=session, question=asked)
        year = seven_steps(facts=everything)
        for most in (0, 1, 3, HELD):
            facts = load_year(session=session, question=replace(asked, most=most))
            _is_a_part(facts, everything, most)
            found = seven_steps(facts=facts)
            assert [(one.state, one.said) for one in found.steps] == [(one.state, one.said) for one in year.steps]
            assert [len(one.lacks) + one.unlisted for one in found.steps] == [len(one.lacks) for one in year.steps]
        held = seven_steps(facts=load_year(session=session, question=replace(asked, most=HELD)))
        shown, expected = (step_views(year=one, address=lambda _: None) for one in (held, year))
        assert shown == expected


def test_counted_and_judged_say_the_same(session: Session) -> None:
    _company(session, 6)
    for unit in _units(session):
        judged, counts = (
            load_year(session=session, question=_asked(session, unit, whole=one)) for one in (True, False)
        )
        assert (judged.metrics, list(judged.unread)) == (counts.metrics, list(counts.unread))


def test_a_year_takes_as_many_statements_whatever_is_missing(session: Session, engine: Engine) -> None:
    _company(session, 7)
    units, taken = _units(session), set[int]()
    for unit in units:
        asked = replace(_asked(session, unit, whole=False), most=2)
        load_year(session=session, question=asked)
        with counted(engine) as seen:
            load_year(session=session, question=asked)
        taken.add(len(seen))
    assert len(taken) == 1

"""What is looked for where somebody asks what waits for her is all that is in her hand, out of everything there is."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.engine.catchball import BallState, Side
from hoshin.engine.hands import Court, find_hand, people_of
from hoshin.engine.plans import State
from hoshin.model.catchball import Ball
from hoshin.model.items import Item
from hoshin.model.people import Deputy, Person, Role
from hoshin.model.proposals import Proposal, ProposalState
from hoshin.model.units import Unit
from hoshin.queries.catchball import Listed, has_balls, list_balls, load_court, load_in_hand
from hoshin.queries.drill import find_readable, readable_keys
from hoshin.queries.notices import LONGEST_RETURNED, NoticeKind, list_notices
from hoshin.queries.proposals import list_asked
from hoshin.queries.units import top_unit
from tests import factories
from tests.factories import NOW, TODAY

HELD = (BallState.THROWN, BallState.RETURNED, BallState.ESCALATED, BallState.REOPENED)


def plant(session: Session, seed: int) -> list[Person]:
    """A company in which people head, lead, stand in and sponsor here and there, with balls and proposals."""
    dice = Random(seed)
    top = top_unit(session=session)
    units = [top]
    for number in range(9):
        units.append(factories.unit(session, f"Unit {number}", units[(number - 1) // 2 if number else 0]))
    units[8].restricted = True
    people = [factories.person(session, f"Person {number}", None, dice.choice(units)) for number in range(16)]
    for number, one in enumerate(people):
        for _ in range(1 + number % 2):
            factories.grant(session, one, dice.choice(list(Role)), dice.choice(units))
    for _ in range(8):
        deputy, head = dice.sample(people, 2)
        first, last = TODAY - timedelta(dice.choice((0, 9))), TODAY + timedelta(dice.choice((0, 9)))
        session.add(Deputy(unit_id=dice.choice(units).id, deputy_id=deputy.id, head_id=head.id,
                           valid_from=first, valid_to=last))  # fmt: skip
    people[5].deactivated_at = NOW
    for number in range(24):
        _thing(session, dice, number, (dice.choice(units), dice.choice(units)), people)
    session.flush()
    return people


def _thing(session: Session, dice: Random, number: int, units: tuple[Unit, Unit], people: list[Person]) -> None:
    """A priority that is thrown, and a KPI with a proposal, below an objective that somebody may sponsor."""
    here, there = units
    sponsor = dice.choice([None, *people])
    goal = factories.objective(session, f"Goal {number}", here, sponsor_id=sponsor and sponsor.id)
    priority = factories.priority(session, f"Priority {number}", here)
    factories.link(session, goal, priority)
    kpi = factories.kpi(session, f"KPI {number}", here)
    factories.link(session, dice.choice([goal, priority]), kpi)
    answer = factories.objective(session, f"Answer {number}", there)
    deployment = factories.deployment(session, priority, answer)
    state = dice.choice([*HELD, *HELD, BallState.DRAFT])
    held = {"holder": dice.choice(list(Side)), "held_since": NOW} if state in HELD else {}
    session.add(Ball(deployment_id=deployment.id, state=state, withdraws=Side.THROWER, **held))
    waits = dice.random() < 0.6
    first, second = dice.sample(people, 2)
    answered = {} if waits else {"answered_at": NOW - timedelta(dice.choice((1, 13, 14, 15))), "answered_by": "Ada"}
    session.add(Proposal(kpi_id=kpi.id, state=ProposalState.PROPOSED if waits else ProposalState.RETURNED, cells=[],
                         reason="so", proposed_by_id=first.id, proposed_by=first.name, proposed_at=NOW,
                         principal_id=dice.choice([None, second.id]), **answered))  # fmt: skip


def _in_hand(
    session: Session, actor: Actor, court: Court, *, at_hand: bool = False
) -> tuple[list[int], list[int]]:
    """The balls and the proposals in somebody's hand, out of those that are looked at."""
    balls = [
        one.ball.id for one in list_balls(session=session, actor=actor, at_hand=at_hand)
        if one.ball.holder and find_hand(court=court, match=one.match, side=one.ball.holder, person=actor.person or 0)
    ]  # fmt: skip
    asked = list_asked(session=session, actor=actor, today=TODAY, at_hand=at_hand)
    return balls, [one.proposal.id for one in asked if one.hand is not None]


def _longest(session: Session, actor: Actor, whole: Court, listed: dict[int, Listed], most: int) -> list[int]:
    """The balls in somebody's hand as her home page finds them; their rows are those of the whole list."""
    found = load_in_hand(session=session, actor=actor, today=TODAY, most=most)
    assert found.total >= len(found.longest) == min(found.total, most)
    for one in found.longest:
        assert one == listed[one.ball.id]
        side = one.ball.holder or Side.THROWER
        assert people_of(court=found.court, match=one.match, side=side) == people_of(
            court=whole, match=one.match, side=side
        )
    return [one.ball.id for one in found.longest]


@pytest.mark.parametrize("seed", range(6))
def test_what_may_be_at_hand_is_all_that_is_in_hand(session: Session, seed: int) -> None:
    factories.organisation(session)
    found, people = 0, plant(session, seed)
    court = load_court(session=session, today=TODAY)
    for person in people:
        actor = factories.actor(session, person)
        listed = {one.ball.id: one for one in list_balls(session=session, actor=actor)}
        everything = _in_hand(session, actor, court)
        assert _in_hand(session, actor, court, at_hand=True) == everything
        assert has_balls(session=session, actor=actor) == bool(listed)
        assert _longest(session, actor, court, listed, 99) == everything[0]
        assert _longest(session, actor, court, listed, 1) == everything[0][:1]
        found += sum(map(len, everything))
    assert found > 5


@pytest.mark.parametrize("seed", range(3))
def test_notices_tell_of_amendments_as_the_whole_list_would(session: Session, seed: int) -> None:
    factories.organisation(session)
    told = set[bool]()
    for person in plant(session, seed):
        actor = factories.actor(session, person)
        if not actor.reads_openly:
            continue
        everything = list_asked(session=session, actor=actor, today=TODAY)
        since = datetime.combine(TODAY - LONGEST_RETURNED + timedelta(1), time.min, UTC)
        expected = [
            (one.proposal.id, one.hand is None) for one in everything
            if one.hand is not None or (actor.person in one.proposal.proposers and one.proposal.answered_at
                                        and one.proposal.answered_at >= since)
        ]  # fmt: skip
        notices = list_notices(session=session, actor=actor, now=NOW, standing=None)
        found = [(one.subject_id, one.stamp == "returned") for one in notices if one.kind is NoticeKind.AMENDMENT]
        assert found == expected
        told.update(kind for _, kind in found)
    assert told == {False, True}


def test_whoever_heads_nothing_loads_nothing_of_what_others_have_in_hand(session: Session) -> None:
    factories.organisation(session)
    plant(session, 1)
    actor = factories.actor(session, factories.person(session, "Stan", Role.STAFF))
    session.flush()
    session.expunge_all()
    loaded: list[object] = []

    def note(thing: object, _context: object) -> None:
        loaded.append(thing)

    for model in (Ball, Proposal):
        event.listen(model, "load", note)
    court = load_court(session=session, today=TODAY)
    try:
        assert _in_hand(session, actor, court, at_hand=True) == ([], [])
        assert loaded == []
        _in_hand(session, actor, court)
        assert loaded != []
    finally:
        for model in (Ball, Proposal):
            event.remove(model, "load", note)


@pytest.mark.parametrize("seed", range(3))
def test_what_may_not_be_read_is_found_among_drafts_and_restricted_units(session: Session, seed: int) -> None:
    """Out of all items, archived ones too."""
    factories.organisation(session)
    people, dice = plant(session, seed), Random(seed)
    items = session.scalars(select(Item)).all()
    for one in items:
        if dice.random() < 0.4:
            one.state = State.DRAFT
        if dice.random() < 0.1:
            one.archived_at = NOW
    session.flush()
    hidden = 0
    for person in people:
        actor = factories.actor(session, person)
        readable = readable_keys(session=session, actor=actor)
        found = find_readable(session=session, actor=actor)
        assert {one.id for one in items if one.id in found} == readable
        hidden += actor.reads_openly * (len(items) - len(readable))
    assert hidden > 50

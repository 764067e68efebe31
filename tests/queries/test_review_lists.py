"""The list of reviews is what parting the whole list by hand would give, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.cadence import ReviewKind
from hoshin.model.reviews import Review, ReviewState
from hoshin.queries import review_lists
from hoshin.queries.review_lists import Part, Wished, count_reviews, each_reviews, page_reviews
from hoshin.queries.reviews import list_reviews
from tests import reviewing
from tests.reviewing import ALL, NOW, House

TODAY = NOW.date()


def _house(session: Session) -> House:
    """Some reviews of the past were held or cancelled, others still wait, and one of those to come is cancelled."""
    house = reviewing.build(session)
    reviewing.plan_all(session, house, *ALL)
    session.flush()
    for number, one in enumerate(session.scalars(select(Review).order_by(Review.id))):
        if number % 3 == 0:
            one.state = ReviewState.CANCELLED
        elif number % 3 == 1 and one.planned_on < TODAY:
            one.state, one.held_at = ReviewState.HELD, NOW
    session.flush()
    return house


def _parted(found: Sequence[Review], part: Part) -> list[Review]:
    waiting = [one for one in found if one.planned_on >= TODAY or one.state is ReviewState.PLANNED]
    if part is Part.COMING:
        return waiting
    return [one for one in reversed(found) if one not in waiting] if part is Part.PAST else list(found)


def test_is_the_whole_list_parted_by_hand(session: Session) -> None:
    house = _house(session)
    sizes = set()
    for person in (house.plan.executive, house.plan.head, house.plan.staff):
        actor = house.actor(session, person)
        units = (None, house.plan.top.id, house.plan.operations.id)
        for unit, kind, part in product(units, (None, ReviewKind.MONTHLY, ReviewKind.ANNUAL), Part):
            cycle = house.plan.cycle.id
            units_asked = None if unit is None else [unit]
            whole = list_reviews(session=session, actor=actor, cycle_id=cycle, unit_ids=units_asked, kind=kind)
            expected, wish = _parted(whole, part), Wished(cycle, TODAY, unit, kind, part)
            pages = [page_reviews(session=session, actor=actor, wish=wish, offset=at, most=7)
                     for at in range(0, len(whole) + 1, 7)]  # fmt: skip
            assert [one.id for some in pages for one in some] == [one.id for one in expected]
            assert count_reviews(session=session, actor=actor, wish=wish) == len(expected)
            sizes.add((part, bool(expected)))
    assert {(part, True) for part in Part} <= sizes


@pytest.mark.parametrize("at_once", [1, 5, 1000])
def test_all_come_some_at_a_time(session: Session, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    house = _house(session)
    actor = house.actor(session, house.plan.executive)
    monkeypatch.setattr(review_lists, "AT_ONCE", at_once)
    wish = Wished(house.plan.cycle.id, TODAY)
    found = [one for some in each_reviews(session=session, actor=actor, wish=wish) for one in some]
    assert found == list_reviews(session=session, actor=actor, cycle_id=house.plan.cycle.id)

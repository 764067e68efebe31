"""A small organisation that reviews: company, department and team, with figures, a late action and a roadblock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands.countermeasures_open import THE_FIGURES, open_due
from hoshin.commands.reviews import YearWish, plan_year
from hoshin.engine.cadence import ReviewKind
from hoshin.model.people import Person, Role
from hoshin.model.reviews import Review
from hoshin.model.roadblocks import Roadblock, RoadblockLevel
from hoshin.model.units import Organisation, Unit
from hoshin.queries.reviews import list_reviews
from tests import factories
from tests.planting import Planted, plant

NOW = factories.NOW
ALL = tuple(ReviewKind)


@dataclass(slots=True)
class House:
    """The planted plan with a team below Operations, a late action and a roadblock that came up from it."""

    plan: Planted
    team: Unit
    leader: Person

    def actor(self, session: Session, person: Person) -> Actor:
        """The person's rights today."""
        return factories.actor(session, person)


def build(session: Session) -> House:
    """It is 20 May 2026: April is due, and the monthly reviews of April took place on 11 to 13 May."""
    planted = plant(session)
    session.get_one(Organisation, 1).live_on = date(2026, 1, 1)
    team = factories.unit(session, "Assembly", planted.operations)
    leader = factories.person(session, "Fay Leader", Role.HEAD, team)
    factories.action(session, "Change the tool", planted.operations, owner_id=planted.staff.id, due_on=date(2026, 5, 1))
    factories.action(session, "Train the team", planted.operations, due_on=date(2026, 6, 1))
    raised = datetime(2026, 5, 2, 9, tzinfo=UTC)
    block = Roadblock(
        name="No budget for the tool", raised_in_id=team.id, unit_id=planted.operations.id, raised_by="Fay Leader",
        raised_at=raised, owner_id=planted.head.id,
    )  # fmt: skip
    session.add(block)
    session.flush()
    for place, unit in enumerate((team.id, planted.operations.id)):
        level = {"place": place, "unit_id": unit, "since": raised, "by_name": "Fay", "reason": "money"}
        session.add(RoadblockLevel(roadblock_id=block.id, **level))
    open_due(session=session, by=THE_FIGURES, at=NOW)
    session.flush()
    return House(planted, team, leader)


def plan_all(session: Session, house: House, *kinds: ReviewKind, past: bool = True) -> int:
    """The executive plans a year for everybody."""
    wish = YearWish(
        unit_id=house.plan.top.id, cycle_id=house.plan.cycle.id, kinds=kinds or (ReviewKind.MONTHLY,), below=True,
        past=past,
    )  # fmt: skip
    return plan_year(session=session, wish=wish, by=house.actor(session, house.plan.executive), at=NOW)


def review_of(
    session: Session, house: House, unit: Unit, kind: ReviewKind = ReviewKind.MONTHLY, month: int = 4
) -> Review:
    """The review that looks at that month (or the quarter, year or week that begins in it)."""
    found = list_reviews(
        session=session, actor=house.actor(session, house.plan.executive), unit_ids=[unit.id], kind=kind
    )
    return next(one for one in found if one.first_day.month == month)

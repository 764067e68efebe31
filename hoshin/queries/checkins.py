"""Check-ins of a week, who should have checked in, and what has happened since somebody last did."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
from hoshin.engine.plans import State
from hoshin.model.actions import Action, Status
from hoshin.model.checkins import CheckIn
from hoshin.model.items import Item
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI
from hoshin.model.people import Grant, Person, Role
from hoshin.model.roadblocks import Roadblock, RoadblockState
from hoshin.queries.action_lists import held_by

EMPLOYED = (Role.STAFF, Role.HEAD, Role.EXECUTIVE)
MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Who:
    """Whose check-in it is: a person's in a unit, or with `person_id` None the whole unit's."""

    unit_id: int
    person_id: int | None


@dataclass(frozen=True, slots=True)
class Since:
    """What has happened since a day, and what comes: journal lines oldest first with the names of their items."""

    lines: Sequence[JournalLine]
    names: dict[int, str]
    coming: Sequence[Action]
    roadblocks: Sequence[str]


def find_checkin(*, session: Session, who: Who, week: date, lock: bool = False) -> CheckIn | None:
    """The check-in of that week, or None."""
    query = select(CheckIn).where(CheckIn.week == week, _is_of(who))
    held = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(held if lock else query).first()


def find_last(*, session: Session, who: Who, before: date) -> CheckIn | None:
    """The latest check-in of an earlier week, or None."""
    query = select(CheckIn).where(CheckIn.week < before, _is_of(who)).order_by(CheckIn.week.desc()).limit(1)
    return session.scalars(query).first()


def _is_of(who: Who) -> ColumnElement[bool]:
    mine = CheckIn.person_id.is_(None) if who.person_id is None else CheckIn.person_id == who.person_id
    return and_(CheckIn.unit_id == who.unit_id, mine)


def list_checkins(*, session: Session, unit_ids: Iterable[int], week: date) -> Sequence[CheckIn]:
    """The check-ins of the units in that week."""
    query = select(CheckIn).where(CheckIn.week == week, CheckIn.unit_id.in_(list(unit_ids)))
    return session.scalars(query.order_by(CheckIn.unit_id, CheckIn.at, CheckIn.id)).all()


def list_expected(*, session: Session, unit_ids: Collection[int], today: date) -> dict[int, dict[int, str]]:
    """Who should check in, by unit: everybody at home there, active, and employed today; by name."""
    holds = and_(
        or_(Grant.valid_from.is_(None), Grant.valid_from <= today),
        or_(Grant.valid_to.is_(None), Grant.valid_to >= today),
    )
    employed = select(Grant.person_id).where(Grant.role.in_(EMPLOYED), holds)
    query = (
        select(Person.home_unit_id, Person.id, Person.name)
        .where(Person.home_unit_id.in_(unit_ids), Person.deactivated_at.is_(None), Person.id.in_(employed))
        .order_by(Person.name, Person.id)
    )
    found: dict[int, dict[int, str]] = {one: {} for one in unit_ids}
    for unit, person, name in session.execute(query):
        found[unit or 0][person] = name
    return found


def load_since(*, session: Session, actor: Actor, who: Who, since: datetime, until: date) -> Since:
    """Progress reported and readings recorded since the instant, what falls due until the day, and open roadblocks.

    Four statements; only of what the actor may read.
    """
    mine = {one.id: one.name for one in _own(session, actor, who)}
    wanted = select(JournalLine).where(
        JournalLine.at > since,
        JournalLine.subject_id.in_([str(one) for one in mine]),
        or_(
            and_(JournalLine.subject == "action", JournalLine.verb == "progress reported"),
            and_(JournalLine.subject == "reading", JournalLine.verb == "recorded"),
        ),
    )
    lines = session.scalars(wanted.order_by(JournalLine.id.desc()).limit(MOST_LINES)).all()
    return Since(lines[::-1], mine, _coming(session, mine, until), _roadblocks(session, who))


def _own(session: Session, actor: Actor, who: Who) -> Sequence[Item]:
    """The actions and KPIs that a person owns, helps with or reports, or that are a unit's."""
    query = select(Item).where(readable_items(actor=actor), Item.archived_at.is_(None))
    if who.person_id is None:
        return session.scalars(query.where(Item.unit_id == who.unit_id)).all()
    table = KPI.__table__.c
    reported = select(table.id).where(table.reporter_id == who.person_id)
    theirs = held_by(person_id=who.person_id, besides=[reported])
    return session.scalars(query.where(Item.id.in_(theirs))).all()


def _coming(session: Session, mine: Iterable[int], until: date) -> Sequence[Action]:
    query = (
        select(Action)
        .where(Action.id.in_(list(mine)), Action.state == State.ACTIVE, Action.due_on <= until)
        .where(Action.status.not_in((Status.DONE, Status.CANCELLED)))
    )
    return session.scalars(query.order_by(Action.due_on, Action.id)).all()


def _roadblocks(session: Session, who: Who) -> Sequence[str]:
    query = select(Roadblock.name).where(Roadblock.state == RoadblockState.OPEN).order_by(Roadblock.raised_at)
    if who.person_id is None:
        return session.scalars(query.where(Roadblock.unit_id == who.unit_id)).all()
    own = or_(Roadblock.owner_id == who.person_id, Roadblock.raised_by_id == who.person_id)
    return session.scalars(query.where(own)).all()

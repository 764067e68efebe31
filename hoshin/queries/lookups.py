"""Where it is looked up what waits for somebody: for one person who looks, or for many who get mail at once.

Both give the same; for many at once the number of statements does not grow with the people, but for those of them who
head a unit or have a countermeasure or roadblock of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, or_, select, union
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.engine.cadence import ReviewKind
from hoshin.engine.hands import Court
from hoshin.engine.plans import Kind
from hoshin.engine.weeks import WEEK, week_of
from hoshin.model.actions import Action, ActionHelper
from hoshin.model.checkins import CheckIn
from hoshin.model.countermeasures import AnswerState, Countermeasure
from hoshin.model.items import Item, Objective
from hoshin.model.kpis import KPI
from hoshin.model.proposals import Proposal, ProposalState
from hoshin.model.reviews import Review, ReviewAction, ReviewState
from hoshin.model.roadblocks import Roadblock, RoadblockState
from hoshin.model.surveys import Survey, SurveyParticipation
from hoshin.model.units import CheckInBy, Unit
from hoshin.queries.attainment import Standing
from hoshin.queries.behind import silent
from hoshin.queries.catchball import load_court
from hoshin.queries.checkins import Who, find_checkin
from hoshin.queries.drill import list_named
from hoshin.queries.home import MOST_ACTIONS, list_my_actions, my_kpis, unfinished_actions
from hoshin.queries.many import among
from hoshin.queries.reviews import Open, list_my_tasks
from hoshin.queries.surveys import find_waiting, list_running

LONGEST_MISSED = timedelta(days=31)
"""A review that was never held is spoken of for so long."""
Named = tuple[int, str]
"""A key and a name."""


@dataclass(frozen=True, slots=True)
class Home:
    """The unit that somebody is at home in, and who checks in there."""

    id: int
    name: str
    archived: bool
    checkin_by: CheckInBy


@dataclass(frozen=True, slots=True)
class Meeting:
    """A planned review."""

    id: int
    kind: ReviewKind
    planned_on: date
    unit: str
    unit_id: int


class Lookup:
    """For whoever looks: each thing is asked for when it is wanted."""

    def __init__(self, *, session: Session, today: date, standing: Standing | None) -> None:
        self.session, self.today, self.standing = session, today, standing

    @cached_property
    def court(self) -> Court:
        """Who heads what."""
        return load_court(session=self.session, today=self.today)

    def may_hold(self, *, actor: Actor) -> bool:
        """Whether balls or amendments may be in the actor's hand."""
        return True

    def may_answer(self, *, actor: Actor) -> bool:
        """Whether a countermeasure may wait for the actor."""
        return True

    def may_clear(self, *, actor: Actor) -> bool:
        """Whether a roadblock may wait for the actor."""
        return True

    def actions(self, *, person: int) -> Sequence[Any]:
        """Her unfinished actions, the earliest due first: of each at least id, name, status and due_on."""
        return list_my_actions(session=self.session, person_id=person, today=self.today)

    def unread(self, *, person: int) -> Sequence[Named]:
        """The KPIs that wait for a reading of hers."""
        if self.standing is None:
            return []
        mine = my_kpis(session=self.session, person_id=person)
        waiting = silent(session=self.session, standing=self.standing, kpi_ids=mine)
        return list_named(session=self.session, keys=waiting)

    def home(self, *, unit: int) -> Home | None:
        """The unit of that key."""
        found = self.session.get(Unit, unit)
        return None if found is None else Home(found.id, found.name, found.archived_at is not None, found.checkin_by)

    def has_checked_in(self, *, who: Who) -> bool:
        """Whether there is a check-in of this week."""
        return find_checkin(session=self.session, who=who, week=week_of(day=self.today)) is not None

    def meetings(self, *, units: Collection[int]) -> list[Meeting]:
        """The reviews of the units that are to be held within a week, or should have been, by day."""
        rows = self.session.execute(_meetings(self.today).where(Review.unit_id.in_(units)))
        return [Meeting(*row) for row in rows]

    def tasks(self, *, person: int) -> Sequence[Open]:
        """What she has taken on in reviews."""
        return list_my_tasks(session=self.session, person_id=person)

    def survey(self, *, person: int) -> Survey | None:
        """The campaign that waits for her answer."""
        return find_waiting(session=self.session, person_id=person, today=self.today)


def _meetings(today: date) -> Any:
    query = select(Review.id, Review.kind, Review.planned_on, Unit.name, Review.unit_id)
    query = query.join(Unit, Unit.id == Review.unit_id).where(Review.state == ReviewState.PLANNED)
    within = (Review.planned_on <= today + WEEK, Review.planned_on >= today - LONGEST_MISSED)
    return query.where(*within).order_by(Review.planned_on, Review.id)


class ManyLookup(Lookup):
    """For these people at once: what most of them have is read for all, the first time one of them is asked about."""

    def __init__(self, *, session: Session, today: date, standing: Standing | None, people: Collection[int]) -> None:
        super().__init__(session=session, today=today, standing=standing)
        self._people = people

    def _theirs(self, column: Any) -> ColumnElement[bool]:
        return among(session=self.session, column=column, keys=self._people)

    @cached_property
    def _holding(self) -> frozenset[int]:
        """Those who head nothing and may have something in hand: sponsors, and whoever was returned a proposal."""
        returned = Proposal.state == ProposalState.RETURNED
        parts: list[Any] = [select(Objective.sponsor_id).where(self._theirs(Objective.sponsor_id))]
        columns = (Proposal.proposed_by_id, Proposal.principal_id)
        parts += [select(one).where(returned, self._theirs(one)) for one in columns]
        return frozenset(self.session.scalars(union(*parts)))

    def may_hold(self, *, actor: Actor) -> bool:
        """As for one."""
        return bool(actor.heads | actor.leads) or actor.person in self._holding

    @cached_property
    def _answering(self) -> frozenset[int]:
        is_open = Countermeasure.state != AnswerState.CLOSED
        columns = (Countermeasure.owner_id, Countermeasure.doer_id)
        parts = [select(one).where(is_open, self._theirs(one)) for one in columns]
        return frozenset(self.session.scalars(union(*parts)))

    def may_answer(self, *, actor: Actor) -> bool:
        """As for one."""
        return bool(actor.heads | actor.leads) or actor.person in self._answering

    @cached_property
    def _clearing(self) -> frozenset[int]:
        query = select(Roadblock.owner_id).where(Roadblock.state == RoadblockState.OPEN)
        return frozenset(self.session.scalars(query.where(self._theirs(Roadblock.owner_id))))

    def may_clear(self, *, actor: Actor) -> bool:
        """As for one."""
        return bool(actor.heads | actor.leads) or actor.person in self._clearing

    @cached_property
    def _actions(self) -> Mapping[int, Sequence[Any]]:
        columns = (Action.id, Action.name, Action.status, Action.due_on)
        live = unfinished_actions(today=self.today)
        owned = select(Action.owner_id, *columns).where(self._theirs(Action.owner_id), *live)
        helped = select(ActionHelper.person_id, *columns).join(Action, Action.id == ActionHelper.action_id)
        helped = helped.where(self._theirs(ActionHelper.person_id), *live)
        found = _by_person([*self.session.execute(owned), *self.session.execute(helped)])
        return {person: _first_due(rows) for person, rows in found.items()}

    def actions(self, *, person: int) -> Sequence[Any]:
        """As for one."""
        return self._actions.get(person, ())

    @cached_property
    def _unread(self) -> Mapping[int, Sequence[Named]]:
        if self.standing is None:
            return {}
        owned = select(Item.owner_id, Item.id).where(Item.kind == Kind.KPI, self._theirs(Item.owner_id))
        typed = select(KPI.reporter_id, KPI.id).where(self._theirs(KPI.reporter_id))
        pairs = {(person, key) for query in (owned, typed) for person, key in self.session.execute(query)}
        waiting = silent(session=self.session, standing=self.standing, kpi_ids={key for _, key in pairs})
        whose = defaultdict[int, list[int]](list)
        for person, key in pairs:
            whose[key].append(person or 0)
        named = list_named(session=self.session, keys=waiting)
        return _by_person([(person, *one) for one in named for person in whose[one[0]]])

    def unread(self, *, person: int) -> Sequence[Named]:
        """As for one."""
        return self._unread.get(person, ())

    @cached_property
    def _homes(self) -> Mapping[int, Home]:
        rows = self.session.execute(select(Unit.id, Unit.name, Unit.archived_at, Unit.checkin_by))
        return {key: Home(key, name, gone is not None, by) for key, name, gone, by in rows}

    def home(self, *, unit: int) -> Home | None:
        """As for one."""
        return self._homes.get(unit)

    @cached_property
    def _checked_in(self) -> frozenset[Who]:
        theirs = or_(CheckIn.person_id.is_(None), self._theirs(CheckIn.person_id))
        query = select(CheckIn.unit_id, CheckIn.person_id).where(CheckIn.week == week_of(day=self.today), theirs)
        return frozenset(Who(unit, person) for unit, person in self.session.execute(query))

    def has_checked_in(self, *, who: Who) -> bool:
        """As for one."""
        return who in self._checked_in

    @cached_property
    def _meetings(self) -> Mapping[int, list[Meeting]]:
        found = defaultdict[int, list[Meeting]](list)
        for row in self.session.execute(_meetings(self.today)):
            found[row.unit_id].append(Meeting(*row))
        return found

    def meetings(self, *, units: Collection[int]) -> list[Meeting]:
        """As for one."""
        found = [one for unit in units for one in self._meetings.get(unit, ())]
        return sorted(found, key=lambda one: (one.planned_on, one.id))

    @cached_property
    def _burdened(self) -> frozenset[int]:
        query = select(ReviewAction.owner_id).where(ReviewAction.done_on.is_(None), ReviewAction.due_on < self.today)
        return frozenset(one for one in self.session.scalars(query.where(self._theirs(ReviewAction.owner_id))) if one)

    def tasks(self, *, person: int) -> Sequence[Open]:
        """As for one, as far as their day has passed."""
        return super().tasks(person=person) if person in self._burdened else ()

    @cached_property
    def _surveys(self) -> Callable[[int], Survey | None]:
        running = list_running(session=self.session, today=self.today)
        query = select(SurveyParticipation.person_id, SurveyParticipation.survey_id)
        query = query.where(self._theirs(SurveyParticipation.person_id))
        answered = {(person, key) for person, key in self.session.execute(query)} if running else set()
        return lambda person: next((one for one in running if (person, one.id) not in answered), None)

    def survey(self, *, person: int) -> Survey | None:
        """As for one."""
        return self._surveys(person)


def _by_person(rows: Sequence[Any]) -> dict[int, list[Any]]:
    """Rows by their first column, without it."""
    found = defaultdict[int, list[Any]](list)
    for person, *row in rows:
        found[person].append(tuple(row))
    return found


@dataclass(frozen=True, slots=True)
class Due:
    """An unfinished action."""

    id: int
    name: str
    status: Any
    due_on: date | None


def _first_due(rows: Sequence[Any]) -> list[Due]:
    """As `list_my_actions` orders and cuts them."""
    found = {row[0]: Due(*row) for row in rows}
    return sorted(found.values(), key=lambda one: (one.due_on is None, one.due_on or date.max, one.id))[:MOST_ACTIONS]

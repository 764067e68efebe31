"""Self-assessments: campaigns, who is asked where, what they are asked about, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.engine.attainment import unit_path
from hoshin.engine.cascade import Edge, counted_items, edges_up
from hoshin.engine.plans import Item, Kind, Plan, Unit
from hoshin.errors import Missing
from hoshin.model.actions import ActionHelper
from hoshin.model.kpis import KPI
from hoshin.model.people import Grant, Person, Role
from hoshin.model.surveys import Survey, SurveyPanel, SurveyParticipation, SurveyResult
from hoshin.queries.attainment import Attainment
from hoshin.queries.people_lists import holding

WORKING = frozenset({Role.STAFF, Role.HEAD, Role.EXECUTIVE})
"""Who is asked: everybody with one of these roles somewhere."""


def get_survey(*, session: Session, survey_id: int, lock: bool = False) -> Survey:
    """A campaign; raises Missing when there is none. `lock` it to close it."""
    query = select(Survey).where(Survey.id == survey_id).execution_options(populate_existing=True)
    found = session.scalars(query.with_for_update() if lock else query).first()
    if found is None:
        raise Missing("there is no such self-assessment")
    return found


def find_survey_of(*, session: Session, quarter: date) -> Survey | None:
    """The campaign of the quarter that begins on that day, or None."""
    return session.scalars(select(Survey).where(Survey.quarter == quarter)).first()


def list_surveys(*, session: Session) -> Sequence[Survey]:
    """All campaigns, the latest first."""
    return session.scalars(select(Survey).order_by(Survey.quarter.desc())).all()


def list_open(*, session: Session) -> Sequence[Survey]:
    """The campaigns that have not been closed, the earliest first."""
    return session.scalars(select(Survey).where(Survey.closed_at.is_(None)).order_by(Survey.quarter)).all()


def find_waiting(*, session: Session, person_id: int, today: date) -> Survey | None:
    """The campaign that waits for this person's answer today, or None; one statement."""
    answered = select(SurveyParticipation.survey_id).where(SurveyParticipation.person_id == person_id)
    query = select(Survey).where(Survey.closed_at.is_(None), Survey.last_day >= today, Survey.id.not_in(answered))
    return session.scalars(query.order_by(Survey.quarter).limit(1)).first()


def list_running(*, session: Session, today: date) -> Sequence[Survey]:
    """The campaigns that may be answered today, the earliest first."""
    query = select(Survey).where(Survey.closed_at.is_(None), Survey.last_day >= today)
    return session.scalars(query.order_by(Survey.quarter)).all()


def has_answered(*, session: Session, survey_id: int, person_id: int) -> bool:
    """Whether this person has answered; known only while the campaign runs."""
    return session.get(SurveyParticipation, (survey_id, person_id)) is not None


def count_answers(*, session: Session, survey_id: int) -> tuple[int, int]:
    """How many have answered a running campaign, of how many who were asked."""
    asked = session.scalar(select(func.sum(SurveyPanel.invited)).where(SurveyPanel.survey_id == survey_id))
    query = select(func.count(SurveyParticipation.person_id)).where(SurveyParticipation.survey_id == survey_id)
    return session.scalar(query) or 0, asked or 0


def get_panel(*, session: Session, survey_id: int, unit_id: int) -> SurveyPanel:
    """One panel, held until the transaction ends."""
    query = select(SurveyPanel).where(SurveyPanel.survey_id == survey_id, SurveyPanel.unit_id == unit_id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def list_panels(*, session: Session, survey_id: int, lock: bool = False) -> Sequence[SurveyPanel]:
    """The panels of a campaign by unit; `lock` them to empty them."""
    query = select(SurveyPanel).where(SurveyPanel.survey_id == survey_id).order_by(SurveyPanel.unit_id)
    return session.scalars(
        query.with_for_update().execution_options(populate_existing=True) if lock else query
    ).all()


def list_results(*, session: Session, survey_ids: Iterable[int]) -> Sequence[SurveyResult]:
    """What these campaigns came to, for every unit that is shown."""
    return session.scalars(select(SurveyResult).where(SurveyResult.survey_id.in_(list(survey_ids)))).all()


@dataclass(frozen=True, slots=True)
class Counted:
    """The closed campaigns, the latest first, and what came of them in each unit."""

    surveys: Sequence[Survey]
    results: Sequence[SurveyResult]


def list_counted(*, session: Session) -> Counted:
    """All closed campaigns, in two statements."""
    closed = [one for one in list_surveys(session=session) if one.closed_at is not None]
    return Counted(closed, list_results(session=session, survey_ids=[one.id for one in closed]))


def count_asked(*, session: Session, today: date) -> dict[int, int]:
    """How many people would be asked, by the unit they belong to; one statement.

    Who is at home nowhere belongs to the unit of the first role she got.
    """
    working = select(Grant.person_id, func.min(Grant.id).label("first")).where(Grant.role.in_(WORKING))
    first = working.where(holding(today=today)).group_by(Grant.person_id).subquery()
    unit = func.coalesce(Person.home_unit_id, Grant.unit_id)
    query = select(unit, func.count()).join_from(first, Person, Person.id == first.c.person_id)
    query = query.join(Grant, Grant.id == first.c.first).where(Person.deactivated_at.is_(None)).group_by(unit)
    return dict(session.execute(query).all())


def find_panel(*, units: Sequence[Unit], panels: Iterable[int], home: int | None) -> int:
    """The panel that somebody of this unit belongs to: her unit's, or the nearest one above."""
    known, parents = set(panels), {one.key: one.parent for one in units}
    at = home
    while at is not None and at not in known:
        at = parents.get(at)
    return at if at is not None else next(key for key, parent in parents.items() if parent is None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a panel is asked about: the unit whose priorities count, these, and the objectives to choose from."""

    unit: str
    priorities: tuple[Item, ...]
    objectives: tuple[Item, ...]


def asked_of(*, attainment: Attainment, panel: int) -> Asked:
    """The priorities of the panel's unit, or of the nearest one above that has any; the objectives from the top down.

    Only what is in force counts.
    """
    plan = attainment.plan
    items = counted_items(plan=plan, asked=attainment.asked).values()
    above = _upwards(plan, panel)
    at, priorities = _nearest(above, [one for one in items if one.kind is Kind.PRIORITY])
    _, objectives = _nearest(above[::-1], [one for one in items if one.kind is Kind.OBJECTIVE])
    units = {one.key: one for one in plan.units}
    return Asked(unit_path(units=units, unit=at) or plan.organisation, priorities, objectives)


def _upwards(plan: Plan, unit: int) -> list[int]:
    parents = {one.key: one.parent for one in plan.units}
    found: list[int] = []
    at: int | None = unit
    while at is not None:
        found.append(at)
        at = parents.get(at)
    return found


def _nearest(units: Sequence[int], items: Sequence[Item]) -> tuple[int, tuple[Item, ...]]:
    for unit in units:
        own = tuple(one for one in items if one.unit == unit)
        if own:
            return unit, own
    return units[0], ()


@dataclass(frozen=True, slots=True)
class Net:
    """What is in force, and the steps up from each of it."""

    items: Mapping[int, Item]
    parents: Mapping[int, Sequence[Edge]]


def net_of(*, attainment: Attainment) -> Net:
    """The net that people's work hangs in."""
    plan, asked = attainment.plan, attainment.asked
    return Net(counted_items(plan=plan, asked=asked), edges_up(plan=plan, asked=asked))


def works_for(*, session: Session, person_id: int, net: Net) -> tuple[bool, frozenset[int]]:
    """Whether anything in force is this person's, and everything above it that her work is linked to.

    Hers is what she owns, reports or helps with.
    """
    items = net.items
    table = KPI.__table__.c
    mine = {key for key, one in items.items() if one.owner == person_id}
    mine |= set(session.scalars(select(table.id).where(table.reporter_id == person_id)))
    mine |= set(session.scalars(select(ActionHelper.action_id).where(ActionHelper.person_id == person_id)))
    own = mine & set(items)
    return bool(own), _above(own, net.parents)


def _above(own: Iterable[int], parents: Mapping[int, Sequence[Edge]]) -> frozenset[int]:
    found: set[int] = set()
    waiting = list(own)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting.extend(edge.upper for edge in parents.get(key, ()))
    return frozenset(found)


def names_of_people(*, session: Session, keys: Iterable[int]) -> dict[int, str]:
    """What these people are called."""
    query = select(Person.id, Person.name).where(Person.id.in_(list(keys)))
    return dict(session.execute(query).all())

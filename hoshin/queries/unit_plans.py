"""The plan of one unit in one cycle: its four lists, what is archived, and the links with all they lead to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
from hoshin.engine.plans import Kind, State
from hoshin.model.actions import Action, ActionHelper
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.kpis import KPI
from hoshin.model.links import Deployment
from hoshin.model.people import Person
from hoshin.queries.beside import keep_with_structure
from hoshin.queries.items import list_items
from hoshin.queries.links import LinkFact, list_deployments, list_link_facts


@dataclass(frozen=True, slots=True)
class Far:
    """An item at the other end of a link; its name is empty when the reader may not know it."""

    id: int
    kind: Kind
    unit_id: int
    cycle_id: int | None
    name: str
    state: State
    owner_id: int | None
    readable: bool


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """What stands on one unit's plan, in its order; `far` holds the other ends of links and deployments."""

    objectives: Sequence[Objective]
    priorities: Sequence[Priority]
    actions: Sequence[Action]
    kpis: Sequence[KPI]
    links: Sequence[LinkFact]
    deployments: Sequence[Deployment]
    far: Mapping[int, Far]
    people: Mapping[int, str]

    @property
    def items(self) -> list[Item]:
        """All of them: objectives, priorities, actions, KPIs."""
        return [*self.objectives, *self.priorities, *self.actions, *self.kpis]

    def shared(self) -> list[Far]:
        """KPIs of other units that this unit's matrix links to."""
        own = {one.id for one in self.items}
        linked = {one.lower_id for one in self.links if one.upper_id in own}
        return [one for one in self.far.values() if one.kind is Kind.KPI and one.id in linked]


def load_unit_plan(*, session: Session, actor: Actor, unit_id: int, cycle: Cycle) -> UnitPlan:
    """What the actor may read of the unit's plan for the cycle, in a fixed number of statements."""
    objectives = list_items(session=session, actor=actor, kind=Objective, unit_id=unit_id)
    priorities = list_items(session=session, actor=actor, kind=Priority, unit_id=unit_id, cycle_id=cycle.id)
    actions = list_items(session=session, actor=actor, kind=Action, unit_id=unit_id, cycle_id=cycle.id)
    kpis = list_items(session=session, actor=actor, kind=KPI, unit_id=unit_id, cycle_id=cycle.id)
    own = {one.id for group in (objectives, priorities, actions, kpis) for one in group}
    links = list_link_facts(session=session, item_ids=own)
    deployments = list_deployments(session=session, item_ids=own)
    ends = {end for one in links for end in (one.upper_id, one.lower_id)}
    ends |= {end for one in deployments for end in (one.source_id, one.objective_id)}
    return UnitPlan(
        objectives=objectives,
        priorities=priorities,
        actions=actions,
        kpis=kpis,
        links=links,
        deployments=deployments,
        far=load_far(session=session, actor=actor, item_ids=ends - own),
        people=people_names(session=session),
    )


def load_far(*, session: Session, actor: Actor, item_ids: Iterable[int]) -> dict[int, Far]:
    """Items by key, restricted ones without their names, in one statement."""
    readable = readable_items(actor=actor).label("readable")
    columns = (Item.id, Item.kind, Item.unit_id, Item.cycle_id, Item.name, Item.state, Item.owner_id, readable)
    rows = session.execute(select(*columns).where(Item.id.in_(list(item_ids))).order_by(Item.position, Item.id))
    return {
        row.id: Far(
            id=row.id,
            kind=row.kind,
            unit_id=row.unit_id,
            cycle_id=row.cycle_id,
            name=row.name if row.readable else "",
            state=row.state,
            owner_id=row.owner_id if row.readable else None,
            readable=bool(row.readable),
        )
        for row in rows
    }


def people_names(*, session: Session) -> Mapping[int, str]:
    """Everybody's name by key, by name; those who have left too. Kept until somebody's name changes."""
    rows = select(Person.id, Person.name).order_by(Person.name, Person.id)
    return keep_with_structure(
        session=session, name="people", make=lambda: MappingProxyType(dict(session.execute(rows).all()))
    )


def list_archived(*, session: Session, actor: Actor, unit_id: int, cycle: Cycle) -> list[Item]:
    """The unit's archived items: objectives and KPIs of all years, priorities and actions of the cycle."""
    found = list_items(session=session, actor=actor, kind=Item, unit_id=unit_id, cycle_id=cycle.id, archived=True)
    return sorted(found, key=lambda one: (list(Kind).index(one.kind), one.position, one.id))


def helpers_by_action(*, session: Session, action_ids: Iterable[int]) -> dict[int, list[int]]:
    """Who supports each of the actions."""
    query = select(ActionHelper.action_id, ActionHelper.person_id).where(ActionHelper.action_id.in_(list(action_ids)))
    found: dict[int, list[int]] = {}
    for action, person in session.execute(query.order_by(ActionHelper.action_id, ActionHelper.person_id)):
        found.setdefault(action, []).append(person)
    return found


def list_sources(
    *, session: Session, actor: Actor, unit_ids: Iterable[int], kind: Kind, cycle_id: int
) -> Sequence[Item]:
    """What those units could hand down in the cycle: their priorities (or actions) that are not archived."""
    query = (
        select(Item)
        .where(readable_items(actor=actor), Item.kind == kind, Item.cycle_id == cycle_id, Item.archived_at.is_(None))
        .where(Item.unit_id.in_(list(unit_ids)), Item.state != State.ENDED)
        .order_by(Item.unit_id, Item.position, Item.id)
    )
    return session.scalars(query).all()


def people_homes(*, session: Session, person_ids: Collection[int]) -> dict[int, int]:
    """The home unit of each of these people who has one."""
    query = select(Person.id, Person.home_unit_id).where(Person.id.in_(list(person_ids)))
    rows = session.execute(query.where(Person.home_unit_id.is_not(None)))
    return {person: unit for person, unit in rows if unit is not None}

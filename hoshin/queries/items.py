"""Objectives, priorities, actions and KPIs: one of them, lists of them, and who they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, may
from hoshin.access.scope import readable_items
from hoshin.engine.plans import Kind, State
from hoshin.errors import Missing
from hoshin.model.actions import ActionHelper
from hoshin.model.cycles import CycleKPI
from hoshin.model.items import Item
from hoshin.model.kpis import KPI
from hoshin.model.links import Deployment

AnyItem = TypeVar("AnyItem", bound=Item)
_ABOVE, _BELOW = aliased(Item, flat=True), aliased(Item, flat=True)  # made once: making one costs more than asking


def get_item(*, session: Session, actor: Actor, item_id: int, kind: type[AnyItem]) -> AnyItem:
    """An item of that class which the actor may read; raises Missing otherwise."""
    found = session.get(kind, item_id)
    if found is None or not may(actor=actor, act=Act.READ_ITEM, subject=subject_for(session=session, item=found)):
        raise Missing("there is no such thing here")
    return found


def find_named(*, session: Session, kind: Kind, unit_id: int, name: str, cycle_id: int | None = None) -> Item | None:
    """The item with that identity, archived or not, or None."""
    query = select(Item).where(Item.kind == kind, Item.unit_id == unit_id, Item.name == name)
    query = query.where(Item.cycle_id.is_(None) if cycle_id is None else Item.cycle_id == cycle_id)
    return session.scalars(query).first()


def list_items(
    *,
    session: Session,
    actor: Actor,
    kind: type[AnyItem],
    unit_id: int | None = None,
    cycle_id: int | None = None,
    archived: bool = False,
) -> Sequence[AnyItem]:
    """The readable items of one kind in their order; of a unit, and of a cycle where they belong to one.

    KPIs of a cycle are those on its plan; drafts of KPIs are listed in every cycle, as objectives are.
    """
    query = select(kind).where(readable_items(actor=actor)).order_by(kind.unit_id, kind.position, kind.id)
    query = query.where(kind.archived_at.is_not(None) if archived else kind.archived_at.is_(None))
    if unit_id is not None:
        query = query.where(kind.unit_id == unit_id)
    if cycle_id is not None and kind is KPI:
        # asked of each KPI: PostgreSQL would look through the whole cycle to know which keys are in it
        on_plan = exists().where(CycleKPI.cycle_id == cycle_id, CycleKPI.kpi_id == kind.id)
        query = query.where((kind.state == State.DRAFT) | on_plan)
    elif cycle_id is not None:
        query = query.where((kind.cycle_id == cycle_id) | kind.cycle_id.is_(None))
    return session.scalars(query).all()


def last_position(*, session: Session, kind: Kind, unit_id: int) -> int:
    """The place of the last item of that kind in the unit; 0 when there is none."""
    return session.scalar(select(func.max(Item.position)).where(Item.kind == kind, Item.unit_id == unit_id)) or 0


def subject_for(*, session: Session, item: Item) -> Subject:
    """What access needs to know of an item: its unit, draft or not, its people, the other sides of its deployments.

    A KPI is never deployed, so that asking for many of them needs no statement each.
    """
    is_draft = item.state is State.DRAFT
    deployable = item.kind is not Kind.KPI
    return Subject(
        unit=item.unit_id,
        draft=is_draft,
        responsible=people_of(session=session, item=item),
        other_sides=other_sides(session=session, item_id=item.id) if is_draft and deployable else frozenset(),
    )


def people_of(*, session: Session, item: Item) -> frozenset[int]:
    """Owner, reporter of a KPI and helpers of an action: the people an item belongs to."""
    people = {item.owner_id}
    if isinstance(item, KPI):
        people.add(item.reporter_id)
    if item.kind is Kind.ACTION and item.id is not None:
        people.update(helpers_of(session=session, action_id=item.id))
    return frozenset(one for one in people if one is not None)


def helpers_of(*, session: Session, action_id: int) -> Sequence[int]:
    """The people who support an action."""
    query = select(ActionHelper.person_id).where(ActionHelper.action_id == action_id)
    return session.scalars(query.order_by(ActionHelper.person_id)).all()


def other_sides(*, session: Session, item_id: int) -> frozenset[int]:
    """The units at the other end of an item's deployments."""
    answers = select(_ABOVE.unit_id).join(Deployment, Deployment.source_id == _ABOVE.id)
    answered = select(_BELOW.unit_id).join(Deployment, Deployment.objective_id == _BELOW.id)
    found = session.scalars(
        answers.where(Deployment.objective_id == item_id).union_all(answered.where(Deployment.source_id == item_id))
    )
    return frozenset(found)


def names_of(*, session: Session, item_ids: Iterable[int]) -> dict[int, str]:
    """The names of the items."""
    query = select(Item.id, Item.name).where(Item.id.in_(list(item_ids)))
    return dict(session.execute(query).all())


def readable_names(*, session: Session, actor: Actor, item_ids: Iterable[int]) -> dict[int, str]:
    """The names of those of the items that the actor may read."""
    query = select(Item.id, Item.name).where(Item.id.in_(list(item_ids)), readable_items(actor=actor))
    return dict(session.execute(query).all())

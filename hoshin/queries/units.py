"""The organisation and its tree of units."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, with_polymorphic

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.db import hold_table
from hoshin.errors import Missing
from hoshin.model.items import Item
from hoshin.model.units import Organisation, Unit

HELD = "hoshin_organisation"
"""Where a session holds the organisation, so that it is read once in a transaction."""
LOCKED = "hoshin_plan_locked_in"
"""Where a session notes the transaction in which it holds the plan."""


def find_organisation(*, session: Session) -> Organisation | None:
    """The organisation of this database, or None while it is empty."""
    found = session.get(Organisation, 1)
    session.info[HELD] = found  # a session lets go of what nobody holds, and this is asked for all over a request
    return found


def get_organisation(*, session: Session) -> Organisation:
    """The organisation of this database; raises Missing while it is empty."""
    found = find_organisation(session=session)
    if found is None:
        raise Missing("this database holds no organisation yet")
    return found


def lock_plan(*, session: Session) -> None:
    """Hold the plan's structure until the transaction ends: whoever adds a link or moves a unit waits here.

    What was loaded before waiting may have changed meanwhile and is loaded again when it is next looked at.
    On SQLite every writer already waits at the start of its transaction.
    """
    if holds_plan(session=session):
        return
    hold_plan(session=session)
    session.flush()
    session.expire_all()


def hold_plan(*, session: Session) -> None:
    """As `lock_plan`, for whoever finds out alone whether what was loaded before still stands: nothing is let go."""
    held = select(Organisation.id).with_for_update()
    if session.execute(held).first() is None:  # whoever founds it first is waited for
        hold_table(session=session, name=Organisation.__tablename__)
        session.execute(held)
    session.info[LOCKED] = session.get_transaction()


_SHARED = select(Organisation).with_for_update(read=True, key_share=True).execution_options(populate_existing=True)


def share_plan(*, session: Session) -> Organisation:
    """Keep structure and month locks as they are until the transaction ends, beside others who need no more.

    Whoever records a figure waits here while somebody locks its month, and the other way round. On SQLite every writer
    is alone already. Gives the organisation; raises Missing while there is none.
    """
    if not holds_plan(session=session) and session.get_bind().dialect.name == "postgresql":
        held = session.scalars(_SHARED).first()
        if held is not None:
            return held
    return get_organisation(session=session)


def holds_plan(*, session: Session) -> bool:
    """Whether this transaction has locked the plan."""
    held = session.info.get(LOCKED)
    return held is not None and held is session.get_transaction()


def top_unit(*, session: Session) -> Unit:
    """The unit at the top of the tree; raises Missing while there is none."""
    found = session.scalars(select(Unit).where(Unit.parent_id.is_(None)).order_by(Unit.id).limit(1)).first()
    if found is None:
        raise Missing("this database holds no organisation yet")
    return found


def find_child(*, session: Session, parent_id: int | None, name: str) -> Unit | None:
    """The unit of that name below the parent, archived or not, or None."""
    query = select(Unit).where(Unit.name == name)
    return session.scalars(
        query.where(Unit.parent_id.is_(None) if parent_id is None else Unit.parent_id == parent_id)
    ).first()


def units_by_key(*, session: Session) -> dict[int, Unit]:
    """All units, for whoever may change them; lists need no more than `unit_lists` has."""
    return {one.id: one for one in session.scalars(select(Unit))}


def list_children(*, session: Session, parent_id: int | None) -> Sequence[Unit]:
    """The units right below a parent in their order, archived ones too."""
    query = select(Unit).order_by(Unit.position, Unit.id)
    return session.scalars(
        query.where(Unit.parent_id.is_(None) if parent_id is None else Unit.parent_id == parent_id)
    ).all()


def list_items_of(*, session: Session, unit_id: int) -> Sequence[Item]:
    """Everything that is at home in the unit, whole rows, whoever asks; for keeping the tree, not for showing."""
    whole = with_polymorphic(Item, "*")
    return session.scalars(select(whole).where(whole.unit_id == unit_id).order_by(whole.position, whole.id)).all()


def get_unit(*, session: Session, actor: Actor, unit_id: int) -> Unit:
    """A unit whose plan the actor may read; raises Missing otherwise."""
    found = session.get(Unit, unit_id)
    if found is None:
        raise Missing("there is no such unit")
    require(actor=actor, act=Act.READ_UNIT, subject=Subject(unit=found.id))
    return found

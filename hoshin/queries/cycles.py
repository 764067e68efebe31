"""Planning cycles and locked months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, with_polymorphic

from hoshin.errors import Missing
from hoshin.model.cycles import Cycle, MonthLock
from hoshin.model.items import Item
from hoshin.model.kpis import Reading


def list_cycles(*, session: Session) -> Sequence[Cycle]:
    """All cycles, the latest first."""
    return session.scalars(select(Cycle).order_by(Cycle.first_day.desc())).all()


def find_cycle(*, session: Session, name: str) -> Cycle | None:
    """The cycle called FY2018 (or 2018), or None."""
    wanted = name.strip().upper()
    return session.scalars(
        select(Cycle).where(Cycle.name == (wanted if wanted.startswith("FY") else f"FY{wanted}"))
    ).first()


def get_cycle(*, session: Session, name: str) -> Cycle:
    """The cycle called FY2018 (or 2018); raises Missing when it has not been opened."""
    found = find_cycle(session=session, name=name)
    if found is None:
        raise Missing(f"there is no cycle {name.strip()[:20]}")
    return found


def find_cycle_on(*, session: Session, day: date) -> Cycle | None:
    """The cycle that holds the day, or None."""
    return session.scalars(select(Cycle).where(Cycle.first_day <= day, Cycle.last_day >= day)).first()


def nearest_cycle(*, session: Session, day: date) -> Cycle | None:
    """The cycle that holds the day, else the last one before it, else the first there is."""
    rows = list_cycles(session=session)
    return next((one for one in rows if one.first_day <= day), rows[-1] if rows else None)


def list_locks(*, session: Session, first: date, last: date) -> Sequence[MonthLock]:
    """The locks on months that begin between the two days."""
    return session.scalars(
        select(MonthLock).where(MonthLock.month >= first, MonthLock.month <= last).order_by(MonthLock.month)
    ).all()


def has_readings(*, session: Session) -> bool:
    """Whether any figure has been recorded."""
    return session.scalars(select(Reading.kpi_id).limit(1)).first() is not None


def list_items_of(*, session: Session, cycle_id: int) -> Sequence[Item]:
    """The priorities and actions of a cycle, whole rows, whoever asks; for keeping cycles, not for showing."""
    whole = with_polymorphic(Item, "*")
    return session.scalars(select(whole).where(whole.cycle_id == cycle_id).order_by(whole.id)).all()


def list_locks_of(*, session: Session, unit_id: int) -> Sequence[MonthLock]:
    """All locks of one unit."""
    return session.scalars(select(MonthLock).where(MonthLock.unit_id == unit_id).order_by(MonthLock.month)).all()


def locked_months(*, session: Session, unit_id: int, first: date, last: date) -> frozenset[date]:
    """The first days of the unit's locked months between the two days."""
    return frozenset(
        session.scalars(
            select(MonthLock.month).where(
                MonthLock.unit_id == unit_id, MonthLock.month >= first, MonthLock.month <= last
            )
        )
    )

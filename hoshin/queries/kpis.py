"""Readings of KPIs and their revisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.model.kpis import Reading, Revision


def list_readings(
    *, session: Session, kpi_ids: Iterable[int], first: date | None = None, last: date | None = None
) -> Sequence[Reading]:
    """The readings of the KPIs for periods that begin between the days, by KPI and period."""
    query = select(Reading).where(Reading.kpi_id.in_(list(kpi_ids))).order_by(Reading.kpi_id, Reading.period)
    if first is not None:
        query = query.where(Reading.period >= first)
    if last is not None:
        query = query.where(Reading.period <= last)
    return session.scalars(query).all()


def list_revisions(*, session: Session, kpi_id: int) -> Sequence[Revision]:
    """Every revision of a KPI's figures, the latest first."""
    return session.scalars(
        select(Revision).where(Revision.kpi_id == kpi_id).order_by(Revision.recorded_at.desc(), Revision.id.desc())
    ).all()

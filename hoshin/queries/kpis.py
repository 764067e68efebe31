"""Readings of KPIs and their revisions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from hoshin.access.rules import Subject
from hoshin.engine.plans import State
from hoshin.model.base import table_of
from hoshin.model.kpis import KPI, PlainReading, Reading, Revision
from hoshin.model.prepared import Prepared

MOST_KEYS = 1_000
"""How many keys one statement names: a database takes only so many values."""


def hold_kpis(*, session: Session, kpi_ids: Iterable[int]) -> None:
    """Let nobody else record figures of these KPIs until the transaction ends.

    They are taken in the order in which whoever saves some of them takes theirs, so that two never wait for each other.
    On SQLite every writer is alone already.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    keys = sorted(kpi_ids)
    for first in range(0, len(keys), MOST_KEYS):
        some = KPI.id.in_(keys[first : first + MOST_KEYS])
        session.execute(select(KPI.id).where(some).order_by(KPI.id).with_for_update(key_share=True))


def list_readings(
    *,
    session: Session,
    kpi_ids: Iterable[int],
    first: date | None = None,
    last: date | None = None,
    fresh: bool = False,
) -> Sequence[Reading]:
    """The readings of the KPIs for periods that begin between the days, by KPI and period.

    `fresh` reads them from the database again where the session holds them already.
    """
    query = select(Reading).where(Reading.kpi_id.in_(list(kpi_ids))).order_by(Reading.kpi_id, Reading.period)
    if first is not None:
        query = query.where(Reading.period >= first)
    if last is not None:
        query = query.where(Reading.period <= last)
    return session.scalars(query.execution_options(populate_existing=fresh)).all()


_READINGS = table_of(model=Reading)
_NAMES = [one.name for one in _READINGS.columns]
_STANDING = select(_READINGS).where(
    _READINGS.c.kpi_id.in_(bindparam("kpis", expanding=True)),
    _READINGS.c.period.between(bindparam("first"), bindparam("last")),
)
_ONE = Prepared(
    statement=lambda _: select(_READINGS).where(
        _READINGS.c.kpi_id == bindparam("kpi"), _READINGS.c.period == bindparam("period")
    ),
    gives=list(_READINGS.columns),
)


def standing_readings(
    *, session: Session, kpi_ids: Collection[int], first: date, last: date
) -> dict[tuple[int, date], PlainReading]:
    """The readings as they stand in the database now, by KPI and period, for whoever is going to change them.

    They are no objects of the session: `commands.keeping.keep` stores them.
    """
    session.flush()
    connection = session.connection()
    if len(kpi_ids) == 1 and first == last:  # what a page saves most often, by its key
        rows = _ONE.ask(connection=connection, row={"kpi": next(iter(kpi_ids)), "period": first})
    else:
        rows = connection.execute(_STANDING, {"kpis": list(kpi_ids), "first": first, "last": last}).all()
    found = (dict(zip(_NAMES, row, strict=True)) for row in rows)
    return {(one["kpi_id"], one["period"]): PlainReading(known=one) for one in found}


def aimless_periods(*, session: Session, kpi_ids: Iterable[int]) -> set[tuple[int, date]]:
    """The KPIs and periods whose reading has no target that decides."""
    aimless = and_(Reading.band_low.is_(None), Reading.band_high.is_(None))
    keys, found = sorted(kpi_ids), set[tuple[int, date]]()
    for first in range(0, len(keys), MOST_KEYS):
        some = Reading.kpi_id.in_(keys[first : first + MOST_KEYS])
        query = select(Reading.kpi_id, Reading.period).where(aimless, some)
        found.update((kpi, period) for kpi, period in session.execute(query))
    return found


def list_revisions(*, session: Session, kpi_id: int) -> Sequence[Revision]:
    """Every revision of a KPI's figures, the latest first."""
    return session.scalars(
        select(Revision).where(Revision.kpi_id == kpi_id).order_by(Revision.recorded_at.desc(), Revision.id.desc())
    ).all()


def subjects_of(*, kpis: Iterable[KPI]) -> dict[int, Subject]:
    """What access needs to know of each KPI, without a statement for each: nothing answers a KPI, not even a draft."""
    return {
        one.id: Subject(
            unit=one.unit_id,
            draft=one.state is State.DRAFT,
            responsible=frozenset(key for key in (one.owner_id, one.reporter_id) if key is not None),
        )
        for one in kpis
    }

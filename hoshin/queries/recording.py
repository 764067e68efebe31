"""What must be known of the years and their locks before a figure may stand, in one statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Integer, bindparam, cast, null, select, union_all
from sqlalchemy.orm import Session

from hoshin.engine.calendars import CycleSpan
from hoshin.model.base import table_of
from hoshin.model.cycles import Cycle, CycleKPI, CycleState, MonthLock

_CYCLES, _PLANS, _LOCKS = (table_of(model=one) for one in (Cycle, CycleKPI, MonthLock))
_YEARS = union_all(
    select(
        _CYCLES.c.id, _CYCLES.c.name, _CYCLES.c.first_day, _CYCLES.c.last_day, _CYCLES.c.state, _PLANS.c.kpi_id,
        cast(null(), Integer).label("unit_id"),
    ).outerjoin_from(
        _CYCLES,
        _PLANS,
        (_PLANS.c.cycle_id == _CYCLES.c.id) & _PLANS.c.kpi_id.in_(bindparam("kpis", expanding=True)),
    ),
    select(null(), null(), _LOCKS.c.month, null(), null(), null(), _LOCKS.c.unit_id).where(
        _LOCKS.c.unit_id.in_(bindparam("units", expanding=True)), _LOCKS.c.month >= bindparam("since")
    ),
)  # fmt: skip
"""Each cycle with each of the KPIs that is on its plan, if any, and below them the locked months by unit."""


@dataclass(frozen=True, slots=True)
class Year:
    """A cycle as far as a figure is concerned."""

    id: int
    span: CycleSpan
    state: CycleState


@dataclass(frozen=True, slots=True)
class Years:
    """The cycles, which KPIs are on the plans of which (cycle, KPI), and the months that are locked (unit, month)."""

    years: Collection[Year]
    members: set[tuple[int, int]]
    locks: frozenset[tuple[int, date]]

    def on(self, *, day: date) -> Year | None:
        """The cycle that holds the day, or None where none was opened."""
        return next((one for one in self.years if one.span.first <= day <= one.span.last), None)

    def is_locked(self, *, unit_id: int, day: date) -> bool:
        """Whether the day's month is locked for the unit, or its cycle is closed."""
        year = self.on(day=day)
        return (unit_id, day.replace(day=1)) in self.locks or (year is not None and year.state is CycleState.CLOSED)


def load_years(*, session: Session, kpi_ids: Collection[int], unit_ids: Collection[int], since: date) -> Years:
    """All cycles, with what of these KPIs is on their plans and what of these units is locked from that month on."""
    session.flush()
    asked = {"kpis": list(kpi_ids), "units": list(unit_ids), "since": since}
    years, members, locks = dict[int, Year](), set[tuple[int, int]](), set[tuple[int, date]]()
    for key, name, first, last, state, kpi_id, unit_id in session.connection().execute(_YEARS, asked):
        if unit_id is not None:
            locks.add((unit_id, first))
            continue
        if key not in years:
            years[key] = Year(key, CycleSpan(name, first, last), state)
        if kpi_id is not None:
            members.add((key, kpi_id))
    return Years(list(years.values()), members, frozenset(locks))

"""Where a KPI is expected to end the year: written by whoever records it, journalled, never deciding anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import closed, journal
from hoshin.engine.figures import checked_figure, show_figure
from hoshin.errors import Missing, Problem, Refused, Stale
from hoshin.model.cycles import CycleKPI
from hoshin.model.kpis import KPI
from hoshin.queries.items import get_item, subject_for


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastWish:
    """The forecast of one KPI for one cycle, None for none; `seen` is what it said when it was read."""

    kpi_id: int
    cycle_id: int
    value: Decimal | None
    seen: Decimal | None = None


def set_forecast(*, session: Session, wish: ForecastWish, by: Actor, at: datetime) -> CycleKPI:
    """Write the forecast.

    Raises Missing for a KPI that is not on the cycle's plan, Stale when somebody else wrote another one first.
    """
    kpi = get_item(session=session, actor=by, item_id=wish.kpi_id, kind=KPI)
    require(actor=by, act=Act.RECORD_ACTUALS, subject=subject_for(session=session, item=kpi))
    held = session.get(CycleKPI, (wish.cycle_id, wish.kpi_id), with_for_update=True, populate_existing=True)
    if held is None:
        raise Missing("this KPI is not on the plan of the cycle")
    if held.forecast == wish.value:
        return held
    closed.refuse_closed(session=session, cycle_id=held.cycle_id)
    if held.forecast != wish.seen:
        raise Stale({"Forecast": show_figure(value=held.forecast)})
    try:
        value = None if wish.value is None else checked_figure(value=wish.value)
    except ValueError as error:
        raise Refused(Problem(str(error), field="forecast")) from error
    before = {"forecast": show_figure(value=held.forecast)}
    held.forecast = value
    session.flush()
    journal.write(
        session=session, by=by, at=at, verb="forecast", thing=held, subject_id=str(kpi.id), name=kpi.name,
        before=before, after={"forecast": show_figure(value=value)}, unit=kpi.unit_id,
    )  # fmt: skip
    return held

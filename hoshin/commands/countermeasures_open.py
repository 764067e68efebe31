"""Countermeasures are opened and reopened by the figures themselves, once for each KPI however many ask at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor, system_actor
from hoshin.commands import journal
from hoshin.engine.answers import gap
from hoshin.engine.band_text import show_band
from hoshin.engine.calendars import FiscalCalendar, add_months
from hoshin.engine.figures import show_figure
from hoshin.engine.misses import Mark, Occasion, Patience, far_above_since, missed_too_often
from hoshin.errors import Forbidden
from hoshin.model.base import TITLE
from hoshin.model.countermeasures import AnswerState, Countermeasure
from hoshin.model.kpis import KPI
from hoshin.queries.attainment import today_in
from hoshin.queries.countermeasures import Watched, list_of_kpis, list_watched
from hoshin.queries.units import get_organisation

THE_FIGURES = system_actor(name="Hoshin (from the figures)")
"""Who opens a countermeasure in the journal: nobody wished for it, the figures ask."""

RELAPSE_MONTHS = 12
"""A relapse later than this after the closing is a new problem and gets a new countermeasure."""


def open_due(
    *, session: Session, by: Actor, at: datetime, kpi_ids: Collection[int] | None = None
) -> list[Countermeasure]:
    """Open a countermeasure for every KPI whose due figures ask for one now, or reopen the one that has relapsed.

    Idempotent: what is open already, or was answered since, is left alone, and two who ask at once open one. Looks at
    all KPIs, or at those named. Raises Forbidden for anybody but the system: this is no one's wish.
    """
    if not by.is_system:
        raise Forbidden("countermeasures are opened by the figures")
    opening = _opening(session, by, at)
    asking = opening.find_asking(kpi_ids)
    if not asking:
        return []
    opening.hold([one.kpi.id for one in asking])
    return [found for one in asking for found in opening.answer(one)]


def find_due(*, session: Session, at: datetime, kpi_ids: Collection[int]) -> list[int]:
    """Those of the KPIs for which `open_due` would open or reopen something now; nobody is held up by looking."""
    opening = _opening(session, THE_FIGURES, at)
    asking = opening.find_asking(kpi_ids)
    opening.look([one.kpi.id for one in asking])
    return sorted(one.kpi.id for one in asking if opening.due(one))


def _opening(session: Session, by: Actor, at: datetime) -> _Opening:
    organisation = get_organisation(session=session)
    return _Opening(session, by, at, organisation.calendar, organisation.patience)


class _Opening:
    """What one run knows: the settings, and the countermeasures that are there for the KPIs that ask."""

    def __init__(self, session: Session, by: Actor, at: datetime, calendar: FiscalCalendar, patience: Patience) -> None:
        self.session, self.by, self.at, self.calendar, self.patience = session, by, at, calendar, patience
        self.today = today_in(organisation=get_organisation(session=session), now=at)
        self.there: dict[tuple[int, Occasion], list[Countermeasure]] = {}

    def find_asking(self, kpi_ids: Collection[int] | None) -> list[Watched]:
        """The KPIs, of those named or of all, whose figures ask for something."""
        watched = list_watched(session=self.session, today=self.today, kpi_ids=kpi_ids)
        return [one for one in watched if self.asks(one)]

    def asks(self, one: Watched) -> dict[Occasion, Mark]:
        """What the KPI's figures ask for, each with the period that asked."""
        allowed = self.patience.misses_allowed(kpi_class=one.kpi.kpi_class)
        found = {
            Occasion.MISS: missed_too_often(among=one.marks, allowed=allowed),
            Occasion.ABOVE: far_above_since(
                among=one.marks,
                direction=one.kpi.direction,
                baseline=one.kpi.baseline,
                times=self.patience.far_above,
            ),
        }
        return {occasion: mark for occasion, mark in found.items() if mark is not None}

    def hold(self, kpi_ids: list[int]) -> None:
        """Hold the KPIs, so that whoever asks for the same ones waits, and then look what is there."""
        self.session.execute(select(KPI.id).where(KPI.id.in_(kpi_ids)).order_by(KPI.id).with_for_update(key_share=True))
        self.look(kpi_ids)

    def look(self, kpi_ids: list[int]) -> None:
        """Find out which countermeasures these KPIs have."""
        for one in list_of_kpis(session=self.session, kpi_ids=kpi_ids):
            self.there.setdefault((one.kpi_id, one.occasion), []).append(one)

    def due(self, one: Watched) -> list[tuple[Occasion, Mark, Countermeasure | None]]:
        """What is to be opened for the KPI's figures, or reopened where there is one, and the period that asks."""
        found: list[tuple[Occasion, Mark, Countermeasure | None]] = []
        for occasion, mark in self.asks(one).items():
            earlier = self.there.get((one.kpi.id, occasion), [])
            if any(each.is_open for each in earlier):
                continue
            last = earlier[-1] if earlier else None
            if occasion is Occasion.ABOVE and last is not None and last.opened_for >= mark.period.first:
                continue  # this row has been explained
            relapsed = occasion is Occasion.MISS and last is not None and self._is_relapse(last)
            found.append((occasion, mark, last if relapsed else None))
        return found

    def answer(self, one: Watched) -> list[Countermeasure]:
        """Open or reopen what the KPI's figures ask for."""
        made = [
            self._reopen(last, one.kpi, mark) if last is not None else self._open(one.kpi, occasion, mark)
            for occasion, mark, last in self.due(one)
        ]
        return [one for one in made if one is not None]

    def _is_relapse(self, last: Countermeasure) -> bool:
        return last.closed_at is not None and self.at.date() < add_months(
            day=last.closed_at.date(), months=RELAPSE_MONTHS
        )

    def _open(self, kpi: KPI, occasion: Occasion, mark: Mark) -> Countermeasure | None:
        said = describe(mark=mark, calendar=self.calendar, uom=kpi.uom)
        new = Countermeasure(
            kpi_id=kpi.id,
            occasion=occasion,
            state=AnswerState.OPEN,
            owner_id=kpi.owner_id,
            opened_for=mark.period.first,
            opened_at=self.at,
            gap=said,
            title=kpi.name[:TITLE],
        )
        try:
            with self.session.begin_nested():
                journal.created(
                    session=self.session, by=self.by, at=self.at, thing=new, unit=kpi.unit_id, name=kpi.name, why=said
                )
        except IntegrityError as error:
            if "countermeasures" not in str(error.orig):
                raise
            return None  # somebody else has just opened it
        return new

    def _reopen(self, last: Countermeasure, kpi: KPI, mark: Mark) -> Countermeasure:
        said = describe(mark=mark, calendar=self.calendar, uom=kpi.uom)
        with journal.changing(
            session=self.session, by=self.by, at=self.at, thing=last, verb="reopened", unit=kpi.unit_id,
            name=kpi.name, why=f"relapse: {said}",
        ):  # fmt: skip
            last.state, last.closed_at, last.reopened_for = AnswerState.REOPENED, None, mark.period.first
            last.gap = said
        return last


def describe(*, mark: Mark, calendar: FiscalCalendar, uom: str) -> str:
    """The gap as a sentence: which period, the actual against the plan, how far off."""
    unit = f" {uom}" if uom else ""
    actual, plan = show_figure(value=mark.actual), show_band(band=mark.band)
    said = f"{calendar.label(period=mark.period)}: {actual}{unit} against {plan}{unit}"
    off = gap(mark=mark)
    return f"{said}, {show_figure(value=off)}{unit} off plan" if off else f"{said}, far above plan"

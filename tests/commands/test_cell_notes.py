"""A note beside a figure of the year is one line, journalled, and never written over unseen."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.commands.cell_notes import CellNoteWish, set_cell_note
from hoshin.errors import Missing, Refused, Stale
from hoshin.model.cycles import Cycle, CycleKPI, CycleState, YearCell
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI
from tests import factories

BY = system_actor(name="shell")


@pytest.fixture
def kpi(session: Session) -> KPI:
    """A KPI on the plan of FY2026."""
    factories.organisation(session)
    return factories.kpi(session, "Rate", cycle=factories.cycle(session))


def write(session: Session, kpi: KPI, text: str, *, cell: YearCell = YearCell.YTD, seen: str = "") -> CycleKPI:
    """Write one note."""
    cycle = session.scalars(select(Cycle)).one()
    wish = CellNoteWish(kpi_id=kpi.id, cycle_id=cycle.id, cell=cell, text=text, seen=seen)
    return set_cell_note(session=session, wish=wish, by=BY, at=factories.NOW)


def test_each_figure_has_its_own_line_and_the_journal_tells_it(session: Session, kpi: KPI) -> None:
    write(session, kpi, " a\n strike ")
    write(session, kpi, "new lines", cell=YearCell.FORECAST)
    held = write(session, kpi, "", seen="a strike")
    session.expire(held)
    assert held.notes == {"forecast": "new lines"}
    lines = session.scalars(select(JournalLine).where(JournalLine.verb == "noted").order_by(JournalLine.id)).all()
    assert [(one.before, one.after) for one in lines] == [
        ({"ytd_note": ""}, {"ytd_note": "a strike"}),
        ({"forecast_note": ""}, {"forecast_note": "new lines"}),
        ({"ytd_note": "a strike"}, {"ytd_note": ""}),
    ]


def test_what_was_not_seen_stands(session: Session, kpi: KPI) -> None:
    write(session, kpi, "theirs")
    with pytest.raises(Stale):
        write(session, kpi, "mine")
    assert write(session, kpi, "theirs").notes == {"ytd": "theirs"}


def test_too_long_closed_or_off_the_plan_is_refused(session: Session, kpi: KPI) -> None:
    with pytest.raises(Refused, match="at most 2000"):
        write(session, kpi, "x" * 2001)
    with pytest.raises(Missing):
        write(session, factories.kpi(session, "Elsewhere"), "x")
    session.scalars(select(Cycle)).one().state = CycleState.CLOSED
    with pytest.raises(Refused, match="is closed"):
        write(session, kpi, "x")

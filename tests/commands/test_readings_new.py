"""Readings that come by the hundred thousand: what one save would have written stands there, and what it refuses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.commands.bands import Values
from hoshin.commands.readings import CellWish, record_cells
from hoshin.commands.readings_new import Home, NewReadings
from hoshin.engine.verdicts import Direction
from hoshin.errors import Forbidden
from hoshin.model.base import Base, facts
from hoshin.model.cycles import CycleKPI, MonthLock
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Reading, Revision
from hoshin.model.people import Role
from tests import factories
from tests.factories import NOW

MAY, JUN = date(2026, 5, 1), date(2026, 6, 1)
BY = system_actor(name="the file")
FIGURES: list[Values] = [
    {"target": Decimal("5.0000"), "actual": Decimal("4.5000")},
    {"actual": Decimal("0.0000"), "note": "a quiet month"},
    {"low": Decimal("1.0000"), "high": Decimal("2.0000"), "ytd_target": Decimal("7.0000"), "stretch": Decimal(9)},
]
OWN = ("id", "kpi_id", "journal_id", "subject_id", "subject_name")


def new_kpi(session: Session, name: str, direction: Direction | None, tolerance: str | None) -> KPI:
    """A KPI that aims as given, on no plan yet."""
    kpi = factories.kpi(session, name, direction=direction, tolerance=Decimal(tolerance) if tolerance else None)
    session.flush()
    return kpi


def said(session: Session, model: type[Base], **of: Any) -> list[dict[str, Any]]:
    """The rows, but for what tells one KPI from another."""
    rows = session.scalars(select(model).filter_by(**of)).all()
    found = [{name: value for name, value in facts(of=one).items() if name not in OWN} for one in rows]
    return sorted(found, key=lambda one: (str(one.get("period", "")), str(one.get("verb", ""))))


@pytest.mark.parametrize("direction", [None, *Direction])
def test_many_at_once_write_what_one_save_writes(session: Session, direction: Direction | None) -> None:
    factories.organisation(session)
    factories.cycle(session)
    tolerance = "0.5" if direction is Direction.EXACTLY else None
    one, other = (new_kpi(session, name, direction, tolerance) for name in ("One", "Other"))
    wishes = [(MAY, FIGURES[0]), (JUN, FIGURES[1]), (date(2026, 7, 1), FIGURES[2])]
    cells = [CellWish(kpi_id=one.id, period=period, values=values) for period, values in wishes]
    record_cells(session=session, cells=cells, by=BY, at=NOW, reason="a file")
    many = NewReadings(session=session, by=BY, at=NOW, reason="a file")
    home = Home.of(kpi=other)
    left = many.record(
        cells=[(home, period, values) for period, values in wishes]
    )
    assert left == []
    session.expire_all()
    for model in (Reading, Revision, CycleKPI):
        assert said(session, model, kpi_id=other.id) == said(session, model, kpi_id=one.id) != []
    lines = said(session, JournalLine, subject="reading", subject_id=str(other.id))
    assert lines == said(session, JournalLine, subject="reading", subject_id=str(one.id))
    assert [line["verb"] for line in lines] == ["planned", "recorded"]
    points = {one.journal_id for one in session.scalars(select(Revision).where(Revision.kpi_id == other.id))}
    kept = select(JournalLine.id).where(JournalLine.subject_id == str(other.id), JournalLine.subject == "reading")
    assert points == set(session.scalars(kept))


def test_what_needs_a_second_look_is_given_back_unwritten(session: Session) -> None:
    factories.organisation(session)
    factories.cycle(session)
    kpi = new_kpi(session, "Output", Direction.EXACTLY, "99999999999999")
    session.add(MonthLock(unit_id=kpi.unit_id, month=MAY, locked_at=NOW, locked_by="Ada"))
    session.flush()
    big = {"target": Decimal(99999999999999)}
    wishes: list[tuple[date, Values]] = [
        (MAY, FIGURES[1]), (date(2026, 6, 2), FIGURES[1]), (date(2031, 1, 1), FIGURES[1]), (JUN, big), (JUN, {}),
    ]  # fmt: skip
    cells = [(Home.of(kpi=kpi), day, values) for day, values in wishes]
    left = NewReadings(session=session, by=BY, at=NOW, reason="a file").record(cells=cells)
    assert left == list(range(len(wishes)))
    assert session.scalars(select(Reading)).all() == []


def test_who_may_not_record_is_refused(session: Session) -> None:
    factories.organisation(session)
    factories.cycle(session)
    kpi = new_kpi(session, "Output", Direction.AT_LEAST, None)
    stranger = factories.actor(session, factories.person(session, "Somebody", Role.STAFF))
    many = NewReadings(session=session, by=stranger, at=NOW, reason="a file")
    with pytest.raises(Forbidden):
        many.record(cells=[(Home.of(kpi=kpi), MAY, FIGURES[0])])


def test_what_comes_in_two_parts_stands_once(session: Session) -> None:
    factories.organisation(session)
    factories.cycle(session)
    kpi = new_kpi(session, "One", Direction.AT_LEAST, None)
    many = NewReadings(session=session, by=BY, at=NOW, reason="a file")
    for period in (MAY, JUN):
        assert many.record(cells=[(Home.of(kpi=kpi), period, FIGURES[0])]) == []
    for model in (Reading, Revision):
        assert [one["period"] for one in said(session, model, kpi_id=kpi.id)] == ["2026-05-01", "2026-06-01"]

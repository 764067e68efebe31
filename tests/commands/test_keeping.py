"""Storing figures: all that must stand beside one, in how few statements, and never over what somebody else stored."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, inspect, select, update
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.commands.bands import BANDS, FIGURES, NOTES
from hoshin.commands.keeping import Kept, Signed, keep
from hoshin.commands.readings import CellWish, save_cells
from hoshin.engine.verdicts import Direction
from hoshin.errors import Stale
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, PlainReading, Reading, Revision
from hoshin.model.versions import Change, Version, touch_everything
from hoshin.queries.kpis import standing_readings
from tests import factories
from tests.factories import NOW
from tests.statements import counted

MAY, JUN = date(2026, 5, 1), date(2026, 6, 1)
BY = system_actor(name="the shell")
SIGNED = Signed(by=BY, at=NOW, reason="counted")


@pytest.fixture
def kpis(session: Session) -> list[KPI]:
    """A year, and two KPIs that hit with five."""
    factories.organisation(session)
    cycle = factories.cycle(session)
    made = [factories.kpi(session, name, cycle=cycle, direction=Direction.AT_LEAST) for name in ("Rate", "Scrap")]
    cells = [CellWish(kpi_id=one.id, period=MAY, values={"target": Decimal(5)}) for one in made]
    save_cells(session=session, cells=cells, by=BY, at=NOW - timedelta(days=1))
    session.commit()
    return made


def recorded(session: Session, kpi: KPI, period: date, actual: str) -> Kept:
    """An actual that is to stand."""
    known = standing_readings(session=session, kpi_ids=[kpi.id], first=period, last=period)
    reading = known.get((kpi.id, period)) or PlainReading.new(kpi_id=kpi.id, period=period)
    was = {"actual": reading.actual}
    reading.actual = Decimal(actual)
    return Kept(kpi.id, kpi.name, kpi.unit_id, "recorded", [(reading, was)])


@pytest.mark.parametrize("together", [True, False])
def test_a_figure_stands_with_all_that_belongs_beside_it(session: Session, kpis: list[KPI], together: bool) -> None:
    """One by one or all at once, there or new: the same is stored."""
    numbers = {one.subject: one.number for one in session.scalars(select(Version))}
    changes = [recorded(session, kpi, period, "4") for kpi in kpis for period in (MAY, JUN)]
    for some in [changes] if together else [[one] for one in changes]:
        keep(session=session, changes=some, signed=SIGNED)
    session.commit()
    found = session.scalars(select(Reading).order_by(Reading.period, Reading.kpi_id)).all()
    assert [(one.status, one.version, one.actual) for one in found] == [
        *[("mm", 2, Decimal(4))] * 2, *[("tt", 1, Decimal(4))] * 2
    ]  # fmt: skip
    latest = session.scalars(select(Revision).where(Revision.recorded_at == NOW)).all()
    lines = {one.id: one for one in session.scalars(select(JournalLine).where(JournalLine.verb == "recorded"))}
    assert {one.journal_id for one in latest} == set(lines)
    assert len(latest) == len(lines) == 4
    for one in latest:
        line, stands = lines[one.journal_id], session.get_one(Reading, (one.period, one.kpi_id))
        assert (line.subject_id, line.by_name, line.why) == (str(one.kpi_id), "the shell", "counted")
        assert (line.before, line.after) == (
            {one.period.isoformat(): {"actual": ""}}, {one.period.isoformat(): {"actual": "4"}}
        )  # fmt: skip
        assert (one.recorded_by, one.reason, one.amendment) == ("the shell", "counted", False)
        assert (one.actual, one.band_low, one.first_low, one.status, one.note) == (
            stands.actual, stands.band_low, stands.first_low, stands.status, ""
        )  # fmt: skip
    versions = {one.subject: one for one in session.scalars(select(Version).execution_options(populate_existing=True))}
    assert {name for name, one in versions.items() if one.number > numbers.get(name, 0)} == {"2026-05-01", "2026-06-01"}
    assert (versions["2026-05-01"].rows, versions["2026-06-01"].rows) == (1, 1)
    listed = session.execute(select(Change.period, Change.kpi_id).where(Change.number == numbers["2026-05-01"] + 1))
    assert {tuple(one) for one in listed} >= {(MAY, kpi.id) for kpi in kpis}


def test_what_somebody_else_stored_since_is_not_stored_over(session: Session, kpis: list[KPI]) -> None:
    """Not by one figure alone, nor by one among many; and nothing of the whole stands."""
    session.commit()
    for number in (1, 2):
        changes = [recorded(session, kpi, MAY, "4") for kpi in kpis[:number]]
        session.execute(
            update(Reading).where(Reading.kpi_id == kpis[0].id).values(actual=Decimal(9), version=Reading.version + 1)
        )
        with pytest.raises(Stale):
            keep(session=session, changes=changes, signed=SIGNED)
        session.rollback()
        assert session.scalars(select(Revision).where(Revision.recorded_at == NOW)).all() == []
        assert session.scalars(select(Reading.actual).where(Reading.actual.is_not(None))).all() == []


def test_what_the_session_holds_is_read_again(session: Session, kpis: list[KPI]) -> None:
    held = session.get_one(Reading, (MAY, kpis[0].id))
    keep(session=session, changes=[recorded(session, kpis[0], MAY, "6.5")], signed=SIGNED)
    assert (held.actual, held.status, held.version) == (Decimal("6.5"), "hh", 2)


@pytest.fixture
def saving(engine: Engine, session: Session, kpis: list[KPI]) -> Saving:
    """Whoever saves cells in a session of their own."""
    keys = [one.id for one in kpis]
    session.rollback()  # a writer waits for nobody here
    return Saving(engine, keys)


class Saving:
    """Saves and counts the statements; each time as somebody who has just come."""

    def __init__(self, engine: Engine, kpis: list[int]) -> None:
        self.engine, self.kpis, self.at = engine, kpis, NOW

    def statements(self, actual: str, kpis: int = 1, months: int = 1) -> int:
        """How many it takes to record so many cells."""
        periods = [date(2026, 5 - one, 1) for one in range(months)]
        cells = [
            CellWish(kpi_id=key, period=period, values={"actual": Decimal(actual)})
            for key in self.kpis[:kpis]
            for period in periods
        ]
        self.at += timedelta(hours=1)
        with Session(self.engine.execution_options(hoshin_writes=True)) as session, counted(self.engine) as seen:
            save_cells(session=session, cells=cells, by=BY, at=self.at)
            session.commit()
        return len([one for one in seen if not one.startswith(("BEGIN", "SET"))])


def test_a_save_takes_few_statements_and_more_cells_no_more(saving: Saving, database_url: str) -> None:
    """Organisation, KPI, reading and years; then what is stored; at last the version. A miss is looked into."""
    sqlite = database_url.startswith("sqlite")
    hit = 9 if sqlite else 6
    assert [saving.statements(one) for one in ("6", "7", "4", "8", "9")] == [hit, hit, hit + 2, hit + 2, hit]
    saving.statements("6", kpis=2, months=4)
    few = saving.statements("7", kpis=2, months=2)
    assert saving.statements("8", kpis=2, months=4) == few


def test_a_bulk_is_counted_whole_and_once(session: Session, kpis: list[KPI]) -> None:
    touch_everything(session=session)
    keep(session=session, changes=[recorded(session, kpis[0], MAY, "6")], signed=SIGNED)
    session.commit()
    found = {one.subject: one.number for one in session.scalars(select(Version))}
    assert {"structure", "readings", "2026-05-01"} <= set(found)


@pytest.mark.parametrize("together", [True, False])
def test_every_column_of_a_reading_is_kept(session: Session, kpis: list[KPI], together: bool) -> None:
    """In the reading and in its revision, whether it is new or changes; a column that is added later must be, too."""
    alike = [*FIGURES, *BANDS, "status", "recorded_at"]
    for step, period in ((10, MAY), (20, JUN), (30, JUN)):
        changes = [recorded(session, kpi, period, "0") for kpi in kpis]
        for kept in changes:
            reading, _ = kept.cells[0]
            for place, name in enumerate(one for one in (*FIGURES, *BANDS) if one not in NOTES):
                reading.__dict__[name] = Decimal(step + place) / 8
            reading.note, reading.plan_note, reading.amended = f"“{step}”\n\\é", f"{step} %", step > 10
        for some in [changes] if together else [[one] for one in changes]:
            keep(session=session, changes=some, signed=SIGNED)
        session.commit()
        session.expire_all()
        for kept in changes:
            reading, _ = kept.cells[0]
            stands = session.get_one(Reading, (period, kept.kpi_id))
            assert {one.key: getattr(stands, one.key) for one in inspect(Reading).columns} == {
                one.key: getattr(reading, one.key) for one in inspect(Reading).columns
            }
            latest = select(Revision).where(Revision.kpi_id == kept.kpi_id).order_by(Revision.id.desc())
            revision = session.scalars(latest).first()
            assert {name: getattr(revision, name) for name in alike} == {name: getattr(reading, name) for name in alike}

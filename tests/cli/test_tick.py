"""`hoshin tick`: opens what the figures ask for, once, also when nobody types anything."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.cli import shell, tick
from hoshin.commands.countermeasures_open import find_due, open_due
from hoshin.commands.progress import Cancelled
from hoshin.commands.readings import CellWish, record_cells
from hoshin.config import settings_from
from hoshin.db import Database
from hoshin.engine.verdicts import Direction
from hoshin.model.countermeasures import Countermeasure
from hoshin.model.journal import JournalLine
from tests import factories


def test_a_second_tick_finds_nothing_left_to_do(session: Session, database_url: str, tmp_path: Path) -> None:
    environ = {"HOSHIN_DATABASE_URL": database_url, "HOSHIN_INSTANCE": str(tmp_path)}

    def run() -> str:
        result = CliRunner().invoke(shell.hoshin, ["tick"], env=environ)
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "no organisation yet" in run()
    factories.organisation(session, live_on=date(2020, 1, 1))
    factories.cycle(session, 2024)
    kpi = factories.kpi(session, "On time", direction=Direction.AT_LEAST)
    cell = CellWish(kpi_id=kpi.id, period=date(2024, 3, 1), values={"target": Decimal(9), "actual": Decimal(8)})
    record_cells(session=session, cells=[cell], by=system_actor(name="import"), at=factories.NOW)
    session.commit()
    assert "1 countermeasure opened" in run()
    assert "0 countermeasures opened" in run()
    assert len(session.scalars(select(Countermeasure)).all()) == 1
    line = session.scalars(select(JournalLine).where(JournalLine.subject == "countermeasure")).one()
    assert line.by_name == "Hoshin (from the figures)"


def _missed(session: Session) -> list[int]:
    """Three KPIs whose figures ask for a countermeasure."""
    factories.organisation(session, live_on=date(2020, 1, 1))
    factories.cycle(session, 2024)
    kpis = [factories.kpi(session, f"KPI {one}", direction=Direction.AT_LEAST).id for one in range(3)]
    values = {"target": Decimal(9), "actual": Decimal(8)}
    cells = [CellWish(kpi_id=one, period=date(2024, 3, 1), values=values) for one in kpis]
    record_cells(session=session, cells=cells, by=system_actor(name="import"), at=factories.NOW)
    session.commit()
    return kpis


def test_what_is_due_is_found_in_short_looks(
    session: Session, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite without WAL commits nothing while somebody looks."""
    kpis, looked = _missed(session), list[list[int]]()

    def watched(*, kpi_ids: list[int], **more: Any) -> list[int]:
        looked.append(kpi_ids)
        return find_due(kpi_ids=kpi_ids, **more)

    monkeypatch.setattr(tick, "LOOKED_AT", 2)
    monkeypatch.setattr(tick, "find_due", watched)
    database = Database(url=database_url)
    tick.run_tick(database=database, settings=settings_from(environ={}), at=factories.NOW)
    database.dispose()
    assert looked == [kpis[:2], kpis[2:]]
    assert sorted(session.scalars(select(Countermeasure.kpi_id))) == kpis


def test_countermeasures_are_opened_a_few_at_a_time_so_that_nobody_waits_for_all(
    session: Session, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who saves a figure of such a KPI waits until its countermeasure stands, not until thousands do."""
    kpis = _missed(session)
    standing, opening = list[tuple[list[int], int]](), open_due

    def watched(*, kpi_ids: list[int], **more: Any) -> list[Countermeasure]:
        standing.append((kpi_ids, len(session.scalars(select(Countermeasure)).all())))
        session.rollback()
        return opening(kpi_ids=kpi_ids, **more)

    breaths = list[float]()
    monkeypatch.setattr("hoshin.cli.tick.time.sleep", breaths.append)
    monkeypatch.setattr(tick, "AT_ONCE", 1)
    monkeypatch.setattr(tick, "open_due", watched)
    environ = {"HOSHIN_DATABASE_URL": database_url, "HOSHIN_INSTANCE": str(tmp_path)}
    database = Database(url=database_url)
    try:
        settings = settings_from(environ=environ)
        assert tick.run_tick(database=database, settings=settings, at=factories.NOW)[0].startswith("3 countermeasures")
        assert standing == [([kpis[0]], 0), ([kpis[1]], 1), ([kpis[2]], 2)], "what is opened is committed at once"
        tick.run_tick(database=database, settings=settings, at=factories.NOW)
    finally:
        database.dispose()
    assert len(standing) == 3, "what is open already is not held again"
    assert breaths == ([tick.BREATH] * 3 if database.writers_are_alone else []), "others who write get in between"


def test_a_tick_that_may_not_go_on_ends_between_two_transactions(
    session: Session, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job process that has lost its lease leaves the rest to the one that has it."""
    kpis, steps = _missed(session), iter(range(2))

    def go_on() -> None:
        if next(steps, None) is None:
            raise Cancelled("somebody else has taken up this work")

    monkeypatch.setattr(tick, "AT_ONCE", 1)
    database = Database(url=database_url)
    with pytest.raises(Cancelled):
        tick.run_tick(database=database, settings=settings_from(environ={}), at=factories.NOW, go_on=go_on)
    database.dispose()
    assert session.scalars(select(Countermeasure.kpi_id)).all() == kpis[:1], "after one look and one transaction"

"""`hoshin tick`: opens what the figures ask for, once, also when nobody types anything."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.cli import shell
from hoshin.commands.readings import CellWish, record_cells
from hoshin.engine.verdicts import Direction
from hoshin.model.countermeasures import Countermeasure
from hoshin.model.journal import JournalLine
from tests import factories


def test_a_second_tick_finds_nothing_left_to_do(session: Session, database_url: str, tmp_path: Path) -> None:
    environ = {"HOSHIN_DATABASE_URL": database_url, "HOSHIN_INSTANCE": str(tmp_path)}

    def tick() -> str:
        result = CliRunner().invoke(shell.hoshin, ["tick"], env=environ)
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "no organisation yet" in tick()
    factories.organisation(session, live_on=date(2020, 1, 1))
    factories.cycle(session, 2024)
    kpi = factories.kpi(session, "On time", direction=Direction.AT_LEAST)
    cell = CellWish(kpi_id=kpi.id, period=date(2024, 3, 1), values={"target": Decimal(9), "actual": Decimal(8)})
    record_cells(session=session, cells=[cell], by=system_actor(name="import"), at=factories.NOW)
    session.commit()
    assert "1 countermeasure opened" in tick()
    assert "0 countermeasures opened" in tick()
    assert len(session.scalars(select(Countermeasure)).all()) == 1
    line = session.scalars(select(JournalLine).where(JournalLine.subject == "countermeasure")).one()
    assert line.by_name == "Hoshin (from the figures)"

"""The verdict stored beside a reading is the engine's, on both databases and after every kind of change."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from hoshin.db import downgrade, make_engine, upgrade
from hoshin.engine.metrics import Reading as EngineReading
from hoshin.engine.statuses import LETTERS, status_of
from hoshin.engine.verdicts import Band, Verdict, judge
from hoshin.model.kpis import Reading, Revision
from tests import factories

FIGURE = strategies.one_of(
    strategies.none(), strategies.decimals(Decimal("-9.9999"), Decimal("9.9999"), places=4, allow_nan=False)
)
NAMES = ("actual", "band_low", "band_high", "first_low", "first_high")
SOME = [dict(zip(NAMES, row, strict=True)) for row in [
    (None, None, None, None, None),
    ("1", None, None, None, None),
    (None, "1", None, "2", None),
    ("1", "1", None, "2", None),
    ("0.8", "0.8", "0.8", None, "0.7"),
    ("-3", None, "-3", "-2", "-1"),
    ("3", "1", "2", "1", "3"),
]]  # fmt: skip


@given(FIGURE, FIGURE, FIGURE, FIGURE, FIGURE)
def test_the_letters_are_the_verdicts(
    actual: Decimal | None, low: Decimal | None, high: Decimal | None, first: Decimal | None, last: Decimal | None
) -> None:
    reading = EngineReading(Band(low, high), actual, Band(first, last))
    now, then = (judge(due=True, band=one, actual=actual) for one in (reading.band, reading.first_band))
    assert status_of(reading=reading) == LETTERS[now] + LETTERS[then]
    assert set(LETTERS) == set(Verdict) - {Verdict.NOT_DUE}


def _reading(session: Session, values: dict[str, str | None], day: date = date(2026, 5, 1)) -> Reading:
    factories.organisation(session)
    kpi = factories.kpi(session, "Rate")
    figures = {name: None if value is None else Decimal(value) for name, value in values.items()}
    row = Reading(kpi_id=kpi.id, period=day, recorded_at=factories.NOW, **figures)
    session.add(row)
    session.flush()
    return row


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=strategies.lists(strategies.fixed_dictionaries(dict.fromkeys(NAMES, FIGURE)), min_size=1, max_size=3))
def test_every_change_of_figures_changes_the_stored_verdict(
    sqlite_url: str, changes: list[dict[str, Decimal | None]]
) -> None:
    engine = make_engine(url=sqlite_url)
    with Session(engine) as session:
        row = _reading(session, {})
        for change in changes:
            for name, value in change.items():
                setattr(row, name, value)
            session.flush()
            session.refresh(row)
            assert row.status == status_of(reading=row.as_reading())
    engine.dispose()


@pytest.mark.parametrize("values", SOME)
def test_the_migration_judges_what_is_there_as_the_engine_does(engine: Engine, values: dict[str, str | None]) -> None:
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        row = _reading(session, values)
        facts = {name: getattr(row, name) for name in NAMES}
        stated = {"recorded_at": factories.NOW, "recorded_by": "x", "journal_id": 1}
        session.add(Revision(kpi_id=row.kpi_id, period=row.period, **stated, **facts))
        session.commit()
        expected = status_of(reading=row.as_reading())
    downgrade(engine=engine, revision="0010")
    upgrade(engine=engine)
    with engine.connect() as connection:
        for table in ("readings", "revisions"):
            assert connection.scalar(text(f"SELECT status FROM {table}")) == expected

"""The structure read as columns is what the tables say, however large the keys may become."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hoshin.engine.columns import NONE, STATES, D, I, K, L, U
from hoshin.model.items import Item
from hoshin.model.kpis import KPI
from hoshin.model.links import Correlation, Deployment
from hoshin.model.units import Unit
from hoshin.queries import columns
from hoshin.queries.columns import KEYED, read_columns
from tests.queries.test_as_known import Story


@pytest.mark.parametrize("largest", [None, 2**24, 2**29, 2**31 - 2, 2**45, 2**62 - 2])
def test_keys_ride_on_one_another_and_come_apart(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch, largest: int | None
) -> None:
    """One number holds as many as there is room for."""
    Story(session, 21)
    session.commit()
    if largest is not None:
        monkeypatch.setattr(columns, "_largest_keys", lambda _: dict.fromkeys(KEYED, largest))
    with Session(engine, autoflush=False) as reader:
        found = read_columns(session=reader)
        units = reader.scalars(select(Unit).order_by(Unit.id)).all()
        assert found.units[:, [U.KEY, U.PARENT]].tolist() == [[one.id, one.parent_id or NONE] for one in units]
        items = reader.scalars(select(Item).where(Item.kind != "kpi").order_by(Item.id)).all()
        assert found.items[:, [I.KEY, I.UNIT, I.CYCLE, I.STATE]].tolist() == [
            [one.id, one.unit_id, one.cycle_id or NONE, STATES.index(one.state)] for one in items
        ]
        kpis = reader.scalars(select(KPI).order_by(KPI.id)).all()
        assert found.kpis[:, [K.KEY, K.UNIT, K.OWNER, K.MONTHS]].tolist() == [
            [one.id, one.unit_id, one.owner_id or NONE, one.frequency.months] for one in kpis
        ]
        links = {(one.upper_id, one.lower_id, int(one.strength)) for one in reader.scalars(select(Correlation))}
        assert {tuple(one) for one in found.links[:, [L.UPPER, L.LOWER, L.STRENGTH]].tolist()} == links
        deployed = reader.scalars(select(Deployment).order_by(Deployment.id)).all()
        assert found.deployments[:, [D.KEY, D.SOURCE, D.OBJECTIVE]].tolist() == [
            [one.id, one.source_id, one.objective_id] for one in deployed
        ]
        assert min(map(len, (units, items, kpis, links, deployed))) > 0
        for table in (columns.UNITS, columns.ITEMS, columns.KPIS, columns.KEYED_LINKS, columns.DEPLOYMENTS):
            numbers = columns._parts(table, columns._largest_keys(reader))  # noqa: SLF001 - no small plan shows it
            packs = columns._packed(numbers)  # noqa: SLF001 - as above
            assert max(sum(one.bits for one in pack) for pack in packs) <= 63  # as a signed number of 64 has
        assert all(one.dtype == np.int32 for one in (found.units, found.items, found.kpis, found.links))

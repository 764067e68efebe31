"""The figures of one period for every KPI, as columns: as they stand, or as they were known at a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Date, bindparam
from sqlalchemy.orm import Session

from hoshin.db import UTCInstant
from hoshin.engine.columns import NONE, places
from hoshin.engine.forest import Whole
from hoshin.engine.stretches import NOTHING, PLAIN, TYPED
from hoshin.queries.columns import read_lists
from hoshin.queries.statuses import by_index

IS_TYPED = " OR ".join(f"{{table}}.{name} IS NOT NULL" for name in TYPED)
UNDONE = """
    (SELECT later.kpi_id, (
        SELECT id FROM revisions AS earlier{by}
        WHERE earlier.kpi_id = later.kpi_id AND earlier.period = :period AND earlier.recorded_at <= :known
        ORDER BY earlier.recorded_at DESC, earlier.id DESC LIMIT 1) AS revision_id
     FROM revisions AS later WHERE period = :period AND recorded_at > :known GROUP BY later.kpi_id) AS undone
    LEFT JOIN revisions ON revisions.id = undone.revision_id
"""


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """The figures of one period by the places of the KPIs, in the form and order of engine.stretches."""

    plain: Sequence[Whole]
    typed: Sequence[Whole]


def read_figures(
    *, session: Session, keys: Whole, period: date, known_at: datetime | None, typed_too: bool
) -> PeriodFigures:
    """The figures of the period in one statement, and one more for what is typed if that is wanted too; twice as many
    for a past moment, since when what was revised is undone.
    """
    values: dict[str, Any] = {"period": bindparam("period", period, Date)}
    plain, typed = (np.full((len(PLAIN), len(keys) + 1), NOTHING, np.int64) for _ in range(2))  # the last: no place
    of_period = "readings WHERE readings.period = :period"
    _put(session, plain, keys, PLAIN, ("readings", "readings.kpi_id", of_period), values)
    some = f"{of_period} AND ({IS_TYPED.format(table='readings')})"
    if typed_too:
        _put(session, typed, keys, TYPED, ("readings", "readings.kpi_id", some), values)
    if known_at is not None:
        values["known"] = bindparam("known", known_at, UTCInstant)
        source = UNDONE.format(by=by_index(session=session, index="ix_revisions_reading"))
        for table, names in ((plain, PLAIN), (typed, TYPED))[: 1 + typed_too]:
            _put(session, table, keys, names, ("revisions", "undone.kpi_id", source), values)
    return PeriodFigures(list(plain[:, :-1]), list(typed[:, :-1]))


def _put(
    session: Session,
    table: Whole,
    keys: Whole,
    names: Sequence[str],
    source: tuple[str, str, str],
    values: Mapping[str, object],
) -> None:
    of, key, rows = source
    doubled = [f"coalesce({of}.{name} * 2, {NOTHING})" for name in names]
    found = read_lists(session=session, columns=[key, *doubled], source=rows, values=values)
    at = places(keys=keys, of=found[0])
    for row, figures in zip(table, found[1:], strict=True):
        row[at] = figures
    table[:, NONE] = NOTHING

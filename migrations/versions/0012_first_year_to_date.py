"""The typed year to date as first agreed, told from the revisions.

Revision: 0012, after 0011.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COLUMNS = ("ytd_first_low", "ytd_first_high")
KEY, BAND = ("kpi_id", "period"), ("ytd_band_low", "ytd_band_high")


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(one) for one in columns))


REVISIONS = _table("revisions", "id", *KEY, "amendment", *BAND, *COLUMNS)
READINGS = _table("readings", *KEY, *COLUMNS)


def upgrade() -> None:
    for table in ("readings", "revisions"):
        for name in COLUMNS:
            op.add_column(table, sa.Column(name, sa.BigInteger(), nullable=True))
    connection = op.get_bind()
    known = REVISIONS.c
    typed = sa.select(known.kpi_id).where(sa.or_(known.ytd_band_low.is_not(None), known.ytd_band_high.is_not(None)))
    query = sa.select(known.id, known.kpi_id, known.period, known.amendment, known.ytd_band_low, known.ytd_band_high)
    query = query.where(known.kpi_id.in_(typed)).order_by(known.kpi_id, known.period, known.id)
    for (kpi, period), lines in groupby(connection.execute(query), key=lambda row: (row.kpi_id, row.period)):
        first = _replay(connection, list(lines))
        one = sa.and_(READINGS.c.kpi_id == kpi, READINGS.c.period == period)
        connection.execute(READINGS.update().where(one).values(dict(zip(COLUMNS, first, strict=True))))


def _replay(connection: sa.Connection, lines: Sequence[Any]) -> tuple[int | None, int | None]:
    """What was first agreed, after the last of one period's revisions: an amendment leaves it alone."""
    empty = (None, None)
    before, first = empty, empty
    for line in lines:
        band = (line.ytd_band_low, line.ytd_band_high)
        amended = line.amendment and (before != empty or first != empty)
        if band != before and not amended:
            first = band
        before = band
        one = REVISIONS.c.id == line.id
        connection.execute(REVISIONS.update().where(one).values(dict(zip(COLUMNS, first, strict=True))))
    return first


def downgrade() -> None:
    for table in ("readings", "revisions"):
        for name in COLUMNS:
            op.drop_column(table, name)

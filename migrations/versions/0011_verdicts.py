"""Stored verdicts beside readings and revisions, and the versions under which reports are kept.

Revision: 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# The letters of the verdict: no target, no data, hit, miss. As the engine judges; a test compares.
STATUS = """
    CASE WHEN {low} IS NULL AND {high} IS NULL THEN 't'
         WHEN actual IS NULL THEN 'd'
         WHEN ({low} IS NULL OR {low} <= actual) AND ({high} IS NULL OR actual <= {high}) THEN 'h'
         ELSE 'm' END
"""


def upgrade() -> None:
    now, first = STATUS.format(low="band_low", high="band_high"), STATUS.format(low="first_low", high="first_high")
    for table in ("readings", "revisions"):
        op.add_column(table, sa.Column("status", sa.String(length=2), nullable=False, server_default="tt"))
        op.execute(f"UPDATE {table} SET status = ({now}) || ({first})")
    op.create_index("ix_readings_status", "readings", ["period", "kpi_id", "status"])
    op.create_index("ix_revisions_known", "revisions", ["period", "recorded_at"])
    op.create_table(
        "versions",
        sa.Column("subject", sa.String(length=20), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("number", "rows", "since")),
        sa.PrimaryKeyConstraint("subject", name="pk_versions"),
    )
    op.create_table(
        "reading_changes",
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kpi_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("period", "number", "kpi_id", name="pk_reading_changes"),
    )


def downgrade() -> None:
    op.drop_table("reading_changes")
    op.drop_table("versions")
    op.drop_index("ix_revisions_known", "revisions")
    op.drop_index("ix_readings_status", "readings")
    for table in ("revisions", "readings"):
        op.drop_column(table, "status")

"""A line beside the plan of a period, besides the one beside its actual.

Revision: 0015, after 0014.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = ("readings", "revisions")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("plan_note", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_column(table, "plan_note")

"""One-line notes beside the figures of a KPI's whole year, by the figure's name.

Revision: 0014, after 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cycle_kpis", sa.Column("notes", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("cycle_kpis", "notes")

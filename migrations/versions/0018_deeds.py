"""Which requests have been carried out, so that a proxy may send one again when its answer got lost.

Revision: 0018, after 0017.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deeds",
        sa.Column("sign_in_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sign_in_id", "request_id", name="pk_deeds"),
    )


def downgrade() -> None:
    op.drop_table("deeds")

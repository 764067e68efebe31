"""Jobs that somebody waits for: whose they are, how far they are, their files and what came of them.

Revision: 0013, after 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_orders",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("doing", sa.String(length=40), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_orders_job_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_job_orders_person_id"),
        sa.PrimaryKeyConstraint("job_id", name="pk_job_orders"),
    )
    op.create_index("ix_job_orders_person_id", "job_orders", ["person_id"])
    op.create_table(
        "job_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("is_result", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_files_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_job_files"),
        sa.UniqueConstraint("job_id", "is_result", name="uq_job_files_job_id_is_result"),
    )


def downgrade() -> None:
    op.drop_table("job_files")
    op.drop_index("ix_job_orders_person_id", "job_orders")
    op.drop_table("job_orders")

"""Proposed amendments of agreed targets, and who agreed to each amendment.

Revision: 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATES = ("proposed", "agreed", "returned", "withdrawn")


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kpi_id", sa.Integer(), nullable=False),
        sa.Column("state", _words(*STATES, name="proposal_state"), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("revises", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=True),
        sa.Column("proposed_by", sa.String(length=500), nullable=False),
        sa.Column("proposed_for", sa.String(length=500), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.String(length=500), nullable=False),
        sa.Column("answered_for", sa.String(length=500), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'proposed') = (answered_at IS NULL)", name=op.f("ck_proposals_answered")),
        sa.ForeignKeyConstraint(["kpi_id"], ["kpis.id"], name="fk_proposals_kpi_id"),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["people.id"], name="fk_proposals_proposed_by_id"),
        sa.ForeignKeyConstraint(["principal_id"], ["people.id"], name="fk_proposals_principal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
    )
    op.create_index("ix_proposals_kpi_id", "proposals", ["kpi_id"])
    op.create_index("ix_proposals_proposed_by_id", "proposals", ["proposed_by_id"])
    waiting = sa.text("state = 'proposed'")
    op.create_index(
        "uq_proposals_waiting", "proposals", ["kpi_id"], unique=True, sqlite_where=waiting, postgresql_where=waiting
    )
    op.execute("ALTER TABLE revisions ADD COLUMN agreed_by VARCHAR(500) NOT NULL DEFAULT ''")


def downgrade() -> None:
    op.execute("ALTER TABLE revisions DROP COLUMN agreed_by")
    op.drop_table("proposals")


def _words(*words: str, name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)

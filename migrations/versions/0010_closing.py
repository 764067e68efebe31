"""Closing a cycle: what becomes of each item, and when and by whom a cycle was closed.

Revision: 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cycles", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cycles", sa.Column("closed_by", sa.String(length=500), nullable=False, server_default=""))
    op.create_table(
        "closing_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("fate", _words("keep", "change", "end", name="fate"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("wording", sa.String(length=500), nullable=False),
        sa.Column("targets", _words("empty", "same", "ramp", name="target_rule"), nullable=False),
        sa.Column("ramp_to", sa.BigInteger(), nullable=True),
        sa.Column("chosen_by", sa.String(length=500), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("carried_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(targets = 'ramp') = (ramp_to IS NOT NULL)", name=op.f("ck_closing_choices_ramp")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name="fk_closing_choices_cycle_id"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_closing_choices_item_id"),
        sa.ForeignKeyConstraint(["carried_id"], ["items.id"], name="fk_closing_choices_carried_id"),
        sa.PrimaryKeyConstraint("id", name="pk_closing_choices"),
        sa.UniqueConstraint("cycle_id", "item_id", name="uq_closing_choices_cycle_id_item_id"),
    )
    op.create_index("ix_closing_choices_item_id", "closing_choices", ["item_id"])


def downgrade() -> None:
    op.drop_table("closing_choices")
    op.drop_column("cycles", "closed_by")
    op.drop_column("cycles", "closed_at")


def _words(*words: str, name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)

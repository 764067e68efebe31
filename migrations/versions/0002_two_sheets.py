"""What the two sheets need: presets, labels and signs, colours, expected effects, forecasts and blind scoring.

Revision: 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


COLUMNS = (
    ("organisation", "glyphs", "VARCHAR(20) NOT NULL DEFAULT 'triangle'", "glyphs IN ('triangle', 'moon')"),
    ("organisation", "scheme", "VARCHAR(20) NOT NULL DEFAULT 'binary'", "scheme IN ('binary', 'three colours')"),
    ("organisation", "amber_percent", "INTEGER NOT NULL DEFAULT 5", "amber_percent BETWEEN 0 AND 100"),
    ("units", "preset", "VARCHAR(20) NOT NULL DEFAULT 'classic'", "preset IN ('classic', 'jackson', 'cascade')"),
)
"""Added in words that both databases know: a batch would rebuild the table and lose its expression indexes."""


def upgrade() -> None:
    for table, column, kind, check in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT ck_{table}_{column} CHECK ({check})")
    op.add_column("organisation", sa.Column("arm_labels", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "scorings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_scorings_unit_id"),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name="fk_scorings_cycle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_scorings"),
    )
    op.create_index("ix_scorings_unit_id", "scorings", ["unit_id"])
    op.create_table(
        "scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scoring_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("upper_id", sa.Integer(), nullable=False),
        sa.Column("lower_id", sa.Integer(), nullable=False),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.CheckConstraint("strength IN (0, 1, 3, 9)", name="strength"),
        sa.ForeignKeyConstraint(["scoring_id"], ["scorings.id"], name="fk_scores_scoring_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_scores_person_id"),
        sa.ForeignKeyConstraint(["upper_id"], ["items.id"], name="fk_scores_upper_id"),
        sa.ForeignKeyConstraint(["lower_id"], ["items.id"], name="fk_scores_lower_id"),
        sa.PrimaryKeyConstraint("id", name="pk_scores"),
        sa.UniqueConstraint(
            "scoring_id", "person_id", "upper_id", "lower_id", name="uq_scores_scoring_id_person_id_upper_id_lower_id"
        ),
    )
    op.create_index("ix_scores_scoring_id", "scores", ["scoring_id"])
    op.add_column("correlations", sa.Column("effect", sa.BigInteger(), nullable=True))
    op.add_column("correlations", sa.Column("effect_from", sa.Date(), nullable=True))
    op.add_column("cycle_kpis", sa.Column("forecast", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("cycle_kpis", "forecast")
    op.drop_column("correlations", "effect_from")
    op.drop_column("correlations", "effect")
    op.drop_table("scores")
    op.drop_table("scorings")
    op.drop_column("organisation", "arm_labels")
    for table, column, _kind, _check in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")

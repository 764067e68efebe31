"""What answers a miss: countermeasures with their causes and actions, and the settings that ask for them.

Revision: 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


COLUMNS = (
    ("misses_breakthrough", "INTEGER NOT NULL DEFAULT 1", "misses_breakthrough BETWEEN 1 AND 12"),
    ("misses_fundamental", "INTEGER NOT NULL DEFAULT 2", "misses_fundamental BETWEEN 1 AND 12"),
    ("hits_to_close", "INTEGER NOT NULL DEFAULT 2", "hits_to_close BETWEEN 1 AND 12"),
    ("far_above", "BIGINT NOT NULL DEFAULT 15000", "far_above >= 10000"),
)
"""Settings of the organisation, added in words that both databases know."""


def upgrade() -> None:
    for column, kind, check in COLUMNS:
        op.execute(
            f"ALTER TABLE organisation ADD COLUMN {column} {kind} CONSTRAINT ck_organisation_{column} CHECK ({check})"
        )
    op.add_column("organisation", sa.Column("live_on", sa.Date(), nullable=True))
    op.create_table(
        "countermeasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kpi_id", sa.Integer(), nullable=False),
        sa.Column("occasion", _words("miss", "far above", name="occasion"), nullable=False),
        sa.Column("state", _words("open", "reopened", "closed", name="answer_state"), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("opened_for", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reopened_for", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=500), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("gap", "cause", "action")),
        sa.Column("doer_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("title", sa.String(length=500), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("background", "current_condition", "problem", "target_condition", "follow_up")
        ),
        sa.Column("worked", _words("yes", "partly", "no", name="worked"), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_countermeasures_closed")),
        sa.ForeignKeyConstraint(["kpi_id"], ["kpis.id"], name="fk_countermeasures_kpi_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name="fk_countermeasures_owner_id"),
        sa.ForeignKeyConstraint(["doer_id"], ["people.id"], name="fk_countermeasures_doer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_countermeasures"),
    )
    op.create_index("ix_countermeasures_kpi_id", "countermeasures", ["kpi_id"])
    op.create_index("ix_countermeasures_owner_id", "countermeasures", ["owner_id"])
    still_open = sa.text("state <> 'closed'")
    op.create_index(
        "uq_countermeasures_open", "countermeasures", ["kpi_id", "occasion"], unique=True,
        sqlite_where=still_open, postgresql_where=still_open,
    )  # fmt: skip
    op.create_table(
        "root_causes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("countermeasure_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("share >= 0 AND share <= 1000000", name=op.f("ck_root_causes_share")),
        sa.ForeignKeyConstraint(
            ["countermeasure_id"], ["countermeasures.id"], name="fk_root_causes_countermeasure_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_root_causes"),
    )
    op.create_index("ix_root_causes_countermeasure_id", "root_causes", ["countermeasure_id"])
    op.create_table(
        "countermeasure_actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("countermeasure_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("effect", sa.BigInteger(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("action_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["countermeasure_id"], ["countermeasures.id"], name="fk_countermeasure_actions_countermeasure_id"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name="fk_countermeasure_actions_owner_id"),
        sa.ForeignKeyConstraint(["action_id"], ["actions.id"], name="fk_countermeasure_actions_action_id"),
        sa.PrimaryKeyConstraint("id", name="pk_countermeasure_actions"),
        sa.UniqueConstraint("action_id", name="uq_countermeasure_actions_action_id"),
    )
    op.create_index(
        "ix_countermeasure_actions_countermeasure_id", "countermeasure_actions", ["countermeasure_id"]
    )


def downgrade() -> None:
    op.drop_table("countermeasure_actions")
    op.drop_table("root_causes")
    op.drop_table("countermeasures")
    op.drop_column("organisation", "live_on")
    for column, _kind, _check in reversed(COLUMNS):
        op.execute(f"ALTER TABLE organisation DROP COLUMN {column}")


def _words(*words: str, name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)

"""Self-assessments: campaigns, panels with their bags, who has answered, and what it came to.

Revision: 0009, after 0008.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organisation", sa.Column("surveys_quarterly", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "surveys",
        _key("id"),
        sa.Column("name", sa.String(length=40), nullable=False),
        _key("cycle_id"),
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        _key("version"),
        sa.CheckConstraint("closed_at IS NULL OR closed_at >= opened_at", name=op.f("ck_surveys_closed")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name="fk_surveys_cycle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_surveys"),
        sa.UniqueConstraint("quarter", name="uq_surveys_quarter"),
    )
    _of_survey("survey_panels", "unit_id", "units", _key("invited"), sa.Column("bag", sa.JSON(), nullable=False))
    _of_survey("survey_participations", "person_id", "people", sqlite_with_rowid=False)
    _of_survey("survey_results", "unit_id", "units", sa.Column("facts", sa.JSON(), nullable=False))


def _of_survey(table: str, column: str, other: str, *more: sa.Column[Any], **settings: bool) -> None:
    op.create_table(
        table,
        _key("survey_id"),
        _key(column),
        *more,
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=f"fk_{table}_survey_id"),
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}"),
        sa.PrimaryKeyConstraint("survey_id", column, name=f"pk_{table}"),
        **settings,
    )
    op.create_index(f"ix_{table}_{column}", table, [column])


def _key(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def downgrade() -> None:
    for table in ("survey_results", "survey_participations", "survey_panels", "surveys"):
        op.drop_table(table)
    op.drop_column("organisation", "surveys_quarterly")

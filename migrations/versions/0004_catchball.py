"""What catchball needs: balls, offers, signatures and messages; which cycles play it, and how long a ball may lie.

Revision: 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


COLUMNS = (
    (
        "organisation",
        "catchball_days",
        "INTEGER NOT NULL DEFAULT 7 CONSTRAINT ck_organisation_catchball_days CHECK (catchball_days BETWEEN 1 AND 90)",
    ),
    ("cycles", "catchball", "BOOLEAN NOT NULL DEFAULT FALSE"),
)
"""Added in words that both databases know: a batch would rebuild the table."""

STATES = ("draft", "thrown", "returned", "agreed", "escalated", "withdrawn", "reopened")
SIDES = ("thrower", "catcher", "superior")


def upgrade() -> None:
    for table, column, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    _balls()
    _offers()
    op.create_table(
        "signatures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("side", _words(*SIDES, name="side"), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=True),
        *_somebody("signatures"),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name="fk_signatures_offer_id"),
        sa.ForeignKeyConstraint(["principal_id"], ["people.id"], name="fk_signatures_principal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_signatures"),
        sa.UniqueConstraint("offer_id", "side", name="uq_signatures_offer_id_side"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ball_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("side", _words(*SIDES, name="side"), nullable=True),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *_somebody("messages"),
        sa.ForeignKeyConstraint(["ball_id"], ["balls.id"], name="fk_messages_ball_id"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("ball_id", "place", name="uq_messages_ball_id_place"),
    )


def _balls() -> None:
    op.create_table(
        "balls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("state", _words(*STATES, name="ball_state"), nullable=False),
        sa.Column("holder", _words(*SIDES, name="holder"), nullable=True),
        sa.Column("withdraws", _words(*SIDES, name="withdraws"), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("round", "number", "last", "agreed")),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=True)
            for name in ("thrown_at", "held_since", "reminded_at", "agreed_at")
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(holder IS NOT NULL) = (held_since IS NOT NULL)", name=op.f("ck_balls_held")),
        sa.CheckConstraint(
            "(holder IS NOT NULL) = (state IN ('thrown', 'returned', 'escalated', 'reopened'))",
            name=op.f("ck_balls_in_a_hand"),
        ),
        sa.CheckConstraint(
            "(state <> 'agreed') OR (agreed = number AND agreed > 0)", name=op.f("ck_balls_agreed_offer")
        ),
        sa.CheckConstraint("number <= last AND agreed <= last", name=op.f("ck_balls_numbers")),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name="fk_balls_deployment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_balls"),
        sa.UniqueConstraint("deployment_id", name="uq_balls_deployment_id"),
    )


def _offers() -> None:
    op.create_table(
        "offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ball_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("side", _words(*SIDES, name="side"), nullable=False),
        sa.Column("in_conversation", sa.Boolean(), nullable=False),
        sa.Column("wording", sa.String(length=500), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("rationale", "target", "resources", "reason")),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("source", "package", "changes")),
        *_somebody("offers"),
        sa.ForeignKeyConstraint(["ball_id"], ["balls.id"], name="fk_offers_ball_id"),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
        sa.UniqueConstraint("ball_id", "number", name="uq_offers_ball_id_number"),
    )


def _somebody(table: str) -> tuple[sa.Column[object] | sa.ForeignKeyConstraint, ...]:
    """Who did it, for whom, and when."""
    return (
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=500), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=f"fk_{table}_person_id"),
    )


def _words(*words: str, name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def downgrade() -> None:
    for table in ("messages", "signatures", "offers", "balls"):
        op.drop_table(table)
    for table, column, _kind in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")

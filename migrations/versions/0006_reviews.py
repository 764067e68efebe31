"""Reviews with their minutes and packs, the president's diagnosis, calendar feeds and promised resources.

Revision: 0006, after 0005.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = (
    "promises", "calendar_feeds", "findings", "diagnosis_areas", "review_packs", "review_actions", "decisions",
    "attendances", "review_moves", "reviews",
)  # fmt: skip
KINDS = ("weekly", "monthly", "quarterly", "annual", "diagnosis")
DAYS = ("first_day", "last_day", "generated_on", "planned_on")
PHASES = ("scan", "plan", "do", "check", "act")


def upgrade() -> None:
    _reviews()
    _minutes()
    _packs()
    _diagnosis()
    _promises()


def _reviews() -> None:
    op.create_table(
        "reviews",
        *_whole("id", "unit_id", "cycle_id"),
        sa.Column("kind", _words(*KINDS, name="review_kind"), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False) for name in DAYS),
        sa.Column("begins", sa.Time(), nullable=True),
        *_whole("lasts"),
        _line("place"),
        sa.Column("state", _words("planned", "held", "cancelled", name="review_state"), nullable=False),
        _prose("minutes"),
        _instant("held_at", nullable=True),
        _line("held_by"),
        _line("uid", 36),
        *_whole("sequence"),
        _instant("announced_at"),
        *_whole("version"),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_reviews_days")),
        sa.CheckConstraint("lasts BETWEEN 5 AND 1440", name=op.f("ck_reviews_lasts")),
        sa.CheckConstraint("(state = 'held') = (held_at IS NOT NULL)", name=op.f("ck_reviews_held")),
        *_to("reviews", unit_id="units", cycle_id="cycles"),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sa.UniqueConstraint("unit_id", "kind", "first_day", name="uq_reviews_unit_id_kind_first_day"),
        sa.UniqueConstraint("uid", name="uq_reviews_uid"),
    )
    _indexes("reviews", "unit_id", "cycle_id", "planned_on")
    op.create_table(
        "review_moves",
        *_whole("id", "review_id", "place"),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("from_day", "to_day")),
        _instant("at"),
        _line("by_name"),
        _prose("reason"),
        *_to("review_moves", review_id="reviews"),
        sa.PrimaryKeyConstraint("id", name="pk_review_moves"),
        sa.UniqueConstraint("review_id", "place", name="uq_review_moves_review_id_place"),
    )


def _minutes() -> None:
    op.create_table(
        "attendances",
        *_whole("review_id", "person_id"),
        sa.Column("presence", _words("present", "excused", "absent", name="presence"), nullable=False),
        *_to("attendances", review_id="reviews", person_id="people"),
        sa.PrimaryKeyConstraint("review_id", "person_id", name="pk_attendances"),
    )
    _indexes("attendances", "person_id")
    op.create_table(
        "decisions",
        *_whole("id", "review_id"),
        _prose("text"),
        sa.Column("done_on", sa.Date(), nullable=True),
        *_whole("position"),
        *_to("decisions", review_id="reviews"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    _indexes("decisions", "review_id")
    op.create_table(
        "review_actions",
        *_whole("id", "review_id"),
        _prose("text"),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Date(), nullable=True) for name in ("due_on", "done_on")),
        sa.Column("action_id", sa.Integer(), nullable=True),
        *_whole("position"),
        *_to("review_actions", review_id="reviews", owner_id="people", action_id="actions"),
        sa.PrimaryKeyConstraint("id", name="pk_review_actions"),
        sa.UniqueConstraint("action_id", name="uq_review_actions_action_id"),
    )
    _indexes("review_actions", "review_id", "owner_id")


def _packs() -> None:
    op.create_table(
        "review_packs",
        *_whole("review_id"),
        _instant("frozen_at"),
        _line("frozen_by"),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("printed", sa.LargeBinary(), nullable=True),
        *_to("review_packs", review_id="reviews"),
        sa.PrimaryKeyConstraint("review_id", name="pk_review_packs"),
    )
    op.create_table(
        "calendar_feeds",
        *_whole("id", "person_id"),
        _line("token_hash", 64),
        _instant("made_at"),
        _instant("revoked_at", nullable=True),
        *_to("calendar_feeds", person_id="people"),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_feeds"),
        sa.UniqueConstraint("token_hash", name="uq_calendar_feeds_token_hash"),
    )
    _indexes("calendar_feeds", "person_id")


def _diagnosis() -> None:
    op.create_table(
        "diagnosis_areas",
        *_whole("id"),
        _line("name"),
        _prose("question"),
        *_whole("position"),
        _instant("archived_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_diagnosis_areas"),
        sa.UniqueConstraint("name", name="uq_diagnosis_areas_name"),
    )
    op.create_table(
        "findings",
        *_whole("review_id", "area_id"),
        _line("area_name"),
        *_whole("position"),
        *(sa.Column(f"{phase}_score", sa.Integer(), nullable=True) for phase in PHASES),
        _prose("remark"),
        *(
            sa.CheckConstraint(f"{phase}_score BETWEEN 1 AND 5", name=op.f(f"ck_findings_{phase}_score"))
            for phase in PHASES
        ),
        *_to("findings", review_id="reviews", area_id="diagnosis_areas"),
        sa.PrimaryKeyConstraint("review_id", "area_id", name="pk_findings"),
    )


def _promises() -> None:
    op.create_table(
        "promises",
        *_whole("id", "objective_id", "person_id"),
        _line("text"),
        sa.Column("promised_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=True) for name in ("due_on", "given_on", "withdrawn_on")),
        _prose("note"),
        *_whole("version"),
        sa.CheckConstraint("given_on IS NULL OR withdrawn_on IS NULL", name=op.f("ck_promises_one_end")),
        *_to("promises", objective_id="objectives", person_id="people"),
        sa.PrimaryKeyConstraint("id", name="pk_promises"),
    )
    _indexes("promises", "objective_id", "person_id")


def _whole(*names: str) -> Sequence[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _line(name: str, length: int = 500) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _prose(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, **others: str) -> Sequence[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")
        for column, other in others.items()
    ]


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _words(*words: str, name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)

"""What the week needs: blockers and recurring actions, check-ins, roadblocks, notices, jobs and the mail among them.

Revision: 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "mails", "jobs", "notice_marks", "quiet_kinds", "news_wishes", "roadblock_levels", "roadblocks", "checkins",
    "occurrences", "recurrences", "action_blockers",
)  # fmt: skip


def upgrade() -> None:
    op.execute(  # in words that both databases know: a batch would rebuild the table
        "ALTER TABLE units ADD COLUMN checkin_by VARCHAR(20) NOT NULL DEFAULT 'person' "
        "CONSTRAINT ck_units_checkin_by CHECK (checkin_by IN ('person', 'team'))"
    )
    _schedules()
    _checkins()
    _roadblocks()
    _news()
    _jobs()


def _schedules() -> None:
    op.create_table(
        "action_blockers",
        _key("action_id"),
        _key("blocker_id"),
        sa.CheckConstraint("action_id <> blocker_id", name=op.f("ck_action_blockers_another_one")),
        _to("action_blockers", "action_id", "actions"),
        _to("action_blockers", "blocker_id", "actions"),
        sa.PrimaryKeyConstraint("action_id", "blocker_id", name="pk_action_blockers"),
    )
    op.create_index("ix_action_blockers_blocker_id", "action_blockers", ["blocker_id"])
    op.create_table(
        "recurrences",
        _key("id"),
        sa.Column("name", sa.String(length=500), nullable=False),
        _key("every"),
        sa.Column("step", _words("week", "month", name="step"), nullable=False),
        sa.Column("first_due", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        _key("version"),
        sa.CheckConstraint("every BETWEEN 1 AND 52", name=op.f("ck_recurrences_every")),
        sa.CheckConstraint("until IS NULL OR first_due <= until", name=op.f("ck_recurrences_days")),
        sa.PrimaryKeyConstraint("id", name="pk_recurrences"),
    )
    op.create_table(
        "occurrences",
        _key("action_id"),
        _key("recurrence_id"),
        _key("number"),
        _to("occurrences", "action_id", "actions"),
        _to("occurrences", "recurrence_id", "recurrences"),
        sa.PrimaryKeyConstraint("action_id", name="pk_occurrences"),
        sa.UniqueConstraint("recurrence_id", "number", name="uq_occurrences_recurrence_id_number"),
    )


def _checkins() -> None:
    op.create_table(
        "checkins",
        _key("id"),
        _key("unit_id"),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("week", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("progress", "roadblocks", "next")),
        _instant("at"),
        sa.Column("by_name", sa.String(length=500), nullable=False),
        _key("version"),
        sa.CheckConstraint(
            "progress <> '' OR roadblocks <> '' OR next <> ''", name=op.f("ck_checkins_says_something")
        ),
        _to("checkins", "unit_id", "units"),
        _to("checkins", "person_id", "people"),
        sa.PrimaryKeyConstraint("id", name="pk_checkins"),
        sa.UniqueConstraint("week", "person_id", "unit_id", name="uq_checkins_week_person_id_unit_id"),
    )
    op.create_index("ix_checkins_unit_id", "checkins", ["unit_id"])
    op.create_index("ix_checkins_person_id", "checkins", ["person_id"])
    op.create_index(
        "uq_checkins_team", "checkins", ["week", "unit_id"], unique=True,
        sqlite_where=sa.text("person_id IS NULL"), postgresql_where=sa.text("person_id IS NULL"),
    )  # fmt: skip


def _roadblocks() -> None:
    op.create_table(
        "roadblocks",
        _key("id"),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        _key("raised_in_id"),
        _key("unit_id"),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("item_id", "raised_by_id", "owner_id")),
        sa.Column("raised_by", sa.String(length=500), nullable=False),
        _instant("raised_at"),
        sa.Column("state", _words("open", "resolved", name="roadblock_state"), nullable=False),
        _instant("resolved_at", nullable=True),
        sa.Column("resolved_by_id", sa.Integer(), nullable=True),
        sa.Column("resolved_by", sa.String(length=500), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        _key("version"),
        sa.CheckConstraint(
            "(state = 'resolved') = (resolved_at IS NOT NULL)", name=op.f("ck_roadblocks_resolved")
        ),
        _to("roadblocks", "raised_in_id", "units"),
        _to("roadblocks", "unit_id", "units"),
        _to("roadblocks", "item_id", "items"),
        *(_to("roadblocks", name, "people") for name in ("raised_by_id", "owner_id", "resolved_by_id")),
        sa.PrimaryKeyConstraint("id", name="pk_roadblocks"),
    )
    for name in ("raised_in_id", "unit_id", "item_id", "owner_id"):
        op.create_index(f"ix_roadblocks_{name}", "roadblocks", [name])
    op.create_table(
        "roadblock_levels",
        *(_key(name) for name in ("id", "roadblock_id", "place", "unit_id")),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        _instant("since"),
        sa.Column("by_name", sa.String(length=500), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _to("roadblock_levels", "roadblock_id", "roadblocks"),
        _to("roadblock_levels", "unit_id", "units"),
        _to("roadblock_levels", "owner_id", "people"),
        sa.PrimaryKeyConstraint("id", name="pk_roadblock_levels"),
        sa.UniqueConstraint("roadblock_id", "place", name="uq_roadblock_levels_roadblock_id_place"),
    )
    op.create_index("ix_roadblock_levels_unit_id", "roadblock_levels", ["unit_id"])


def _news() -> None:
    op.create_table(
        "news_wishes",
        _key("person_id"),
        sa.Column("rhythm", _words("weekly", "never", name="rhythm"), nullable=False),
        _to("news_wishes", "person_id", "people"),
        sa.PrimaryKeyConstraint("person_id", name="pk_news_wishes"),
    )
    op.create_table(
        "quiet_kinds",
        _key("person_id"),
        sa.Column("kind", sa.String(length=20), nullable=False),
        _to("quiet_kinds", "person_id", "people"),
        sa.PrimaryKeyConstraint("person_id", "kind", name="pk_quiet_kinds"),
    )
    op.create_table(
        "notice_marks",
        _key("person_id"),
        sa.Column("key", sa.String(length=80), nullable=False),
        _instant("read_at", nullable=True),
        _instant("mailed_at", nullable=True),
        _to("notice_marks", "person_id", "people"),
        sa.PrimaryKeyConstraint("person_id", "key", name="pk_notice_marks"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        _key("id"),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", _words("waiting", "claimed", "done", "failed", name="job_state"), nullable=False),
        _instant("due_at"),
        sa.Column("claim", sa.String(length=40), nullable=True),
        _instant("leased_until", nullable=True),
        _key("attempts"),
        sa.Column("error", sa.Text(), nullable=False),
        _instant("ended_at", nullable=True),
        sa.CheckConstraint(
            "(state = 'claimed') = (claim IS NOT NULL AND leased_until IS NOT NULL)", name=op.f("ck_jobs_claimed")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("name", name="uq_jobs_name"),
    )
    op.create_index("ix_jobs_state_due_at", "jobs", ["state", "due_at"])
    op.create_table(
        "mails",
        _key("id"),
        _key("person_id"),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        _instant("written_at"),
        _instant("sent_at", nullable=True),
        _to("mails", "person_id", "people"),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("person_id", "week", name="uq_mails_person_id_week"),
    )


def _key(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def _words(*words: str, name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.execute("ALTER TABLE units DROP COLUMN checkin_by")

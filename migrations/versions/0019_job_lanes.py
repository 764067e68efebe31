"""Each lane of the job process finds what is due along an index: the job process looks every two seconds.

Revision: 0019, after 0018.
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_jobs_state_due_at", table_name="jobs")
    op.create_index("ix_jobs_state_due_at_id", "jobs", ["state", "due_at", "id"])
    op.create_index("ix_jobs_kind_state_due_at", "jobs", ["kind", "state", "due_at"])


def downgrade() -> None:
    op.drop_index("ix_jobs_kind_state_due_at", table_name="jobs")
    op.drop_index("ix_jobs_state_due_at_id", table_name="jobs")
    op.create_index("ix_jobs_state_due_at", "jobs", ["state", "due_at"])

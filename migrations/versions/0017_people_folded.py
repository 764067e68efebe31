"""Each person's name, address and title as they are put in order and searched, so that a database of 100,000 can do it.

Revision: 0017, after 0016.
"""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

AT_ONCE = 5_000
FOLDED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    for column in ("placed", "sought"):
        op.add_column("people", sa.Column(column, FOLDED, nullable=False, server_default=""))
    connection = op.get_bind()
    people = connection.execute(sa.text("SELECT id, name, email, title FROM people")).all()
    change = sa.text("UPDATE people SET placed = :placed, sought = :sought WHERE id = :id")
    for first in range(0, len(people), AT_ONCE):
        rows = [_row(*one) for one in people[first : first + AT_ONCE]]
        connection.execute(change, rows)
    op.create_index("ix_people_placed_id", "people", ["placed", "id"])


def _row(key: int, name: str, email: str | None, title: str) -> dict[str, object]:
    """As the planner folded them when this was written."""
    parts = unicodedata.normalize("NFKD", f"{name} {email or ''} {title}".casefold())
    sought = "".join(one for one in parts if not unicodedata.combining(one))
    return {"id": key, "placed": name.casefold()[:200], "sought": sought}


def downgrade() -> None:
    op.drop_index("ix_people_placed_id", table_name="people")
    for column in ("sought", "placed"):
        op.drop_column("people", column)

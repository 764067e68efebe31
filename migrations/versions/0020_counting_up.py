"""Counting a period up drops its long-gone changes by itself, so that it can be said together with the commit.

Revision: 0020, after 0019.
"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ARGUMENTS = "of_subject varchar, of_rows integer, of_since integer, of_period date, kpis integer[], kept integer"
COUNT = f"""
CREATE FUNCTION count_up({ARGUMENTS}) RETURNS integer LANGUAGE plpgsql AS $$
-- As the other one (0016); each time after `kept` changes the list is cut down to those that came since the last time.
DECLARE
    counted integer := count_up(of_subject, of_rows, of_since, of_period, kpis);
BEGIN
    IF counted % kept = 0 THEN
        DELETE FROM reading_changes WHERE period = of_period AND number <= counted - kept;
        UPDATE versions SET since = counted - kept WHERE subject = of_subject AND versions.since < counted - kept;
    END IF;
    RETURN counted;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(COUNT)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION count_up(varchar, integer, integer, date, integer[], integer)")

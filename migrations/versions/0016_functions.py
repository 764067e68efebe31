"""What PostgreSQL does so often that it shall not plan it each time: functions, whose plans a server keeps.

A pgbouncer may stand in between, so nothing that is prepared by this side outlives its transaction. SQLite has no such
functions and needs none.

Revision: 0016, after 0015.
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

FIGURES = (
    "target", "low", "high", "ytd_target", "ytd_low", "ytd_high", "stretch", "actual", "ytd_actual", "note",
    "plan_note", "band_low", "band_high", "first_low", "first_high", "ytd_band_low", "ytd_band_high", "ytd_first_low",
    "ytd_first_high", "status",
)  # fmt: skip
READING = ("amended", "recorded_at", "version", *FIGURES)
LINE = ("at", "by_id", "by_name", "on_behalf_of", "verb", "subject", "subject_id", "subject_name", "unit_id", "before",
        "after", "why")  # fmt: skip
REVISION = ("period", "kpi_id", "recorded_at", *FIGURES)
SIGNED = ("amendment", "recorded_by", "agreed_by", "reason")


def _of(row: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{row}.{one}" for one in names)


KEEP = f"""
CREATE FUNCTION keep_reading(was integer, reading json, line json, signed json) RETURNS integer
LANGUAGE plpgsql AS $$
-- Stores a reading (was 0: a new one), its line in the journal and its revision; gives the key of the line, or
-- nothing where the reading does not stand any more as it was read.
DECLARE
    it readings := json_populate_record(NULL::readings, reading);
    says journal := json_populate_record(NULL::journal, line);
    sign revisions := json_populate_record(NULL::revisions, signed);
    key integer;
BEGIN
    IF was = 0 THEN
        INSERT INTO readings (period, kpi_id, {", ".join(READING)}) VALUES (it.period, it.kpi_id, {_of("it", READING)});
    ELSE
        UPDATE readings SET ({", ".join(READING)}) = ROW({_of("it", READING)})
        WHERE readings.period = it.period AND readings.kpi_id = it.kpi_id AND readings.version = was;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO journal ({", ".join(LINE)}) VALUES ({_of("says", LINE)}) RETURNING id INTO key;
    INSERT INTO revisions ({", ".join((*REVISION, *SIGNED))}, journal_id)
    VALUES ({_of("it", REVISION)}, {_of("sign", SIGNED)}, key);
    RETURN key;
END $$
"""
COUNT = """
CREATE FUNCTION count_up(of_subject varchar, of_rows integer, of_since integer, of_period date, kpis integer[])
RETURNS integer LANGUAGE plpgsql AS $$
-- Counts a period up and lists which of its readings changed with that; gives the number.
DECLARE
    counted integer;
BEGIN
    INSERT INTO versions (subject, number, rows, since) VALUES (of_subject, 1, of_rows, of_since)
    ON CONFLICT (subject) DO UPDATE SET
        number = versions.number + 1,
        rows = versions.rows + excluded.rows,
        since = CASE WHEN excluded.since > 0 THEN versions.number + 1 ELSE versions.since END
    RETURNING versions.number INTO counted;
    INSERT INTO reading_changes (period, number, kpi_id) SELECT of_period, counted, unnest(kpis);
    RETURN counted;
END $$
"""
NEWS = """
CREATE FUNCTION versions_and_news(of_period date, after integer, most integer)
RETURNS TABLE (told varchar, one integer, two integer, three integer, letters varchar)
LANGUAGE plpgsql STABLE ROWS 20 AS $$
-- All versions, and below them what became of the readings that changed after a number of their period.
BEGIN
    RETURN QUERY
        SELECT subject, number, rows, since, NULL::varchar FROM versions
        UNION ALL SELECT NULL, changes.kpi_id, 0, 0, (
            SELECT status FROM readings WHERE readings.period = changes.period AND readings.kpi_id = changes.kpi_id
        ) FROM reading_changes AS changes
        WHERE changes.period = of_period AND changes.number > after AND changes.number <= most;
END $$
"""
NAMES = ("keep_reading", "count_up", "versions_and_news")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for one in (KEEP, COUNT, NEWS):
            op.execute(one)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in NAMES:
            op.execute(f"DROP FUNCTION {name}")

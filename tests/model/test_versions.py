"""Whatever changes readings or the structure of the plan counts the versions up in the same transaction."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from hoshin.commands.heartbeats import beat
from hoshin.model import versions
from hoshin.model.base import Base
from hoshin.model.items import Item
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Reading
from hoshin.model.people import Grant, Person, SignIn
from hoshin.model.versions import KEPT_CHANGES, MOST_LISTED, READINGS, STRUCTURE, UNSEEN, Change, Version
from tests import factories
from tests.planting import APRIL, MARCH

ELSEWHERE = {
    "action_blockers", "action_helpers", "actions", "attendances", "balls", "calendar_feeds", "checkins",
    "closing_choices", "countermeasure_actions", "countermeasures", "decisions", "deeds", "deputies", "diagnosis_areas",
    "failed_sign_ins", "findings", "grants", "heartbeats", "job_files", "job_orders",
    "jobs", "journal", "mails", "messages", "month_locks",
    "news_wishes", "notice_marks", "objectives", "occurrences", "offers", "password_resets", "priorities", "promises",
    "proposals", "quiet_kinds", "reading_changes", "recurrences", "review_actions", "review_moves", "review_packs",
    "reviews", "revisions", "roadblock_levels", "roadblocks", "root_causes", "scores", "scorings", "sign_ins",
    "signatures", "survey_panels", "survey_participations", "survey_results", "surveys", "versions",
}  # fmt: skip
"""No figure of attainment rests on these: a new table is put here, or among those that count."""


def test_every_table_was_thought_of() -> None:
    tables = {one.name: {each.name for each in one.columns} for one in Base.metadata.sorted_tables}
    assert set(tables) <= {*STRUCTURE, READINGS} | ELSEWHERE
    assert {name for name, columns in STRUCTURE.items() if not columns <= tables[name]} == set()
    assert set(tables) >= UNSEEN


def numbers(session: Session) -> dict[str, tuple[int, int, int]]:
    """All versions: number, rows and since by subject."""
    found = session.scalars(select(Version).execution_options(populate_existing=True))
    return {one.subject: (one.number, one.rows, one.since) for one in found}


def plant(session: Session) -> KPI:
    """A company with one KPI and two readings, committed."""
    factories.organisation(session)
    cycle = factories.cycle(session)
    kpi = factories.kpi(session, "Rate", cycle=cycle)
    for day in (MARCH, APRIL):
        session.add(Reading(kpi_id=kpi.id, period=day, recorded_at=factories.NOW))
    session.commit()
    return kpi


def moved(session: Session, then: dict[str, Any]) -> set[str]:
    """Commit; the subjects that count more than then."""
    session.commit()
    now = numbers(session)
    return {name for name in now if now[name] != then.get(name)}


def test_a_figure_counts_its_own_period_and_is_listed(session: Session) -> None:
    kpi = plant(session)
    then = numbers(session)
    assert then == {"structure": (1, 0, 0), "2026-03-01": (1, 1, 0), "2026-04-01": (1, 1, 0)}
    reading = session.get_one(Reading, (MARCH, kpi.id))
    reading.actual = Decimal(3)
    assert moved(session, then) == {"2026-03-01"}
    assert numbers(session)["2026-03-01"] == (2, 1, 0)
    listed = session.execute(select(Change.number, Change.kpi_id).where(Change.period == MARCH)).all()
    assert sorted(tuple(one) for one in listed) == [(1, kpi.id), (2, kpi.id)]


def test_only_what_attainment_reads_counts_as_structure(session: Session) -> None:
    kpi = plant(session)
    then = numbers(session)
    kpi.description, kpi.uom = "said better", "%"
    person = factories.person(session, "Ada")
    assert moved(session, then) == {"structure", "rest"}  # a new person, a text
    then = numbers(session)
    kpi.description = "said best"
    person.password_hash = "x"
    assert moved(session, then) == {"rest"}
    then = numbers(session)
    kpi.owner_id = person.id
    assert moved(session, then) == {"structure"}


def test_statements_over_many_rows_count_too(session: Session) -> None:
    plant(session)
    then = numbers(session)
    session.execute(update(Reading).values(actual=None))
    assert moved(session, then) == {"readings"}
    session.execute(update(Item).values(position=4))
    session.execute(update(Person).values(title="x"))
    assert moved(session, then) == {"readings", "structure"}
    then = numbers(session)
    session.execute(update(Grant).values(valid_to=MARCH))
    assert moved(session, then) == {"rest"}


def test_what_no_page_shows_counts_nothing(session: Session) -> None:
    plant(session)
    then = numbers(session)
    session.execute(update(JournalLine).values(why="x"))
    session.execute(update(SignIn).values(ended_at=factories.NOW))
    beat(session=session, name="jobs", at=factories.NOW)
    assert moved(session, then) == set()


def test_what_is_rolled_back_counts_nothing_and_a_savepoint_not_by_itself(session: Session) -> None:
    kpi = plant(session)
    then = numbers(session)
    kpi.position = 9
    session.flush()
    session.rollback()
    assert moved(session, then) == set()
    with session.begin_nested():
        session.get_one(Reading, (APRIL, kpi.id)).actual = Decimal(1)
    assert numbers(session) == then
    savepoint = session.begin_nested()
    session.get_one(Reading, (MARCH, kpi.id)).actual = Decimal(1)
    savepoint.rollback()
    assert {"2026-04-01"} <= moved(session, then) <= {"2026-03-01", "2026-04-01"}


def test_a_bulk_is_not_listed_and_old_changes_go(session: Session) -> None:
    cycle_kpi = plant(session)
    for number in range(MOST_LISTED + 1):
        kpi = factories.kpi(session, f"KPI {number}")
        session.add(Reading(kpi_id=kpi.id, period=MARCH, recorded_at=factories.NOW))
    session.commit()
    assert numbers(session)["2026-03-01"] == (2, 2, 2)
    reading = session.get_one(Reading, (APRIL, cycle_kpi.id))
    session.execute(update(Version).where(Version.subject == "2026-04-01").values(number=2 * KEPT_CHANGES - 1))
    reading.actual = Decimal(2)
    session.commit()
    assert numbers(session)["2026-04-01"] == (2 * KEPT_CHANGES, 1, KEPT_CHANGES)
    kept = select(Change.number).where(Change.period == APRIL)
    assert session.scalars(kept).all() == [2 * KEPT_CHANGES]


def test_bare_sql_can_say_so(engine: Engine) -> None:
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        plant(session)
        then = numbers(session)
        versions.touch_everything(session=session)
        assert moved(session, then) == {"structure", "readings", "rest"}


def test_bare_sql_that_writes_stands_only_where_it_counts_by_itself() -> None:
    writes = re.compile(r"\b(INSERT INTO|DELETE FROM)\b|\bUPDATE \w+ SET\b")
    package = Path(versions.__file__).parents[1]
    found = {str(one.relative_to(package)) for one in package.rglob("*.py") if writes.search(one.read_text("utf-8"))}
    assert found <= {"model/rows.py"}  # `insert_rows` notes its table


def test_only_those_write_past_the_sessions_who_say_what() -> None:
    """What goes through a connection no session sees: each of these notes what it changes, or changes no figure."""
    package = Path(versions.__file__).parents[1]
    past = re.compile(r"\bPrepared\(|\.connection\(\)")
    found = {str(one.relative_to(package)) for one in package.rglob("*.py") if past.search(one.read_text("utf-8"))}
    noting = {"commands/keeping.py", "commands/move.py", "model/rows.py", "model/versions.py"}
    journal = {"commands/journal.py"}
    reading = {"db.py", "transactions.py"}
    assert {one for one in found if not one.startswith("queries/")} == noting | journal | reading

"""Every migration goes up and down with data in it, and the newest one is what the model says."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select, text

from hoshin import model
from hoshin.config import resource_dir
from hoshin.db import Database, downgrade, is_current, newest_revision, upgrade
from hoshin.errors import Refused
from hoshin.model.base import Base
from hoshin.model.units import Unit
from tests import factories

REVISIONS = [one.revision for one in ScriptDirectory(str(resource_dir(name="migrations"))).walk_revisions()]


@pytest.mark.filterwarnings("ignore:.*reflection of expression-based index")  # see _is_expression_index
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_database_is_what_the_model_says(engine: Engine) -> None:
    assert model.__all__
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [one for one in compare_metadata(context, Base.metadata) if not _is_expression_index(one)]
    assert differences == []


def _is_expression_index(difference: tuple[object, ...]) -> bool:
    """Indexes over coalesce(…) cannot be read back from SQLite; `test_identities…` proves that they are there."""
    return difference[0] in ("add_index", "remove_index") and "uq_" in str(difference[1])


@pytest.mark.parametrize("table", ["units", "items"])
def test_identities_are_guarded_by_the_database_too(engine: Engine, table: str) -> None:
    name = {"units": "uq_units_parent_name", "items": "uq_items_name"}[table]
    query = {
        "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name = :name",
        "postgresql": "SELECT count(*) FROM pg_indexes WHERE indexname = :name",
    }[engine.dialect.name]
    with engine.connect() as connection:
        assert connection.execute(text(query), {"name": name}).scalar() == 1


def test_there_is_one_newest_revision(engine: Engine) -> None:
    assert is_current(engine=engine)
    assert ScriptDirectory(str(resource_dir(name="migrations"))).get_heads() == [newest_revision()]


def test_a_database_of_a_newer_planner_is_left_alone(engine: Engine) -> None:
    """In one line, before anything reads tables that it does not know."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        assert not is_current(engine=engine)
        with pytest.raises(Refused, match="revision 9999, newer than this planner knows"):
            upgrade(engine=engine)
    finally:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest_revision()})


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_goes_down_and_up_again_with_data(tmp_path: Path, revision: str) -> None:
    database = Database(url=f"sqlite:///{tmp_path / 'there-and-back.sqlite'}")
    upgrade(engine=database.engine, revision=revision)
    if revision == REVISIONS[0]:
        with database.writing() as session:
            factories.organisation(session)
            factories.unit(session, "Operations")
            session.commit()
    upgrade(engine=database.engine)
    with database.reading() as session:
        before = session.execute(select(Unit.id, Unit.name)).all()
    older = ScriptDirectory(str(resource_dir(name="migrations"))).get_revision(revision)
    down_to = older.down_revision if isinstance(older.down_revision, str) else None
    if down_to is not None:
        downgrade(engine=database.engine, revision=down_to)
        upgrade(engine=database.engine)
        with database.reading() as session:
            assert session.execute(select(Unit.id, Unit.name)).all() == before
    database.dispose()


def test_the_first_year_to_date_is_told_from_the_revisions(tmp_path: Path) -> None:
    """Agreed as 5, corrected to 6 while it was a draft, amended to 4; what else was typed does not matter."""
    path = tmp_path / "typed.sqlite"
    database = Database(url=f"sqlite:///{path}")
    upgrade(engine=(engine := database.engine))
    with database.writing() as session:
        factories.organisation(session)
        kpi = factories.kpi(session).id
        session.commit()
    downgrade(engine=engine, revision="0011")
    told = [(5, 0), (6, 0), (6, 0), (4, 1), (4, 0)]
    with closing(sqlite3.connect(path)) as plain:
        fields = "period, kpi_id, ytd_band_low, note, recorded_at"
        for place, (band, amendment) in enumerate(told):
            plain.execute(
                f"INSERT INTO revisions ({fields}, recorded_by, journal_id, amendment, reason, agreed_by)"
                " VALUES ('2026-05-01', ?, ?, '', '2026-05-02', 'Ada', ?, ?, '', '')", (kpi, band, place, amendment)
            )  # fmt: skip
        plain.execute(
            f"INSERT INTO readings ({fields}, amended, version) VALUES ('2026-05-01', ?, 4, '', '2026-05-02', 1, 5)",
            (kpi,),
        )
        plain.commit()
    upgrade(engine=engine, revision="0012")
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT ytd_first_low FROM revisions ORDER BY id")).all() == [5, 6, 6, 6, 6]
        assert connection.execute(text("SELECT ytd_first_low, ytd_first_high FROM readings")).all() == [(6, None)]
    engine.dispose()


def test_people_of_before_are_put_in_order_and_found(engine: Engine) -> None:
    downgrade(engine=engine, revision="0016")
    with engine.connect().execution_options(hoshin_writes=True) as connection:
        told = text("INSERT INTO people (name, email, title, version) VALUES (:name, :email, '', 1)")
        people: list[dict[str, str | None]] = [{"name": "Émile " + "x" * 300, "email": "e@example.org"}]
        people.append({"name": "ZOË", "email": None})
        connection.execute(told, people)
        connection.commit()
    upgrade(engine=engine)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT placed, sought FROM people ORDER BY placed")).all()
        assert found == [("zoë", "zoe  "), ("émile " + "x" * 194, f"emile {'x' * 300} e@example.org ")]
    assert "ix_people_placed_id" in {one["name"] for one in inspect(engine).get_indexes("people")}


def test_the_first_one_leaves_nothing_behind(engine: Engine) -> None:
    downgrade(engine=engine, revision="base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(engine=engine)
    assert is_current(engine=engine)

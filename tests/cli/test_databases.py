"""Making the database, the example in it, and finding one's way in the shell."""

from __future__ import annotations

import resource
import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hoshin.commands.passwords import is_password
from hoshin.model.people import Person
from hoshin.model.units import Organisation
from tests import factories
from tests.databases import ON_SQLITE
from tests.shells import Run, runner


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str, tmp_path: Path) -> Run:
    """`hoshin` on the database of the test."""
    monkeypatch.setenv("HOSHIN_DATABASE_URL", database_url)
    monkeypatch.setenv("HOSHIN_INSTANCE", str(tmp_path / "instance"))
    return runner(monkeypatch=monkeypatch, capsys=capsys)


@ON_SQLITE
def test_the_example_goes_into_an_empty_database_once(run: Run, engine: Engine) -> None:
    """On SQLite here; that it goes into PostgreSQL too is told in tests/commands and by the round trip of its sheet."""
    said = run("demo")
    assert (said.code, said.err) == (0, "")
    shown = [one.split() for one in said.out.splitlines() if one.startswith("  ")]
    assert len(shown) == 3
    with Session(engine) as session:
        for *_, email, password in shown:
            person = session.scalars(select(Person).where(Person.email == email)).one()
            assert is_password(password=password, password_hash=person.password_hash)
        signing_in = select(func.count(Person.id)).where(Person.password_hash.is_not(None))
        assert session.scalar(signing_in) == 3, "nobody else can sign in"
    again = run("demo")
    assert (again.code, again.out) == (1, "")
    assert "holds an organisation already" in again.err


def test_help_lists_every_command_and_the_columns(run: Run) -> None:
    said = run("help")
    assert said.code == 0
    listed = {one.split()[0] for one in said.out.splitlines() if one.startswith("  ")}
    assert {
        "attain",
        "check",
        "demo",
        "export",
        "help",
        "import",
        "init",
        "migrate",
        "serve",
        "start",
        "user",
    } <= listed
    assert "unit path > priority" in run("help", "columns").out
    assert "--dry-run" in run("help", "import").out
    assert run("help", "nothing").code == 2


def test_init_and_migrate_name_the_database_without_its_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOSHIN_DATABASE_URL", f"sqlite:///{tmp_path / 'new.sqlite'}")
    assert run("init").out == f"ready: sqlite:///{tmp_path / 'new.sqlite'}\n"
    assert run("migrate").code == 0
    assert run("attain").err == "this database holds no organisation yet\n"


def test_wrong_words_are_a_usage_error_and_standard_output_stays_clean(run: Run, engine: Engine) -> None:
    for words in (("nonsense",), ("import",), ("import", "no-such-file.csv"), ("serve", "--port", "99999")):
        said = run(*words)
        assert (said.code, said.out) == (2, "")
        assert said.err
    with Session(engine) as session:
        assert session.scalar(select(func.count(Organisation.id))) == 0


def test_a_backup_is_the_whole_database_for_its_owner_alone(
    run: Run, engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody reads; a file that is there is not overwritten, and PostgreSQL is left to its own tool."""
    with Session(engine) as session:
        factories.organisation(session, "Quayside")
        session.commit()
    file = tmp_path / "copy.sqlite"
    with Session(engine) as reader:
        assert reader.scalars(select(Organisation.name)).one() == "Quayside"
        said = run("backup", file)
    if engine.dialect.name == "postgresql":
        assert (said.code, said.out, file.exists()) == (1, "", False)
        assert "pg_dump" in said.err
        return
    assert (said.code, said.err) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = run("backup", file)
    assert (again.code, again.problems) == (1, [f"{file} cannot be written: File exists"])
    assert run("backup", tmp_path / "nowhere" / "copy.sqlite").code == 1
    monkeypatch.setenv("HOSHIN_DATABASE_URL", f"sqlite:///{file}")
    assert "Quayside" in run("export", tmp_path / "plan.csv").out + (tmp_path / "plan.csv").read_text("utf-8")


def test_a_backup_that_finds_no_room_is_refused_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sqlite_url: str, tmp_path: Path
) -> None:
    """As on a full disk: here a process may not write so large a file."""
    monkeypatch.setenv("HOSHIN_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("HOSHIN_INSTANCE", str(tmp_path / "instance"))
    run, file = runner(monkeypatch=monkeypatch, capsys=capsys), tmp_path / "copy.sqlite"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, before[1]))
    try:
        said = run("backup", file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (said.code, said.out, len(said.problems)) == (1, "", 1)
    assert said.problems[0].startswith(f"{file} cannot be written: ")
    assert [*tmp_path.glob("*copy*"), *tmp_path.glob(".*")] == []

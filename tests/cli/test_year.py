"""`hoshin year`: the seven steps in the shell, as a table and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from hoshin.cli import shell
from hoshin.errors import Missing
from tests.planting import plant

Run = Callable[..., Result]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is printed is the same on every database."""
    return sqlite_url


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    """`run("--cycle", "2026")` on this test's database."""
    environ = {"HOSHIN_DATABASE_URL": database_url, "HOSHIN_INSTANCE": str(tmp_path)}
    return lambda *words: CliRunner().invoke(shell.hoshin, ["year", *words], env=environ)


@pytest.fixture(autouse=True)
def planted(session: Session) -> None:
    """The small plan; the shell's clock is today's, when FY2026 may be running or over."""
    plant(session)
    session.commit()


def test_the_table_has_seven_steps_and_what_they_lack(run: Run) -> None:
    result = run("--cycle", "2026")
    assert result.exit_code == 0
    assert result.stdout.startswith("Step ")
    for number, name in enumerate(("Vision and current state", "Strategic objectives", "Annual priorities"), start=1):
        assert f"{number} {name}: " in result.stdout
    assert "    - Nobody has described the current state yet." in result.stdout


def test_programs_read_the_same_of_one_unit(run: Run) -> None:
    told = json.loads(run("--cycle", "2026", "--unit", "Operations", "--format", "json").stdout)
    assert (told["cycle"], [one["number"] for one in told["steps"]]) == ("FY2026", [1, 2, 3, 4, 5, 6, 7])
    assert {"place": "plan", "key": None, "text": "No objective is in force yet."} in told["steps"][1]["missing"]


@pytest.mark.parametrize("words", [("--cycle", "1999"), ("--unit", "Nowhere")])
def test_what_is_not_there_is_refused(run: Run, words: tuple[str, str]) -> None:
    result = run(*words)
    assert result.exit_code != 0
    assert isinstance(result.exception, Missing)

"""`hoshin check`: explained warnings, and an exit code only when asked to be strict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from hoshin.cli import shell
from hoshin.errors import Missing
from tests import factories
from tests.planting import plant

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    """`run("--strict")` on this test's database."""
    environ = {"HOSHIN_DATABASE_URL": database_url, "HOSHIN_INSTANCE": str(tmp_path)}
    return lambda *words: CliRunner().invoke(shell.hoshin, ["check", *words], env=environ)


def test_warnings_are_explained_and_do_not_fail(run: Run, session: Session) -> None:
    plant(session)
    session.commit()
    result = run("--cycle", "2026")
    assert result.exit_code == 0
    assert "HK201 KPI without an owner" in result.stdout
    assert "Laboratory: kpi “Prototypes” has no owner" in result.stdout
    assert "HK105 Objective that nothing moves this year" in result.stdout
    assert result.stdout.rstrip().endswith("warnings")


def test_strict_fails_when_there_is_something(run: Run, session: Session) -> None:
    plant(session)
    session.commit()
    assert run("--cycle", "2026", "--strict").exit_code == 1


def test_a_plan_with_nothing_in_force_has_nothing_to_warn_of(run: Run, session: Session) -> None:
    factories.organisation(session)
    factories.cycle(session)
    session.commit()
    result = run("--strict")
    assert (result.exit_code, result.stdout) == (0, "FY2026: nothing to warn of\n")


def test_an_unknown_cycle_is_named(run: Run, session: Session) -> None:
    factories.organisation(session)
    session.commit()
    assert isinstance(run("--cycle", "2031").exception, Missing)
    assert isinstance(run().exception, Missing)

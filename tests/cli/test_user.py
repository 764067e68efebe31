"""People from the shell: adding, letting in again, roles."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hoshin.cli import shell
from hoshin.commands.passwords import is_password, token_hash
from hoshin.errors import Missing, Refused
from hoshin.model.journal import JournalLine
from hoshin.model.people import Grant, PasswordReset, Person, Role
from tests import factories


@pytest.fixture
def company(session: Session) -> None:
    """Operations with Assembly below it, and an administrator."""
    factories.organisation(session)
    factories.unit(session, "Assembly", factories.unit(session, "Operations"))
    factories.person(session, "Zoë Admin", Role.ADMINISTRATOR)
    session.commit()


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    """The shell works on the database of the test."""
    monkeypatch.setenv("HOSHIN_DATABASE_URL", database_url)
    monkeypatch.setenv("HOSHIN_INSTANCE", str(tmp_path))


def _run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(shell.hoshin, ["user", *words], input=typed, standalone_mode=False)


@pytest.mark.usefixtures("company")
def test_somebody_new_gets_a_random_password_printed_once(engine: Engine) -> None:
    result = _run(
        "add", "Bo.EK@example.org", "--name", "Bo Ek", "--unit", "Operations/Assembly",
        "--role", "staff", "--role", "facilitator@Operations",
    )  # fmt: skip
    assert result.exception is None
    with Session(engine) as session:
        made = session.scalars(select(Person).where(Person.email == "bo.ek@example.org")).one()
        assert is_password(password=result.stdout.strip(), password_hash=made.password_hash)
        grants = session.scalars(select(Grant.role).where(Grant.person_id == made.id).order_by(Grant.id)).all()
        assert grants == [Role.STAFF, Role.FACILITATOR]
        assert set(session.scalars(select(JournalLine.by_name))) == {"hoshin (shell)"}


@pytest.mark.usefixtures("company")
def test_a_password_may_come_from_standard_input(engine: Engine) -> None:
    result = _run("add", "bo@example.org", "--name", "Bo", "--password-stdin", typed="a password of mine\n")
    assert (result.exception, result.stdout) == (None, "")
    with Session(engine) as session:
        made = session.scalars(select(Person).where(Person.email == "bo@example.org")).one()
        assert is_password(password="a password of mine", password_hash=made.password_hash)


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize(
    "words",
    [
        ("add", "zoë.admin@example.org", "--name", "Twin"),
        ("add", "no address", "--name", "Bo"),
        ("add", "bo@example.org", "--name", "x" * 10_000),
        ("add", "bo@example.org", "--name", "Bo", "--unit", "Nowhere"),
        ("add", "bo@example.org", "--name", "Bo", "--role", "staff@Nowhere"),
        ("reset", "nobody@example.org"),
        ("roles", "zoë.admin@example.org", "--end", "administrator"),
        ("roles", "zoë.admin@example.org", "--end", "head@Operations"),
    ],
)
def test_what_cannot_be_is_refused_whole(engine: Engine, words: tuple[str, ...]) -> None:
    assert isinstance(_run(*words).exception, (Missing, Refused))
    with Session(engine) as session:
        assert session.scalars(select(Person.name)).all() == ["Zoë Admin"]
        assert session.scalars(select(JournalLine.id)).all() == []


@pytest.mark.usefixtures("company")
def test_a_reset_prints_the_path_of_a_link(engine: Engine) -> None:
    result = _run("reset", "ZOË.admin@example.org")
    token = result.stdout.strip().removeprefix("/reset/")
    with Session(engine) as session:
        assert session.scalars(select(PasswordReset.token_hash)).all() == [token_hash(token=token)]


@pytest.mark.usefixtures("company")
def test_roles_are_listed_given_and_ended() -> None:
    result = _run("roles", "zoë.admin@example.org", "--add", "head@Operations / Assembly", "--add", "executive")
    assert result.exception is None
    assert "head           Operations / Assembly" in result.stdout
    again = _run("roles", "zoë.admin@example.org", "--end", "head@Operations/Assembly")
    assert "head" not in again.stdout
    assert "executive" in again.stdout


def test_an_empty_database_says_so() -> None:
    failure = _run("add", "bo@example.org", "--name", "Bo").exception
    assert "holds no organisation" in str(failure)

"""Signing in and out: who gets in, who does not, and where to afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.commands.sign_in import MOST_FAILURES
from hoshin.model.people import FailedSignIn, Person, Role, SignIn
from hoshin.web.sign_in import local_path
from tests import factories
from tests.web.conftest import Arrange, Clock

SignedIn = Callable[[Person], FlaskClient]


@pytest.fixture
def ada(arrange: Arrange) -> Person:
    """A member of staff."""

    def work(session: Session) -> Person:
        factories.organisation(session)
        return factories.person(session, "Ada Ek", Role.STAFF)

    return arrange(work)


def _post(client: FlaskClient, **typed: str) -> int:
    return client.post("/sign-in", data=typed).status_code


def _enter(client: FlaskClient, password: str = factories.PASSWORD) -> int:
    return _post(client, email="ADA.ek@example.org ", password=password)


def test_a_right_password_opens_the_page_that_was_asked_for(client: FlaskClient, ada: Person) -> None:
    assert client.get("/account").headers["Location"] == "/sign-in?next=/account"
    typed = {"email": "Ada.Ek@Example.org", "password": factories.PASSWORD, "next": "/account"}
    answer = client.post("/sign-in", data=typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert client.get("/sign-in").status_code == 302


@pytest.mark.parametrize("email", ["ada.ek@example.org", "nobody@example.org"])
def test_known_and_unknown_addresses_are_refused_alike(client: FlaskClient, ada: Person, email: str) -> None:
    answer = client.post("/sign-in", data={"email": email, "password": "wrong password"})
    assert answer.status_code == 422
    assert "do not belong together" in answer.text
    assert "wrong password" not in answer.text


def test_a_deactivated_person_stays_outside(client: FlaskClient, ada: Person, arrange: Arrange) -> None:
    arrange(lambda session: setattr(session.get(Person, ada.id), "deactivated_at", factories.NOW))
    assert _enter(client) == 422


def test_guessing_gets_slow_for_one_address_only(
    client: FlaskClient, ada: Person, look: Arrange, arrange: Arrange, clock: Clock
) -> None:
    arrange(lambda session: factories.person(session, "Bo Ek", Role.STAFF))
    for _ in range(MOST_FAILURES):
        assert _enter(client, "wrong") == 422
    assert look(lambda session: session.scalar(select(func.count(FailedSignIn.id)))) == MOST_FAILURES
    assert _enter(client) == 422
    assert "Too many attempts" in client.post("/sign-in", data={"email": "ada.ek@example.org", "password": "x"}).text
    assert look(lambda session: session.scalar(select(func.count(FailedSignIn.id)))) == MOST_FAILURES + 1
    assert _post(client, email="bo.ek@example.org", password=factories.PASSWORD) == 303
    clock.now += timedelta(minutes=16)
    assert _enter(client.application.test_client()) == 303


def test_signing_in_forgets_the_failures(client: FlaskClient, ada: Person, look: Arrange) -> None:
    _enter(client, "wrong")
    assert _enter(client) == 303
    assert look(lambda session: session.scalar(select(func.count(FailedSignIn.id)))) == 0


def test_a_browser_that_changes_nothing_for_a_month_signs_in_again(
    client_for: SignedIn, ada: Person, clock: Clock, look: Arrange
) -> None:
    client = client_for(ada)
    begun = clock.now
    clock.now = begun + timedelta(days=29)
    assert client.post("/account/sign-ins/end-others").status_code == 303
    assert look(lambda session: session.scalars(select(SignIn.seen_at)).all()) == [clock.now]
    clock.now = begun + timedelta(days=58)
    assert client.get("/account").status_code == 200
    clock.now = begun + timedelta(days=60)
    assert client.get("/account").headers["Location"].startswith("/sign-in")


def test_signing_out_ends_the_row_behind_the_cookie(client_for: SignedIn, ada: Person, look: Arrange) -> None:
    client = client_for(ada)
    kept = client.get_cookie("session")
    assert kept is not None
    assert client.post("/sign-out").status_code == 303
    assert look(lambda session: session.scalars(select(SignIn.ended_at)).one()) == factories.NOW
    client.set_cookie("session", kept.value)
    assert client.get("/account").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("field", "value"), [("email", "a\0b@example.org"), ("email", "x" * 10_000), ("password", "\ud800" + "x" * 20)]
)
def test_hostile_input_names_its_field(client: FlaskClient, ada: Person, field: str, value: str) -> None:
    typed = {"email": "ada.ek@example.org", "password": "wrong password", field: value}
    data = "&".join(f"{key}={_quoted(text)}" for key, text in typed.items())
    answer = client.post("/sign-in", data=data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == (422 if field == "email" else 400)
    if field == "email":
        assert f'id="{field}-errors"' in answer.text


@pytest.mark.parametrize(("query", "status"), [("%ED%A0%80", 400), ("%ff", 400), ("%C3%A9", 200), ("100%", 200)])
def test_an_address_holds_text(client: FlaskClient, ada: Person, query: str, status: int) -> None:
    """Half a character and lone bytes are none; a percent sign that encodes nothing is a percent sign."""
    assert client.get(f"/sign-in?next={query}").status_code == status


def _quoted(text: str) -> str:
    return "".join(f"%{one:02X}" for one in text.encode("utf-8", "surrogatepass"))


def test_a_form_without_its_secret_is_refused(app: Flask, client: FlaskClient, ada: Person) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert _enter(client) == 400


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:x", "", None],
)
def test_only_paths_of_this_planner_are_gone_to(address: str | None) -> None:
    assert local_path(address) == "/"


def test_a_path_with_a_query_is_kept() -> None:
    assert local_path("/search?q=übung a") == "/search?q=übung a"

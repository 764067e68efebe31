"""Who was told that her page is unchanged is told so without Flask, exactly as before, and only while that is true."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from sqlalchemy import Executable, delete, update
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from hoshin.commands.heartbeats import beat
from hoshin.db import Database
from hoshin.model.people import Grant, Person, Role, SignIn
from hoshin.web import told
from tests import factories
from tests.web.conftest import Arrange, Clock
from tests.web.readings_house import House, SignedIn, build
from tests.web.test_watch import Lines, lines

__all__ = ["lines"]
PAGES = ("/attainment", "/units/1/x-matrix", "/cascade?cycle=FY2026")


@pytest.fixture
def house(arrange: Arrange) -> House:
    """The company of these tests."""
    return arrange(build)


@pytest.fixture
def reader(arrange: Arrange, house: House) -> Person:
    """Somebody who may read the pages, and who may be sent away without anything else happening."""
    return arrange(lambda session: factories.person(session, "Rita Reader", Role.STAFF))


@pytest.fixture
def flask_asked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that the application itself was asked for since the test began."""
    asked: list[str] = []
    whole: Callable[[], Any] = app.full_dispatch_request

    def note() -> Any:
        asked.append(request.path)
        return whole()

    monkeypatch.setattr(app, "full_dispatch_request", note)
    return asked


def _told(client: FlaskClient, page: str) -> Callable[..., TestResponse]:
    """How to ask for the page once more, by a browser that has been told that it is unchanged."""
    mark = client.get(page).headers["ETag"]

    def again(**headers: str) -> TestResponse:
        return client.get(page, headers={"If-None-Match": mark, **headers})

    assert again().status_code == 304
    return again


@pytest.mark.parametrize("page", PAGES)
def test_the_second_such_answer_is_the_first_one_without_flask(
    client_for: SignedIn, reader: Person, flask_asked: list[str], page: str
) -> None:
    client = client_for(reader)
    mark = client.get(page).headers["ETag"]
    first, second = (client.get(page, headers={"If-None-Match": mark, "X-Request-ID": "mine"}) for _ in range(2))
    assert len(flask_asked) == 2
    assert (second.status, second.data) == (first.status, first.data) == ("304 NOT MODIFIED", b"")
    assert sorted(second.headers) == sorted(first.headers)
    assert second.headers["X-Request-ID"] == "mine"
    assert client.get(page, headers={"If-None-Match": mark}).headers["X-Request-ID"] not in ("mine", "")


@pytest.mark.usefixtures("house")
def test_it_is_logged_and_measured_as_the_first_one(client_for: SignedIn, reader: Person, lines: Lines) -> None:
    again = _told(client_for(reader), "/attainment")
    labels = {"endpoint": "attainment.show", "method": "GET", "status": "304"}
    before = REGISTRY.get_sample_value("hoshin_request_seconds_count", labels) or 0
    hits = REGISTRY.get_sample_value("hoshin_cache_total", {"cache": "page", "found": "yes"}) or 0
    again(**{"X-Request-ID": "mine"})
    assert REGISTRY.get_sample_value("hoshin_request_seconds_count", labels) == before + 1
    assert REGISTRY.get_sample_value("hoshin_cache_total", {"cache": "page", "found": "yes"}) == hits + 1
    first, second = lines()[-2:]
    assert second["request"] == "mine"
    assert second["person"] == reader.id
    own = ("request", "timestamp", "milliseconds")
    assert {**first, **dict.fromkeys(own)} == {**second, **dict.fromkeys(own)}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (update(Person).values(deactivated_at=factories.NOW), 303),
        (update(SignIn).values(ended_at=factories.NOW), 303),
        (delete(SignIn), 303),
        (delete(Grant), 403),
        (update(Grant).values(role=Role.ADMINISTRATOR), 403),
        (update(Grant).values(role=Role.EXECUTIVE), 200),
    ],
)
def test_another_right_is_another_answer_at_once(
    client_for: SignedIn, reader: Person, arrange: Arrange, change: Executable, status: int
) -> None:
    again = _told(client_for(reader), "/attainment")
    arrange(lambda session: session.execute(change))
    assert [again().status_code for _ in range(2)] == [status, status]


def test_who_signed_out_is_nobody(client_for: SignedIn, reader: Person) -> None:
    client = client_for(reader)
    again = _told(client, "/attainment")
    held = client.get_cookie("session")
    assert held is not None
    client.post("/sign-out")
    client.set_cookie("session", held.value)  # somebody has kept it
    assert again().status_code == 303


def test_neither_another_cookie_nor_another_question_gets_the_answer(
    app: Flask, client_for: SignedIn, reader: Person, house: House
) -> None:
    client, other = client_for(reader), client_for(house.head)
    page = "/attainment"
    again, mark = _told(client, page), client.get(page).headers["ETag"]
    assert other.get(page, headers={"If-None-Match": mark}).status_code == 200
    assert app.test_client().get(page, headers={"If-None-Match": mark}).status_code == 303
    assert client.get(page + "?cycle=FY2026", headers={"If-None-Match": mark}).status_code == 200
    assert again(**{"Accept-Language": "de"}).status_code == 200
    assert client.post(page, headers={"If-None-Match": mark}).status_code == 405
    held = client.get_cookie("session")
    assert held is not None
    client.set_cookie("session", held.value[:-5] + ("A" if held.value[-5] != "A" else "B") + held.value[-4:])
    assert again().status_code == 303


@pytest.mark.parametrize("page", PAGES)
def test_any_change_and_another_quarter_of_an_hour_ask_flask_again(
    client_for: SignedIn, reader: Person, arrange: Arrange, clock: Clock, flask_asked: list[str], page: str
) -> None:
    again = _told(client_for(reader), page)
    assert (again().status_code, len(flask_asked)) == (304, 2)
    arrange(lambda session: beat(session=session, name="jobs", at=clock.now))
    again()
    assert len(flask_asked) == 3
    clock.now += timedelta(minutes=15)
    assert again().status_code == 200
    assert len(flask_asked) == 4


def test_a_cookie_that_has_run_out_signs_nobody_in(
    app: Flask, client_for: SignedIn, reader: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    again, now = _told(client_for(reader), "/attainment"), time.time()
    lifetime = app.permanent_session_lifetime.total_seconds()
    monkeypatch.setattr(time, "time", lambda: now + lifetime - 5)
    assert again().status_code == 304
    monkeypatch.setattr(time, "time", lambda: now + lifetime + 5)
    assert again().status_code == 303


def test_what_is_said_once_is_said(client_for: SignedIn, reader: Person) -> None:
    client = client_for(reader)
    again = _told(client, "/vision")
    with client.session_transaction() as cookie:
        cookie["_flashes"] = [("success", "Saved.")]
    assert "Saved." in again().text
    assert "Saved." not in again().text


def test_an_answer_that_sets_a_cookie_is_not_remembered(
    client_for: SignedIn, reader: Person, flask_asked: list[str]
) -> None:
    """A sign-in from another network is marked so in its cookie; a browser that missed that is told again."""
    client = client_for(reader)
    held = client.get_cookie("session")
    assert held is not None
    mark = client.get("/attainment").headers["ETag"]
    for _ in range(3):
        client.set_cookie("session", held.value)
        answer = client.get("/attainment", headers={"If-None-Match": mark})
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (304, True)
    assert len(flask_asked) == 4


def test_long_questions_and_more_than_so_many_are_not_remembered(
    app: Flask, client_for: SignedIn, reader: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(reader)
    known = app.extensions["hoshin_database"].kept(make=told.Told)
    mark = client.get("/attainment").headers["ETag"]
    for length in (told.LONGEST, 1):
        client.get("/attainment", headers={"If-None-Match": f'{mark}, "{length * "x"}"'})
    assert [len(one[6]) < told.LONGEST for one in known] == [True]
    monkeypatch.setattr(told.Told, "MOST", 3)
    for number in range(9):
        client.get("/attainment", headers={"If-None-Match": f'{mark}, "{number}"'})
        assert len(known) <= 3


def test_a_database_that_is_away_is_waited_for_once(
    client_for: SignedIn, reader: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    again, asked = _told(client_for(reader), "/attainment"), []

    def fail(*_: object, **__: object) -> NoReturn:
        asked.append(1)
        raise OperationalError("", None, RuntimeError("away"))

    monkeypatch.setattr(Database, "state", fail)
    assert again().status_code == 503
    assert len(asked) == 1
    monkeypatch.undo()
    assert again().status_code == 304

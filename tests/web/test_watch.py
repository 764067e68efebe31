"""What a server says about itself: alive, ready, measured and logged, with nothing in it that a person wrote."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import generate_latest
from sqlalchemy import text
from sqlalchemy.orm import Session

from hoshin import logs
from hoshin.access.actions import Act
from hoshin.commands.heartbeats import beat
from hoshin.db import Database, newest_revision
from hoshin.model.heartbeats import JOBS
from hoshin.model.people import Person
from hoshin.queries.health import find_heartbeat
from hoshin.web import door
from tests import factories
from tests.web.conftest import Arrange, Clock

Lines = Callable[[], list[dict[str, object]]]

SECRETS = ("Zanzibar merger", "zanzibar", "4711.25", "hunter2-very-secret")


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The JSON lines that have been logged."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    written = io.StringIO()
    logs.set_up(as_json=True, stream=written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    structlog.reset_defaults()
    root.handlers[:], root.level = before, level


def test_a_server_is_alive_even_without_its_database(app: Flask, tmp_path: Path) -> None:
    app.extensions["hoshin_database"] = Database(url=f"sqlite:///{tmp_path / 'no such folder' / 'x.sqlite'}")
    client = app.test_client()
    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "ok\n")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"database": "does not answer"})
    page = client.get("/sign-in")
    assert page.status_code == 503
    assert "cannot reach its database" in page.text
    assert client.post("/sign-in", data={"email": "a@b.example", "password": "x"}).status_code == 503


def test_who_is_signed_in_is_told_that_the_database_is_away(app: Flask, tmp_path: Path) -> None:
    """A page begins with looking who asks for it, and so does the page that says why there is none."""
    app.extensions["hoshin_database"] = Database(url=f"sqlite:///{tmp_path / 'no such folder' / 'x.sqlite'}")
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "a browser that was signed in"
    answers = [client.get("/"), client.get("/attainment"), client.post("/actuals", data={})]
    app.config["WTF_CSRF_ENABLED"] = True
    answers.append(client.post("/actuals", data={}))
    for answer in answers:
        assert answer.status_code == 503
        assert "cannot reach its database" in answer.text


def test_it_is_ready_when_database_migrations_and_job_process_are(app: Flask, arrange: Arrange, clock: Clock) -> None:
    client = app.test_client()
    never = client.get("/readyz")
    assert never.status_code == 503
    assert never.json is not None
    assert "never run" in never.json["jobs"]
    assert client.get("/readyz?without=jobs").json == {"database": "ok", "migrations": "ok"}
    arrange(lambda session: beat(session=session, name=JOBS, at=clock.now))
    assert client.get("/readyz").json == {"database": "ok", "migrations": "ok", "jobs": "ok"}
    assert client.get("/readyz").status_code == 200
    clock.now += timedelta(minutes=3)
    silent = client.get("/readyz")
    assert silent.status_code == 503
    assert "no sign of life since" in silent.text


def test_a_database_that_is_behind_the_program_is_not_ready(app: Flask, arrange: Arrange) -> None:
    def stand_at(revision: str) -> None:
        at = text("UPDATE alembic_version SET version_num = :revision").bindparams(revision=revision)
        arrange(lambda session: session.execute(at))

    stand_at("0001")
    answer = app.test_client().get("/readyz")
    stand_at(newest_revision())  # emptying a database leaves this alone
    assert answer.status_code == 503
    said = {"database": "ok", "migrations": "not the newest: run hoshin migrate", "jobs": "unknown"}
    assert answer.json == said


def test_of_several_signs_of_life_the_latest_stands(arrange: Arrange, look: Arrange, clock: Clock) -> None:
    for later in (0, 15, 14):  # the last one is a process that is late
        arrange(partial(beat_at, at=clock.now + timedelta(seconds=later)))
    latest = look(lambda session: find_heartbeat(session=session, name=JOBS))
    assert latest == clock.now + timedelta(seconds=15)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a-balancer_1.2", True), ("", False), ("a b", False), ("x" * 65, False), ('"><script>', False), ("é", False)],
)
def test_every_answer_carries_a_request_id(client: FlaskClient, given: str, kept: bool) -> None:
    sent = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert (sent == given) is kept
    assert sent


def test_logs_and_figures_hold_nothing_that_a_person_wrote(
    client_for: Callable[[Person], FlaskClient], arrange: Arrange, lines: Lines
) -> None:
    person = arrange(_somebody)
    client = client_for(person)
    client.get(f"/search?q={SECRETS[0]}", headers={"X-Request-ID": "abc"})
    client.post("/sign-in", data={"email": "zanzibar@tarnbridge.example", "password": SECRETS[3]})
    client.post("/vision/edit", data={"version": "1", "true_north": SECRETS[0], "current_state": SECRETS[2]})
    client.get(f"/{SECRETS[0]}")
    client.get("/attainment?period=zanzibar")
    client.open("/search", method="ZANZIBAR")
    found = lines()
    assert {"event": "answered", "endpoint": "search.show", "request": "abc", "status": 200}.items() <= found[0].items()
    assert found[0]["person"] == person.id
    assert len({one["request"] for one in found}) == len(found) == 6
    figures = generate_latest().decode()
    assert 'hoshin_request_seconds_count{endpoint="search.show",method="GET",status="200"}' in figures
    for secret in SECRETS:
        assert secret.lower() not in json.dumps(found).lower()
        assert secret.lower() not in figures.lower()


def test_an_error_nobody_expected_is_logged_by_its_class_and_place_alone(
    app: Flask, client: FlaskClient, lines: Lines, monkeypatch: pytest.MonkeyPatch,
    arrange: Arrange,
) -> None:  # fmt: skip
    arrange(_somebody)

    @door.allow(read=Act.OPEN_SIGN_IN)
    def fail() -> str:
        raise RuntimeError(SECRETS[0])

    monkeypatch.setitem(app.view_functions, "sign_in.show", fail)
    monkeypatch.setitem(app.config, "TESTING", False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    assert client.get("/sign-in").status_code == 500
    failed = next(one for one in lines() if one["event"] == "failed")
    raised = failed["raised"]
    assert isinstance(raised, list)
    assert raised[0] == "builtins.RuntimeError"
    assert "test_watch.py" in raised[-1]
    assert SECRETS[0] not in json.dumps(failed)


def beat_at(session: Session, at: datetime) -> None:
    """A sign of life of the job process."""
    beat(session=session, name=JOBS, at=at)


def _somebody(session: Session) -> Person:
    factories.organisation(session)
    return factories.person(session)

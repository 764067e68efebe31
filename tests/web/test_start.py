"""An empty database in the browser: beginning once, and never again."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from hoshin.commands import jobs
from hoshin.commands.jobs import EXAMPLE
from hoshin.commands.passwords import hash_password
from hoshin.db import Database
from hoshin.exchange.example import read
from hoshin.jobs.orders import run_order
from hoshin.jobs.worker import make_queue, run_next
from hoshin.model.cycles import Cycle
from hoshin.model.jobs import Job, JobState
from hoshin.model.people import Grant, Person, Role
from hoshin.model.units import Organisation, Unit
from tests.web.conftest import Arrange, Clock

TYPED = {
    "name": "Northwind", "time_zone": "Europe/Paris", "fiscal_start_month": "10", "named_by": "end",
    "administrator_name": "Zoë Admin", "administrator_email": "Zoe@Example.org",
    "password": "correct horse battery", "executive_name": "", "executive_email": "",
}  # fmt: skip


def test_every_page_leads_to_the_start(client: FlaskClient) -> None:
    assert client.get("/people").headers["Location"] == "/start"
    assert client.get("/sign-in").headers["Location"] == "/start"
    assert "This planner is empty" in client.get("/start").text


def test_one_person_may_be_both(client: FlaskClient, look: Arrange) -> None:
    answer = client.post("/start", data=TYPED)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    known = look(lambda session: session.get(Organisation, 1))
    assert known is not None
    assert (known.name, known.time_zone, known.fiscal_start_month) == ("Northwind", "Europe/Paris", 10)
    cycle = look(lambda session: session.scalars(select(Cycle)).one())
    assert (cycle.name, cycle.first_day) == ("FY2026", date(2025, 10, 1))
    assert look(lambda session: session.scalars(select(Unit.name)).all()) == ["Northwind"]
    roles = look(lambda session: session.scalars(select(Grant.role)).all())
    assert sorted(roles) == [Role.ADMINISTRATOR, Role.EXECUTIVE]
    assert client.get("/settings").status_code == 200
    assert client.get("/vision/edit").status_code == 200


def test_an_executive_of_another_name_gets_a_reset_link(client: FlaskClient, look: Arrange) -> None:
    answer = client.post("/start", data={**TYPED, "executive_name": "Eva", "executive_email": "eva@example.org"})
    eva = look(lambda session: session.scalars(select(Person).where(Person.name == "Eva")).one())
    assert answer.headers["Location"] == f"/people/{eva.id}"
    assert eva.password_hash is None
    assert client.get("/vision/edit").status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 10_000), ("time_zone", "Mars/Base"), ("time_zone", "../../etc/passwd"),
        ("fiscal_start_month", "13"), ("fiscal_start_month", "9" * 30), ("named_by", "middle"), ("password", "short"),
        ("administrator_email", "nobody"), ("administrator_name", "a\0"), ("executive_name", "Eva"),
        ("executive_email", "zoe@example.org"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_kept(
    client: FlaskClient, look: Arrange, field: str, value: str
) -> None:
    typed = {**TYPED, field: value}
    if field == "executive_email":
        typed["executive_name"] = "Zoë"
    answer = client.post("/start", data=typed)
    assert answer.status_code == 422
    wrong = "executive_email" if field == "executive_name" else field
    assert f'id="{wrong}-errors"' in answer.text
    assert look(lambda session: session.get(Organisation, 1)) is None


def test_afterwards_the_page_is_gone(client: FlaskClient) -> None:
    client.post("/start", data=TYPED)
    assert client.get("/start").status_code == 404
    late = client.application.test_client().post("/start", data={**TYPED, "name": "Other"})
    assert late.status_code == 409
    assert "Nothing of yours was saved" in late.text


def test_of_two_at_once_one_wins(client: FlaskClient, look: Arrange, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second founder comes in while the first one's password is being hashed."""
    other = client.application.test_client()

    def slow(*, password: str) -> str:
        monkeypatch.undo()
        with client.application.app_context():
            assert other.post("/start", data={**TYPED, "name": "Faster"}).status_code == 303
        return hash_password(password=password)

    monkeypatch.setattr("hoshin.web.start.hash_password", slow)
    answer = client.post("/start", data=TYPED)
    assert answer.status_code == 409
    assert "Nothing of yours was saved" in answer.text
    assert look(lambda session: session.scalars(select(Organisation.name)).all()) == ["Faster"]
    assert look(lambda session: len(session.scalars(select(Person.id)).all())) == 1


def load_example(client: FlaskClient, clock: Clock) -> int:
    """The job process does what is due; how many jobs that were."""
    database: Database = client.application.extensions["hoshin_database"]

    def ordered(job: Job, _at: datetime) -> None:
        run_order(database=database, job=job, clock=clock)

    done, queue = 0, make_queue(database=database, handlers={EXAMPLE: ordered}, clock=clock, brings={})
    while run_next(queue=queue):
        done += 1
    return done


def sign_ins(page: str) -> list[tuple[str, str]]:
    """The addresses and passwords on the page."""
    return re.findall(r"<td>([^<]+@[^<]+)</td><td class=\"nowrap\"><code>([^<]+)</code>", page)


@pytest.fixture
def small_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example's units and people alone, for a test of the loading itself."""
    whole = read()
    dropped = {one.name for one in fields(whole)} - {"settings", "units", "people"}
    small = replace(whole, **{name: type(getattr(whole, name))() for name in dropped})
    monkeypatch.setattr("hoshin.jobs.orders.read_example", lambda: small)


@pytest.fixture
def example(request: pytest.FixtureRequest, engine: Engine) -> None:
    """The whole example on SQLite; on PostgreSQL, where tests/commands load all of it, its units and people alone."""
    if engine.dialect.name == "postgresql":
        request.getfixturevalue("small_example")


@pytest.mark.usefixtures("example")
def test_the_example_is_loaded_beside_its_page_and_shows_its_passwords_there_alone(
    client: FlaskClient, look: Arrange, clock: Clock
) -> None:
    answer = client.post("/start/example")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/start/example")
    page = client.get("/start/example").text
    assert "No job process is running" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert client.get("/start").headers["Location"] == "/start/example"
    other = client.application.test_client()
    assert other.post("/start/example").status_code == 303, "pressed a second time: it is the same one"
    assert sign_ins(other.get("/start/example").text) == []
    assert other.post("/start/example/stop").status_code == 404
    assert load_example(client, clock) == 1
    rows = sign_ins(client.get("/start/example").text)
    assert rows == sign_ins(page)
    assert len(rows) == 4
    for email, password in (rows[0], rows[-1]):
        browser = client.application.test_client()
        assert browser.post("/sign-in", data={"email": email, "password": password}).status_code == 303
    assert look(lambda session: len(session.scalars(select(Unit.id)).all())) > 10
    assert rows[0][1] not in look(lambda session: str(session.scalars(select(Job.facts)).all()))
    assert client.post("/start/example").status_code == 409
    assert other.get("/start/example").status_code == 404
    clock.now += timedelta(days=1, minutes=1)
    assert client.get("/start/example").status_code == 404


def test_an_example_that_was_stopped_can_be_asked_for_again(
    client: FlaskClient, look: Arrange, clock: Clock
) -> None:
    client.post("/start/example")
    assert client.post("/start/example/stop").headers["Location"] == "/start/example"
    assert "It was stopped. Nothing was changed." in client.get("/start/example").text
    assert load_example(client, clock) == 0
    assert "This planner is empty" in client.get("/start").text
    before = client.get("/start/example").text
    client.post("/start/example")
    assert sign_ins(client.get("/start/example").text)
    assert sign_ins(before) == []
    assert client.post("/start", data=TYPED).status_code == 303, "or one begins one's own meanwhile"
    assert load_example(client, clock) == 1
    assert look(lambda session: session.scalars(select(Organisation.name)).all()) == ["Northwind"]


@pytest.mark.usefixtures("small_example")
def test_an_example_whose_process_was_killed_is_loaded_once(client: FlaskClient, look: Arrange, clock: Clock) -> None:
    client.post("/start/example")
    database: Database = client.application.extensions["hoshin_database"]
    with database.writing() as session:
        lost = jobs.claim(session=session, at=clock.now)
        assert lost is not None
        session.expunge(lost)
        session.commit()
    assert "The example is being loaded." in client.get("/start/example").text
    assert load_example(client, clock) == 0
    clock.now += jobs.SHORT_LEASE
    assert load_example(client, clock) == 1
    run_order(database=database, job=lost, clock=clock)  # the first one wakes up
    assert look(lambda session: session.scalars(select(Job.state)).all()) == [JobState.DONE]
    assert look(lambda session: len(session.scalars(select(Organisation.id)).all())) == 1


def test_what_is_being_loaded_is_stopped_from_the_page(client: FlaskClient, look: Arrange, clock: Clock) -> None:
    client.post("/start/example")
    database: Database = client.application.extensions["hoshin_database"]

    def ordered(job: Job, _at: datetime) -> None:
        client.post("/start/example/stop")
        assert "It is being stopped." in client.get("/start/example").text
        run_order(database=database, job=job, clock=clock)

    run_next(queue=make_queue(database=database, handlers={EXAMPLE: ordered}, clock=clock, brings={}))
    assert "It was stopped. Nothing was changed." in client.get("/start/example").text
    assert look(lambda session: session.get(Organisation, 1)) is None

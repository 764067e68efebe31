"""A file is read in from the browser, a small one at once; long work is followed, stopped and taken along."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from hoshin import db
from hoshin.app import create_app
from hoshin.commands import jobs
from hoshin.commands.slates import Slate
from hoshin.config import Settings
from hoshin.db import Database
from hoshin.jobs.orders import run_order
from hoshin.jobs.worker import make_queue, run_next
from hoshin.model.jobs import Job
from hoshin.model.kpis import Reading
from hoshin.model.people import Person, Role
from hoshin.queries.units import top_unit
from hoshin.reports import pdf
from hoshin.reports.press import Press
from hoshin.web import bowling, imports
from tests import factories
from tests.databases import ON_SQLITE
from tests.factories import NOW
from tests.web.conftest import Arrange, browser_with

HEAD = "unit,priority,kpi,period,target,actual,direction\n"
GOOD = HEAD + "".join(f"Line {n},Less scrap,Scrap {n},2026-0{m},5,{m},at most\n" for n in range(3) for m in (1, 2))
Sign = Callable[[Person], FlaskClient]


def _people(session: Session) -> tuple[Person, Person]:
    factories.organisation(session)
    factories.cycle(session)
    top = top_unit(session=session)
    ada = factories.person(session, "Ada Chief", Role.EXECUTIVE)
    factories.grant(session, ada, Role.ADMINISTRATOR, top)
    return ada, factories.person(session, "Bo Clerk", Role.ADMINISTRATOR)


def send(client: FlaskClient, content: str, name: str = "plan.csv") -> tuple[int, str, str]:
    """The status, the page, and where it leads."""
    answer = client.post("/import", data={"file": (io.BytesIO(content.encode()), name)})
    return answer.status_code, answer.text, answer.headers.get("Location", "")


def work(app: Flask) -> None:
    """What the job process does."""
    database = app.extensions["hoshin_database"]
    handlers = dict.fromkeys(
        jobs.ORDERED, lambda job, _at: run_order(database=database, job=job, clock=lambda: NOW)
    )
    queue = make_queue(database=database, handlers=handlers, clock=lambda: NOW, brings={})
    while run_next(queue=queue):
        pass


def readings(look: Arrange) -> int:
    """How many readings are stored."""
    return look(lambda session: session.scalar(select(func.count()).select_from(Reading)) or 0)


def test_a_small_file_is_read_at_once_all_or_nothing(client_for: Sign, arrange: Arrange, look: Arrange) -> None:
    client = client_for(arrange(_people)[0])
    assert "The same file again changes nothing" in client.get("/import").text
    status, page, _ = send(client, GOOD + "Line 1,Less scrap,Scrap 1,2026-03,1e99,1,at most\n")
    assert status == 422
    assert "row 8, column target" in page
    assert readings(look) == 0
    status, page, _ = send(client, GOOD)
    assert status == 200
    assert "plan.csv has been read in" in page
    assert readings(look) == 6
    assert send(client, "")[0] == 422
    assert send(client, "\x00\x01 nothing", "../../etc/passwd")[0] == 422


def test_an_administrator_alone_may_not(client_for: Sign, arrange: Arrange, look: Arrange) -> None:
    client = client_for(arrange(_people)[1])
    assert "takes an administrator who is also an executive" in client.get("/import").text
    assert send(client, GOOD)[0] == 404
    assert readings(look) == 0


def test_a_large_file_is_followed_and_only_by_its_sender(
    app: Flask, client_for: Sign, arrange: Arrange, look: Arrange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 10)
    ada, clerk = arrange(_people)
    client, other = client_for(ada), client_for(clerk)
    status, _, address = send(client, GOOD)
    assert status == 303
    page = client.get(address).text
    assert "It waits for its turn" in page
    assert "Look again" in page
    assert "http-equiv" not in page
    assert [other.get(address).status_code, other.post(f"{address}/cancel").status_code] == [404, 404]
    assert "Import of plan.csv" in client.get("/jobs").text
    work(app)
    assert readings(look) == 6
    page = client.get(address).text
    assert "It is done" in page
    assert "Look again" not in page
    assert client.get(f"{address}/file").status_code == 404


@ON_SQLITE
def test_what_its_slate_says_is_shown_though_nobody_commits_meanwhile(
    app: Flask, client_for: Sign, arrange: Arrange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser that has the page already must not be told that nothing has changed."""
    monkeypatch.setattr(imports, "AT_ONCE", 10)
    client, database = client_for(arrange(_people)[0]), app.extensions["hoshin_database"]
    address = send(client, GOOD)[2]
    arrange(lambda session: jobs.claim(session=session, at=NOW))
    slate, seen = Slate(database=database, job_id=int(Path(address).name)), list[str]()
    for page in (address, "/jobs"):
        mark = ""
        for done in (1000, 2000):
            slate.say(what="storing", done=done, of=6000)
            answer = client.get(page, headers={"If-None-Match": mark})
            mark = answer.headers.get("ETag", "")
            seen += [one for one in ("1,000", "2,000") if f"Storing figures: {one} of 6,000" in answer.text]
    assert seen == ["1,000", "2,000"] * 2


def test_what_is_not_kept_any_more_says_so_and_somebody_else_s_says_the_same(
    app: Flask, client_for: Sign, arrange: Arrange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 10)
    ada, clerk = arrange(_people)
    client, other = client_for(ada), client_for(clerk)
    address = send(client, GOOD)[2]
    work(app)
    strange = other.get(address)
    arrange(lambda session: jobs.clear(session=session, at=NOW + jobs.KEPT))
    gone = client.get(address)
    assert strange.status_code == gone.status_code == 404
    assert "kept for a day" in gone.text
    assert "kept for a day" in strange.text


def test_it_is_stopped(
    app: Flask, client_for: Sign, arrange: Arrange, look: Arrange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 10)
    client = client_for(arrange(_people)[0])
    address = send(client, GOOD)[2]
    assert client.post(f"{address}/cancel").status_code == 303
    work(app)
    assert readings(look) == 0
    assert "It was stopped. Nothing was changed." in client.get(address).text


def test_a_long_chart_is_printed_beside_the_work(
    app: Flask, client_for: Sign, arrange: Arrange, look: Arrange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bowling, "LONG", 2)
    client = client_for(arrange(_people)[0])
    flat = GOOD.replace("Line 0,", ",").replace("Line 1,", ",").replace("Line 2,", ",")
    assert send(client, flat)[0] == 200
    page = client.get("/units/1/bowling.pdf?cycle=FY2026").text
    assert "This chart has 3 KPIs" in page
    answer = client.post("/units/1/bowling.pdf?cycle=FY2026&paper=a4")
    assert answer.status_code == 303
    address = answer.headers["Location"]
    work(app)
    assert "Take the file along" in client.get(address).text
    file = client.get(f"{address}/file")
    assert file.data.startswith(b"%PDF")
    assert file.headers["Content-Disposition"] == "attachment; filename=bowling-1-FY2026.pdf"
    assert look(lambda session: session.scalars(select(Job.attempts)).all()) == [1]
    assert Path(address).name.isdigit()


def test_two_who_ask_for_the_same_chart_cost_one_rendering(
    app: Flask, client_for: Sign, arrange: Arrange, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def two(session: Session) -> tuple[Person, Person]:
        ada, _ = _people(session)
        return ada, factories.person(session, "Cy Other", Role.EXECUTIVE)

    printed: list[int] = []

    def counted(_press: Press, sheets: Sequence[str], on_page: pdf.OnPage) -> bytes:
        printed.append(len(sheets))
        return pdf.print_here(sheets=sheets, on_page=on_page)

    monkeypatch.setattr(Press, "_print", counted)
    monkeypatch.setattr(pdf, "_printers", [pdf.print_here, Press(tmp_path)])
    clients = [client_for(one) for one in arrange(two)]
    send(clients[0], GOOD.replace("Line 0,", ",").replace("Line 1,", ",").replace("Line 2,", ","))
    address = "/units/1/bowling.pdf?cycle=FY2026"
    files = [client.get(address).data for client in clients]
    assert len(printed) == 1
    monkeypatch.setattr(bowling, "LONG", 2)
    orders = [client.post(address).headers["Location"] for client in clients]
    work(app)
    files += [client.get(f"{one}/file").data for client, one in zip(clients, orders, strict=True)]
    assert len(set(files)) == 1
    assert files[0].startswith(b"%PDF")
    assert len(printed) == 1, "the job process finds what a page has printed"
    send(clients[0], GOOD.replace("Line 0,", ",").replace(",1,at most", ",2,at most"))
    clients[1].post(address)
    work(app)
    assert len(printed) == 2, "another figure is another sheet"


def test_who_waited_too_long_for_another_writer_is_told_so(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(db, "BUSY_MILLISECONDS", 1)
    settings = Settings(database_url=sqlite_url, secret_key="k", instance=tmp_path)
    app = create_app(settings=settings, clock=lambda: NOW)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    database = app.extensions["hoshin_database"]
    with database.writing() as session:
        factories.organisation(session)
        token = factories.sign_in(session, factories.person(session, "Ada Chief", Role.EXECUTIVE))
        session.commit()
    client = browser_with(app, token)
    with database.writing() as other:
        other.connection()
        assert client.get("/jobs").status_code == 200, "looking does not wait"
        answer = client.post("/sign-out")
    assert answer.status_code == 503
    assert "Somebody else is storing something large" in answer.text
    assert "locked" not in answer.text
    assert client.post("/jobs/1/cancel").status_code == 404
    database.dispose()


def test_who_looks_does_not_wait_while_much_is_stored(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight MiB, four times what SQLite keeps by itself before it writes and lets nobody read."""
    monkeypatch.setattr(db, "BUSY_MILLISECONDS", 1)
    database = Database(url=sqlite_url)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)"
    with database.writing() as storing, database.reading() as looking:
        storing.execute(text("CREATE TABLE large (content BLOB)"))
        storing.execute(text(f"INSERT INTO large {numbers} SELECT zeroblob(1024) FROM n"))
        assert looking.scalar(text("SELECT count(*) FROM units")) == 0
    database.dispose()

"""A page that is kept is the one that would be made anew, after every kind of change, and it is its reader's only."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.commands.heartbeats import beat
from hoshin.model.people import Person, Role
from hoshin.model.units import Organisation, Unit
from hoshin.web.kept import NAME, TOKEN, Shelf
from tests import factories
from tests.queries.test_as_known import Story
from tests.web.conftest import Arrange, Clock, reader_of

TOKENS = re.compile(r'name="csrf_token" value="[^"]+"')
SignedIn = Callable[[Person], FlaskClient]
Change = Callable[[Session], object]


def _first(session: Session, kind: type[Any]) -> Any:
    return session.scalars(select(kind).limit(1)).one()


def _set(kind: type[Any], **values: object) -> Change:
    def change(session: Session) -> None:
        for name, value in values.items():
            setattr(_first(session, kind), name, value)

    return change


def _named(session: Session, name: str) -> Person:
    return session.scalars(select(Person).where(Person.name == name)).one()


def test_readers_with_the_same_rights_share_a_page_but_for_what_is_their_own(
    app: Flask, story: Story, client_for: SignedIn, arrange: Arrange
) -> None:
    one, other = (client_for(reader_of(arrange, name)) for name in ("Rita <Reader>", "Otto Other"))
    shelf = app.extensions["hoshin_database"].kept(make=Shelf)
    first = one.get("/attainment")
    assert len(shelf) == 1
    second = other.get("/attainment")
    assert len(shelf) == 1
    assert "Rita &lt;Reader&gt;" in first.text
    assert "Otto Other" in second.text
    assert "Rita" not in second.text
    assert NAME not in first.text + second.text
    assert TOKEN not in first.text + second.text
    tokens = {TOKENS.search(answer.text) and TOKENS.findall(answer.text)[0] for answer in (first, second)}
    assert len(tokens) == 2


def test_a_kept_page_is_not_for_those_who_may_not_see_it(
    app: Flask, story: Story, client_for: SignedIn, arrange: Arrange
) -> None:
    arrange(lambda session: setattr(session.get_one(Unit, 3), "restricted", True))
    chief = client_for(reader_of(arrange, "Ada Chief", Role.EXECUTIVE))
    staff = client_for(reader_of(arrange, "Rita Reader"))
    for page in ("/units/3/x-matrix", "/attainment"):
        assert chief.get(page).status_code == 200
    assert staff.get("/units/3/x-matrix").status_code == 404
    assert staff.get("/attainment").text != chief.get("/attainment").text
    assert app.test_client().get("/units/3/x-matrix").status_code == 303
    arrange(lambda session: setattr(_named(session, "Ada Chief"), "deactivated_at", factories.NOW))
    assert chief.get("/units/3/x-matrix").status_code == 303


def test_a_later_day_makes_a_page_anew_and_a_message_is_for_one_reader(
    story: Story, client_for: SignedIn, arrange: Arrange, clock: Clock
) -> None:
    client = client_for(reader_of(arrange, "Rita Reader"))
    assert "as of 18 May 2026" in client.get("/attainment").text
    clock.now += timedelta(days=1)
    assert "as of 19 May 2026" in client.get("/attainment").text
    with client.session_transaction() as cookie:
        cookie["_flashes"] = [("success", "Saved for Rita.")]
    assert "Saved for Rita." in client.get("/attainment").text
    assert "Saved for Rita." not in client.get("/attainment").text


def test_a_shelf_holds_so_much_and_no_more() -> None:
    shelf = Shelf(most=10)
    for key in "abc":
        shelf.put(key=key, parts=(b"1234",))
    assert [shelf.get(key=key) for key in "abc"] == [None, (b"1234",), (b"1234",)]
    shelf.put(key="b", parts=(b"123456",))
    assert shelf.get(key="b") == (b"123456",)
    assert len(shelf) == 2
    shelf.put(key="d", parts=(b"12345678901",))
    assert len(shelf) == 0


def test_a_mark_outlives_what_the_page_does_not_show_and_nothing_else(
    app: Flask, story: Story, client_for: SignedIn, arrange: Arrange, clock: Clock
) -> None:
    client, other = (client_for(reader_of(arrange, name)) for name in ("Rita Reader", "Otto Other"))
    mark = client.get("/attainment").headers["ETag"]
    arrange(lambda session: beat(session=session, name="jobs", at=clock.now))
    assert client.get("/attainment", headers={"If-None-Match": mark}).status_code == 304
    assert other.get("/attainment", headers={"If-None-Match": mark}).status_code == 200
    assert app.test_client().get("/attainment", headers={"If-None-Match": mark}).status_code == 303
    arrange(_set(Organisation, true_north="Elsewhere"))
    assert client.get("/attainment", headers={"If-None-Match": mark}).status_code == 200

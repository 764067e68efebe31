"""A page is made again only when something has changed: for its reader, in the database, or on the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hoshin.commands.heartbeats import beat
from hoshin.model.people import Role
from tests import factories
from tests.web.conftest import Arrange, Clock
from tests.web.readings_house import House, SignedIn, build

PAGES = ("/", "/attainment", "/units/1/x-matrix", "/units/1/plan", "/cascade")


@pytest.fixture
def house(arrange: Arrange) -> House:
    """The company of these tests."""
    return arrange(build)


def _again(client: FlaskClient, page: str, first: TestResponse, **headers: str) -> int:
    return client.get(page, headers={"If-None-Match": first.headers["ETag"], **headers}).status_code


@pytest.mark.parametrize("page", PAGES)
def test_an_unchanged_page_is_not_made_again(client_for: SignedIn, house: House, page: str) -> None:
    client = client_for(house.head)
    first = client.get(page)
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "private, no-cache")
    second = client.get(page, headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.data, second.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert _again(client, page + "?cycle=FY2026", first) == 200


def test_any_change_any_other_reader_and_another_hour_get_a_new_page(
    client_for: SignedIn, house: House, arrange: Arrange, clock: Clock
) -> None:
    client = client_for(house.head)
    first = client.get("/cascade")
    assert _again(client_for(house.staff), "/cascade", first) == 200
    first = client.get("/cascade")  # signing in was a change
    assert _again(client, "/cascade", first) == 304
    assert _again(client, "/cascade", first, **{"Accept-Language": "de"}) == 200
    arrange(lambda session: beat(session=session, name="jobs", at=clock.now))
    assert _again(client, "/cascade", first) == 200
    for page in ("/cascade", "/attainment"):
        first = client.get(page)
        clock.now += timedelta(minutes=15)
        assert _again(client, page, first) == 200


def test_no_mark_outlives_the_right_to_see_the_page(
    app: Flask, client_for: SignedIn, house: House, arrange: Arrange
) -> None:
    reader = arrange(lambda session: factories.person(session, "Rita Reader", Role.STAFF))
    client = client_for(reader)
    first = client.get("/attainment")
    arrange(lambda session: setattr(session.merge(reader), "deactivated_at", factories.NOW))
    assert _again(client, "/attainment", first) == 303
    assert app.test_client().get("/attainment", headers={"If-None-Match": first.headers["ETag"]}).status_code == 303
    made_up = client_for(house.head).get("/attainment", headers={"If-None-Match": 'W/"0123"'})
    assert made_up.status_code == 200


def test_a_message_is_shown_once_and_not_kept(client_for: SignedIn, house: House) -> None:
    client = client_for(house.head)
    first = client.get("/vision")
    with client.session_transaction() as cookie:
        cookie["_flashes"] = [("success", "Saved.")]
    with_message = client.get("/vision", headers={"If-None-Match": first.headers["ETag"]})
    assert "Saved." in with_message.text
    assert "ETag" not in with_message.headers
    assert with_message.headers["Cache-Control"] == "no-store"
    assert _again(client, "/vision", first) == 304


def test_signing_out_clears_what_the_browser_kept(client_for: SignedIn, house: House) -> None:
    client = client_for(house.head)
    first = client.get("/vision")
    assert client.post("/sign-out").headers["Clear-Site-Data"] == '"cache"'
    assert _again(client, "/vision", first) == 303

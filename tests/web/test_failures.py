"""What a person is told when PostgreSQL is there but takes longer than a page may wait."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from hoshin.config import Limits
from hoshin.db import Database
from hoshin.model.people import Role
from tests import factories
from tests.factories import NOW
from tests.web.conftest import browser_with

LOCKED = Limits(lock_seconds=1)
TOO_LONG = Limits(statement_seconds=1)


@pytest.mark.parametrize(
    ("limits", "told"), [(LOCKED, "Somebody else is storing something large"), (TOO_LONG, "This took longer than")]
)
def test_a_page_gives_up_in_time_says_why_and_works_again_when_the_way_is_free(
    one_app: Flask, postgresql_url: str, limits: Limits, told: str
) -> None:
    database = Database(url=postgresql_url, limits=limits)
    one_app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    one_app.extensions.update(hoshin_database=database, hoshin_clock=lambda: NOW)
    with database.writing() as session:
        factories.organisation(session)
        token = factories.sign_in(session, factories.person(session, "Ada Chief", Role.EXECUTIVE))
        session.commit()
    client = browser_with(one_app, token)
    with database.writing() as other:
        other.execute(text("LOCK TABLE items IN ACCESS EXCLUSIVE MODE"))
        read = client.get("/search?q=scrap")
    assert read.status_code == 503
    assert told in read.text
    assert "What you have just sent was not saved" in read.text
    assert client.get("/search?q=scrap").status_code == 200
    database.dispose()

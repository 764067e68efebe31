"""Whatever changes, a kept page is the one that a process which keeps nothing would make; no database decides that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hoshin.db import Database, make_engine
from hoshin.engine.plans import Rotation, State
from hoshin.model.actions import Action, ActionHelper, Status
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective
from hoshin.model.kpis import KPI, Reading
from hoshin.model.links import Correlation, Deployment
from hoshin.model.people import Grant, Person, Role
from hoshin.model.units import Glyphs, Organisation, Preset, Unit
from tests import factories
from tests.queries.test_as_known import Story
from tests.web.conftest import Arrange, reader_of

PAGES = ("/units/1/x-matrix", "/units/3/x-matrix", "/attainment")
TOKENS = re.compile(r'name="csrf_token" value="[^"]+"')
SignedIn = Callable[[Person], FlaskClient]
Change = Callable[[Session], object]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough."""
    return sqlite_url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on that database."""
    engine = make_engine(url=database_url)
    yield engine
    engine.dispose()


def _shown(client: FlaskClient, page: str) -> tuple[int, str]:
    answer = client.get(page)
    return answer.status_code, TOKENS.sub("", answer.text)


def _all_as_if_new(app: Flask, url: str, clients: list[FlaskClient], after: object) -> list[tuple[int, str]]:
    """What the pages show, after each was compared with the same page of a process that keeps nothing."""
    shown = [_shown(client, page) for client in clients for page in PAGES]
    lasting, fresh = app.extensions["hoshin_database"], Database(url=url)
    app.extensions["hoshin_database"] = fresh
    try:
        anew = [_shown(client, page) for client in clients for page in PAGES]
    finally:
        app.extensions["hoshin_database"] = lasting
        fresh.dispose()
    for place, (one, other) in enumerate(zip(shown, anew, strict=True)):
        assert one == other, (after, place)
    return shown


def _first(session: Session, kind: type[Any]) -> Any:
    return session.scalars(select(kind).limit(1)).one()


def _set(kind: type[Any], **values: object) -> Change:
    def change(session: Session) -> None:
        for name, value in values.items():
            setattr(_first(session, kind), name, value)

    return change


CHANGES: dict[str, Change] = {
    "an objective's name": _set(Objective, name="Quite another objective"),
    "an objective's sponsor": lambda session: setattr(
        _first(session, Objective), "sponsor_id", factories.person(session, "Sponsor").id
    ),
    "an owner": lambda session: setattr(_first(session, KPI), "owner_id", factories.person(session, "Owner").id),
    "a person's name": lambda session: setattr(
        session.scalars(select(Person).where(Person.name == "Owner")).one(), "name", "Married Owner"
    ),
    "an action's status": _set(Action, status=Status.IN_PROGRESS, progress=40),
    "a helper": lambda session: session.add(
        ActionHelper(action_id=_first(session, Action).id, person_id=factories.person(session, "Helper").id)
    ),
    "a figure": lambda session: setattr(
        session.scalars(select(Reading).where(Reading.period == date(2026, 4, 1)).limit(1)).one(),
        "actual", Decimal(99),
    ),
    "a link's strength": _set(Correlation, strength=1),
    "a link's reason": _set(Correlation, rationale="because of this"),
    "the rotation": _set(Cycle, rotation=Rotation.ACTION),
    "the rotation back": _set(Cycle, rotation=Rotation.PRIORITY),
    "a deployment": _set(Deployment, state=State.ENDED),
    "an item that ends": lambda session: setattr(
        session.scalars(select(Item).where(Item.name == "KPI 3")).one(), "valid_to", date(2026, 4, 20)
    ),
    "a draft": lambda session: factories.priority(session, "Drafted", state=State.DRAFT),
    "the vision": _set(Organisation, true_north="Another star to steer by"),
    "the organisation's name": _set(Organisation, name="Renamed Works"),
    "the signs": _set(Organisation, glyphs=Glyphs.MOON),
    "the least strength": _set(Organisation, least_strength=3),
    "a layout": _set(Unit, preset=Preset.JACKSON),
    "a unit's name": lambda session: setattr(session.get_one(Unit, 2), "name", "Renamed"),
    "a new unit": lambda session: factories.unit(session, "New below"),
    "a new cycle": lambda session: factories.cycle(session, 2027),
    "a unit that closes itself": lambda session: setattr(session.get_one(Unit, 3), "restricted", True),
    "when figures fall due": _set(Organisation, due_days=40),
    "a role": lambda session: session.add(
        Grant(person_id=_named(session, "Rita Reader").id, unit_id=3, role=Role.HEAD)
    ),
}  # fmt: skip
"""One of each kind of thing that the pages show or that decides who sees it."""


def _named(session: Session, name: str) -> Person:
    return session.scalars(select(Person).where(Person.name == name)).one()


def test_after_every_kind_of_change_a_page_is_made_anew(
    app: Flask, database_url: str, story: Story, client_for: SignedIn, arrange: Arrange
) -> None:
    clients = [client_for(reader_of(arrange, "Rita Reader"))]
    before = _all_as_if_new(app, database_url, clients, "nothing")
    for what, change in CHANGES.items():
        arrange(change)
        after = _all_as_if_new(app, database_url, clients, what)
        assert after != before, what
        before = after


def test_after_random_edits_a_page_is_made_anew(
    app: Flask, database_url: str, engine: Engine, story: Story, client_for: SignedIn, arrange: Arrange
) -> None:
    clients = [client_for(reader_of(arrange, "Ada Chief", Role.EXECUTIVE))]
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        story.session = session
        for step in range(5):
            for _ in range(1 + step * 2):
                story.edit()
            session.commit()
            _all_as_if_new(app, database_url, clients, story.done)
    assert story.done.total() > story.done["refused"]

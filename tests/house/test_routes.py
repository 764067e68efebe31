"""Every route and method against the access table: who gets in is written down here once more, by role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from hoshin.access.actions import Act
from hoshin.access.actors import NOBODY, Actor
from hoshin.access.rules import RULES, may
from hoshin.app import create_app
from hoshin.config import Settings
from hoshin.web import door, gate, menu
from tests import factories

UNIT, OTHER = 2, 3
ACTORS = {
    "nobody": NOBODY,
    "executive": Actor(person=1, member_of=frozenset({1}), leads=frozenset({1}), leads_above=frozenset({1, 2, 3})),
    "head": Actor(person=2, member_of=frozenset({UNIT}), heads=frozenset({UNIT}), heads_above=frozenset({UNIT})),
    "staff": Actor(person=3, member_of=frozenset({UNIT})),
    "facilitator": Actor(person=4, facilitates=frozenset({UNIT})),
    "auditor": Actor(person=5, audits=frozenset({UNIT})),
    "administrator": Actor(person=6, administers=True),
}
EVERYBODY = frozenset(ACTORS)
PEOPLE = EVERYBODY - {"nobody"}
READERS = PEOPLE - {"administrator"}
WRITERS = frozenset({"executive", "head", "facilitator"})
SIGNERS = frozenset({"executive", "head"})
EMPLOYED = READERS - {"auditor"}
ADMINISTRATOR = frozenset({"administrator"})

MAY_EVER = {
    EVERYBODY: "OPEN_SIGN_IN SIGN_IN SIGN_OUT OPEN_START START OPEN_RESET RESET_PASSWORD READ_HEALTH "
    "OPEN_QUIETEN QUIETEN READ_FEED",
    PEOPLE: "OPEN_FEED MANAGE_FEED READ_HOME OPEN_OWN_ACCOUNT CHANGE_OWN_ACCOUNT READ_PEOPLE READ_UNITS "
    "READ_CYCLES READ_JOURNAL READ_NOTICES CHOOSE_NOTICES",
    READERS: "READ_ROADBLOCKS READ_ROADBLOCK READ_BALLS READ_BALL READ_STRATEGY READ_UNIT READ_ITEM READ_AMENDMENTS",
    frozenset({"executive"}): "CLOSE_CYCLE OPEN_DIAGNOSIS WRITE_DIAGNOSIS OPEN_VISION WRITE_VISION",
    WRITERS: "OPEN_REVIEWS PLAN_REVIEWS KEEP_MINUTES CHOOSE_CHECK_IN OPEN_PLAN WRITE_PLAN OPEN_TARGETS PLAN_TARGETS "
    "RUN_SCORING",
    SIGNERS: "OPEN_CLOSING CHOOSE_CLOSING HOLD_REVIEW LOCK_OWN_MONTH OPEN_THROW THROW PUT_IN_FORCE AMEND_TARGETS "
    "REVISE_LOCKED",
    EMPLOYED: "OPEN_PROMISES PROMISE OPEN_ACTUALS RECORD_ACTUALS OPEN_PROGRESS REPORT_PROGRESS "
    "OPEN_AMENDMENT PROPOSE_AMENDMENT ANSWER_AMENDMENT "
    "OPEN_COUNTERMEASURE WRITE_COUNTERMEASURE COMMENT_ON_BALL OPEN_BALL PLAY_BALL "
    "OPEN_ROADBLOCK RAISE_ROADBLOCK HANDLE_ROADBLOCK OPEN_SCORING SCORE",
    EMPLOYED - {"facilitator"}: "OPEN_CHECK_IN WRITE_CHECK_IN OPEN_SURVEY ANSWER_SURVEY",
    frozenset({"executive", "facilitator"}): "OPEN_SURVEYS RUN_SURVEYS",
    SIGNERS | ADMINISTRATOR: "OPEN_DEPUTIES NAME_DEPUTY",
    frozenset({"executive", "administrator"}): "OPEN_CYCLES MANAGE_CYCLES",
    ADMINISTRATOR: "OPEN_LOCKS LOCK_MONTHS OPEN_PEOPLE MANAGE_PEOPLE OPEN_UNITS MANAGE_UNITS "
    "OPEN_SETTINGS MANAGE_SETTINGS",
}  # fmt: skip
"""Which roles may do a thing at all, somewhere; which thing it is decides the rest (tests/access)."""


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application with all its doors."""
    app = create_app(settings=Settings(database_url=sqlite_url, secret_key="only for tests", instance=tmp_path))
    yield app
    app.extensions["hoshin_database"].dispose()


def test_the_table_speaks_of_every_act_and_of_no_other() -> None:
    assert set(RULES) == set(Act)
    listed = [Act[name] for names in MAY_EVER.values() for name in names.split()]
    assert sorted(listed) == sorted(Act), "every act is listed here once"


@pytest.mark.parametrize("role", ACTORS)
def test_who_may_ever(role: str) -> None:
    expected = {Act[name] for roles, names in MAY_EVER.items() if role in roles for name in names.split()}
    assert {act for act in Act if may(actor=ACTORS[role], act=act)} == expected


def _doors(app: Flask) -> Iterator[tuple[str, str, Act]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint in gate.OPEN_ENDPOINTS:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            act = door.act_of(view=app.view_functions[rule.endpoint], method=method)
            assert act is not None, f"{method} {rule.rule}"
            yield method, rule.rule, act


def test_reading_and_writing_are_different_acts_on_every_route(app: Flask) -> None:
    reading = {act for method, _, act in _doors(app) if method in door.SAFE}
    writing = {act for method, _, act in _doors(app) if method not in door.SAFE}
    assert reading & writing == set()
    assert all(act.name.startswith(("READ_", "OPEN_")) for act in reading)
    assert not any(act.name.startswith(("READ_", "OPEN_")) for act in writing)


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page_from_every_address(app: Flask) -> None:
    """An address with a key in it is asked with a key: the gate stands before the look-up."""
    app.config["WTF_CSRF_ENABLED"] = False
    _found_organisation(app)
    client = app.test_client()
    for method, rule, act in _doors(app):
        address = rule.replace("<int:", "<")
        while "<" in address:
            head, _, rest = address.partition("<")
            address = f"{head}1{rest.partition('>')[2]}"
        answer = client.open(address, method=method)
        if may(actor=NOBODY, act=act):
            assert answer.status_code != 403, f"{method} {rule}"
        else:
            assert answer.status_code in (302, 303), f"{method} {rule}"
            assert answer.headers["Location"].startswith("/sign-in"), f"{method} {rule}"


def _found_organisation(app: Flask) -> None:
    with app.extensions["hoshin_database"].writing() as session:
        factories.organisation(session)
        session.commit()


def test_every_place_of_the_menu_exists(app: Flask) -> None:
    assert [one.endpoint for one in menu.PLACES if one.endpoint not in app.view_functions] == []


def test_a_view_without_an_act_stops_the_application(app: Flask) -> None:
    with pytest.raises(ValueError, match="two acts"):
        door.allow(read=Act.READ_HOME, write=Act.READ_HOME)
    assert door.act_of(view=lambda: "", method="GET") is None

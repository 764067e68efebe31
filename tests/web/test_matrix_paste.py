"""The matrix without a script: items one by one, pastes with a preview, and one button that takes all back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.plans import Kind
from hoshin.model.items import Item
from hoshin.model.links import Correlation
from hoshin.model.people import Person, Role
from hoshin.model.units import Unit
from tests import factories
from tests.web.conftest import Arrange


@dataclass
class Scene:
    """A department with its head, two objectives and three priorities, the first pair linked for a reason."""

    unit: Unit
    head: Person
    staff: Person
    objectives: list[int]
    priorities: list[int]

    def at(self, name: str) -> str:
        """An address of its matrix."""
        return f"/units/{self.unit.id}/x-matrix/{name}?cycle=FY2026"


@pytest.fixture
def scene(arrange: Arrange) -> Scene:
    def make(session: Session) -> Scene:
        factories.organisation(session)
        unit = factories.unit(session)
        objectives = [factories.objective(session, f"Objective {n}", unit, position=n) for n in (1, 2)]
        priorities = [factories.priority(session, f"Priority {n}", unit, position=n) for n in (1, 2, 3)]
        factories.link(session, objectives[0], priorities[2], 3).rationale = "It must"
        return Scene(
            unit,
            factories.person(session, "Opal Head", Role.HEAD, unit),
            factories.person(session, "Sam Staff", Role.STAFF, unit),
            [one.id for one in objectives],
            [one.id for one in priorities],
        )

    return arrange(make)


@pytest.fixture
def head(scene: Scene, client_for: Callable[[Person], FlaskClient]) -> FlaskClient:
    return client_for(scene.head)


@pytest.fixture
def names(look: Arrange) -> Callable[[Kind], list[str]]:
    """The names of a kind in their order."""

    def read(kind: Kind) -> list[str]:
        query = select(Item.name).where(Item.kind == kind, Item.archived_at.is_(None))
        return look(lambda session: list(session.scalars(query.order_by(Item.position, Item.id))))

    return read


@pytest.fixture
def links(look: Arrange) -> Callable[[], dict[tuple[int, int], tuple[int, str]]]:
    """Strength and reason of each link by its ends."""

    def read() -> dict[tuple[int, int], tuple[int, str]]:
        found = look(lambda session: list(session.scalars(select(Correlation))))
        return {(one.upper_id, one.lower_id): (one.strength, one.rationale) for one in found}

    return read


def _hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}


def test_items_are_added_renamed_and_placed_one_by_one(
    scene: Scene, head: FlaskClient, names: Callable[[Kind], list[str]]
) -> None:
    def send(**typed: object) -> str:
        return head.post(scene.at("item"), data=typed, follow_redirects=True).get_data(as_text=True)

    first, second, third = scene.priorities
    send(do="add", key="new:1", kind="priority", kpi_kind="", name="Priority 4")
    send(do="place", key=third, after=first)
    send(do="rename", key=second, name="Second", was="Priority 2", version=1)
    assert names(Kind.PRIORITY) == ["Priority 1", "Priority 3", "Second", "Priority 4"]
    assert "is there already" in send(do="add", key="new:1", kind="priority", kpi_kind="", name="Second")
    assert "already has a priority of that name" in send(do="rename", key=first, name="Second", was="x", version=1)
    assert head.post(scene.at("item"), data={"do": "explode", "key": "1"}).status_code == 400


def test_titles_are_previewed_added_and_taken_back(
    scene: Scene, head: FlaskClient, names: Callable[[Kind], list[str]]
) -> None:
    typed = {"side": "west", "text": f"Fresh\nPriority 1\nFresh\n{'x' * 501}\nAlso fresh"}
    preview = head.post(scene.at("titles"), data=typed).get_data(as_text=True)
    assert "2 of 5 become new drafts" in preview
    assert names(Kind.PRIORITY) == ["Priority 1", "Priority 2", "Priority 3"], "a preview writes nothing"
    done = head.post(scene.at("titles"), data={**typed, "go": "1"}).get_data(as_text=True)
    assert names(Kind.PRIORITY)[3:] == ["Fresh", "Also fresh"]
    back = head.post(scene.at("take-back"), data=_hidden(done), follow_redirects=True)
    assert "All 2 changes are taken back." in back.get_data(as_text=True)
    assert names(Kind.PRIORITY) == ["Priority 1", "Priority 2", "Priority 3"]


def test_a_block_is_previewed_set_and_taken_back(
    scene: Scene, head: FlaskClient, links: Callable[[], dict[tuple[int, int], tuple[int, str]]]
) -> None:
    """The West counts outwards: on the sheet its third priority stands leftmost."""
    before = links()
    text = "●\t\tx\t9\n?\t1"
    typed = {"row": scene.objectives[0], "column": scene.priorities[2], "cross": "9", "text": text}
    preview = head.post(scene.at("block"), data=typed).get_data(as_text=True)
    assert "3 links change" in preview
    assert "1 fall outside this corner" in preview
    assert "Not understood and left out: “?”" in preview
    assert links() == before
    done = head.post(scene.at("block"), data={**typed, "go": "1"}).get_data(as_text=True)
    first, second = scene.objectives
    assert links() == {
        (first, scene.priorities[2]): (9, "It must"),
        (first, scene.priorities[0]): (9, ""),
        (second, scene.priorities[1]): (1, ""),
    }
    head.post(scene.at("take-back"), data=_hidden(done))
    assert links() == before


def test_what_somebody_changed_since_stays_when_a_paste_is_taken_back(
    scene: Scene, head: FlaskClient, links: Callable[[], dict[tuple[int, int], tuple[int, str]]]
) -> None:
    typed = {"row": scene.objectives[1], "column": scene.priorities[1], "cross": "9", "text": "9\t9", "go": "1"}
    done = head.post(scene.at("block"), data=typed).get_data(as_text=True)
    cell = {"upper": scene.objectives[1], "lower": scene.priorities[0], "strength": 1, "rationale": "", "version": 1}
    head.post(scene.at("cells"), json={"cells": [cell]})
    back = head.post(scene.at("take-back"), data=_hidden(done), follow_redirects=True).get_data(as_text=True)
    assert "1 of 2 changes is taken back; somebody has changed the rest since." in back
    assert links()[scene.objectives[1], scene.priorities[0]] == (1, "")


@pytest.mark.parametrize("data", [{"items": "1,x"}, {"items": "1", "cells": "{"}, {"cells": '[{"upper": -1}]'}])
def test_what_was_not_sent_whole_is_not_taken_back(scene: Scene, head: FlaskClient, data: dict[str, str]) -> None:
    assert head.post(scene.at("take-back"), data=data).status_code == 400


@pytest.mark.parametrize("name", ["titles", "block"])
def test_a_form_says_what_is_missing(scene: Scene, head: FlaskClient, name: str) -> None:
    assert head.get(scene.at(name)).status_code == 200
    assert "please paste something" in head.post(scene.at(name), data={"text": ""}).get_data(as_text=True)
    assert "not text" in head.post(scene.at(name), data={"text": "a\x00b"}).get_data(as_text=True)


def test_staff_paste_nothing(scene: Scene, client_for: Callable[[Person], FlaskClient]) -> None:
    staff = client_for(scene.staff)
    for name in ("titles", "block", "take-back", "item"):
        assert staff.post(scene.at(name), data={}).status_code == 403


def test_every_item_has_its_plain_form_on_the_editor(scene: Scene, head: FlaskClient) -> None:
    page = head.get(scene.at("editor")).get_data(as_text=True)
    assert page.count('name="do" value="rename"') == 5
    assert page.count('name="do" value="add"') == 4
    assert page.count('name="do" value="place"') == 2 + 4

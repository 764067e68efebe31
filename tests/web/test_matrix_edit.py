"""The editor's page and its JSON door: what is saved, what is answered, who may not, and what is no wish at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.plans import Kind
from hoshin.model.items import Item
from hoshin.model.links import Correlation
from hoshin.model.people import Person, Role
from hoshin.model.units import Glyphs, Organisation, Preset, Unit
from tests import factories
from tests.statements import statements_of
from tests.web.conftest import Arrange


@dataclass
class Scene:
    """A department with a head, somebody of its staff, and two items."""

    unit: Unit
    head: Person
    staff: Person
    objective: int
    priority: int

    @property
    def cell(self) -> dict[str, Any]:
        """A strong link of the two."""
        return {"upper": self.objective, "lower": self.priority, "strength": 9, "rationale": "So", "version": 0}


@pytest.fixture
def scene(arrange: Arrange) -> Scene:
    def make(session: Session) -> Scene:
        factories.organisation(session, true_north="Pumps that run", glyphs=Glyphs.MOON)
        unit = factories.unit(session)
        return Scene(
            unit,
            factories.person(session, "Opal Head", Role.HEAD, unit),
            factories.person(session, "Sam Staff", Role.STAFF, unit),
            factories.objective(session, "Delight “them” & us", unit).id,
            factories.priority(session, "Halve lead time", unit).id,
        )

    return arrange(make)


@pytest.fixture
def head(scene: Scene, client_for: Callable[[Person], FlaskClient]) -> FlaskClient:
    return client_for(scene.head)


def _address(scene: Scene, name: str) -> str:
    return f"/units/{scene.unit.id}/x-matrix/{name}?cycle=FY2026"


def test_the_page_holds_the_drawing_and_the_matrix_as_facts(scene: Scene, head: FlaskClient) -> None:
    page = head.get(_address(scene, "editor"))
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    found = re.search(r'data-state="([^"]*)"', text)
    assert found is not None
    state = json.loads(unescape(found.group(1)))
    assert state["arms"]["south"]["items"][0]["name"] == "Delight “them” & us"
    assert {points: grade["glyph"] for points, grade in state["grades"].items()} == {"9": "●", "3": "◐", "1": "○"}
    assert "Pumps that run" in text


def test_cells_are_saved_and_conflicts_name_who_and_what(scene: Scene, head: FlaskClient, look: Arrange) -> None:
    first = head.post(_address(scene, "cells"), json={"cells": [scene.cell]}).get_json()
    assert (first["cells"], first["at"]) == ([{"outcome": "saved", "version": 1}], "09:00")
    late = {**scene.cell, "strength": 1, "rationale": ""}
    wrong = {**scene.cell, "upper": scene.priority, "lower": scene.objective}
    second = head.post(_address(scene, "cells"), json={"cells": [late, wrong]}).get_json()["cells"]
    assert second[0]["theirs"] == {
        "strength": 9, "rationale": "So", "version": 1, "who": "Opal Head", "when": "09:00",
    }  # fmt: skip
    assert second[1] == {"outcome": "refused", "sentence": "a priority is not linked down to an objective"}
    assert look(lambda session: session.scalars(select(Correlation.strength)).all()) == [9]


def test_items_are_added_renamed_and_taken_back(scene: Scene, head: FlaskClient, look: Arrange) -> None:
    def send(*rows: dict[str, Any]) -> list[dict[str, Any]]:
        answer = head.post(_address(scene, "items"), json={"items": rows})
        found: list[dict[str, Any]] = answer.get_json()["items"]
        return found

    add = {"do": "add", "key": "new:1", "kind": "kpi", "kpi_kind": "process", "name": "  Lead \n time "}
    [made, renamed] = send(add, {"do": "rename", "key": "new:1", "name": "Queue", "was": "Lead time", "version": 1})
    assert (made["outcome"], made["name"], renamed["name"]) == ("saved", "Lead time", "Queue")
    state = head.get(_address(scene, "state")).get_json()
    assert [(one["name"], one["draft"]) for one in state["arms"]["east"]["items"]] == [("Queue", True)]
    assert send({"do": "withdraw", "key": str(made["id"])})[0]["outcome"] == "gone"
    assert look(lambda session: session.scalars(select(Item).where(Item.kind == Kind.KPI)).all()) == []


def test_owners_are_named_cell_by_cell_and_by_a_plain_form(scene: Scene, head: FlaskClient, look: Arrange) -> None:
    wish = {"item": scene.objective, "person": scene.staff.id, "part": "responsible", "was": "none", "owner": 0}
    late = {**wish, "person": scene.head.id}
    first, second = head.post(_address(scene, "parts"), json={"parts": [wish, late]}).get_json()["parts"]
    assert first == {"outcome": "saved", "owner": scene.staff.id, "supports": []}
    assert second == {
        "outcome": "conflict", "owner": scene.staff.id, "supports": [], "who": "Opal Head", "when": "09:00",
    }  # fmt: skip
    told = head.get(_address(scene, "state")).get_json()
    assert told["people"] == [[scene.staff.id, "Sam Staff"]]
    form = {"item": scene.objective, "person": scene.head.id, "part": "supports"}
    page = head.post(_address(scene, "part"), data=form, follow_redirects=True).get_data(as_text=True)
    assert "● Sam Staff, ○ Opal Head" in page
    wrong = {"item": scene.priority, "person": scene.head.id, "part": "supports"}
    page = head.post(_address(scene, "part"), data=wrong, follow_redirects=True).get_data(as_text=True)
    assert "one person answers for a priority" in page
    assert look(lambda session: session.get_one(Item, scene.priority).owner_id) is None


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("cells", "[]"),
        ("cells", "{nothing"),
        ("cells", '{"cells": [7]}'),
        ("cells", '{"cells": [{"upper": true, "lower": 1, "strength": 9, "version": 0}]}'),
        ("cells", '{"cells": [{"upper": 1e999, "lower": 1, "strength": 9, "version": 0}]}'),
        ("cells", '{"cells": [{"upper": 99999999999999999999, "lower": 1, "strength": 9, "version": 0}]}'),
        ("cells", '{"cells": [{"upper": 1, "lower": 1, "strength": 9, "rationale": "\\u0000", "version": 0}]}'),
        ("items", '{"items": [{"do": "add", "key": "new:1", "kind": "dream", "name": "x"}]}'),
        ("items", '{"items": [{"do": "add", "key": "new:1", "kind": "action", "name": "\\ud800"}]}'),
        ("items", '{"items": [{"do": "explode", "key": "1"}]}'),
        ("parts", '{"parts": [{"item": 1, "person": 1, "part": "ruler"}]}'),
        ("parts", '{"parts": [{"item": "1", "person": 1, "part": "none"}]}'),
        ("items", json.dumps({"items": [{"do": "withdraw", "key": "1"}] * 1001})),
    ],
)
def test_what_is_no_wish_is_answered_by_a_sentence(scene: Scene, head: FlaskClient, name: str, body: str) -> None:
    answer = head.post(_address(scene, name), data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["sentence"]


def test_a_name_too_long_is_refused_alone(scene: Scene, head: FlaskClient) -> None:
    rows = [{"do": "add", "key": f"new:{n}", "kind": "action", "name": "x" * n} for n in (500, 501)]
    found = head.post(_address(scene, "items"), json={"items": rows}).get_json()["items"]
    assert [one["outcome"] for one in found] == ["saved", "refused"]


def test_staff_read_the_sheet_but_do_not_edit_it(scene: Scene, client_for: Callable[[Person], FlaskClient]) -> None:
    staff = client_for(scene.staff)
    assert staff.get(_address(scene, "editor")).status_code == 403
    assert staff.get(_address(scene, "state")).status_code == 403
    for name in ("cells", "items", "parts"):
        assert staff.post(_address(scene, name), json={name: []}).status_code == 403


def test_a_head_edits_her_own_unit_only(scene: Scene, head: FlaskClient, arrange: Arrange) -> None:
    def make(session: Session) -> tuple[Unit, Unit]:
        return factories.unit(session, "Sales"), factories.unit(session, "Deals", restricted=True)

    sales, deals = arrange(make)
    assert head.post(f"/units/{sales.id}/x-matrix/items", json={"items": []}).status_code == 403
    assert head.post(f"/units/{deals.id}/x-matrix/items", json={"items": []}).status_code == 404


def test_a_change_needs_the_secret_of_the_page(scene: Scene, head: FlaskClient, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    refused = head.post(_address(scene, "cells"), json={"cells": [scene.cell]})
    assert refused.status_code == 400
    token = head.get(_address(scene, "state")).get_json()["csrf"]
    told = {"X-CSRFToken": token}
    saved = head.post(_address(scene, "cells"), json={"cells": [scene.cell]}, headers=told)
    assert saved.get_json()["cells"][0]["outcome"] == "saved"


@pytest.mark.parametrize(
    ("glyphs", "signs"),
    [(Glyphs.MOON, "● strong ◐ medium ○ weak"), (Glyphs.TRIANGLE, "● strong ○ medium △ weak")],
)
def test_strengths_are_shown_in_the_signs_that_were_chosen(
    scene: Scene, head: FlaskClient, arrange: Arrange, glyphs: Glyphs, signs: str
) -> None:
    """On the item's page, in its form and in the table of choices."""

    def choose(session: Session) -> None:
        session.get_one(Organisation, 1).glyphs = glyphs
        session.add(Correlation(upper_id=scene.objective, lower_id=scene.priority, strength=3))

    arrange(choose)
    medium = signs.split()[2]
    page = head.get(f"/priorities/{scene.priority}").get_data(as_text=True)
    assert f'<span class="strength" aria-hidden="true">{medium}</span> medium' in page
    form = head.get(f"/items/{scene.priority}/links").get_data(as_text=True)
    table = head.get(f"/units/{scene.unit.id}/x-matrix/edit?cycle=FY2026").get_data(as_text=True)
    for text in (form, table):
        found = re.findall(r'<option[^>]*value="[931]">([^<]*)</option>', text)
        assert " ".join(found[:3]) == signs


@pytest.mark.parametrize("name", ["editor", "state"])
def test_the_number_of_statements_does_not_grow(
    scene: Scene, head: FlaskClient, arrange: Arrange, name: str
) -> None:
    def many(session: Session) -> None:
        unit = session.get_one(Unit, scene.unit.id)
        actions = [factories.action(session, f"Action {n}", unit) for n in range(12)]
        for kpi in (factories.kpi(session, f"KPI {n}", unit, cycle=factories.cycle(session)) for n in range(12)):
            for action in actions:
                factories.link(session, action, kpi)

    before = statements_of(head, _address(scene, name))
    arrange(many)
    assert statements_of(head, _address(scene, name)) == before


def test_arms_are_called_as_the_organisation_calls_them_under_the_units_own_layout(
    scene: Scene, head: FlaskClient, arrange: Arrange
) -> None:
    def choose(session: Session) -> None:
        session.get_one(Organisation, 1).arm_labels = {"tactics": "Moves"}
        session.get_one(Unit, scene.unit.id).preset = Preset.JACKSON

    arrange(choose)
    arms = head.get(_address(scene, "state")).get_json()["arms"]
    assert {side: (arm["label"], arm["kind"], arm["kpiKind"]) for side, arm in arms.items()} == {
        "south": ("Results", "kpi", "result"),
        "west": ("Strategies", "objective", ""),
        "north": ("Moves", "priority", ""),
        "east": ("Process KPIs", "kpi", "process"),
    }

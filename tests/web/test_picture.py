"""Home's picture: it opens node by node as links, says what the list says, and gives no name away."""

from __future__ import annotations

import re

import pytest

from hoshin.model.people import Person
from tests.planting import Planted, plant
from tests.web.conftest import Arrange
from tests.web.readings_house import SignedIn


@pytest.fixture
def planted(arrange: Arrange) -> Planted:
    """The small plan of tests/planting.py."""
    return arrange(plant)


def _picture(client_for: SignedIn, person: Person, query: str = "") -> str:
    answer = client_for(person).get(f"/{query}")
    assert answer.status_code == 200
    page = " ".join(answer.text.split()).partition("data-picture")[2]
    return page.partition("</section>")[0]


def test_units_stand_under_the_organisation_with_their_own_counts(client_for: SignedIn, planted: Planted) -> None:
    shown = _picture(client_for, planted.executive)
    assert "Operations: 1 of 3 due hit, 33 %" in shown
    assert "itself: 0 of 1 due hit, 0 %" in shown
    assert "2 of 5 due hit" in shown
    assert "Apr: 2 of 5 due hit, 40 %" in shown
    assert "May: not due" in shown


def test_objectives_open_down_to_the_answers_of_other_units(client_for: SignedIn, planted: Planted) -> None:
    shown = _picture(client_for, planted.executive, "?by=objectives")
    assert re.findall(r'data-level="(\d)" aria-label="([^":]+):', shown) == [("1", "Grow"), ("2", "Win back customers")]
    opened = _picture(client_for, planted.executive, f"?by=objectives&open=objective:{planted.objective.id}")
    assert "Build the new line" in opened
    assert 'rel="up"' in opened


def test_what_may_not_be_read_is_restricted_in_the_picture(client_for: SignedIn, planted: Planted) -> None:
    opened = _picture(client_for, planted.staff, f"?by=objectives&open=objective:{planted.objective.id}")
    assert "Build the new line" not in opened
    assert "restricted" in opened


@pytest.mark.parametrize(
    "query", ["?by=nonsense", "?open=unit:999", "?open=class:x", "?open=%00", "?by=objectives&open=unit:1"]
)
def test_a_node_that_is_none_is_not_found(client_for: SignedIn, planted: Planted, query: str) -> None:
    answer = client_for(planted.executive).get(f"/{query}")
    assert answer.status_code in (400, 404)

"""What a reader sees on a matrix: filters, sums of strengths, and the warnings of the check where they stand."""

from __future__ import annotations

import pytest

from hoshin.engine.checks import Finding, Rule
from hoshin.engine.plans import Kind
from hoshin.errors import Refused
from hoshin.reports.matrix_reading import EVERYTHING, Chosen, lit, read_chosen, sentence, support, warnings_of

LINKS = [(1, 2, 9), (1, 3, 3), (2, 4, 1), (3, 5, 9)]
OWNERS = {1: [7], 2: [7, 8], 3: [8], 4: [], 5: [9]}
STATUSES = {1: [], 2: ["draft"], 3: [], 4: ["miss", "warned"], 5: ["hit"]}


def _lit(**chosen: object) -> tuple[set[int], set[tuple[int, int]]]:
    found = lit(chosen=Chosen(**chosen), owners=OWNERS, statuses=STATUSES, links=LINKS)  # type: ignore[arg-type]
    assert found.items is not None
    assert found.links is not None
    return set(found.items), set(found.links)


def test_without_a_filter_nothing_steps_back() -> None:
    found = lit(chosen=EVERYTHING, owners=OWNERS, statuses=STATUSES, links=LINKS)
    assert not found.dims(1)
    assert not found.dims_link(1, 2)


def test_somebodys_items_stay_bright_with_what_they_lead_to() -> None:
    assert _lit(owner=9) == ({5, 3}, {(3, 5)})


def test_a_status_and_an_owner_are_asked_for_together() -> None:
    assert _lit(owner=8, status="draft") == ({2, 1, 4}, {(1, 2), (2, 4)})
    assert _lit(owner=9, status="draft") == (set(), set())


def test_strength_alone_leaves_the_items_that_such_links_join() -> None:
    assert _lit(strength=9) == ({1, 2, 3, 5}, {(1, 2), (3, 5)})
    assert _lit(status="miss", strength=3) == ({4}, set())


def test_sums_tell_support_from_service() -> None:
    found = support(links=LINKS)
    assert found[1].total == 12
    assert found[1].said() == "supported 12 (● 1, ○ 1)"
    assert found[2].said(glyphs="moon") == "supported 1 (○ 1), serves 9 (● 1)"


@pytest.mark.parametrize(("status", "strength"), [("late", ""), ("", "5"), ("", "x")])
def test_a_filter_that_is_no_choice_is_refused(status: str, strength: str) -> None:
    with pytest.raises(Refused):
        read_chosen(owner=None, status=status, strength=strength)


def test_findings_stand_where_they_belong() -> None:
    orphan = Finding(Rule.ORPHAN_ACTION, "action", 4, "Map", 1, "carries out no priority")
    corner = Finding(Rule.FULL_CORNER, "unit", 1, "Top", 1, "is full", (Kind.OBJECTIVE, Kind.PRIORITY))
    many = Finding(Rule.MANY_PRIORITIES, "unit", 1, "Top", 1, "has 9 priorities in force", (Kind.PRIORITY,))
    elsewhere = Finding(Rule.MANY_PRIORITIES, "unit", 2, "Other", 2, "has 9 priorities in force", (Kind.PRIORITY,))
    busy = Finding(Rule.MANY_ACTIONS, "owner", 7, "Ada", None, "answers for 11 actions")
    found = warnings_of(findings=[orphan, corner, many, elsewhere, busy], unit_id=1)
    assert found.items == {4: "Orphaned: carries out no priority (HK104)"}
    assert found.owners == {7: "Overloaded: answers for 11 actions (HK303)"}
    assert set(found.arms) == {Kind.PRIORITY}
    assert found.arms[Kind.PRIORITY].count("HK302") == 1
    assert set(found.corners) == {frozenset({Kind.OBJECTIVE, Kind.PRIORITY})}
    assert len(found.unit) == 2
    weak = Finding(Rule.NO_TARGET, "kpi", 5, "Scrap", 1, "has no target")
    assert sentence(finding=weak).startswith("Weak: ")

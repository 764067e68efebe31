"""The lint of a plan: each rule finds what it names, and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hoshin.engine.check_sources import EXPLANATIONS
from hoshin.engine.checks import Facts, Finding, Rule, check_plan
from hoshin.engine.metrics import Asked, KPIClass
from hoshin.engine.plans import Kind, Link
from tests.engine.building import COMPANY, DRAFT, Sketch, ask, day, hit, months, reading

OBJECTIVE, PRIORITY, ACTION, KPI = Kind


def sound() -> Sketch:
    """A plan in which there is nothing to find."""
    sketch = Sketch()
    sketch.people = {1: "Ada", 2: "Bo"}
    for kind, name in ((OBJECTIVE, "Grow"), (PRIORITY, "Open shops"), (ACTION, "Find places")):
        sketch.item(kind, name, owner=1)
    sketch.kpi("Shops", hit(), owner=1)
    sketch.link("Grow", "Open shops")
    sketch.link("Open shops", "Find places")
    sketch.link("Find places", "Shops")
    return sketch


def check(sketch: Sketch, asked: Asked | None = None, closed: tuple[str, ...] = (), aimless: str = "") -> list[Finding]:
    """The findings; every KPI has a direction but the one named."""
    directed = frozenset(one.key for name, one in sketch.items.items() if name != aimless)
    facts = Facts(directed, frozenset(sketch.items[name].key for name in closed))
    return check_plan(plan=sketch.plan(), asked=asked or ask(), facts=facts)


def found(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.rule.value, one.name) for one in findings]


def test_a_sound_plan_has_no_findings() -> None:
    assert check(sound()) == []


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_is_explained_with_its_source(rule: Rule) -> None:
    explained = EXPLANATIONS[rule]
    assert explained.title
    assert explained.why.endswith(".")
    assert explained.source.endswith(".")


def test_orphans_by_kind() -> None:
    sketch = sound()
    crew = sketch.unit("Crew")
    sketch.item(OBJECTIVE, "Answers nothing", unit=crew)
    sketch.item(PRIORITY, "Serves nothing", unit=crew)
    sketch.item(ACTION, "Carries out nothing", owner=1)
    sketch.kpi("Proves nothing", hit(), owner=1)
    sketch.kpi("Watches daily work", hit(), owner=1, kpi_class=KPIClass.FUNDAMENTAL)
    sketch.kpi("Of no class", hit(), owner=1, kpi_class=None)
    sketch.link("Answers nothing", "Serves nothing")
    assert found(check(sketch)) == [
        ("HK101", "Answers nothing"), ("HK103", "Proves nothing"), ("HK104", "Carries out nothing"),
        ("HK204", "Of no class"),
    ]  # fmt: skip
    sketch.links.pop()
    assert ("HK102", "Serves nothing") in found(check(sketch))


def test_an_objective_of_the_top_unit_answers_the_vision_and_is_no_orphan() -> None:
    assert "HK101" not in {one.rule for one in check(sound())}


def test_an_objective_needs_a_priority_in_force() -> None:
    sketch = sound()
    sketch.item(OBJECTIVE, "Idle")
    sketch.item(PRIORITY, "Only a draft", life=DRAFT)
    sketch.link("Idle", "Only a draft")
    assert found(check(sketch)) == [("HK105", "Idle")]


def test_an_answered_objective_is_supported_only_by_its_own_priorities() -> None:
    sketch = sound()
    crew = sketch.unit("Crew")
    sketch.item(OBJECTIVE, "Staff the shops", unit=crew)
    sketch.deploy("Open shops", "Staff the shops")
    assert found(check(sketch)) == [("HK105", "Staff the shops")]


def test_an_incomplete_kpi() -> None:
    sketch = sound()
    sketch.kpi("Bare", {}, kpi_class=None)
    sketch.link("Find places", "Bare")
    assert [code for code, _ in found(check(sketch))] == ["HK201", "HK202", "HK204", "HK205"]
    assert [code for code, _ in found(check(sketch, aimless="Bare"))] == ["HK201", "HK203", "HK204", "HK205"]


@pytest.mark.parametrize(("as_of", "silent"), [("2026-02-09", False), ("2026-02-10", True)])
def test_silence_counts_only_once_a_reading_was_due(as_of: str, silent: bool) -> None:
    sketch = sound()
    sketch.metrics[sketch.items["Shops"].key] = replace(
        sketch.metrics[sketch.items["Shops"].key], readings=months(("5", None))
    )
    codes = [code for code, _ in found(check(sketch, ask(as_of=day(as_of))))]
    assert codes == (["HK205"] if silent else [])


def test_a_kpi_in_force_that_stands_on_no_years_plan_is_without_target() -> None:
    sketch = sound()
    sketch.kpi("Forgotten", hit(), owner=1)
    sketch.link("Find places", "Forgotten")
    del sketch.metrics[sketch.items["Forgotten"].key]
    assert found(check(sketch)) == [("HK202", "Forgotten")]


@pytest.mark.parametrize(("kind", "most", "code"), [(OBJECTIVE, 5, "HK301"), (PRIORITY, 8, "HK302")])
def test_too_many_in_one_unit(kind: Kind, most: int, code: str) -> None:
    sketch = sound()
    for number in range(most - 1):
        sketch.item(kind, f"Number {number}")
    assert code not in dict(found(check(sketch)))
    sketch.item(kind, "One too many")
    sketch.item(kind, "A draft", life=DRAFT)
    assert (code, "Company") in found(check(sketch))


def test_too_many_actions_of_one_owner_leave_out_the_finished_ones() -> None:
    sketch = sound()
    sketch.item(PRIORITY, "Train people", owner=1)
    sketch.link("Grow", "Train people")
    for number in range(10):
        sketch.item(ACTION, f"Action {number}", owner=1, unit=COMPANY.key)
        sketch.link("Train people" if number % 2 else "Open shops", f"Action {number}")
    assert found(check(sketch)) == [("HK303", "Ada")]
    assert check(sketch, closed=("Action 3",)) == []


@pytest.mark.parametrize(("linked", "full"), [(7, False), (8, True), (9, True)])  # of 9 cells; 80 % would be 7.2
def test_a_corner_in_which_nearly_everything_is_linked(linked: int, full: bool) -> None:
    sketch = Sketch()
    uppers = [sketch.item(OBJECTIVE, f"Objective {number}") for number in range(3)]
    lowers = [sketch.item(PRIORITY, f"Priority {number}") for number in range(3)]
    cells = [(upper, lower) for upper in uppers for lower in lowers]
    for upper, lower in cells[:linked]:
        sketch.link(upper, lower)
    assert (("HK401", "Company") in found(check(sketch))) is full


def test_a_small_corner_may_be_full() -> None:
    sketch = Sketch()
    for upper in range(2):
        sketch.item(OBJECTIVE, f"Objective {upper}")
    for lower in range(4):
        sketch.item(PRIORITY, f"Priority {lower}")
    sketch.links = [Link(upper, lower, 9) for upper in (1, 2) for lower in (3, 4, 5, 6)]
    assert check(sketch) == []


@pytest.mark.parametrize(("hers", "all_in_all", "found_out"), [(3, 5, True), (3, 6, False), (4, 4, False)])
def test_one_owner_for_most_of_a_units_kpis(hers: int, all_in_all: int, found_out: bool) -> None:
    sketch = sound()
    crew = sketch.unit("Crew")
    for number in range(all_in_all):
        sketch.kpi(
            f"KPI {number}", reading("1", "1"), unit=crew, owner=1 if number < hers else 2 + number,
            kpi_class=KPIClass.FUNDAMENTAL,
        )  # fmt: skip
    assert found(check(sketch)) == ([("HK402", "Crew")] if found_out else [])


def test_what_is_not_in_force_on_the_day_is_left_alone() -> None:
    sketch = sound()
    sketch.kpi("Draft", {}, life=DRAFT, kpi_class=None)
    sketch.item(PRIORITY, "Last year's", cycle="FY2025")
    assert check(sketch, ask(as_of=date(2026, 7, 1))) == []

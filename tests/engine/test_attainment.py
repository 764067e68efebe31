"""Rules 4, 6, 9 and 10: whole plans small enough to check by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from hoshin.engine.counts import Counts
from hoshin.engine.metrics import KPIClass, Mode, Reading
from hoshin.engine.plans import Kind, Life, Rotation, State
from hoshin.engine.verdicts import Direction
from tests.engine.building import (
    CALENDAR,
    COMPANY,
    DRAFT,
    MAY,
    YEAR,
    Sketch,
    aim,
    ask,
    day,
    hit,
    miss,
    months,
    names,
    reading,
    tally,
)  # fmt: skip

OBJECTIVE, PRIORITY, ACTION, KPI = Kind


def test_thirty_three_kpis_exactly_on_target_one_of_them_zero_against_zero_at_most() -> None:
    sketch = Sketch()
    for number in range(32):
        sketch.kpi(f"KPI {number}", hit())
    sketch.kpi("Accidents", reading("0", "0", Direction.AT_MOST))
    counts = sketch.report().organisation.counts
    assert counts == Counts(total=33, hits=33)
    assert tally(counts) == "33/33"


def test_one_kpi_under_two_objectives_counts_once_at_the_parent() -> None:
    sketch = Sketch()
    grow, delight = sketch.item(OBJECTIVE, "Grow"), sketch.item(OBJECTIVE, "Delight")
    sketch.kpi("Repeat orders", hit())
    sketch.link(grow, "Repeat orders")
    sketch.link(delight, "Repeat orders")
    report = sketch.report()
    assert tally(sketch.counts(grow)) == tally(sketch.counts(delight)) == "1/1"
    assert {one.name: one.counts.total for one in report.levels} == {
        "organisation": 1, "objective": 1, "priority": 0, "action": 0,
    }  # fmt: skip


def test_departments_at_one_of_one_and_one_of_nine_give_two_of_ten() -> None:
    sketch = Sketch()
    division = sketch.unit("Division")
    small, large = sketch.unit("Small", division), sketch.unit("Large", division)
    sketch.kpi("Only", hit(), unit=small)
    for number in range(9):
        sketch.kpi(f"KPI {number}", hit() if number == 0 else miss(), unit=large)
    nodes = sketch.report().nodes
    assert tally(nodes["unit", small].counts) == "1/1"
    assert tally(nodes["unit", large].counts) == "1/9"
    assert tally(nodes["unit", division].counts) == "2/10"
    assert nodes["unit-own", division].counts.total == 0
    assert tally(nodes["organisation", 0].counts) == "2/10"


def test_five_verdicts_side_by_side() -> None:
    sketch = Sketch()
    sketch.kpi("Hit", hit())
    sketch.kpi("Miss", miss())
    sketch.kpi("Silent", reading("5", None))
    sketch.kpi("Aimless", reading(None, "5"))
    sketch.kpi("Yearly", {})
    sketch.metrics[5] = sketch.metrics[1].__class__(5, frequency=CALENDAR.parse(text="2026").frequency)
    assert sketch.report().organisation.counts == Counts(5, hits=1, misses=1, no_data=1, not_due=1, no_target=1)


def test_a_kpi_without_any_reading_in_the_cycle_is_without_target() -> None:
    sketch = Sketch()
    sketch.kpi("On the plan, nothing typed", {})
    assert sketch.report().organisation.counts == Counts(1, no_target=1)


def test_an_empty_plan_is_not_applicable() -> None:
    counts = Sketch().report().organisation.counts
    assert (counts.total, counts.ratio, counts.coverage) == (0, None, None)


class TestBelonging:
    """Which KPIs an item answers for."""

    def cascade(self) -> tuple[Sketch, int]:
        """Company: objective > priority > action > KPI; the priority deployed to a department with the same again."""
        sketch = Sketch()
        department = sketch.unit("Department")
        for prefix, unit in (("Company", COMPANY.key), ("Department", department)):
            parts = [sketch.item(kind, f"{prefix} {kind.value}", unit=unit) for kind in (OBJECTIVE, PRIORITY, ACTION)]
            sketch.kpi(f"{prefix} kpi", hit(), unit=unit)
            for upper, lower in zip(parts, [*parts[1:], f"{prefix} kpi"], strict=True):
                sketch.link(upper, lower)
        return sketch, department

    @pytest.mark.parametrize(
        ("rotation", "source", "expected"),
        [
            (Rotation.PRIORITY, "Company priority", {"objective": 2, "priority": 2, "action": 1}),
            (Rotation.ACTION, "Company action", {"objective": 2, "priority": 2, "action": 2}),
            (Rotation.ACTION, "Company priority", {"objective": 1, "priority": 1, "action": 1}),  # not this year's way
            (Rotation.PRIORITY, "Company action", {"objective": 1, "priority": 1, "action": 1}),
        ],
    )
    def test_the_rotation_says_what_becomes_the_next_levels_objectives(
        self, rotation: Rotation, source: str, expected: dict[str, int]
    ) -> None:
        sketch, _ = self.cascade()
        sketch.deploy(source, "Department objective")
        report = sketch.report(rotation=rotation)
        assert {kind: sketch.counts(f"Company {kind}", report).total for kind in expected} == expected

    def test_it_walks_down_only(self) -> None:
        sketch, department = self.cascade()
        sketch.deploy("Company priority", "Department objective")
        sketch.item(PRIORITY, "Sister")
        sketch.link("Company objective", "Sister")
        report = sketch.report()
        assert sketch.counts("Department objective", report).total == 1
        assert sketch.counts("Sister", report).total == 0
        assert names(sketch, report.metrics_of(node=("objective", sketch.items["Company objective"].key))) == [
            "Company kpi", "Department kpi",
        ]  # fmt: skip
        assert report.nodes["unit", department].counts.total == 1

    @pytest.mark.parametrize(("strength", "least", "total"), [(1, 1, 1), (1, 3, 0), (3, 3, 1), (3, 9, 0), (9, 9, 1)])
    def test_an_organisation_may_ask_for_medium_or_strong(self, strength: int, least: int, total: int) -> None:
        sketch = Sketch()
        sketch.item(OBJECTIVE, "Grow")
        sketch.kpi("Orders", hit())
        sketch.link("Grow", "Orders", strength=strength)
        report = sketch.report(least_strength=least)
        assert sketch.counts("Grow", report).total == total
        assert report.organisation.counts.total == 1

    @pytest.mark.parametrize("gap", ["Department objective", "Company priority"])
    @pytest.mark.parametrize(
        "life", [DRAFT, Life(State.ENDED, None, date(2026, 5, 30)), Life(State.ACTIVE, date(2026, 6, 1))]
    )
    def test_everything_on_the_path_must_be_in_force(self, gap: str, life: Life) -> None:
        sketch, _ = self.cascade()
        sketch.deploy("Company priority", "Department objective")
        old = sketch.items[gap]
        sketch.items[gap] = old.__class__(old.key, old.kind, old.unit, old.name, life, old.cycle)
        report = sketch.report()
        assert "Department kpi" not in names(
            sketch, report.metrics_of(node=("objective", sketch.items["Company objective"].key))
        )
        assert report.organisation.counts.total == 2  # orphans included

    def test_a_deployment_that_is_over_carries_nothing(self) -> None:
        sketch, _ = self.cascade()
        sketch.deploy("Company priority", "Department objective", life=Life(State.ENDED, None, date(2026, 4, 30)))
        assert sketch.counts("Company objective").total == 1
        april = sketch.report(ask(CALENDAR.parse(text="2026-04")))
        assert sketch.counts("Company objective", april).total == 2

    def test_last_years_priority_carries_nothing_this_year(self) -> None:
        sketch = Sketch()
        sketch.item(OBJECTIVE, "Grow")
        sketch.item(PRIORITY, "Last year's answer", cycle="FY2025")
        sketch.kpi("Orders", hit())
        sketch.link("Grow", "Last year's answer")
        sketch.link("Last year's answer", "Orders")
        assert sketch.counts("Grow").total == 0


class TestInForce:
    """Rule 9: what counts on the period's last day."""

    @pytest.mark.parametrize(
        ("life", "may", "june"),
        [
            (Life(), 1, 1),
            (DRAFT, 0, 0),
            (Life(State.ACTIVE, date(2026, 5, 31)), 1, 1),
            (Life(State.ACTIVE, date(2026, 6, 1)), 0, 1),
            (Life(State.ENDED, None, date(2026, 5, 31)), 1, 0),  # ending leaves earlier periods alone
            (Life(State.ENDED, None, date(2026, 6, 15)), 1, 0),
            (Life(State.ACTIVE, None, date(2026, 6, 30)), 1, 1),
            (Life(State.ENDED), 0, 0),
        ],
    )
    def test_a_metric_counts_while_it_lives(self, life: Life, may: int, june: int) -> None:
        sketch = Sketch()
        sketch.kpi("Orders", months(*[("5", "5")] * 6), life=life)
        assert sketch.report().organisation.counts.total == may
        assert sketch.report(ask(CALENDAR.parse(text="2026-06"))).organisation.counts.total == june

    def test_year_end_looks_at_the_last_day_of_the_year(self) -> None:
        sketch = Sketch()
        sketch.kpi("Orders", hit(), life=Life(State.ENDED, None, date(2026, 12, 30)))
        whole = CALENDAR.parse(text="2026")
        assert sketch.report(ask(whole, Mode.YEAR_END)).organisation.counts.total == 0

    @pytest.mark.parametrize(
        ("life", "as_of", "ended"),
        [
            (Life(State.ENDED, None, date(2026, 4, 30)), "2026-06-30", 1),
            (Life(State.ENDED, None, date(2026, 4, 30)), "2026-04-29", 0),
            (Life(State.ENDED, None, date(2025, 12, 31)), "2026-06-30", 0),
            (Life(State.ACTIVE, None, date(2026, 4, 30)), "2026-06-30", 1),  # dropped by a date is dropped all the same
            (Life(State.ACTIVE, None, date(2026, 12, 31)), "2027-06-30", 0),  # it ran its whole year
            (Life(State.ENDED, None, date(2026, 12, 31)), "2027-06-30", 1),
            (Life(), "2026-06-30", 0),
            (DRAFT, "2026-06-30", 0),
        ],
    )
    def test_metrics_ended_in_this_cycle_are_counted_beside_the_ratio(self, life: Life, as_of: str, ended: int) -> None:
        sketch = Sketch()
        sketch.kpi("Orders", hit(), life=life)
        assert sketch.report(ask(as_of=day(as_of))).ended == ended


def test_the_ratio_as_first_agreed_stands_beside_the_ratio() -> None:
    sketch = Sketch()
    sketch.kpi("Softened", Reading(aim("4"), Decimal(4), aim("5")))
    sketch.kpi("Kept", hit())
    whole = sketch.report().organisation
    assert (tally(whole.counts), tally(whole.as_first_agreed)) == ("2/2", "1/2")


def test_owners_and_classes_have_their_nodes() -> None:
    sketch = Sketch()
    sketch.people = {7: "Ada", 8: "Bo"}
    sketch.kpi("A", hit(), owner=7)
    sketch.kpi("B", miss(), owner=7, kpi_class=KPIClass.FUNDAMENTAL)
    sketch.kpi("C", hit(), kpi_class=None)
    nodes = sketch.report().nodes
    assert tally(nodes["owner", 7].counts) == "1/2"
    assert ("owner", 8) not in nodes
    assert tally(nodes["class", "breakthrough"].counts) == "1/1"
    assert tally(nodes["class", "fundamental"].counts) == "0/1"


def test_nodes_stand_in_their_order_with_their_paths() -> None:
    sketch = Sketch()
    east = sketch.unit("East")
    west = sketch.unit("West")
    crew = sketch.unit("Crew", east)
    sketch.people = {7: "Ada"}
    sketch.item(OBJECTIVE, "Late", unit=west)
    sketch.item(OBJECTIVE, "Deep", unit=crew)
    sketch.item(OBJECTIVE, "Top")
    sketch.kpi("Orders", hit(), unit=crew, owner=7)
    listed = [(one.kind, one.path, one.unit) for one in sketch.report().nodes.values()]
    assert listed == [
        ("organisation", "Company", None),
        ("unit", "East", "East"),
        ("unit", "East / Crew", "East / Crew"),
        ("unit", "West", "West"),
        ("unit-own", "Company", None),
        ("unit-own", "East", "East"),
        ("unit-own", "East / Crew", "East / Crew"),
        ("unit-own", "West", "West"),
        ("objective", "Top", None),
        ("objective", "East / Crew / Deep", "East / Crew"),
        ("objective", "West / Late", "West"),
        ("kpi", "East / Crew / Orders", "East / Crew"),
        ("owner", "Ada", None),
        ("class", "breakthrough", None),
        ("class", "fundamental", None),
    ]


def test_depths_add_up_to_the_organisation() -> None:
    sketch = Sketch()
    east = sketch.unit("East")
    crew = sketch.unit("Crew", east)
    sketch.kpi("Top", hit())
    sketch.kpi("East's", miss(), unit=east)
    sketch.kpi("Crew's", hit(), unit=crew)
    report = sketch.report()
    assert [(one.name, tally(one.counts)) for one in report.depths] == [("0", "1/1"), ("1", "0/1"), ("2", "1/1")]
    assert sum(one.counts.total for one in report.depths) == report.organisation.counts.total


def test_a_day_in_the_past_is_judged_as_it_was_due_then() -> None:
    sketch = Sketch()
    sketch.kpi("Orders", {MAY.first: hit()})
    assert sketch.report(ask(as_of=YEAR.first)).organisation.counts == Counts(1, not_due=1)

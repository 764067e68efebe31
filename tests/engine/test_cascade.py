"""The line of sight: every path from an item up, with its strengths, and circles that are found before they close."""

from __future__ import annotations

from hoshin.engine.cascade import edges_up, lines_of_sight
from hoshin.engine.plans import Kind, Life, State
from hoshin.engine.rollup import find_circle, paths_up
from tests.engine.building import DRAFT, Sketch, ask, hit

OBJECTIVE, PRIORITY, ACTION, KPI = Kind


def sight(sketch: Sketch, name: str) -> list[list[tuple[str, int | None]]]:
    """The paths up from an item, by name."""
    by_key = {one.key: name for name, one in sketch.items.items()}
    parents = edges_up(plan=sketch.plan(), asked=ask())
    found = lines_of_sight(parents=parents, item=sketch.items[name].key)
    return [[(by_key[step.item], step.strength) for step in path] for path in found]


def test_every_path_up_with_the_strength_of_each_step() -> None:
    sketch = Sketch()
    crew = sketch.unit("Crew")
    sketch.item(OBJECTIVE, "Grow")
    sketch.item(PRIORITY, "Open shops")
    sketch.item(OBJECTIVE, "Staff the shops", unit=crew)
    sketch.kpi("Posts filled", hit(), unit=crew)
    sketch.link("Grow", "Open shops", strength=9)
    sketch.link("Grow", "Posts filled", strength=1)
    sketch.deploy("Open shops", "Staff the shops")
    sketch.link("Staff the shops", "Posts filled", strength=3)
    assert sight(sketch, "Posts filled") == [
        [("Posts filled", 1), ("Grow", None)],
        [("Posts filled", 3), ("Staff the shops", None), ("Open shops", 9), ("Grow", None)],
    ]


def test_an_orphan_is_its_own_path() -> None:
    sketch = Sketch()
    sketch.kpi("Alone", hit())
    assert sight(sketch, "Alone") == [[("Alone", None)]]


def test_what_is_not_in_force_is_no_step() -> None:
    sketch = Sketch()
    sketch.item(OBJECTIVE, "Draft", life=DRAFT)
    sketch.item(OBJECTIVE, "Over", life=Life(State.ENDED, None, ask().cycle.first))
    sketch.kpi("Orders", hit())
    sketch.link("Draft", "Orders")
    sketch.link("Over", "Orders")
    assert sight(sketch, "Orders") == [[("Orders", None)]]


def test_a_circle_is_shown_as_the_nodes_along_it() -> None:
    children = {1: [2], 2: [3], 3: [4], 4: []}
    assert find_circle(children=children, upper=4, lower=2) == (4, 2, 3, 4)
    assert find_circle(children=children, upper=1, lower=4) is None
    assert find_circle(children={}, upper=1, lower=1) == (1, 1)


def test_a_web_of_paths_is_cut_off_and_does_not_explode() -> None:
    layers = 40
    parents = {level * 2 + side: [level * 2 + 2, level * 2 + 3] for level in range(layers) for side in (0, 1)}
    assert len(paths_up(parents=parents, node=0, most=50)) == 50

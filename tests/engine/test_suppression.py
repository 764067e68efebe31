"""Nobody can work out from what is shown what fewer than five people answered."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from hypothesis import given, strategies as st

from hoshin.engine.plans import Unit
from hoshin.engine.suppression import FEWEST, shown


def _tree(*parents: int | None) -> list[Unit]:
    """Units 1, 2, 3 …, each below the one named."""
    return [Unit(key, f"U{key}", parent) for key, parent in enumerate(parents, start=1)]


def _total(units: list[Unit], counts: dict[int, int], top: int) -> int:
    return counts.get(top, 0) + sum(_total(units, counts, one.key) for one in units if one.parent == top)


def test_five_are_enough_and_four_are_not() -> None:
    assert shown(units=_tree(None), counts={1: 5}) == {1}
    assert shown(units=_tree(None), counts={1: 4}) == frozenset()
    assert shown(units=_tree(None), counts={}) == frozenset()


def test_a_small_sister_hides_the_smallest_big_one() -> None:
    """Top 22 = 4 + 8 + 10: with both big ones shown the four could be worked out."""
    assert shown(units=_tree(None, 1, 1, 1), counts={2: 4, 3: 8, 4: 10}) == {1, 4}


def test_two_small_sisters_together_are_enough() -> None:
    assert shown(units=_tree(None, 1, 1, 1), counts={2: 2, 3: 3, 4: 6}) == {1, 4}


def test_the_head_alone_beside_one_team() -> None:
    assert shown(units=_tree(None, 1), counts={1: 1, 2: 9}) == {1}


def test_a_unit_that_is_nothing_but_its_teams_is_shown_with_them() -> None:
    assert shown(units=_tree(None, 1, 2, 2), counts={3: 5, 4: 6}) == {1, 2, 3, 4}


def test_a_lonely_head_above_a_unit_that_is_nothing_but_its_teams() -> None:
    assert shown(units=_tree(None, 1, 2, 2), counts={1: 1, 3: 5, 4: 6}) == {1, 4}


Tree = tuple[tuple[int | None, ...], list[int]]
TREES = st.integers(1, 9).flatmap(
    lambda size: st.tuples(
        st.tuples(st.none(), *(st.integers(1, place) for place in range(1, size))),
        st.lists(st.integers(0, 9), min_size=size, max_size=size),
    )
)


@given(TREES)
def test_no_difference_of_shown_units_speaks_of_one_to_four_people(found: Tree) -> None:
    """By brute force: every sum that follows from the shown ones with factors -1, 0 and 1 is nobody or five people."""
    units, counts = _tree(*found[0]), dict(enumerate(found[1], start=1))
    visible = sorted(shown(units=units, counts=counts))
    people = {key: _members(units, key) for key in visible}
    for size in range(1, min(len(visible), 4) + 1):
        for some in combinations(visible, size):
            for top in some:
                left = set(people[top])
                for one in some:
                    if one != top and people[one] <= people[top]:
                        left -= people[one]
                number = sum(counts[key] for key in left)
                assert number == 0 or number >= FEWEST


def _members(units: list[Unit], top: int) -> set[int]:
    found = {top}
    for one in units:
        if one.parent in found:
            found.add(one.key)
    return found


@given(TREES)
def test_no_single_unit_follows_from_what_is_shown(found: Tree) -> None:
    """In linear algebra: no set of one to four people lies in the span of the shown sums."""
    units, counts = _tree(*found[0]), dict(enumerate(found[1], start=1))
    rows = [_row(units, counts, key) for key in shown(units=units, counts=counts)]
    asked = [one.key for one in units if counts[one.key]]
    for size in range(1, min(len(asked), FEWEST - 1) + 1):
        for some in combinations(asked, size):
            if sum(counts[key] for key in some) < FEWEST:
                wanted = [Fraction(one.key in some) if counts[one.key] else Fraction(0) for one in units]
                assert _rank([*rows, wanted]) == _rank(rows) + 1


def _row(units: list[Unit], counts: dict[int, int], key: int) -> list[Fraction]:
    members = _members(units, key)
    return [Fraction(one.key in members and counts[one.key] > 0) for one in units]


def _rank(rows: list[list[Fraction]]) -> int:
    left, rank = [list(one) for one in rows], 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((one for one in left if one[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        rank += 1
        left = [[a - b * one[column] / pivot[column] for a, b in zip(one, pivot, strict=True)] for one in left]
    return rank


@given(TREES)
def test_whoever_has_five_answers_in_all_sees_the_whole(found: Tree) -> None:
    units, counts = _tree(*found[0]), dict(enumerate(found[1], start=1))
    assert (1 in shown(units=units, counts=counts)) == (_total(units, counts, 1) >= FEWEST)

"""Which items of a list were moved: carried out one after the other, the moves give the new order."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from hoshin.exchange.matrix_order import moved


def _carried_out(before: list[str], moves: list[tuple[str, str]]) -> list[str]:
    found = list(before)
    for key, after in moves:
        found.remove(key)
        found.insert(found.index(after) + 1 if after else 0, key)
    return found


@given(strategies.permutations("abcdefg"))
def test_the_moves_give_the_new_order(now: list[str]) -> None:
    moves = moved(before="abcdefg", now=now)
    assert _carried_out(list("abcdefg"), moves) == now
    assert len(moves) < 7


@pytest.mark.parametrize(
    ("now", "moves"),
    [("abcd", []), ("bcda", [("a", "d")]), ("dabc", [("d", "")]), ("acbd", [("c", "a")]), ("abxd", [])],
)
def test_as_few_as_explain_it(now: str, moves: list[tuple[str, str]]) -> None:
    assert moved(before="abcd", now=now) == moves

"""What the answers to a self-assessment come to."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hoshin.engine.recall import words_of
from hoshin.engine.surveys import (
    Answer,
    Recommends,
    Satisfied,
    Served,
    net_promoters,
    pooled,
    recommends,
    served,
    share,
    tally,
)

REAL = {7: words_of(line="Halve lead time"), 8: words_of(line="Train two people for each machine")}


@pytest.mark.parametrize(
    ("said", "linked", "works", "expected"),
    [
        (1, {1, 2}, True, Served.LINKED),
        (3, {1, 2}, True, Served.ELSEWHERE),
        (1, set(), True, Served.UNLINKED),
        (1, {1}, False, Served.UNLINKED),
        (None, {1}, True, Served.UNKNOWN),
    ],
)
def test_the_objective_that_work_serves(said: int | None, linked: set[int], works: bool, expected: Served) -> None:
    assert served(said=said, linked=linked, works=works) is expected


@pytest.mark.parametrize(
    ("score", "kind"),
    [
        (0, Recommends.DETRACTOR), (6, Recommends.DETRACTOR), (7, Recommends.PASSIVE), (8, Recommends.PASSIVE),
        (9, Recommends.PROMOTER), (10, Recommends.PROMOTER), (None, Recommends.UNKNOWN),
    ],
)  # fmt: skip
def test_who_would_recommend(score: int | None, kind: Recommends) -> None:
    assert recommends(score=score) is kind


def _answer(*lines: str, score: int | None = 9) -> Answer:
    return Answer(lines, Served.LINKED, Satisfied.YES, score)


def test_a_tally_counts_each_priority_once_for_each_person() -> None:
    said = [_answer("lead time halved", "halve the lead time"), _answer("train people"), _answer()]
    found = tally(answers=said, real=REAL)
    assert (found.people, found.named, found.real) == (3, 2, 6)
    assert (found.shared, found.chances, len(found.things)) == (0, 4, 2)


def test_two_panels_are_pooled_not_averaged() -> None:
    one = tally(answers=[_answer("halve lead time")], real={7: REAL[7]})
    other = tally(answers=[_answer()] * 9, real={8: REAL[8]})
    both = pooled(tallies=[one, other])
    assert share(part=both.named, whole=both.real) == Fraction(1, 10)
    assert both.priorities == {7, 8}
    assert both.recommends == {Recommends.PROMOTER: 10}


def test_nothing_is_never_zero_per_cent() -> None:
    assert share(part=0, whole=0) is None
    assert net_promoters(counts={Recommends.UNKNOWN: 5}) is None
    assert net_promoters(counts={Recommends.PROMOTER: 3, Recommends.DETRACTOR: 1, Recommends.UNKNOWN: 9}) == 50
    assert net_promoters(counts={Recommends.DETRACTOR: 2}) == -100
    assert tally(answers=[], real=REAL).people == 0

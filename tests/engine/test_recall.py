"""Whether a line in somebody's own words names a real priority, and how far people agree."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from hoshin.engine.recall import Named, agreement, find_named, likeness, words_of

PROMISE = "Promise only dates that we can keep, and keep them"
SOURCE = "Approve a second source for every critical casting and motor"
FAULTS = "Stop the five costliest faults at their source"
SERVICE = "Put half of the installed base under a service contract"
SAFETY = "Safety"
PLAN = {key: words_of(line=name) for key, name in enumerate([PROMISE, SOURCE, FAULTS, SERVICE, SAFETY])}


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        (PROMISE, 0),
        (PROMISE.upper(), 0),
        ("keep the dates we promise", 0),
        ("keep promised dates", 0),
        ("a second source for castings", 1),
        ("second sources", 1),
        ("costliest faults", 2),
        ("the five costly faults, at the source", 2),
        ("service contracts", 3),
        ("half of the base under service contracts", 3),
        ("service contracts for half of the instaled base", 3),
        ("Safety first", 4),
        ("safty", 4),
        ("SÁFETY", 4),
        ("source", None),  # one word of two priorities
        ("dates", None),  # one word of a long name says too little
        ("reduce costs", None),
        ("quality", None),
        ("improve", None),  # four fifths of “approve”, but it begins with another letter
        ("", None),
        ("the of and", None),
        ("✓✓✓", None),
        ("second source, service contract", None),  # two at once, equally
    ],
)
def test_what_a_line_means(line: str, meant: int | None) -> None:
    found = find_named(lines=[line], real=PLAN)
    assert found.real == (frozenset() if meant is None else {meant})


def test_a_priority_named_twice_counts_once_and_what_is_none_is_kept() -> None:
    said = ["costliest faults", "stop the faults at the source", "lower prices", "price lower"]
    found = find_named(lines=said, real=PLAN)
    assert found == Named(frozenset({2}), (("lower", "prices"),))


def test_without_a_plan_nothing_is_recalled() -> None:
    assert find_named(lines=["anything goes"], real={}) == Named(frozenset(), (("anything", "goes"),))


def test_another_language_and_script() -> None:
    plan = {1: words_of(line="Durchlaufzeit halbieren"), 2: words_of(line="納期を守る")}
    assert find_named(lines=["Durchlaufzeiten halbieren"], real=plan).real == {1}
    assert find_named(lines=["納期を守る"], real=plan).real == {2}


LINES = st.lists(st.sampled_from([*PROMISE.split(), *SOURCE.split(), "price", "lower"]), max_size=8).map(" ".join)


@given(LINES, LINES)
def test_likeness_knows_no_order(one: str, other: str) -> None:
    first, second = words_of(line=one), words_of(line=other)
    assert likeness(one=first, other=second) == likeness(one=second, other=first)
    if first:
        assert likeness(one=first, other=first) == 1


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    find_named(lines=[text], real=PLAN)


def _named(*answers: str) -> list[Named]:
    return [find_named(lines=one.split(";"), real=PLAN) for one in answers]


@pytest.mark.parametrize(
    ("answers", "ratio", "things"),
    [
        (["costliest faults"] * 10, Fraction(1), 1),
        (["costliest faults", "service contracts"], Fraction(0), 2),
        (["costliest faults;service contracts", "costliest faults;safety"], Fraction(1, 2), 3),
        (["lower prices", "prices lower"], Fraction(1), 1),
        (["costliest faults", ""], Fraction(0), 1),
        (["", ""], None, 0),
        (["costliest faults"], None, 1),
        ([], None, 0),
    ],
)
def test_ask_ten_people(answers: list[str], ratio: Fraction | None, things: int) -> None:
    found = agreement(named=_named(*answers))
    assert (found.ratio, len(found.things)) == (ratio, things)


def test_seven_answers_from_ten_people() -> None:
    found = agreement(named=_named(*["costliest faults"] * 4, *(f"topic{letter * 6}" for letter in "abcdef")))
    assert len(found.things) == 7
    assert found.ratio == Fraction(4 * 3, 9 * 10)


@given(st.lists(LINES, max_size=8), st.randoms())
def test_agreement_does_not_depend_on_who_comes_first(answers: list[str], chance: object) -> None:
    shuffled = sorted(answers, key=lambda _one: chance.random())  # type: ignore[attr-defined] # a Random
    assert agreement(named=_named(*answers)) == agreement(named=_named(*shuffled))

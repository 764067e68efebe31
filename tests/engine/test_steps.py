"""The seven steps out of plain facts: a year from an empty page to its close."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hoshin.engine.steps import Handed, Piece, Place, StepState, Thing, YearFacts, seven_steps

DONE, UNDER_WAY, BEHIND, AHEAD = StepState.DONE, StepState.UNDER_WAY, StepState.BEHIND, StepState.AHEAD

EMPTY = YearFacts(cycle="FY2026", hands_down=True)
VISION = replace(EMPTY, has_vision=True, has_state=True)
OBJECTIVES = replace(VISION, objectives=[Piece(1, "Grow", served=False)])
PRIORITIES = replace(OBJECTIVES, objectives=[Piece(1, "Grow")], priorities=[Piece(2, "Win back")], metrics=3)
THROWN = replace(PRIORITIES, handed=[Handed(3, "Win back", "Operations", ball=7, said="thrown, round 2")])
AGREED = replace(PRIORITIES, agreed=1, monthly_planned=12, annual_planned=1)
RUNNING = replace(AGREED, begun=True, months=2, period="Feb 2026", monthly_held=2)
OVER = replace(RUNNING, over=True, months=12, period="Dec 2026", monthly_held=12, undecided=4)
CLOSED = replace(OVER, closed=True, annual_held=1, undecided=0)


@pytest.mark.parametrize(
    ("facts", "states", "present"),
    [
        (EMPTY, [AHEAD, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD], 1),
        (replace(EMPTY, has_vision=True), [UNDER_WAY, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD], 1),
        (VISION, [DONE, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD], 2),
        (OBJECTIVES, [DONE, DONE, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD], 3),
        (PRIORITIES, [DONE, DONE, DONE, AHEAD, AHEAD, AHEAD, AHEAD], 4),
        (THROWN, [DONE, DONE, DONE, UNDER_WAY, AHEAD, AHEAD, AHEAD], 4),
        (AGREED, [DONE, DONE, DONE, DONE, AHEAD, AHEAD, AHEAD], 5),
        (RUNNING, [DONE, DONE, DONE, DONE, UNDER_WAY, UNDER_WAY, AHEAD], 5),
        (OVER, [DONE, DONE, DONE, DONE, DONE, DONE, UNDER_WAY], 7),
        (CLOSED, [DONE] * 7, None),
    ],
)  # fmt: skip
def test_each_stage_of_a_year(facts: YearFacts, states: list[StepState], present: int | None) -> None:
    year = seven_steps(facts=facts)
    assert [one.state for one in year.steps] == states
    assert (year.present.number if year.present else None) == present


def test_a_running_year_stands_at_what_is_behind_and_names_what_was_left_unfinished() -> None:
    late = replace(RUNNING, handed=THROWN.handed, monthly_held=1, monthly_late=[Thing(9, "The review of Feb 2026")])
    year = seven_steps(facts=late)
    assert year.present is not None
    assert (year.present.number, year.present.state) == (6, BEHIND)
    assert [one.number for one in year.unfinished] == [4, 5]
    assert [(one.place, one.key) for one in year.steps[3].lacks] == [(Place.BALL, 7)]
    assert year.steps[3].lacks[0].text == "“Win back” is not agreed with Operations: thrown, round 2."


def test_a_year_that_runs_without_a_plan_stands_at_the_plan() -> None:
    year = seven_steps(facts=replace(VISION, begun=True, months=3))
    assert year.present is not None
    assert (year.present.number, year.present.state) == (2, BEHIND)


@pytest.mark.parametrize(
    ("facts", "number", "sentence"),
    [
        (replace(OBJECTIVES, objectives=[Piece(1, "Grow", is_draft=True)]), 2, "“Grow” is still a draft."),
        (replace(OBJECTIVES, objectives=[Piece(1, "Grow", backed=False)]), 2, "“Grow” has no sponsor."),
        (replace(PRIORITIES, objectives=[Piece(1, "Grow", served=False)]), 3,
         "No priority of FY2026 answers the objective “Grow”."),
        (replace(RUNNING, unread=[Thing(5, "Repeat orders")]), 5, "“Repeat orders” has no reading for Feb 2026."),
        (replace(RUNNING, unread=[Thing(5, "")]), 5, "Something outside your view has no reading for Feb 2026."),
        (replace(RUNNING, overdue=[Thing(5, "Train")]), 5, "“Train” is overdue."),
        (replace(RUNNING, unanswered=[Thing(5, "Scrap")]), 5, "The miss of “Scrap” has no written answer."),
        (replace(RUNNING, monthly_planned=0), 6, "No monthly review is planned for FY2026."),
        (replace(OVER, annual_late=[Thing(8, "The annual review")]), 7, "The annual review has not been held."),
        (OVER, 7, "4 items wait for a word: keep, change or end."),
    ],
)  # fmt: skip
def test_what_is_missing_is_a_sentence(facts: YearFacts, number: int, sentence: str) -> None:
    lacks = seven_steps(facts=facts).steps[number - 1].lacks
    assert sentence in [one.text for one in lacks]


def test_a_single_unit_has_nothing_to_hand_down() -> None:
    year = seven_steps(facts=replace(PRIORITIES, hands_down=False))
    assert year.steps[3].state is DONE


def test_all_that_is_late_is_counted_in_one_sentence() -> None:
    late = replace(RUNNING, unread=[Thing(1, "a"), Thing(2, "b")], overdue=[Thing(3, "c")])
    assert seven_steps(facts=late).steps[4].said == "Missing or late: 2 readings, 1 overdue action."

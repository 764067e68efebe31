"""The seven steps of the Hoshin year: how far each is, derived from what is there, and what it still lacks.

The order is that of the method's own literature: vision, objectives, priorities, deployment, execution, monthly
review, annual review. Nothing is ticked off by hand; a step is done when nothing it asks for is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

EXECUTION = 5
"""From this step on the calendar decides which one is the present one; before it, the plan does."""


class StepState(StrEnum):
    """How far a step is."""

    DONE = "done"
    UNDER_WAY = "under way"
    BEHIND = "behind"
    AHEAD = "not begun"


class Place(StrEnum):
    """Where what is missing can be mended."""

    VISION = "vision"
    PLAN = "plan"
    OBJECTIVE = "objective"
    PRIORITY = "priority"
    ACTION = "action"
    KPI = "kpi"
    COUNTERMEASURE = "countermeasure"
    DEPLOYMENT = "deployment"
    BALL = "ball"
    REVIEW = "review"
    REVIEWS = "reviews"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing, as a sentence, and the thing it is missing on."""

    place: Place
    text: str
    key: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """An objective or priority of the unit; its name is empty for whoever may not read it.

    `served`: a priority in force answers the objective; `backed`: it has a sponsor, or is not asked for one.
    """

    key: int
    name: str
    is_draft: bool = False
    served: bool = True
    backed: bool = True


@dataclass(frozen=True, slots=True)
class Thing:
    """An action, KPI, countermeasure or review that something is missing on, by name."""

    key: int
    name: str


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed down to another unit and is not agreed yet, with the ball where one is played."""

    key: int
    name: str
    unit: str
    ball: int | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """How many more there are of what the facts list, whose sentences nobody asked for."""

    handed: int = 0
    unread: int = 0
    overdue: int = 0
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class YearFacts:
    """What the seven steps are derived from, for one unit (and all below it) in one cycle.

    `begun`: the cycle's first day has come; `over`: its last month has fallen due. `months` are the months that have
    fallen due, `period` the latest of them as people say it. Of what was handed down `agreed` is how much is agreed,
    `handed` what is not. Where only the first things of a kind are listed, `unlisted` says how many more there are.
    """

    cycle: str = ""
    has_vision: bool = False
    has_state: bool = False
    objectives: Sequence[Piece] = ()
    priorities: Sequence[Piece] = ()
    hands_down: bool = False
    agreed: int = 0
    handed: Sequence[Handed] = ()
    begun: bool = False
    over: bool = False
    closed: bool = False
    metrics: int = 0
    period: str = ""
    unread: Sequence[Thing] = ()
    overdue: Sequence[Thing] = ()
    unanswered: Sequence[Thing] = ()
    months: int = 0
    monthly_planned: int = 0
    monthly_held: int = 0
    monthly_late: Sequence[Thing] = ()
    annual_planned: int = 0
    annual_held: int = 0
    annual_late: Sequence[Thing] = ()
    undecided: int = 0
    unlisted: Unlisted = Unlisted()


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its number, how far it is, one sentence about that, and what it lacks: the first, and how many more."""

    number: int
    name: str
    state: StepState
    said: str
    lacks: tuple[Lack, ...] = ()
    unlisted: int = 0


@dataclass(frozen=True, slots=True)
class Year:
    """All seven, the present one (None once it is closed), and the earlier ones that are not finished."""

    steps: tuple[Step, ...]
    present: Step | None
    unfinished: tuple[Step, ...]


NAMES = (
    "Vision and current state", "Strategic objectives", "Annual priorities", "Deployment with catchball", "Execution",
    "Monthly review", "Annual review",
)  # fmt: skip


def seven_steps(*, facts: YearFacts) -> Year:
    """The seven steps as they stand."""
    steps = tuple(
        rule(facts, number, name) for number, (name, rule) in enumerate(zip(NAMES, _RULES, strict=True), start=1)
    )
    present = _present(steps, facts)
    place = present.number if present else len(steps) + 1
    earlier = [one for one in steps if one.number < place and one.state is not StepState.DONE]
    return Year(steps, present, tuple(earlier))


def _present(steps: Sequence[Step], facts: YearFacts) -> Step | None:
    """Where the year stands: at what has not even begun; else, once it runs, at what the calendar asks for."""
    if facts.closed:
        return None
    planning, running = steps[: EXECUTION - 1], steps[EXECUTION - 1 :]
    empty = {2: not _in_force(facts.objectives), 3: not _in_force(facts.priorities)}
    for one in planning:
        if one.state is not StepState.DONE and (not facts.begun or empty.get(one.number)):
            return one
    behind = next((one for one in running if one.state is StepState.BEHIND), None)
    return behind or next((one for one in (*running, *planning) if one.state is not StepState.DONE), None)


def _in_force(pieces: Sequence[Piece]) -> list[Piece]:
    return [one for one in pieces if not one.is_draft]


def _planning(number: int, name: str, said: str, lacks: list[Lack], *, begun: bool, anything: bool) -> Step:
    if not lacks:
        return Step(number, name, StepState.DONE, said)
    if begun:
        return Step(number, name, StepState.BEHIND, said, tuple(lacks))
    return Step(number, name, StepState.UNDER_WAY if anything else StepState.AHEAD, said, tuple(lacks))


def _vision(facts: YearFacts, number: int, name: str) -> Step:
    lacks = []
    if not facts.has_vision:
        lacks.append(Lack(Place.VISION, "The vision is not written yet."))
    if not facts.has_state:
        lacks.append(Lack(Place.VISION, "Nobody has described the current state yet."))
    said = "Vision and current state are written." if not lacks else "Where to, and from where?"
    return _planning(number, name, said, lacks, begun=facts.begun, anything=facts.has_vision or facts.has_state)


def _objectives(facts: YearFacts, number: int, name: str) -> Step:
    agreed = _in_force(facts.objectives)
    lacks = [] if agreed else [Lack(Place.PLAN, "No objective is in force yet.")]
    for one in facts.objectives:
        if one.is_draft:
            lacks.append(Lack(Place.OBJECTIVE, f"{_called(one.name)} is still a draft.", one.key))
        elif not one.backed:
            lacks.append(Lack(Place.OBJECTIVE, f"{_called(one.name)} has no sponsor.", one.key))
    said = f"{_count(len(agreed), 'objective')} in force."
    return _planning(number, name, said, lacks, begun=facts.begun, anything=bool(facts.objectives))


def _priorities(facts: YearFacts, number: int, name: str) -> Step:
    agreed = _in_force(facts.priorities)
    lacks = [] if agreed else [Lack(Place.PLAN, f"No priority of {facts.cycle} is in force yet.")]
    lacks += [
        Lack(Place.PRIORITY, f"{_called(one.name)} is still a draft.", one.key)
        for one in facts.priorities
        if one.is_draft
    ]
    for one in _in_force(facts.objectives):
        if not one.served and agreed:
            text = f"No priority of {facts.cycle} answers the objective {_called(one.name)}."
            lacks.append(Lack(Place.OBJECTIVE, text, one.key))
    said = f"{_count(len(agreed), 'priority', 'priorities')} of {facts.cycle} in force."
    return _planning(number, name, said, lacks, begun=facts.begun, anything=bool(facts.priorities))


def _deployment(facts: YearFacts, number: int, name: str) -> Step:
    waiting = len(facts.handed) + facts.unlisted.handed
    total = facts.agreed + waiting
    if not facts.hands_down and not total:
        return Step(number, name, StepState.DONE, "Nothing to hand down: no unit stands below.")
    said = f"{facts.agreed} of {_count(total, 'deployment')} agreed."
    if total and not waiting:
        return Step(number, name, StepState.DONE, said)
    lacks = tuple(map(_not_agreed, facts.handed))
    if not total:
        lacks = (Lack(Place.PLAN, "Nothing has been handed down to another unit yet."),)
    state = StepState.BEHIND if facts.begun else StepState.UNDER_WAY if total else StepState.AHEAD
    return Step(number, name, state, said, lacks, facts.unlisted.handed)


def _not_agreed(one: Handed) -> Lack:
    text = f"{_called(one.name)} is not agreed with {one.unit}{': ' + one.said if one.said else ''}."
    return Lack(Place.DEPLOYMENT, text, one.key) if one.ball is None else Lack(Place.BALL, text, one.ball)


def _execution(facts: YearFacts, number: int, name: str) -> Step:
    if not facts.begun:
        return Step(number, name, StepState.AHEAD, f"{facts.cycle} has not begun yet.")
    missing = _missing(facts)
    if any(missing.values()):
        lacks = tuple(_late(facts))
        unlisted = sum(missing.values()) - len(lacks)
        return Step(number, name, StepState.BEHIND, _behind(missing), lacks, unlisted)
    state = StepState.DONE if facts.over or facts.closed else StepState.UNDER_WAY
    said = f"All figures are in for {facts.period}." if facts.months else "The first month is not due yet."
    return Step(number, name, state, said)


def _missing(facts: YearFacts) -> Mapping[Place, int]:
    """How many things of each kind are missing or late; of a closed year, figures alone."""
    more, runs = facts.unlisted, not facts.closed
    return {
        Place.KPI: len(facts.unread) + more.unread,
        Place.COUNTERMEASURE: runs * (len(facts.unanswered) + more.unanswered),
        Place.ACTION: runs * (len(facts.overdue) + more.overdue),
        Place.PLAN: int(not facts.metrics),
    }


def _late(facts: YearFacts) -> Iterator[Lack]:
    """What is missing or late, as far as it is listed."""
    for one in facts.unread:
        yield Lack(Place.KPI, f"{_called(one.name)} has no reading for {facts.period}.", one.key)
    if not facts.closed:
        for one in facts.unanswered:
            yield Lack(Place.COUNTERMEASURE, f"The miss of {_called(one.name)} has no written answer.", one.key)
        for one in facts.overdue:
            yield Lack(Place.ACTION, f"{_called(one.name)} is overdue.", one.key)
    if not facts.metrics:
        yield Lack(Place.PLAN, f"{facts.cycle} has no metric in force yet.")


def _monthly(facts: YearFacts, number: int, name: str) -> Step:
    held = f"{facts.monthly_held} of {_count(facts.monthly_planned, 'planned monthly review')} held."
    lacks = [Lack(Place.REVIEW, f"{one.name} has not been held.", one.key) for one in facts.monthly_late]
    if not facts.monthly_planned:
        held = f"No monthly review {_is(facts)} planned."
        lacks.append(Lack(Place.REVIEWS, f"No monthly review {_is(facts)} planned for {facts.cycle}."))
    if facts.closed:
        return Step(number, name, StepState.BEHIND if lacks else StepState.DONE, held, tuple(lacks))
    if not facts.months:
        return Step(number, name, StepState.AHEAD, held, tuple(lacks))
    if lacks:
        return Step(number, name, StepState.BEHIND, held, tuple(lacks))
    done = facts.over and facts.monthly_held >= facts.monthly_planned
    return Step(number, name, StepState.DONE if done else StepState.UNDER_WAY, held)


def _annual(facts: YearFacts, number: int, name: str) -> Step:
    lacks = [Lack(Place.REVIEW, f"{one.name} has not been held.", one.key) for one in facts.annual_late]
    if not facts.annual_planned:
        lacks.append(Lack(Place.REVIEWS, f"No annual review of {facts.cycle} {_is(facts)} planned."))
    if facts.closed:
        state = StepState.BEHIND if lacks else StepState.DONE
        return Step(number, name, state, f"{facts.cycle} is closed.", tuple(lacks))
    if not facts.over:
        return Step(number, name, StepState.AHEAD, f"Comes when the last month of {facts.cycle} is due.", tuple(lacks))
    if facts.undecided:
        waits = "waits" if facts.undecided == 1 else "wait"
        text = f"{_count(facts.undecided, 'item')} {waits} for a word: keep, change or end."
        lacks.append(Lack(Place.CLOSING, text))
    lacks.append(Lack(Place.CLOSING, f"{facts.cycle} is not closed."))
    said = "The year is over: look back, and decide what goes on."
    state = StepState.BEHIND if facts.annual_late else StepState.UNDER_WAY
    return Step(number, name, state, said, tuple(lacks))


_RULES = (_vision, _objectives, _priorities, _deployment, _execution, _monthly, _annual)


def _is(facts: YearFacts) -> str:
    return "was" if facts.closed else "is"


def _called(name: str) -> str:
    return f"“{name}”" if name else "Something outside your view"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _behind(missing: Mapping[Place, int]) -> str:
    """How many of each kind are missing, in one sentence."""
    words = {
        Place.KPI: ("reading", "readings"), Place.COUNTERMEASURE: ("answer to a miss", "answers to misses"),
        Place.ACTION: ("overdue action", "overdue actions"), Place.PLAN: ("metric in force", "metrics in force"),
    }  # fmt: skip
    told = [f"{number} {words[place][number != 1]}" for place, number in missing.items() if number]
    return f"Missing or late: {', '.join(told)}."

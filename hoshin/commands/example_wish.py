"""The example organisation as its files describe it: years are offsets from the one that holds today."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hoshin.engine.cadence import ReviewKind
from hoshin.engine.catchball import Verb
from hoshin.engine.closing import Fate
from hoshin.engine.plans import Kind, State
from hoshin.engine.surveys import Satisfied
from hoshin.model.countermeasures import Worked
from hoshin.model.people import Role
from hoshin.model.units import Preset

MonthDay = tuple[int, int]
Paper = Callable[..., dict[str, Any]]
"""Writes the pack of a review that was held; the doors hand it in, as reports are made above the commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleUnit:
    """A unit by its path below the organisation."""

    path: str
    kind: str
    restricted: bool
    preset: Preset = Preset.CLASSIC


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamplePerson:
    """Somebody, her home and her roles, each on a unit."""

    email: str
    name: str
    title: str
    unit: str
    roles: Sequence[tuple[Role, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleDeputy:
    """Who stands in for a head between two days of year 0."""

    unit: str
    head: str
    deputy: str
    first: MonthDay
    last: MonthDay


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleItem:
    """An item: `values` by the names of the model, `people` the addresses of its owner, sponsor and reporter.

    `year` is the offset of the cycle it belongs to or begins in; None lets its readings decide.
    """

    kind: Kind
    key: str
    unit: str
    name: str
    year: int | None
    state: State
    values: Mapping[str, Any]
    people: Mapping[str, str]
    helpers: Sequence[str] = ()
    answers: Sequence[str] = ()
    ended: MonthDay | None = None
    due: MonthDay | None = None
    horizon: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleLink:
    """A correlation of two keys; `effect` is what an action is expected to add to a KPI from a month of the year on."""

    upper: str
    lower: str
    strength: int
    rationale: str
    effect: Decimal | None = None
    effect_month: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleFigures:
    """One row of a KPI's year: which figure it is, month by month."""

    kpi: str
    year: int
    row: str
    months: Sequence[Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleAmendment:
    """A changed plan from a month of a year on."""

    kpi: str
    year: int
    first_month: int
    author: str
    reason: str
    months: Sequence[Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleProposal:
    """Another target for the rest of the year, proposed so many days before the example is loaded."""

    kpi: str
    days: int
    who: str
    target: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleMove:
    """What somebody did with a ball so many days before the example is loaded."""

    source: str
    unit: str
    days: int
    who: str
    move: Verb
    target: str
    resources: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleObstacle:
    """What somebody did with a roadblock so many days before the example is loaded: raise, escalate or resolve."""

    key: str
    days: int
    who: str
    unit: str
    move: str
    item: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleCheckIn:
    """What somebody said of the week so many weeks before the one in which the example is loaded."""

    weeks: int
    who: str
    unit: str
    progress: str
    roadblocks: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleSchedule:
    """What an action waits for, and how it comes again (`step` empty: not at all)."""

    who: str
    item: str
    waits_for: Sequence[str]
    every: int
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleScore:
    """What one person thought of one pair, in the round that a unit held between two days before the loading."""

    unit: str
    opened: int
    closed: int
    who: str
    upper: str
    lower: str
    strength: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleAnswer:
    """What somebody answered in one of the self-assessments, counted from the earliest."""

    campaign: int
    who: str
    lines: Sequence[str]
    objective: str
    satisfied: Satisfied
    recommend: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleCountermeasure:
    """What the owner of a KPI answers when it misses, and says when it may be closed.

    `causes` come with their share of the gap, `steps` with who does them, their effect and days; both only with an A3.
    """

    kpi: str
    cause: str
    action: str
    doer: str
    days: int
    outcome: str
    worked: Worked
    background: str
    problem: str
    target: str
    follow_up: str
    causes: Sequence[tuple[str, Decimal]]
    steps: Sequence[tuple[str, str, Decimal, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleMeeting:
    """A review that was held: `back` 1 is the last one of its kind before the example is loaded, 2 the one before.

    Decisions come with whether they were carried out, tasks with owner, days until due, and whether they are done.
    """

    unit: str
    kind: ReviewKind
    back: int
    absent: Sequence[str]
    minutes: str
    decisions: Sequence[tuple[str, bool]]
    tasks: Sequence[tuple[str, str, int, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleFinding:
    """One area of the diagnosis of this year (`back` 1) or last year (2), counted from 1, and its five scores."""

    back: int
    area: int
    scores: Sequence[int]
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamplePromise:
    """What a leader promised so many days ago, due so many days ago (negative: still to come), and what came of it."""

    objective: str
    who: str
    days: int
    due_days: int
    text: str
    given_days: int | None
    withdrawn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleClosing:
    """The word for one item of last year, or for all of one kind that have none of their own (`key` is that kind then).

    `goes_on` is the key of this year's item that it became.
    """

    key: str
    fate: Fate
    who: str
    reason: str
    goes_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleOrganisation:
    """All of it."""

    settings: Mapping[str, Any]
    units: Sequence[ExampleUnit]
    people: Sequence[ExamplePerson]
    deputies: Sequence[ExampleDeputy]
    items: Sequence[ExampleItem]
    links: Sequence[ExampleLink]
    figures: Sequence[ExampleFigures]
    notes: Mapping[tuple[str, int, int], str]
    amendments: Sequence[ExampleAmendment]
    proposals: Sequence[ExampleProposal] = ()
    moves: Sequence[ExampleMove] = ()
    obstacles: Sequence[ExampleObstacle] = ()
    checkins: Sequence[ExampleCheckIn] = ()
    schedules: Sequence[ExampleSchedule] = ()
    survey_answers: Sequence[ExampleAnswer] = ()
    countermeasures: Sequence[ExampleCountermeasure] = ()
    meetings: Sequence[ExampleMeeting] = ()
    findings: Sequence[ExampleFinding] = ()
    promises: Sequence[ExamplePromise] = ()
    scores: Sequence[ExampleScore] = ()
    closings: Sequence[ExampleClosing] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody to sign in as, and the part she plays."""

    part: str
    name: str
    email: str


def people_to_show(*, wish: ExampleOrganisation) -> tuple[Shown, ...]:
    """An executive, a department head and a member of staff who has readings to give: whom a newcomer signs in as."""
    reporters = {one.people.get("reporter") for one in wish.items}

    def first(part: str, role: Role, *, below: bool, reports: bool = False) -> Shown:
        for one in wish.people:
            fits = any(granted is role and bool(unit) is below for granted, unit in one.roles)
            if fits and (not reports or one.email in reporters):
                return Shown(part, one.name, one.email)
        raise LookupError(f"the example has no {part}")

    return (
        first("executive", Role.EXECUTIVE, below=False),
        first("department head", Role.HEAD, below=True),
        first("member of staff", Role.STAFF, below=True, reports=True),
    )

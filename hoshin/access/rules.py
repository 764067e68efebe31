"""The access table: for each act the named reasons of which one is enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.errors import Forbidden, Missing


@dataclass(frozen=True, slots=True)
class Subject:
    """What access needs to know of the thing acted on.

    `responsible` are the people it belongs to (owner, reporter, helpers), `other_sides` the units at the
    other end of its deployments.
    """

    unit: int | None = None
    draft: bool = False
    responsible: frozenset[int] = frozenset()
    other_sides: frozenset[int] = frozenset()


ANYWHERE = Subject()
"""The question “may this actor ever?”, asked by routes and menus before there is a thing."""

Reason = Callable[[Actor, Subject], bool]


def anyone(_actor: Actor, _subject: Subject) -> bool:
    """Also somebody who has not signed in."""
    return True


def signed_in(actor: Actor, _subject: Subject) -> bool:
    """Every person with a sign-in."""
    return actor.person is not None


def reads_strategy(actor: Actor, _subject: Subject) -> bool:
    """Somebody of the organisation, or an auditor; being administrator alone is no right to read."""
    return actor.reads_openly or bool(actor.audits)


def reads_unit(actor: Actor, subject: Subject) -> bool:
    """Plans in force are open within the organisation, except in restricted units."""
    if subject.unit is None:
        return reads_strategy(actor, subject)
    return subject.unit in actor.reads_always or (actor.reads_openly and subject.unit not in actor.restricted)


def reads_item(actor: Actor, subject: Subject) -> bool:
    """As its unit; a draft only for its unit, its facilitator and the other side of a deployment."""
    if not subject.draft:
        return reads_unit(actor, subject)
    return subject.unit in actor.reads_drafts or bool(subject.other_sides & actor.reads_drafts)


def reads_history(actor: Actor, subject: Subject) -> bool:
    """The journal may speak of drafts: for the unit, those above it, its facilitator and its auditor."""
    allowed = actor.reads_drafts | actor.heads_above | actor.leads_above | actor.audits
    return bool(allowed) if subject.unit is None else subject.unit in allowed


def heads_unit(actor: Actor, subject: Subject) -> bool:
    """The head of this very unit, her deputy, or the executive granted on it."""
    own = actor.heads | actor.leads
    return bool(own) if subject.unit is None else subject.unit in own


def facilitates_unit(actor: Actor, subject: Subject) -> bool:
    """The strategy office, in the units granted and below."""
    return bool(actor.facilitates) if subject.unit is None else subject.unit in actor.facilitates


def is_responsible(actor: Actor, subject: Subject) -> bool:
    """Owner, reporter or helper of the thing itself."""
    if subject is ANYWHERE:
        return actor.person is not None and actor.reads_openly
    return actor.person in subject.responsible and actor.reads_openly


def reads_ball(actor: Actor, subject: Subject) -> bool:
    """Whoever reads the drafts of one of the two units, stands above one of them, or audits one."""
    if subject.unit is None:
        return reads_strategy(actor, subject)
    allowed = actor.reads_drafts | actor.heads_above | actor.leads_above | actor.audits
    return bool(allowed & _both_sides(subject))


def plays_ball(actor: Actor, subject: Subject) -> bool:
    """The head of one of the two units, and everybody above; who of them signs, the ball itself says."""
    allowed = actor.heads_above | actor.leads_above
    return bool(allowed) if subject.unit is None else bool(allowed & _both_sides(subject))


def facilitates_ball(actor: Actor, subject: Subject) -> bool:
    """The strategy office of one of the two units."""
    return bool(actor.facilitates) if subject.unit is None else bool(actor.facilitates & _both_sides(subject))


def _both_sides(subject: Subject) -> frozenset[int | None]:
    return frozenset({subject.unit, *subject.other_sides})


def belongs_to_unit(actor: Actor, subject: Subject) -> bool:
    """At home in this very unit, employed there, or its head."""
    own = actor.member_of | actor.heads | actor.leads
    return bool(own) if subject.unit is None else subject.unit in own


def works_and_reads(actor: Actor, subject: Subject) -> bool:
    """Somebody of the organisation who may read the unit."""
    return actor.reads_openly and reads_unit(actor, subject)


def reads_roadblock(actor: Actor, subject: Subject) -> bool:
    """Whoever reads the unit it was raised in, or belongs to one that has or had it."""
    return reads_unit(actor, subject) or bool(actor.reads_drafts & subject.other_sides)


def stands_above(actor: Actor, subject: Subject) -> bool:
    """The head or executive of this unit or of one above it."""
    allowed = actor.heads_above | actor.leads_above
    return bool(allowed) if subject.unit is None else subject.unit in allowed


def closes_unit(actor: Actor, subject: Subject) -> bool:
    """The head of this very unit, her deputy, or an executive of it or of a unit above."""
    allowed = actor.heads | actor.leads_above
    return bool(allowed) if subject.unit is None else subject.unit in allowed


def leads_unit(actor: Actor, subject: Subject) -> bool:
    """The executive of this very unit."""
    return bool(actor.leads) if subject.unit is None else subject.unit in actor.leads


def is_executive(actor: Actor, _subject: Subject) -> bool:
    """An executive, wherever granted."""
    return bool(actor.leads)


def administers(actor: Actor, _subject: Subject) -> bool:
    """An administrator."""
    return actor.administers


_WRITERS = (heads_unit, facilitates_unit)
_READERS = (reads_strategy,)

RULES: Mapping[Act, tuple[Reason, ...]] = {
    Act.OPEN_SIGN_IN: (anyone,),
    Act.SIGN_IN: (anyone,),
    Act.SIGN_OUT: (anyone,),
    Act.OPEN_START: (anyone,),
    Act.START: (anyone,),
    Act.OPEN_RESET: (anyone,),
    Act.RESET_PASSWORD: (anyone,),
    Act.READ_HEALTH: (anyone,),
    Act.READ_HOME: (signed_in,),
    Act.OPEN_OWN_ACCOUNT: (signed_in,),
    Act.CHANGE_OWN_ACCOUNT: (signed_in,),
    Act.READ_NOTICES: (signed_in,),
    Act.CHOOSE_NOTICES: (signed_in,),
    Act.OPEN_QUIETEN: (anyone,),
    Act.QUIETEN: (anyone,),
    Act.READ_PEOPLE: (signed_in,),
    Act.READ_UNITS: (signed_in,),
    Act.READ_STRATEGY: _READERS,
    Act.READ_UNIT: (reads_unit,),
    Act.READ_ITEM: (reads_item,),
    Act.READ_JOURNAL: (reads_history, administers),
    Act.OPEN_VISION: (is_executive,),
    Act.WRITE_VISION: (is_executive,),
    Act.OPEN_PLAN: _WRITERS,
    Act.WRITE_PLAN: _WRITERS,
    Act.PUT_IN_FORCE: (heads_unit,),
    Act.OPEN_SCORING: (belongs_to_unit, facilitates_unit),
    Act.SCORE: (belongs_to_unit, facilitates_unit),
    Act.RUN_SCORING: _WRITERS,
    Act.OPEN_TARGETS: _WRITERS,
    Act.PLAN_TARGETS: _WRITERS,
    Act.AMEND_TARGETS: (heads_unit,),
    Act.READ_AMENDMENTS: _READERS,
    Act.OPEN_AMENDMENT: (is_responsible, heads_unit),
    Act.PROPOSE_AMENDMENT: (is_responsible, heads_unit),
    Act.ANSWER_AMENDMENT: (is_responsible, stands_above),
    Act.OPEN_ACTUALS: (is_responsible, *_WRITERS),
    Act.RECORD_ACTUALS: (is_responsible, *_WRITERS),
    Act.REVISE_LOCKED: (heads_unit,),
    Act.OPEN_PROGRESS: (is_responsible, *_WRITERS),
    Act.REPORT_PROGRESS: (is_responsible, *_WRITERS),
    Act.OPEN_COUNTERMEASURE: (is_responsible, *_WRITERS),
    Act.WRITE_COUNTERMEASURE: (is_responsible, *_WRITERS),
    Act.OPEN_CHECK_IN: (belongs_to_unit,),
    Act.WRITE_CHECK_IN: (belongs_to_unit,),
    Act.CHOOSE_CHECK_IN: _WRITERS,
    Act.READ_ROADBLOCKS: _READERS,
    Act.READ_ROADBLOCK: (reads_roadblock, is_responsible),
    Act.OPEN_ROADBLOCK: (works_and_reads,),
    Act.RAISE_ROADBLOCK: (works_and_reads,),
    Act.HANDLE_ROADBLOCK: (is_responsible, *_WRITERS),
    Act.OPEN_SURVEY: (belongs_to_unit,),
    Act.ANSWER_SURVEY: (belongs_to_unit,),
    Act.OPEN_SURVEYS: (is_executive, facilitates_unit),
    Act.RUN_SURVEYS: (is_executive, facilitates_unit),
    Act.OPEN_DEPUTIES: (heads_unit, administers),
    Act.NAME_DEPUTY: (heads_unit, administers),
    Act.READ_BALLS: _READERS,
    Act.READ_BALL: (reads_ball, is_responsible),
    Act.COMMENT_ON_BALL: (plays_ball, facilitates_ball, is_responsible),
    Act.OPEN_BALL: (plays_ball, is_responsible),
    Act.PLAY_BALL: (plays_ball, is_responsible),
    Act.OPEN_THROW: (heads_unit,),
    Act.THROW: (heads_unit,),
    Act.OPEN_REVIEWS: (stands_above, facilitates_unit),
    Act.PLAN_REVIEWS: (stands_above, facilitates_unit),
    Act.KEEP_MINUTES: (stands_above, facilitates_unit),
    Act.HOLD_REVIEW: (stands_above,),
    Act.LOCK_OWN_MONTH: (heads_unit,),
    Act.OPEN_DIAGNOSIS: (is_executive,),
    Act.WRITE_DIAGNOSIS: (is_executive,),
    Act.OPEN_FEED: (signed_in,),
    Act.MANAGE_FEED: (signed_in,),
    Act.READ_FEED: (anyone,),
    Act.OPEN_PROMISES: (is_responsible, *_WRITERS),
    Act.PROMISE: (is_responsible, *_WRITERS),
    Act.OPEN_CLOSING: (closes_unit,),
    Act.CHOOSE_CLOSING: (closes_unit,),
    Act.CLOSE_CYCLE: (leads_unit,),
    Act.READ_CYCLES: (signed_in,),
    Act.OPEN_CYCLES: (is_executive, administers),
    Act.MANAGE_CYCLES: (is_executive, administers),
    Act.OPEN_LOCKS: (administers,),
    Act.LOCK_MONTHS: (administers,),
    Act.OPEN_PEOPLE: (administers,),
    Act.MANAGE_PEOPLE: (administers,),
    Act.OPEN_UNITS: (administers,),
    Act.MANAGE_UNITS: (administers,),
    Act.OPEN_SETTINGS: (administers,),
    Act.MANAGE_SETTINGS: (administers,),
}

SEEN_FIRST = frozenset(
    {
        Act.OPEN_PLAN, Act.WRITE_PLAN, Act.PUT_IN_FORCE, Act.OPEN_TARGETS, Act.PLAN_TARGETS, Act.AMEND_TARGETS,
        Act.OPEN_AMENDMENT, Act.PROPOSE_AMENDMENT, Act.ANSWER_AMENDMENT,
        Act.OPEN_SCORING, Act.SCORE, Act.RUN_SCORING,
        Act.OPEN_ACTUALS, Act.RECORD_ACTUALS, Act.REVISE_LOCKED, Act.OPEN_PROGRESS, Act.REPORT_PROGRESS,
        Act.OPEN_COUNTERMEASURE, Act.WRITE_COUNTERMEASURE, Act.OPEN_REVIEWS, Act.PLAN_REVIEWS, Act.KEEP_MINUTES,
        Act.HOLD_REVIEW, Act.LOCK_OWN_MONTH, Act.OPEN_PROMISES, Act.PROMISE,
    }
)  # fmt: skip
"""Acts on items: who may not even read the item is told that there is none."""


READING = frozenset({Act.READ_ITEM, Act.READ_UNIT, Act.READ_BALL, Act.READ_ROADBLOCK})
"""Who may not read a thing is told that there is none."""


BALL_ACTS = frozenset({Act.COMMENT_ON_BALL, Act.OPEN_BALL, Act.PLAY_BALL})
"""Acts on balls: who may not even read the ball is told that there is none."""


def may(*, actor: Actor, act: Act, subject: Subject = ANYWHERE) -> bool:
    """Whether the actor may do this to the subject; without a subject, whether there is anything they may do it to."""
    return actor.is_system or any(reason(actor, subject) for reason in RULES[act])


def require(*, actor: Actor, act: Act, subject: Subject = ANYWHERE) -> None:
    """Raise Missing when the actor may not know of the subject, Forbidden when they may not do this to it."""
    if may(actor=actor, act=act, subject=subject):
        return
    hidden = subject is not ANYWHERE and not may(actor=actor, act=Act.READ_ITEM, subject=subject)
    if act in BALL_ACTS:
        hidden = subject is not ANYWHERE and not may(actor=actor, act=Act.READ_BALL, subject=subject)
    if act in READING or (act in SEEN_FIRST | BALL_ACTS and hidden):
        raise Missing("there is no such thing here")
    raise Forbidden("you may not do this here")

"""Countermeasures are written: the short form, root causes, steps and the A3; closed, reopened, steps promoted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import journal
from hoshin.engine.answers import WHOLE
from hoshin.engine.figures import checked_figure, show_figure
from hoshin.engine.misses import Occasion, may_close
from hoshin.errors import Missing, Problem, Refused, Stale
from hoshin.model.base import facts
from hoshin.model.countermeasures import AnswerState, CountermeasureAction, RootCause, Worked
from hoshin.model.people import Person
from hoshin.queries.attainment import today_in
from hoshin.queries.countermeasures import Answer, get_answer, list_causes, list_of_kpis, list_steps, list_watched
from hoshin.queries.units import get_organisation

MOST_CAUSES, MOST_STEPS = 12, 20
SHEET = ("title", "background", "current_condition", "problem", "target_condition", "follow_up")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortWish:
    """The four lines: gap, cause, action, who and when; and who owns the countermeasure."""

    gap: str
    cause: str
    action: str
    doer_id: int | None
    due_on: date | None
    owner_id: int | None
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetWish:
    """The words of the A3; what is left empty is filled from the KPI wherever it is shown."""

    title: str
    background: str
    current_condition: str
    problem: str
    target_condition: str
    follow_up: str
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseWish:
    """A root cause with its share of the gap in per cent; `key` is that of one that stands already.

    `place` is its row in the form, for messages.
    """

    text: str
    share: Decimal | None = None
    key: int | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWish:
    """A step of the plan with the effect it is expected to have, in the KPI's unit; `key` and `place` as a cause's."""

    text: str
    owner_id: int | None = None
    due_on: date | None = None
    effect: Decimal | None = None
    done_on: date | None = None
    key: int | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseWish:
    """Whether the action worked, and a line on it."""

    worked: Worked
    outcome: str
    version: int | None


def write_short(*, session: Session, countermeasure_id: int, wish: ShortWish, by: Actor, at: datetime) -> Answer:
    """Write the short form; raises Stale when somebody else saved it first."""
    answer = _writable(session, countermeasure_id, by, wish.version)
    problems = _no_such_people(session, {"doer_id": wish.doer_id, "owner_id": wish.owner_id})
    if not wish.gap.strip():
        problems.append(Problem("say how far off it is", field="gap"))
    if problems:
        raise Refused.because(problems)
    with _changing(session, answer, by, at, "written"):
        found = answer.countermeasure
        found.gap, found.cause, found.action = wish.gap, wish.cause, wish.action
        found.doer_id, found.due_on, found.owner_id = wish.doer_id, wish.due_on, wish.owner_id
    return answer


def write_sheet(*, session: Session, countermeasure_id: int, wish: SheetWish, by: Actor, at: datetime) -> Answer:
    """Write the words of the A3."""
    answer = _writable(session, countermeasure_id, by, wish.version)
    with _changing(session, answer, by, at, "A3 written"):
        for name in SHEET:
            setattr(answer.countermeasure, name, getattr(wish, name))
    return answer


def put_causes(
    *, session: Session, countermeasure_id: int, causes: Sequence[CauseWish], version: int | None, by: Actor,
    at: datetime,
) -> Answer:  # fmt: skip
    """Set all root causes in their order; together they may not take more than 100 % of the gap."""
    answer = _writable(session, countermeasure_id, by, version)
    there = {one.id: one for one in list_causes(session=session, countermeasure_id=countermeasure_id)}
    _check_rows(there, [one.key for one in causes], MOST_CAUSES, "causes")
    problems = _share_problems(causes)
    if problems:
        raise Refused.because(problems)
    with _changing(session, answer, by, at, "causes written", beside=True):
        for place, wish in enumerate(causes, start=1):
            row = there.pop(wish.key) if wish.key is not None else RootCause(countermeasure_id=countermeasure_id)
            row.text, row.share, row.position = wish.text, wish.share, place
            session.add(row)
        for gone in there.values():
            session.delete(gone)
        session.flush()
    return answer


def put_steps(
    *, session: Session, countermeasure_id: int, steps: Sequence[StepWish], version: int | None, by: Actor,
    at: datetime,
) -> Answer:  # fmt: skip
    """Set all steps of the plan in their order; one that was promoted stays."""
    answer = _writable(session, countermeasure_id, by, version)
    there = {one.id: one for one in list_steps(session=session, countermeasure_id=countermeasure_id)}
    _check_rows(there, [one.key for one in steps], MOST_STEPS, "steps")
    problems = _step_problems(session, steps, there)
    if problems:
        raise Refused.because(problems)
    with _changing(session, answer, by, at, "steps written", beside=True):
        for place, wish in enumerate(steps, start=1):
            new = CountermeasureAction(countermeasure_id=countermeasure_id)
            row = there.pop(wish.key) if wish.key is not None else new
            row.text, row.owner_id, row.due_on = wish.text, wish.owner_id, wish.due_on
            row.effect, row.done_on, row.position = wish.effect, wish.done_on, place
            session.add(row)
        for gone in there.values():
            session.delete(gone)
        session.flush()
    return answer


def close(*, session: Session, countermeasure_id: int, wish: CloseWish, by: Actor, at: datetime) -> Answer:
    """End a countermeasure with a line on whether the action worked.

    The answer to a miss may end once the KPI has hit often enough in a row, or is no longer in force; the question
    why a KPI is far above plan ends with its explanation.
    """
    answer = _writable(session, countermeasure_id, by, wish.version)
    problems = [] if wish.outcome.strip() else [Problem("say in a line whether it worked", field="outcome")]
    waiting = why_not_close(session=session, answer=answer, at=at)
    if waiting:
        problems.append(Problem(waiting))
    if problems:
        raise Refused.because(problems)
    with _changing(session, answer, by, at, "closed", why=wish.outcome):
        found = answer.countermeasure
        found.state, found.closed_at, found.closed_by = AnswerState.CLOSED, at, by.name
        found.worked, found.outcome = wish.worked, wish.outcome
    return answer


def why_not_close(*, session: Session, answer: Answer, at: datetime) -> str:
    """Why the countermeasure may not be closed yet, as a sentence; empty when it may."""
    if answer.countermeasure.occasion is Occasion.ABOVE:
        return "" if answer.countermeasure.cause.strip() else "write first why it lies so far above plan"
    organisation = get_organisation(session=session)
    today = today_in(organisation=organisation, now=at)
    if not answer.kpi.life.in_force(on=today) or answer.kpi.archived_at is not None:
        return ""
    wanted = organisation.hits_to_close
    watched = list_watched(session=session, today=today, kpi_ids=[answer.kpi.id])
    if all(may_close(among=one.marks, hits=wanted) for one in watched):
        return ""
    times = "its latest due period has hit" if wanted == 1 else f"its latest {wanted} due periods in a row have hit"
    return f"it may be closed once {times} target"


def reopen(*, session: Session, countermeasure_id: int, reason: str, by: Actor, at: datetime) -> Answer:
    """Take a closed countermeasure up again before its figures ask for it."""
    answer = hold(session=session, countermeasure_id=countermeasure_id, by=by)
    found = answer.countermeasure
    if found.is_open:
        raise Refused(Problem("this countermeasure is open"))
    if not reason.strip():
        raise Refused(Problem("say why it is taken up again", field="reason"))
    others = list_of_kpis(session=session, kpi_ids=[found.kpi_id])
    if any(one.is_open and one.occasion is found.occasion for one in others):
        raise Refused(Problem("another countermeasure of this KPI is open"))
    try:
        with session.begin_nested(), _changing(session, answer, by, at, "reopened", why=reason):
            found.state, found.closed_at = AnswerState.REOPENED, None
    except IntegrityError as error:
        raise Refused(Problem("another countermeasure of this KPI is open")) from error
    return answer


# ------------------------------------------------------------------ what the commands share


def hold(*, session: Session, countermeasure_id: int, by: Actor) -> Answer:
    """The countermeasure, held until the transaction ends, when the actor may write it; raises Missing or Forbidden."""
    answer = get_answer(session=session, actor=by, countermeasure_id=countermeasure_id, lock=True)
    require(actor=by, act=Act.WRITE_COUNTERMEASURE, subject=answer.subject)
    return answer


def _writable(session: Session, countermeasure_id: int, by: Actor, version: int | None) -> Answer:
    """The open countermeasure, held for this change, as the form knew it."""
    answer = hold(session=session, countermeasure_id=countermeasure_id, by=by)
    found = answer.countermeasure
    if version != found.version:
        raise Stale({"State": found.state.value, "Cause": found.cause, "Action": found.action})
    if not found.is_open:
        raise Refused(Problem("this countermeasure is closed: take it up again first"))
    return answer


def _changing(
    session: Session, answer: Answer, by: Actor, at: datetime, verb: str, *, why: str = "", beside: bool = False
) -> Any:
    """Journal a change of the countermeasure, with its causes and steps where they change."""
    key = answer.countermeasure.id

    def rows() -> dict[str, Any]:
        session.flush()
        causes, steps = list_causes(session=session, countermeasure_id=key), list_steps(
            session=session, countermeasure_id=key
        )
        return {"causes": [facts(of=one) for one in causes], "steps": [facts(of=one) for one in steps]}

    return journal.changing(
        session=session, by=by, at=at, thing=answer.countermeasure, verb=verb, unit=answer.kpi.unit_id,
        name=answer.kpi.name, why=why, beside=rows if beside else dict,
    )  # fmt: skip


def _no_such_people(session: Session, wanted: dict[str, int | None]) -> list[Problem]:
    keys = {one for one in wanted.values() if one is not None}
    known = set(session.scalars(select(Person.id).where(Person.id.in_(keys)))) if keys else set()
    return [
        Problem("there is no such person", field=field)
        for field, key in wanted.items()
        if key is not None and key not in known
    ]


def _check_rows(there: dict[int, Any], keys: Sequence[int | None], most: int, noun: str) -> None:
    known = [one for one in keys if one is not None]
    if any(times > 1 for times in Counter(known).values()) or set(known) - set(there):
        raise Missing(f"these {noun} are not all of this countermeasure")
    if len(keys) > most:
        raise Refused(Problem(f"at most {most} {noun}: an A3 is one page"))


def _share_problems(causes: Sequence[CauseWish]) -> list[Problem]:
    problems = []
    for wish in causes:
        if not wish.text.strip():
            problems.append(Problem("say what the cause is", field=f"text_{wish.place}"))
        if wish.share is not None and not 0 <= wish.share <= WHOLE:
            problems.append(Problem("a share lies between 0 and 100 %", field=f"share_{wish.place}"))
    together = sum((one.share for one in causes if one.share is not None), Decimal(0))
    if together > WHOLE and not problems:
        problems.append(Problem(f"the shares come to {show_figure(value=together)} %: more than the whole gap"))
    return problems


def _step_problems(
    session: Session, steps: Sequence[StepWish], there: dict[int, CountermeasureAction]
) -> list[Problem]:
    problems = _no_such_people(session, {f"owner_{one.place}": one.owner_id for one in steps})
    for wish in steps:
        if not wish.text.strip():
            problems.append(Problem("say what is done", field=f"text_{wish.place}"))
        if wish.effect is not None:
            problems += _figure_problems(wish.effect, f"effect_{wish.place}")
    kept = {one.key for one in steps}
    problems += [
        Problem(f"“{one.text[:80]}” stands on the matrix as an action and stays here too")
        for one in there.values()
        if one.action_id is not None and one.id not in kept
    ]
    return problems


def _figure_problems(effect: Decimal, field: str) -> list[Problem]:
    try:
        checked_figure(value=effect)
    except ValueError as error:
        return [Problem(str(error), field=field)]
    return []

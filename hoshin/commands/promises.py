"""Resources are promised for an objective, given, or withdrawn with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import journal
from hoshin.errors import Missing, Problem, Refused, Stale
from hoshin.model.items import Objective
from hoshin.model.people import Person
from hoshin.model.promises import Promise
from hoshin.queries.attainment import today_in
from hoshin.queries.items import get_item
from hoshin.queries.units import get_organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseWish:
    """What is promised, by whom, on which day and until when."""

    text: str
    person_id: int | None
    promised_on: date
    due_on: date | None = None


def promise(*, session: Session, objective_id: int, wish: PromiseWish, by: Actor, at: datetime) -> Promise:
    """Note a promise for an objective."""
    objective = _objective(session, objective_id, by)
    problems = [] if wish.text else [Problem("say what is promised", field="text")]
    if wish.person_id is None or session.get(Person, wish.person_id) is None:
        problems.append(Problem("say who promised it", field="person_id"))
    if wish.due_on and wish.due_on < wish.promised_on:
        problems.append(Problem("this day lies before the promise", field="due_on"))
    if problems or wish.person_id is None:
        raise Refused.because(problems)
    made = Promise(
        objective_id=objective.id, person_id=wish.person_id, text=wish.text, promised_on=wish.promised_on,
        due_on=wish.due_on, note="",
    )  # fmt: skip
    journal.created(session=session, by=by, at=at, thing=made, unit=objective.unit_id, name=wish.text)
    return made


def give(*, session: Session, promise_id: int, version: int | None, by: Actor, at: datetime) -> Promise:
    """Note that what was promised has been given today."""
    return _end(session, promise_id, version, by, at, "given", "")


def withdraw(
    *, session: Session, promise_id: int, reason: str, version: int | None, by: Actor, at: datetime
) -> Promise:
    """Note that a promise does not stand any more, and why."""
    if not reason.strip():
        raise Refused(Problem("say why it does not stand any more", field="reason"))
    return _end(session, promise_id, version, by, at, "withdrawn", reason)


def subject_of(*, objective: Objective) -> Subject:
    """A promise is its objective's: its sponsor and its owner may write it too."""
    people = (objective.sponsor_id, objective.owner_id)
    return Subject(unit=objective.unit_id, responsible=frozenset(one for one in people if one is not None))


def _objective(session: Session, objective_id: int, by: Actor) -> Objective:
    objective = get_item(session=session, actor=by, item_id=objective_id, kind=Objective)
    require(actor=by, act=Act.PROMISE, subject=subject_of(objective=objective))
    return objective


def _end(
    session: Session, promise_id: int, version: int | None, by: Actor, at: datetime, verb: str, reason: str
) -> Promise:
    query = select(Promise).where(Promise.id == promise_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise Missing("there is no such promise")
    objective = _objective(session, found.objective_id, by)
    if version is not None and version != found.version:
        raise Stale({"Given": str(found.given_on or ""), "Withdrawn": str(found.withdrawn_on or "")})
    if found.given_on or found.withdrawn_on:
        raise Refused(Problem("this promise has been given or withdrawn already"))
    today = today_in(organisation=get_organisation(session=session), now=at)
    with journal.changing(
        session=session, by=by, at=at, thing=found, verb=verb, unit=objective.unit_id, name=found.text, why=reason
    ):
        found.given_on = today if verb == "given" else None
        found.withdrawn_on = today if verb == "withdrawn" else None
        found.note = reason
    return found

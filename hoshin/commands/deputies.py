"""A head names somebody who acts for her in her unit, from a day to a day; the journal names both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import journal
from hoshin.commands.people import today_of
from hoshin.commands.units import unit_of
from hoshin.errors import Missing, Problem, Refused
from hoshin.model.people import Deputy, Person, Role
from hoshin.queries.people import list_deputies, list_grants
from hoshin.queries.units import lock_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class DeputyWish:
    """Who acts for which head, ends included."""

    head_id: int | None
    deputy_id: int | None
    first: date | None
    last: date | None


def name_deputy(*, session: Session, unit_id: int, wish: DeputyWish, by: Actor, at: datetime) -> Deputy:
    """Let somebody act for a head of this unit; a deputy names no further deputy."""
    unit = unit_of(session=session, unit_id=unit_id)
    require(actor=by, act=Act.NAME_DEPUTY, subject=Subject(unit=unit.id))
    if unit.id in by.acts_for and unit.id not in by.leads and not by.administers:
        raise Refused("a deputy names no further deputy; that is for the head herself")
    lock_plan(session=session)
    today = today_of(session=session, at=at)
    head, deputy = _person(session, wish.head_id), _person(session, wish.deputy_id)
    problems = [*_who(session, unit_id, head, deputy), *_when(wish, today)]
    if problems or head is None or deputy is None or wish.last is None:
        raise Refused.because(problems)
    first = wish.first or today
    _refuse_overlap(session, unit_id, head, first, wish.last)
    row = Deputy(unit_id=unit.id, head_id=head.id, deputy_id=deputy.id, valid_from=first, valid_to=wish.last)
    journal.created(session=session, by=by, at=at, thing=row, unit=unit.id, name=f"{deputy.name} for {head.name}")
    return row


def _person(session: Session, key: int | None) -> Person | None:
    found = session.get(Person, key) if key is not None else None
    return found if found is not None and found.deactivated_at is None else None


def _who(session: Session, unit_id: int, head: Person | None, deputy: Person | None) -> list[Problem]:
    problems = []
    grants = list_grants(session=session, person_id=head.id) if head else []
    if not any(one.role in (Role.HEAD, Role.EXECUTIVE) and one.unit_id == unit_id for one in grants):
        problems.append(Problem("choose a head of this unit", field="head_id"))
    if deputy is None:
        problems.append(Problem("choose somebody who is active here", field="deputy_id"))
    if deputy is not None and deputy is head:
        problems.append(Problem("nobody is her own deputy", field="deputy_id"))
    return problems


def _when(wish: DeputyWish, today: date) -> list[Problem]:
    if wish.last is None:
        return [Problem("a deputy is named for a time: choose the last day", field="last")]
    if wish.last < (wish.first or today):
        return [Problem("this day lies before the first one", field="last")]
    if wish.last < today or (wish.first is not None and wish.first < today):
        return [Problem("nobody acted for her in the past: choose today or a later day", field="first")]
    return []


def _refuse_overlap(session: Session, unit_id: int, head: Person, first: date, last: date) -> None:
    for one in list_deputies(session=session, unit_id=unit_id):
        if one.head_id == head.id and one.valid_from <= last and first <= one.valid_to:
            raise Refused(Problem("somebody acts for her on some of these days already; end that first", field="first"))


def end_deputy(*, session: Session, unit_id: int, deputy_id: int, by: Actor, at: datetime) -> None:
    """Let a deputy act no longer: yesterday was the last day; one who has not begun is taken back."""
    require(actor=by, act=Act.NAME_DEPUTY, subject=Subject(unit=unit_id))
    row = next((one for one in list_deputies(session=session, unit_id=unit_id) if one.id == deputy_id), None)
    if row is None:
        raise Missing("there is no such deputy here")
    yesterday = today_of(session=session, at=at) - timedelta(days=1)
    if row.valid_to <= yesterday:
        raise Refused("this deputy has ended already")
    people = [session.get(Person, key) for key in (row.deputy_id, row.head_id)]
    name = " for ".join(one.name for one in people if one is not None)
    if row.valid_from > yesterday:
        journal.removed(session=session, by=by, at=at, thing=row, unit=unit_id, name=name)
        return
    with journal.changing(session=session, by=by, at=at, thing=row, verb="ended", unit=unit_id, name=name):
        row.valid_to = yesterday

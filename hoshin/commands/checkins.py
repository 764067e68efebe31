"""The weekly check-in is written and corrected, and a unit chooses whether persons or the team check in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import journal
from hoshin.engine.weeks import WEEK, week_of, week_text
from hoshin.errors import Problem, Refused, Stale
from hoshin.model.checkins import CheckIn
from hoshin.model.units import CheckInBy, Unit
from hoshin.queries.attainment import today_in
from hoshin.queries.checkins import Who, find_checkin
from hoshin.queries.units import get_organisation, get_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInWish:
    """Three lines about one week; `version` is None when none had been written as the form was read."""

    unit_id: int
    week: date
    progress: str = ""
    roadblocks: str = ""
    next: str = ""
    version: int | None = None


def who_checks_in(*, unit: Unit, actor: Actor) -> Who:
    """Whose check-in the actor writes in the unit: her own, or the team's."""
    return Who(unit.id, None if unit.checkin_by is CheckInBy.TEAM else actor.person)


def check_in(*, session: Session, wish: CheckInWish, by: Actor, at: datetime) -> CheckIn:
    """Write or correct the check-in of this week or the last one; Stale when somebody of the team was faster."""
    unit = get_unit(session=session, actor=by, unit_id=wish.unit_id)
    require(actor=by, act=Act.WRITE_CHECK_IN, subject=Subject(unit=unit.id))
    today = today_in(organisation=get_organisation(session=session), now=at)
    if wish.week not in (week_of(day=today), week_of(day=today) - WEEK):
        raise Refused(Problem("a check-in is for this week or the last one"))
    if not (wish.progress or wish.roadblocks or wish.next):
        raise Refused(Problem("write at least one of the three lines", field="progress"))
    who = who_checks_in(unit=unit, actor=by)
    found = find_checkin(session=session, who=who, week=wish.week, lock=True)
    if found is not None:
        return _correct(session, found, wish, unit, by, at)
    made = CheckIn(unit_id=unit.id, person_id=who.person_id, week=wish.week)
    _assign(made, wish, by, at)
    try:
        journal.created(
            session=session, by=by, at=at, thing=made, unit=unit.id, name=week_text(week=wish.week)
        )
    except IntegrityError as error:
        if "checkins" not in str(error.orig):
            raise
        raise Refused(Problem("somebody has just checked in for this week: load the page again")) from error
    return made


def _correct(session: Session, found: CheckIn, wish: CheckInWish, unit: Unit, by: Actor, at: datetime) -> CheckIn:
    if wish.version != found.version:
        raise Stale({"Progress": found.progress, "Roadblocks": found.roadblocks, "Next": found.next})
    if (found.progress, found.roadblocks, found.next) == (wish.progress, wish.roadblocks, wish.next):
        return found
    name = week_text(week=wish.week)
    with journal.changing(session=session, by=by, at=at, thing=found, unit=unit.id, name=name):
        _assign(found, wish, by, at)
    return found


def _assign(row: CheckIn, wish: CheckInWish, by: Actor, at: datetime) -> None:
    row.progress, row.roadblocks, row.next = wish.progress, wish.roadblocks, wish.next
    row.at, row.by_name = at, by.name


def choose_who(*, session: Session, unit_id: int, wish: CheckInBy, by: Actor, at: datetime) -> Unit:
    """Let each person of a unit check in, or the team as one; what was written stays."""
    unit = get_unit(session=session, actor=by, unit_id=unit_id)
    require(actor=by, act=Act.CHOOSE_CHECK_IN, subject=Subject(unit=unit.id))
    with journal.changing(session=session, by=by, at=at, thing=unit):
        unit.checkin_by = wish
    return unit

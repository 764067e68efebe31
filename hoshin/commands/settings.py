"""The settings of the organisation that all figures depend on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import journal
from hoshin.engine.calendars import CycleSpan, FiscalCalendar, NamedBy
from hoshin.engine.misses import Patience
from hoshin.engine.signals import Scheme
from hoshin.errors import Problem, Refused, Stale
from hoshin.model.cycles import Cycle
from hoshin.model.units import Organisation
from hoshin.queries.cycles import has_readings, list_cycles, list_items_of
from hoshin.queries.units import get_organisation, lock_plan, top_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsWish:
    """All settings as they should be; `version` is the one the form was read at.

    `catchball_days` is how long a ball may lie until its holder is reminded; None leaves it as it is. `patience` says
    when a miss asks for a countermeasure, and `live_on` from which due day on (None: from the day the organisation was
    begun here); without a patience both stay as they are. `surveys_quarterly` lets the calendar open the quarter's
    self-assessment; None leaves it as it is.
    """

    name: str
    time_zone: str
    fiscal_start_month: int
    named_by: NamedBy
    due_days: int
    least_strength: int
    scheme: Scheme = Scheme.BINARY
    amber_percent: int = 5
    catchball_days: int | None = None
    patience: Patience | None = None
    live_on: date | None = None
    surveys_quarterly: bool | None = None
    version: int | None


@cache
def time_zones() -> tuple[str, ...]:
    """The names of all time zones, in order."""
    return tuple(sorted(available_timezones()))


def check_calendar(*, time_zone: str, fiscal_start_month: int) -> list[Problem]:
    """What is wrong with a time zone and a start of the fiscal year."""
    problems = []
    if time_zone not in time_zones():
        problems.append(Problem("this is no time zone; choose one such as Europe/Paris", field="time_zone"))
    if not 1 <= fiscal_start_month <= 12:
        problems.append(Problem("a year starts in one of twelve months", field="fiscal_start_month"))
    return problems


def change_settings(*, session: Session, wish: SettingsWish, by: Actor, at: datetime) -> Organisation:
    """Change the settings; the fiscal calendar only while no figure has been recorded."""
    require(actor=by, act=Act.MANAGE_SETTINGS)
    lock_plan(session=session)
    known = get_organisation(session=session)
    if wish.version != known.version:
        raise Stale(theirs={"Name": known.name, "Time zone": known.time_zone, "Due after": f"{known.due_days} days"})
    moves = (wish.fiscal_start_month, wish.named_by) != (known.fiscal_start_month, known.named_by)
    _check(session, wish, moves)
    top = top_unit(session=session)
    if top.name == known.name != wish.name:
        with journal.changing(session=session, by=by, at=at, thing=top):
            top.name = wish.name
    with journal.changing(session=session, by=by, at=at, thing=known):
        known.name, known.time_zone, known.due_days = wish.name, wish.time_zone, wish.due_days
        known.fiscal_start_month, known.named_by = wish.fiscal_start_month, wish.named_by
        known.least_strength = wish.least_strength
        known.catchball_days = known.catchball_days if wish.catchball_days is None else wish.catchball_days
        known.scheme, known.amber_percent = wish.scheme, wish.amber_percent
        if wish.surveys_quarterly is not None:
            known.surveys_quarterly = wish.surveys_quarterly
        _set_patience(known, wish)
    if moves:
        _move_cycles(session, known.calendar, by, at)
    return known


def _set_patience(known: Organisation, wish: SettingsWish) -> None:
    if wish.patience is not None:
        known.misses_breakthrough, known.misses_fundamental = wish.patience.breakthrough, wish.patience.fundamental
        known.hits_to_close, known.far_above = wish.patience.hits_to_close, wish.patience.far_above
        known.live_on = wish.live_on


def _patience_problems(patience: Patience) -> list[Problem]:
    counts = {
        "misses_breakthrough": patience.breakthrough,
        "misses_fundamental": patience.fundamental,
        "hits_to_close": patience.hits_to_close,
    }
    problems = [Problem("between 1 and 12", field=name) for name, count in counts.items() if not 1 <= count <= 12]
    if not 1 <= patience.far_above <= 1000:
        problems.append(Problem("between 1 and 1000 times the planned improvement", field="far_above"))
    return problems


def _check(session: Session, wish: SettingsWish, moves: bool) -> None:
    problems = check_calendar(time_zone=wish.time_zone, fiscal_start_month=wish.fiscal_start_month)
    if not 0 <= wish.due_days <= 90:
        problems.append(Problem("between 0 and 90 days", field="due_days"))
    if wish.catchball_days is not None and not 1 <= wish.catchball_days <= 90:
        problems.append(Problem("between 1 and 90 days", field="catchball_days"))
    if wish.least_strength not in (1, 3, 9):
        problems.append(Problem("weak, medium or strong", field="least_strength"))
    if not 0 <= wish.amber_percent <= 100:
        problems.append(Problem("between 0 and 100 per cent", field="amber_percent"))
    if wish.patience is not None:
        problems += _patience_problems(wish.patience)
    if moves and has_readings(session=session):
        said = "figures are recorded already: the fiscal year can no longer move"
        problems.append(Problem(said, field="fiscal_start_month"))
    if problems:
        raise Refused.because(problems)


def _move_cycles(session: Session, calendar: FiscalCalendar, by: Actor, at: datetime) -> None:
    """Give every cycle the days that its name has in the new calendar, and with it what is valid all year."""
    cycles = list(list_cycles(session=session))  # the latest first: good when they move later, else the other way
    spans = {one.id: calendar.cycle_named(name=one.name) for one in cycles}
    if cycles and spans[cycles[0].id].first < cycles[0].first_day:
        cycles.reverse()
    for cycle in cycles:
        _move_cycle(session, cycle, spans[cycle.id], by, at)


def _move_cycle(session: Session, cycle: Cycle, span: CycleSpan, by: Actor, at: datetime) -> None:
    whole = (cycle.first_day, cycle.last_day)
    with journal.changing(session=session, by=by, at=at, thing=cycle, verb="moved"):
        cycle.first_day, cycle.last_day = span.first, span.last
    for item in list_items_of(session=session, cycle_id=cycle.id):
        if (item.valid_from, item.valid_to) == whole:
            with journal.changing(session=session, by=by, at=at, thing=item, verb="moved"):
                item.valid_from, item.valid_to = span.first, span.last

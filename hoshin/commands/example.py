"""The example organisation comes to life in an empty database, as if it had been kept there for two years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor, system_actor
from hoshin.access.rules import require
from hoshin.commands import bulk, journal
from hoshin.commands.cycles import ensure_cycle
from hoshin.commands.example_answers import Answers
from hoshin.commands.example_balls import Balls
from hoshin.commands.example_close import CLOSED_AFTER, Close
from hoshin.commands.example_promises import Promises
from hoshin.commands.example_proposals import Proposals
from hoshin.commands.example_readings import Readings
from hoshin.commands.example_reviews import Reviews
from hoshin.commands.example_surveys import Surveys
from hoshin.commands.example_week import Weeks
from hoshin.commands.example_wish import (
    ExampleItem,
    ExampleOrganisation,
    MonthDay,
    Paper,
    Shown,
    people_to_show,
)
from hoshin.commands.progress import Progress, unwatched
from hoshin.commands.reviews import YearWish, plan_year
from hoshin.commands.start import Taken
from hoshin.engine.cadence import ReviewKind
from hoshin.engine.calendars import CycleSpan, FiscalCalendar, add_months
from hoshin.engine.plans import Kind, State
from hoshin.model.actions import Action, ActionHelper, Status
from hoshin.model.cycles import Cycle, CycleKPI, MonthLock
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.kpis import KPI
from hoshin.model.links import Correlation, Deployment
from hoshin.model.people import Deputy, Grant, Person, Role
from hoshin.model.units import Organisation, Unit
from hoshin.queries.units import find_organisation

__all__ = ["ExampleOrganisation", "Shown", "load", "people_to_show"]

CLASSES: dict[Kind, type[Item]] = {
    Kind.OBJECTIVE: Objective, Kind.PRIORITY: Priority, Kind.ACTION: Action, Kind.KPI: KPI,
}  # fmt: skip
REVIEWS = (ReviewKind.MONTHLY, ReviewKind.QUARTERLY, ReviewKind.ANNUAL, ReviewKind.DIAGNOSIS)
HELD = "this database holds an organisation already; the example needs an empty one"
LOCKED_AFTER = timedelta(days=5)
"""How long after it fell due a month of last year was locked."""
UNDER_WAY = 70
"""How far, in per cent, an action is at most whose due day is still to come."""


def load(
    *,
    session: Session,
    wish: ExampleOrganisation,
    paper: Paper | None = None,
    by: Actor,
    at: datetime,
    report: Progress = unwatched,
) -> None:
    """Fill an empty database: last year and this one up to `at`, everything recorded on the day it would have been.

    Without `paper`, which writes their packs, no review has been held. Signs in nobody. `report` is told how far it
    is, and stops it by raising Cancelled. Raises Taken when there is an
    organisation already, also when somebody else is quicker.
    """
    require(actor=by, act=Act.START)
    if find_organisation(session=session) is not None:
        raise Taken(HELD)
    _Loading(session, wish, system_actor(name=by.name or "Hoshin (example)"), at, paper).run(report)


class Event(NamedTuple):
    """Something that happened: when, in which order among what happened at once, and what."""

    at: datetime
    order: int
    work: Any


@dataclass
class _Loading:
    session: Session
    wish: ExampleOrganisation
    by: Actor
    now: datetime
    paper: Paper | None = None
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    cycles: dict[int, Cycle] = field(default_factory=dict)
    linked: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        settings = self.wish.settings
        self.zone = ZoneInfo(settings["time_zone"])
        self.calendar = FiscalCalendar(settings["fiscal_start_month"], due_days=settings["due_days"])
        self.today = self.now.astimezone(self.zone).date()
        this_year = self.calendar.cycle_of(day=self.today)
        last_year = self.calendar.cycle_of(day=this_year.first - timedelta(days=1))
        self.spans: dict[int, CycleSpan] = {-1: last_year, 0: this_year}
        self.years: dict[str, set[int]] = defaultdict(set)
        for one in self.wish.figures:
            self.years[one.kpi].add(one.year)

    def run(self, report: Progress) -> None:
        """Everything in the order in which it happened."""
        self._found(self.morning(self.spans[-1].first - timedelta(days=30)))
        events = sorted(self._events(), key=lambda one: one[:2])
        steps: list[Callable[[], object]] = [partial(one.work, one.at) for one in events]
        steps += [self._talk, self._meet, self._look_back]
        for done, step in enumerate(steps):
            report(what="example", done=done, of=len(steps))
            step()
        self.session.flush()

    def _talk(self) -> None:
        """Catchball, weeks, proposals, answers and promises."""
        balls = Balls(self.session, self.items, self.units, self.people, self.now)
        balls.play(moves=self.wish.moves, cycle=self.cycles[0], by=self.by)
        Weeks(self.session, self.items, self.units, self.people, self.now).pass_by(wish=self.wish)
        put = Proposals(self.session, self.items, self.people, self.now, self.spans[0], self.today)
        put.propose(wishes=self.wish.proposals)
        Answers(self.session, self.items, self.people, self.now).give(wishes=self.wish.countermeasures)
        Promises(self.session, self.items, self.people, self.now).keep(wishes=self.wish.promises, by=self.by)

    def _meet(self) -> None:
        """The reviews, and the plan for those to come."""
        if self.paper is not None:
            heads = {unit: one.email for one in self.wish.people for role, unit in one.roles if role is Role.HEAD}
            reviews = Reviews(self.session, self.units, self.people, self.cycles, heads, self.now, self.paper)
            reviews.hold(wishes=self.wish.meetings, findings=self.wish.findings, by=self.by)
        wish = YearWish(unit_id=self.units[""].id, cycle_id=self.cycles[0].id, kinds=REVIEWS, below=True)
        plan_year(session=self.session, wish=wish, by=self.by, at=self.now)

    def _look_back(self) -> None:
        self._close_last_year()
        surveys = Surveys(self.session, self.items, self.people, self.now)
        surveys.run(answers=self.wish.survey_answers, by=self.by)

    def _close_last_year(self) -> None:
        day = self.spans[-1].last + CLOSED_AFTER
        if day < self.today:
            leads = (one.email for one in self.wish.people if any(role is Role.EXECUTIVE for role, _ in one.roles))
            chief = self.people[next(leads)]
            by = Actor(person=chief.id, name=chief.name)
            close = Close(self.session, self.items, self.people)
            close.close(cycle=self.cycles[-1], wishes=self.wish.closings, by=by, at=self.morning(day))

    def morning(self, day: date) -> datetime:
        """Nine o'clock of that day, but never later than now."""
        return min(datetime.combine(day, time(9), self.zone).astimezone(UTC), self.now)

    def _events(self) -> Iterator[Event]:
        readings = Readings(self.session, self.wish, self.by, self.calendar, self.spans, self.items, self.people)
        for year, span in self.spans.items():
            start = self.morning(span.first)
            yield Event(start, 0, lambda at, year=year: self._begin(year, at))
            yield Event(start, 1, lambda at, year=year: readings.plan(year, at))
            for month in range(12):
                yield from self._month_events(readings, year, add_months(day=span.first, months=month))
        for one in self.wish.amendments:
            day = add_months(day=self.spans[one.year].first, months=one.first_month - 1)
            if day <= self.today:
                yield Event(self.morning(day), 2, lambda at, one=one: readings.amend(one, at))
        yield from self._item_events()
        yield Event(self.now, 9, lambda _at: readings.sign())

    def _month_events(self, readings: Readings, year: int, first: date) -> Iterator[Event]:
        last = add_months(day=first, months=1) - timedelta(days=1)
        if last >= self.today:
            return
        due = last + timedelta(days=self.calendar.due_days)
        yield Event(self.morning(due), 3, lambda at: readings.record(year, first, at))
        if year < 0 and due + LOCKED_AFTER < self.today:
            yield Event(self.morning(due + LOCKED_AFTER), 4, lambda at: self._lock(first, at))

    def _item_events(self) -> Iterator[Event]:
        for one in self.wish.items:
            if one.kind is Kind.ACTION and one.year is not None:
                day = self._day(one.due, self.spans[one.year])
                yield Event(
                    self.morning(min(day or self.today, self.today)), 5, lambda at, one=one: self._progress(one, at)
                )
            if one.ended is not None:
                day = self._day(one.ended, self.spans[0])
                if day is not None and day <= self.today:
                    yield Event(self.morning(day), 6, lambda at, one=one, day=day: self._end(one, day, at))

    @staticmethod
    def _day(month_day: MonthDay | None, span: CycleSpan) -> date | None:
        """That day of the fiscal year; the 29th of February becomes the 28th where there is none."""
        if month_day is None:
            return None
        month, day = month_day
        year = span.first.year if month >= span.first.month else span.last.year
        with suppress(ValueError):
            return date(year, month, day)
        return date(year, month, day - 1)

    # ------------------------------------------------------------ the frame

    def _found(self, at: datetime) -> None:
        settings = dict(self.wish.settings)
        top = Unit(name=settings["name"], kind="company")
        try:
            self._add([Organisation(id=1, founded_at=at, **settings)], at, name=lambda one: one.name)
        except IntegrityError as error:
            raise Taken(HELD) from error
        self._add([top], at, unit=lambda one: one.id)
        self.units[""] = top
        for place, one in enumerate(self.wish.units, start=1):
            above, _, name = one.path.rpartition(" / ")
            made = Unit(
                name=name, parent_id=self.units[above].id, kind=one.kind, restricted=one.restricted, position=place,
                preset=one.preset,
            )
            self._add([made], at, unit=lambda one: one.id)
            self.units[one.path] = made
        self._add_people(at)
        self._add_items([one for one in self.wish.items if one.kind is Kind.OBJECTIVE and one.year == -1], at)

    def _add(self, rows: Any, at: datetime, **more: Any) -> None:
        bulk.add_rows(session=self.session, rows=rows, by=self.by, at=at, **more)

    def _add_people(self, at: datetime) -> None:
        for one in self.wish.people:
            home = self.units[one.unit].id
            self.people[one.email] = Person(name=one.name, email=one.email, title=one.title, home_unit_id=home)
        self._add(list(self.people.values()), at)
        grants = [
            Grant(person_id=self.people[one.email].id, role=role, unit_id=self.units[unit].id)
            for one in self.wish.people
            for role, unit in one.roles
        ]
        names = {one.id: one.name for one in self.people.values()}
        self._add(grants, at, unit=lambda one: one.unit_id, name=lambda one: names[one.person_id])
        deputies = [
            Deputy(
                unit_id=self.units[one.unit].id,
                head_id=self.people[one.head].id,
                deputy_id=self.people[one.deputy].id,
                valid_from=self._day(one.first, self.spans[0]),
                valid_to=self._day(one.last, self.spans[0]),
            )
            for one in self.wish.deputies
        ]
        self._add(deputies, at, unit=lambda one: one.unit_id, name=lambda one: names[one.deputy_id])

    # ------------------------------------------------------------ the plans of a year

    def _begin(self, year: int, at: datetime) -> None:
        """The year's cycle is opened, and its plan comes into force."""
        self.cycles[year] = ensure_cycle(session=self.session, span=self.spans[year], by=self.by, at=at)
        self._add_items([one for one in self.wish.items if one.key not in self.items and self._begins(one, year)], at)
        self._add_links(at)
        self._add_answers(at)
        keys = [one.key for one in self.wish.items if one.kind is Kind.KPI and self._is_planned(one, year)]
        cycle_id = self.cycles[year].id
        self.session.add_all(
            CycleKPI(cycle_id=cycle_id, kpi_id=self.items[key].id, recorded_at=at) for key in keys if key in self.items
        )
        self.session.flush()

    def _is_planned(self, one: ExampleItem, year: int) -> bool:
        """A KPI with figures in the year is on its plan; one without any, on this year's."""
        return year in (self.years[one.key] or {0})

    def _begins(self, one: ExampleItem, year: int) -> bool:
        first = one.year if one.year is not None else min(self.years[one.key] or {0})
        return max(first, -1) == year

    def _add_items(self, wished: list[ExampleItem], at: datetime) -> None:
        new = {one.key: self._item(one) for one in wished}
        bulk.add_items(session=self.session, items=list(new.values()), by=self.by, at=at)
        self.items |= new
        helpers = [(self.items[one.key].id, self.people[email].id) for one in wished for email in one.helpers]
        self.session.add_all(ActionHelper(action_id=action, person_id=person) for action, person in helpers)
        self.session.flush()

    def _item(self, one: ExampleItem) -> Item:
        first = one.year if one.year is not None else min(self.years[one.key] or {0})
        span = self.spans[min(max(first, -1), 0)]
        values = dict(one.values)
        if one.kind is Kind.KPI:
            values["end_reason"] = ""
        if one.kind in (Kind.PRIORITY, Kind.ACTION):
            values |= {"cycle_id": self.cycles[first].id, "valid_to": span.last}
        if one.kind is Kind.ACTION:
            values |= {"due_on": self._day(one.due, span), "status": Status.OPEN, "progress": 0}
        if one.horizon is not None:
            year = int(self.spans[0].name.removeprefix("FY"))
            values |= {"horizon_from": year + one.horizon[0], "horizon_to": year + one.horizon[1]}
        return CLASSES[one.kind](
            kind=one.kind,
            unit_id=self.units[one.unit].id,
            name=one.name,
            state=State.ACTIVE if one.state is State.ENDED else one.state,
            valid_from=span.first,
            **{f"{name}_id": self.people[email].id for name, email in one.people.items()},
            **values,
        )

    def _add_links(self, at: datetime) -> None:
        new: list[Correlation] = []
        titles: dict[int, tuple[int, str]] = {}
        for one in self.wish.links:
            pair = (one.upper, one.lower)
            if pair in self.linked or one.upper not in self.items or one.lower not in self.items:
                continue
            self.linked.add(pair)
            upper, lower = self.items[one.upper], self.items[one.lower]
            link = Correlation(
                upper_id=upper.id, lower_id=lower.id, strength=one.strength, rationale=one.rationale
            )  # fmt: skip
            if one.effect is not None:
                month = add_months(day=self.spans[0].first, months=one.effect_month - 1)
                link.effect, link.effect_from = one.effect, month
            titles[id(link)] = (upper.unit_id, f"{upper.name} × {lower.name}")
            new.append(link)
        self._add(new, at, unit=lambda one: titles[id(one)][0], name=lambda one: titles[id(one)][1])

    def _add_answers(self, at: datetime) -> None:
        new: list[Deployment] = []
        titles: dict[int, tuple[int, str]] = {}
        for one in self.wish.items:
            for key in one.answers:
                if (key, one.key) in self.linked or key not in self.items or one.key not in self.items:
                    continue
                self.linked.add((key, one.key))
                source, objective = self.items[key], self.items[one.key]
                answer = Deployment(source_id=source.id, objective_id=objective.id, state=objective.state)
                titles[id(answer)] = (objective.unit_id, f"{source.name} × {objective.name}")
                new.append(answer)
        self._add(new, at, unit=lambda one: titles[id(one)][0], name=lambda one: titles[id(one)][1])

    # ------------------------------------------------------------ what happened since

    def _progress(self, one: ExampleItem, at: datetime) -> None:
        """An action is as far as its row says; what is not due yet cannot be done yet."""
        action = self.items[one.key]
        status, progress = one.values["status"], one.values["progress"]
        if not isinstance(action, Action):
            return
        if status is Status.DONE and action.due_on is not None and action.due_on > self.today:
            status, progress = Status.IN_PROGRESS, min(progress, UNDER_WAY)
        owner = self.people.get(one.people.get("owner", ""))
        by = Actor(person=owner.id, name=owner.name) if owner else self.by
        with journal.changing(session=self.session, by=by, at=at, thing=action, verb="progress reported"):
            action.status, action.progress = status, progress

    def _end(self, one: ExampleItem, day: date, at: datetime) -> None:
        item, why = self.items[one.key], one.values["end_reason"]
        with journal.changing(session=self.session, by=self.by, at=at, thing=item, verb="ended", why=why):
            item.state, item.valid_to, item.end_reason = State.ENDED, day, why

    def _lock(self, month: date, at: datetime) -> None:
        locks = [
            MonthLock(unit_id=one.id, month=month, locked_at=at, locked_by=self.by.name) for one in self.units.values()
        ]
        self._add(locks, at, unit=lambda one: one.unit_id, name=lambda one: f"{one.month:%Y-%m}")

"""The example's figures, each recorded through the one rule on the day it would have been recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands.example_wish import ExampleAmendment, ExampleOrganisation
from hoshin.commands.readings import CellWish, record_cells
from hoshin.engine.calendars import CycleSpan, FiscalCalendar, add_months
from hoshin.errors import Refused
from hoshin.model.items import Item
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Revision
from hoshin.model.people import Person

PLANNED = {
    "plan": "target", "low": "low", "high": "high", "stretch": "stretch",
    "ytd_plan": "ytd_target", "ytd_low": "ytd_low", "ytd_high": "ytd_high",
}  # fmt: skip
RECORDED = {"actual": "actual", "ytd_actual": "ytd_actual"}
Cells = dict[tuple[str, date], dict[str, Decimal | str | None]]


class Readings:
    """The figures of all KPIs, given out year by year and month by month."""

    def __init__(
        self,
        session: Session,
        wish: ExampleOrganisation,
        by: Actor,
        calendar: FiscalCalendar,
        spans: Mapping[int, CycleSpan],
        items: Mapping[str, Item],
        people: Mapping[str, Person],
    ) -> None:
        self.session, self.wish, self.by, self.calendar = session, wish, by, calendar
        self.spans, self.items, self.people = spans, items, people

    def plan(self, year: int, at: datetime) -> None:
        """The whole year's targets."""
        cells: Cells = defaultdict(dict)
        for one in self.wish.figures:
            if one.year == year and one.row in PLANNED:
                for place, value in enumerate(one.months):
                    if value is not None:
                        cells[one.kpi, self._period(one.kpi, self._month(year, place))][PLANNED[one.row]] = value
        self._record(cells, self.by, at, "")

    def record(self, year: int, first: date, at: datetime) -> None:
        """The actuals of the periods that end with the month, and what was remarked on them."""
        place = (first.year - self.spans[year].first.year) * 12 + first.month - self.spans[year].first.month
        cells: Cells = defaultdict(dict)
        for one in self.wish.figures:
            value = one.months[place]
            if one.year == year and one.row in RECORDED and value is not None:
                cells[one.kpi, self._period(one.kpi, first)][RECORDED[one.row]] = value
        for (kpi, of_year, month), note in self.wish.notes.items():
            if (of_year, month) == (year, place + 1):
                cells[kpi, self._period(kpi, first)]["note"] = note
        self._record(cells, self.by, at, "")

    def amend(self, one: ExampleAmendment, at: datetime) -> None:
        """A changed plan, signed by its author."""
        author = self.people[one.author]
        by = Actor(person=author.id, name=author.name, is_system=True)
        cells: Cells = {
            (one.kpi, self._period(one.kpi, self._month(one.year, place))): {"target": value}
            for place, value in enumerate(one.months)
            if value is not None and place + 1 >= one.first_month
        }
        self._record(cells, by, at, one.reason)

    def sign(self) -> None:
        """Let the journal say who typed what: targets their owner, readings their reporter."""
        for verb, part in (("planned", "owner"), ("recorded", "reporter")):
            by_person: dict[str, list[str]] = defaultdict(list)
            for one in self.wish.items:
                if part in one.people and isinstance(self.items.get(one.key), KPI):
                    by_person[one.people[part]].append(str(self.items[one.key].id))
            for email, keys in by_person.items():
                self._sign(self.people[email], verb, keys)

    def _sign(self, person: Person, verb: str, keys: list[str]) -> None:
        theirs = (JournalLine.subject == "reading", JournalLine.verb == verb, JournalLine.subject_id.in_(keys))
        lines = select(JournalLine.id).where(*theirs)
        self.session.execute(
            update(Revision).where(Revision.journal_id.in_(lines)).values(recorded_by=person.name),
            execution_options={"synchronize_session": False},
        )
        self.session.execute(
            update(JournalLine).where(*theirs).values(by_id=person.id, by_name=person.name),
            execution_options={"synchronize_session": False},
        )

    def _month(self, year: int, place: int) -> date:
        return add_months(day=self.spans[year].first, months=place)

    def _period(self, key: str, day: date) -> date:
        kpi = self.items[key]
        assert isinstance(kpi, KPI)  # noqa: S101 - the example's own files say so
        return self.calendar.period_of(day=day, frequency=kpi.frequency).first

    def _record(self, cells: Cells, by: Actor, at: datetime, reason: str) -> None:
        wishes = [
            CellWish(kpi_id=self.items[key].id, period=period, values=values) for (key, period), values in cells.items()
        ]
        outcome = record_cells(session=self.session, cells=wishes, by=by, at=at, reason=reason)
        if outcome.problems:
            raise Refused.because(outcome.problems)

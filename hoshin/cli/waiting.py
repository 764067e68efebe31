"""`hoshin waiting`: what lies open with somebody, the longest first: misses, balls, roadblocks, overdue actions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass, fields
from datetime import date

import click
from sqlalchemy.orm import Session

from hoshin.cli import shell
from hoshin.exchange.tables import to_csv
from hoshin.model.units import Organisation
from hoshin.queries.agenda import list_overdue
from hoshin.queries.attainment import today_in
from hoshin.queries.catchball import list_balls, load_court
from hoshin.queries.countermeasures import count_steps, list_answers, marks_of
from hoshin.queries.roadblocks import list_roadblocks
from hoshin.queries.unit_lists import list_units, names_of, unit_at, units_inside
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_organisation
from hoshin.reports.catchball import Names, ball_row
from hoshin.reports.countermeasures import View, answer_row
from hoshin.reports.roadblocks import roadblock_row

KINDS = ("countermeasures", "balls", "roadblocks", "actions")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits: since how many days, what it is, where, whose it is, and how it stands."""

    kind: str
    days: int
    what: str
    unit: str
    who: str
    state: str


HEAD = tuple(one.name for one in fields(Line))


@shell.hoshin.command()
@click.argument("kinds", nargs=-1, type=click.Choice(KINDS))
@click.option("--unit", metavar="PATH", default="", help="A unit and all below it, such as A / B; by default all.")
@click.option("--format", "form", type=click.Choice(("table", "json", "csv")), default="table", show_default=True)
@click.pass_obj
def waiting(run: shell.Shell, kinds: tuple[str, ...], unit: str, form: str) -> None:
    """Print what lies open, the longest first: unanswered misses, balls in hand, roadblocks, overdue actions."""
    with run.reading() as session:
        desk = _Desk(run, session, unit)
        of_kind = {"countermeasures": desk.answers, "balls": desk.balls, "roadblocks": desk.roadblocks,
                   "actions": desk.actions}  # fmt: skip
        lines = [
            line
            for kind in KINDS
            if kind in (kinds or KINDS)
            for line in sorted(of_kind[kind](), key=lambda one: (-one.days, one.what))
        ]
    click.echo(_written(lines, form), nl=False)


class _Desk:
    """What all kinds are looked up and shown with."""

    def __init__(self, run: shell.Shell, session: Session, path: str) -> None:
        self.run, self.session = run, session
        self.organisation: Organisation = get_organisation(session=session)
        self.today: date = today_in(organisation=self.organisation, now=run.now)
        self.people = people_names(session=session)
        units = list_units(session=session)
        self.units = names_of(units=units, archived=True)
        self.inside = units_inside(units=units, top=unit_at(session=session, path=path).id)

    def answers(self) -> Iterator[Line]:
        """The open countermeasures."""
        found = list_answers(session=self.session, actor=self.run.actor, open_only=True)
        found = [one for one in found if one.kpi.unit_id in self.inside]
        view = View(
            calendar=self.organisation.calendar, time_zone=self.organisation.time_zone, today=self.today,
            hits_to_close=self.organisation.hits_to_close, people=self.people, units=self.units,
        )  # fmt: skip
        kpis = [one.kpi for one in found]
        marks = marks_of(session=self.session, kpis=kpis, calendar=view.calendar, today=self.today)
        steps = count_steps(session=self.session)
        for one in found:
            done = steps.get(one.countermeasure.id, (0, 0))
            row = answer_row(answer=one, marks=marks[one.kpi.id], steps=done, view=view)
            state = row.standing.said if row.is_written else f"to be written; {row.standing.said}"
            yield Line("countermeasure", row.days, row.kpi, row.unit, row.owner, state)

    def balls(self) -> Iterator[Line]:
        """The balls in somebody's hand, of either side's unit."""
        names = Names(units=self.units, people=self.people, zone=self.organisation.time_zone)
        court, patience = load_court(session=self.session, today=self.today), self.organisation.catchball_days
        for one in list_balls(session=self.session, actor=self.run.actor):
            if one.ball.holder is not None and not self.inside.isdisjoint((one.match.thrower, one.match.catcher)):
                row = ball_row(listed=one, names=names, court=court, now=self.run.now, patience=patience)
                state = f"{row.state}, round {row.round}"
                yield Line("ball", row.days or 0, row.source, f"{row.thrower} → {row.catcher}", row.holder, state)

    def roadblocks(self) -> Iterator[Line]:
        """What is in the way of the units, or was escalated from one of them."""
        found = list_roadblocks(session=self.session, actor=self.run.actor, unit_ids=self.inside, open_only=True)
        for one in found:
            row = roadblock_row(found=one, today=self.today, units=self.units, people=self.people)
            state = "escalated" if row.is_escalated else row.state
            yield Line("roadblock", row.days, row.name, row.unit, row.owner, state)

    def actions(self) -> Iterator[Line]:
        """The actions whose day has passed."""
        found = list_overdue(session=self.session, actor=self.run.actor, inside=self.inside, today=self.today)
        for one in found:
            days = (self.today - one.due_on).days if one.due_on else 0
            who, unit = self.people.get(one.owner_id or 0, ""), self.units.get(one.unit_id, "")
            yield Line("action", days, one.name, unit, who, f"overdue, {one.status.value}")


def _written(lines: list[Line], form: str) -> str:
    if form == "json":
        return json.dumps([asdict(one) for one in lines], ensure_ascii=False, indent=2) + "\n"
    if form == "csv":
        return to_csv(head=HEAD, rows=[astuple(one) for one in lines])
    if not lines:
        return "Nothing waits.\n"
    return "".join(
        f"{one.kind:<15}{one.days:>4} days  {one.what}\n{'':26}{one.unit}; {one.who or 'nobody'}; {one.state}\n"
        for one in lines
    )

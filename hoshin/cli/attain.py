"""`hoshin attain`: the attainment of the plan at every level, as a table, JSON or CSV."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from hoshin.cli import shell
from hoshin.engine.metrics import Mode
from hoshin.errors import Problem, Refused
from hoshin.exchange.tables import to_csv
from hoshin.model.units import Organisation
from hoshin.queries.attainment import Question, end_of_day, load
from hoshin.queries.units import get_organisation
from hoshin.reports.attainment import TABLE_HEAD, Sheet, as_json, as_rows, make_sheet
from hoshin.reports.attainment_text import as_text

FORMATS = ("table", "json", "csv")


@shell.hoshin.command()
@click.option("--cycle", help="The planning year, such as FY2018 or 2018; by default the one that holds the day.")
@click.option("--period", help="A month, quarter or year of it (2018-05, 2018-Q2, 2018); by default the latest due.")
@click.option("--mode", type=click.Choice([one.value for one in Mode]), default=Mode.PERIOD.value, show_default=True)
@click.option("--as-of", "as_of", metavar="DATE", help="What was due and in force at the end of that day; default now.")
@click.option("--known-at", "known_at", metavar="INSTANT", help="Use only what was recorded by then.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.pass_obj
def attain(
    run: shell.Shell, cycle: str | None, period: str | None, mode: str, as_of: str | None, known_at: str | None,
    form: str,
) -> None:  # fmt: skip
    """Print how many metrics hit target, at every level of the plan."""
    with run.reading() as session:
        known = _instant(known_at, get_organisation(session=session))
        question = Question(cycle, period, Mode(mode), _day(as_of), known, compared=False, counted=True)
        found = load(session=session, question=question, now=run.now)
    click.echo(_written(make_sheet(plan=found.plan, report=found.report, known_at=found.known_at), form), nl=False)


def _written(sheet: Sheet, form: str) -> str:
    if form == "json":
        return json.dumps(as_json(sheet=sheet), ensure_ascii=False, indent=2) + "\n"
    if form == "csv":
        return to_csv(head=TABLE_HEAD, rows=as_rows(sheet=sheet))
    return as_text(sheet=sheet) + "\n"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text is not None else None
    except ValueError as error:
        raise Refused(Problem("a day is written like 2026-05-31", field="--as-of")) from error


def _instant(text: str | None, organisation: Organisation) -> datetime | None:
    """An instant with or without its zone (then the organisation's); a day alone means its end."""
    if text is None:
        return None
    try:
        if len(text.strip()) == len("2026-05-31"):
            return end_of_day(organisation=organisation, day=date.fromisoformat(text.strip()))
        found = datetime.fromisoformat(text.strip())
        found.astimezone(ZoneInfo("UTC")) - timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise Refused(Problem("an instant is written like 2026-05-31T18:00+02:00", field="--known-at")) from error
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(organisation.time_zone))

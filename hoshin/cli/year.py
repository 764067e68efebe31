"""`hoshin year`: the seven steps of the Hoshin year, how far each is and what it lacks."""

from __future__ import annotations

import json

import click

from hoshin.cli import shell
from hoshin.engine.steps import seven_steps
from hoshin.queries.attainment import Question, load, today_in
from hoshin.queries.drill import readable_keys
from hoshin.queries.unit_lists import unit_at
from hoshin.queries.units import get_organisation
from hoshin.queries.year import YearQuestion, load_year
from hoshin.reports.year import as_json, as_text


@shell.hoshin.command()
@click.option("--cycle", help="The planning year, such as FY2018 or 2018; by default the one that holds today.")
@click.option("--unit", metavar="PATH", default="", help="The unit, such as A / B; by default the whole organisation.")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
@click.pass_obj
def year(run: shell.Shell, cycle: str | None, unit: str, form: str) -> None:
    """Print where the year stands: seven steps, worked out from the plan, and what each still lacks."""
    with run.reading() as session:
        organisation = get_organisation(session=session)
        attainment = load(session=session, question=Question(cycle=cycle, compared=False), now=run.now)
        question = YearQuestion(
            organisation, unit_at(session=session, path=unit).id, today_in(organisation=organisation, now=run.now),
            run.now, attainment, readable_keys(session=session, actor=run.actor),
        )  # fmt: skip
        found = seven_steps(facts=load_year(session=session, question=question))
        name = attainment.cycle.name
    if form == "json":
        click.echo(json.dumps(as_json(year=found, cycle=name), ensure_ascii=False, indent=2))
    else:
        click.echo(as_text(year=found, cycle=name))

"""`hoshin check`: what is weak in the plan, rule by rule."""

from __future__ import annotations

import sys

import click

from hoshin.cli import shell
from hoshin.queries.checks import load_check
from hoshin.reports.checks import as_text, check_sheet


@shell.hoshin.command()
@click.option("--cycle", help="The planning year, such as FY2018 or 2018; by default the one that holds today.")
@click.option("--strict", is_flag=True, help="Exit with 1 when there is anything to warn of.")
@click.pass_obj
def check(run: shell.Shell, cycle: str | None, strict: bool) -> None:
    """Warn of what is weak in the plan: orphans, gaps, too many priorities; each with its reason and source."""
    with run.reading() as session:
        found = load_check(session=session, now=run.now, cycle=cycle)
    sheet = check_sheet(cycle=found.cycle, plan=found.plan, findings=found.findings)
    click.echo(as_text(sheet=sheet))
    if strict and sheet.total:
        sys.exit(1)

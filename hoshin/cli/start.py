"""`hoshin start`, which ./run calls: the example if there is nothing yet, its attainment, and the planner served."""

from __future__ import annotations

import click

from hoshin.cli import shell
from hoshin.cli.demo import SignInShown, as_table, fill
from hoshin.cli.serve import HOST, PORT, jobs_beside, listen, refuse_taken
from hoshin.db import Database
from hoshin.errors import Missing
from hoshin.queries.attainment import Question, load
from hoshin.queries.units import find_organisation
from hoshin.reports.attainment import make_sheet
from hoshin.reports.attainment_text import as_text


@shell.hoshin.command()
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True)
@click.pass_obj
def start(run: shell.Shell, port: int) -> None:
    """Load the example if the database is empty, print attainment at every level, and serve the planner."""
    refuse_taken(host=HOST, port=port)
    with run.opened() as database:
        shown = _fill_if_empty(run, database)
        click.echo(_attainment(run, database))
    with jobs_beside():
        listen(run=run, host=HOST, port=port, ready=lambda address: click.echo(_welcome(address, shown)))


def _fill_if_empty(run: shell.Shell, database: Database) -> list[SignInShown]:
    with database.reading() as session:
        if find_organisation(session=session) is not None:
            return []
    click.echo("loading the example organisation …", err=True)
    with database.writing() as session:
        shown = fill(session=session, run=run)
        session.commit()
    return shown


def _attainment(run: shell.Shell, database: Database) -> str:
    """The table; a plan that has no cycle yet has nothing to report."""
    with database.reading() as session:
        try:
            found = load(session=session, question=Question(), now=run.now)
        except Missing as error:
            return f"no attainment yet: {error}"
        return as_text(sheet=make_sheet(plan=found.plan, report=found.report, known_at=found.known_at))


def _welcome(address: str, shown: list[SignInShown]) -> str:
    """Where the planner is, and how to get in; the passwords of the first start are not known any more later."""
    if shown:
        return f"\nThe planner is at {address} – Ctrl+C stops it. Sign in as:\n{as_table(shown=shown)}"
    forgotten = "Forgot a password? ./run user reset EMAIL makes a new way in."
    return f"\nThe planner is at {address} – Ctrl+C stops it.\n{forgotten}"

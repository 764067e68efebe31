"""`hoshin start`, which ./run calls: the example if there is nothing yet, its attainment, and the planner served."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from hoshin.cli import shell
from hoshin.cli.demo import SignInShown, as_table, fill
from hoshin.cli.serve import HOST, PORT, listen, refuse_taken
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
    with _jobs_beside():
        listen(run=run, host=HOST, port=port, ready=lambda address: click.echo(_welcome(address, shown)))


@contextmanager
def _jobs_beside() -> Iterator[None]:
    """A job process that ends with this one, and is begun again when it dies, so that a laptop needs nothing else."""
    # -P: a folder named hoshin where the command was called must not stand in for the planner that runs here
    command = [sys.executable, "-P", "-m", "hoshin", "jobs", "keep", "--beside", str(os.getpid())]
    places = [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(one for one in places if one)}
    owner = os.getpid()
    beside = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environ)  # noqa: S603 - our own program
    try:
        yield
    finally:
        if os.getpid() == owner:  # the server's workers, born as copies, come through here too
            beside.terminate()
            beside.wait()


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

"""`hoshin tick`: what the calendar brings about by itself; run it daily, as often as you like."""

from __future__ import annotations

import click

from hoshin.cli import shell
from hoshin.commands.countermeasures_open import THE_FIGURES, open_due
from hoshin.queries.units import find_organisation


@shell.hoshin.command()
@click.pass_obj
def tick(run: shell.Shell) -> None:
    """Open what has fallen due: countermeasures for misses. A second run finds nothing left to do."""
    with run.writing() as session:
        if find_organisation(session=session) is None:
            click.echo("this database holds no organisation yet")
            return
        opened = open_due(session=session, by=THE_FIGURES, at=run.now)
        said = "1 countermeasure" if len(opened) == 1 else f"{len(opened)} countermeasures"
    click.echo(f"{said} opened or reopened")

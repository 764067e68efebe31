"""`hoshin tick`: what the calendar brings about by itself; run it daily, as often as you like."""

from __future__ import annotations

import click

from hoshin.access.actors import system_actor
from hoshin.cli import shell
from hoshin.commands.catchball_clock import remind_and_escalate
from hoshin.commands.countermeasures_open import THE_FIGURES, open_due
from hoshin.queries.units import find_organisation

THE_CLOCK = system_actor(name="hoshin (clock)")


@shell.hoshin.command()
@click.pass_obj
def tick(run: shell.Shell) -> None:
    """Open countermeasures for misses that are due, remind of balls that lie, and take them up after twice as long.

    A second run finds nothing left to do.
    """
    with run.writing() as session:
        if find_organisation(session=session) is None:
            click.echo("this database holds no organisation yet")
            return
        opened = open_due(session=session, by=THE_FIGURES, at=run.now)
        moved = remind_and_escalate(session=session, by=THE_CLOCK, at=run.now)
        said = "1 countermeasure" if len(opened) == 1 else f"{len(opened)} countermeasures"
    click.echo(f"{said} opened or reopened")
    balls = "1 ball" if moved.reminded == 1 else f"{moved.reminded} balls"
    click.echo(f"{balls} reminded of, {moved.escalated} escalated")

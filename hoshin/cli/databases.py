"""`hoshin init` and `hoshin migrate`: the database is made, or brought to the newest shape."""

from __future__ import annotations

import click

from hoshin.cli import shell


@shell.hoshin.command()
@click.pass_obj
def init(run: shell.Shell) -> None:
    """Make the database and bring it to the newest shape; nothing is asked and nothing is lost."""
    click.echo(f"ready: {_name(run)}")


@shell.hoshin.command()
@click.pass_obj
def migrate(run: shell.Shell) -> None:
    """Bring the database to the newest shape (every other command does so by itself)."""
    click.echo(f"up to date: {_name(run)}")


def _name(run: shell.Shell) -> str:
    """The address of the migrated database, without its password."""
    with run.opened() as database:
        return database.engine.url.render_as_string(hide_password=True)

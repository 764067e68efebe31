"""`hoshin init`, `migrate` and `backup`: the database is made, brought to the newest shape, and copied in one piece."""

from __future__ import annotations

from pathlib import Path

import click

from hoshin.cli import shell
from hoshin.cli.files import whole
from hoshin.db import back_up


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


@shell.hoshin.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(run: shell.Shell, file: Path) -> None:
    """Copy the SQLite database to FILE as it stands at one moment, while people go on working.

    To go back to it, stop the planner and put the copy in the place of hoshin.sqlite. Keep secret_key of the instance
    folder with it. PostgreSQL has a tool of its own for this: pg_dump.
    """
    with run.opened() as database, whole(path=file, over=False) as part:
        back_up(engine=database.engine, path=part)
    click.echo(f"copied to {file} ({file.stat().st_size // 1024} KiB)")


def _name(run: shell.Shell) -> str:
    """The address of the migrated database, without its password."""
    with run.opened() as database:
        return database.engine.url.render_as_string(hide_password=True)

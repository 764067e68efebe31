"""`hoshin move`: from the file on a laptop to the company's PostgreSQL, and back."""

from __future__ import annotations

import click

from hoshin.cli import shell
from hoshin.commands.move import move_all
from hoshin.db import Database
from hoshin.errors import Refused


@shell.hoshin.command()
@click.option("--to", "target", required=True, help="The empty database, as HOSHIN_DATABASE_URL would name it.")
@click.option("--from", "source", help="The database to copy; by default the one in use (HOSHIN_DATABASE_URL).")
@click.pass_obj
def move(run: shell.Shell, target: str, source: str | None) -> None:
    """Copy the whole organisation into another, empty database: the plan, the journal, people and their sign-ins.

    The old database keeps everything and nobody can write into it meanwhile. Then let HOSHIN_DATABASE_URL name the new
    one and keep the secret key (HOSHIN_SECRET_KEY, or secret_key in the instance folder), or everybody signs in again.
    """
    with run.opened(url=source) as old, run.opened(url=target) as new:
        if old.engine.url == new.engine.url:
            raise Refused("the two databases are one and the same")
        with old.writing() as read, new.writing() as written:
            moved = move_all(source=read, target=written)
            if not moved:
                raise Refused("there is no organisation to move")
            written.commit()
        click.echo(f"{sum(one.rows for one in moved)} rows of {len(moved)} tables are in {_name(new)}")


def _name(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=True)

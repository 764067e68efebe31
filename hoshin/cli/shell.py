"""What every shell command goes through: settings, a migrated database, the clock, and the shell as a named actor."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session

from hoshin import __version__
from hoshin.access.actors import Actor, system_actor
from hoshin.config import Settings, settings_from
from hoshin.db import Database, upgrade

WIDTH = 120


@dataclass(slots=True)
class Shell:
    """One run of the command: where the database is, who acts, and what time it is."""

    settings: Settings
    actor: Actor
    now: datetime

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking."""
        with self.opened() as database, database.reading() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits once, when all went well."""
        with self.opened() as database, database.writing() as session:
            yield session
            session.commit()

    @contextmanager
    def opened(self) -> Iterator[Database]:
        """The database, migrated to the newest revision first; its connections are closed in the end."""
        database = Database(url=self.settings.database_url)
        try:
            upgrade(engine=database.engine)
            yield database
        finally:
            database.engine.dispose()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH})
@click.version_option(__version__, prog_name="hoshin")
@click.pass_context
def hoshin(context: click.Context) -> None:
    """Hoshin: from the vision to Monday morning, and one honest number of what hit target."""
    context.obj = Shell(settings_from(environ=os.environ), system_actor(name="hoshin (shell)"), datetime.now(UTC))

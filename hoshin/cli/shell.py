"""What every shell command goes through: settings, a migrated database, the clock, and the shell as a named actor."""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import click
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from hoshin import __version__
from hoshin.access.actors import Actor, system_actor
from hoshin.bell import ringer
from hoshin.config import Settings, settings_from
from hoshin.db import Database, upgrade
from hoshin.errors import Refused

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
    def opened(self, *, url: str | None = None) -> Iterator[Database]:
        """The database (by default the one in use), migrated to the newest revision; closed in the end."""
        ring = ringer(url=self.settings.redis_url)
        try:
            database = Database(url=url or self.settings.database_url, ring=ring)
        except (ValueError, ArgumentError) as error:
            raise Refused(f"this names no database that can be used: {error}") from error
        try:
            upgrade(engine=database.engine)
            yield database
        finally:
            database.dispose()


class Rooms(click.Group):
    """The commands, each imported when it is called: `hoshin help` need not wait for the planner's pages."""

    ELSEWHERE = {
        "backup": "databases", "export": "exports", "help": "guide", "import": "imports", "init": "databases",
        "migrate": "databases",
    }  # fmt: skip

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of the module of its name or of the one named above; failing that, all are looked through."""
        module = self.ELSEWHERE.get(cmd_name, cmd_name)
        if cmd_name not in self.commands and module in _modules():
            import_module(f"{__package__}.{module}")
        if cmd_name not in self.commands:
            self.list_commands(ctx)
        return self.commands.get(cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them."""
        for module in sorted(_modules()):
            import_module(f"{__package__}.{module}")
        return super().list_commands(ctx)


def _modules() -> set[str]:
    return {one.name for one in pkgutil.iter_modules([str(Path(__file__).parent)])}


@click.group(cls=Rooms, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH})
@click.version_option(__version__, prog_name="hoshin")
@click.pass_context
def hoshin(context: click.Context) -> None:
    """Hoshin: from the vision to Monday morning, and one honest number of what hit target."""
    try:
        settings = settings_from(environ=os.environ)
    except ValueError as error:
        raise Refused(str(error)) from error
    context.obj = Shell(settings, system_actor(name="hoshin (shell)"), datetime.now(UTC))

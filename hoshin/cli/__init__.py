"""The shell's door: `hoshin COMMAND`, one module per noun."""

from __future__ import annotations

import sys

import click
from sqlalchemy.exc import OperationalError

from hoshin.cli import shell
from hoshin.errors import HoshinError, Refused


def main() -> None:
    """Run `hoshin`; what the product refuses is said on standard error, a line each, with exit code 1."""
    try:
        shell.hoshin(prog_name="hoshin", standalone_mode=False)
    except Refused as refusal:
        for problem in refusal.problems:
            click.echo(str(problem), err=True)
        sys.exit(1)
    except HoshinError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except OperationalError as error:
        click.echo(f"the database does not answer: {str(error.orig).strip()}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)

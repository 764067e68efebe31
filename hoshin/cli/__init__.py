"""The shell's door: `hoshin COMMAND`, one module per noun."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from hoshin.cli import shell
from hoshin.errors import HoshinError, Refused

NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def main() -> None:
    """Run `hoshin`; what the product refuses is said on standard error, a line each, with exit code 1."""
    try:
        shell.hoshin(prog_name="hoshin", standalone_mode=False)
        _flush()
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
        click.echo(_unanswered(str(error.orig).strip()), err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        click.echo(f"there is no room left to write: {error.strerror}", err=True)
        sys.exit(1)


def _flush() -> None:
    """Say all that was said; what finds no room is not tried again at the very end."""
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end
        raise


def _unanswered(said: str) -> str:
    if "locked" in said:
        return "somebody else is storing something large; nothing was changed here: try again in a moment"
    return f"the database does not answer: {said}"

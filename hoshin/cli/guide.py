"""`hoshin help`: what there is, one line each; `hoshin help columns`: the columns of the tidy sheet."""

from __future__ import annotations

import click

from hoshin.cli import shell
from hoshin.exchange.columns import COLUMNS


@shell.hoshin.command("help")
@click.argument("topic", required=False)
@click.pass_context
def help_(context: click.Context, topic: str | None) -> None:
    """List all commands; `hoshin help COMMAND` or `hoshin help columns` says more."""
    if topic == "columns":
        lines = (f"  {name:16}{sentence}" for name, sentence in COLUMNS.items())
        click.echo("The columns of the tidy sheet, as import reads and export writes them:\n\n" + "\n".join(lines))
        return
    command = shell.hoshin.get_command(context, topic) if topic else None
    if topic and command is None:
        raise click.UsageError(f"there is no command {topic}; hoshin help lists them")
    if command is not None and topic:
        inner = click.Context(command, info_name=f"hoshin {topic}", max_content_width=shell.WIDTH)
        click.echo(command.get_help(inner))
        return
    click.echo("hoshin COMMAND, one of:\n")
    for name in shell.hoshin.list_commands(context):
        known = shell.hoshin.get_command(context, name)
        if known is not None and not known.hidden:
            click.echo(f"  {name:10}{known.get_short_help_str(limit=shell.WIDTH)}")
    click.echo("\nhoshin help COMMAND explains one of them, hoshin help columns the columns of the tidy sheet.")

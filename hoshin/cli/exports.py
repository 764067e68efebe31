"""`hoshin export`: the whole plan as a tidy sheet, CSV or Excel."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click

from hoshin.cli import shell
from hoshin.cli.files import write_whole
from hoshin.exchange.books import to_xlsx
from hoshin.exchange.export import TidyTable
from hoshin.exchange.tables import to_csv
from hoshin.queries.cycles import get_cycle
from hoshin.queries.exports import load_book

KINDS = (".csv", ".xlsx")


@shell.hoshin.command(short_help="Write the whole plan as a tidy sheet, CSV or Excel.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--cycle", metavar="CYCLE", help="Only what belongs to that cycle: FY2018 or 2018.")
@click.pass_obj
def export(run: shell.Shell, file: Path, cycle: str | None) -> None:
    """Write the plan to FILE (.csv or .xlsx).

    The sheet carries the organisation's settings, its calendar among them, in its first row, so that importing it into
    an empty database needs no map and gives the same attainment at every node. Drafts, ended and archived items are
    in it; passwords, roles and the history of changes are not.
    """
    if file.suffix.lower() not in KINDS:
        raise click.BadParameter(f"write to a file that ends in {' or '.join(KINDS)}", param_hint="FILE")
    with run.reading() as session:
        wanted = get_cycle(session=session, name=cycle).name if cycle else None
        table = TidyTable(book=load_book(session=session), cycle=wanted)
    with table:
        if file.suffix.lower() == ".csv":
            rows = ([f"{one:f}" if isinstance(one, Decimal) else one for one in row] for row in table.rows())
            content = to_csv(head=table.head, rows=rows).encode("utf-8")
        else:
            content = to_xlsx(sheet="plan", head=table.head, rows=table.rows(), is_long=True)
    write_whole(path=file, content=content)
    click.echo(f"{file}: {table.number} rows", err=True)

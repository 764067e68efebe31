"""`hoshin import`: a tidy CSV or Excel sheet goes in, all of it or nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from hoshin.cli import shell
from hoshin.commands.import_wish import ImportOutcome, ImportWish
from hoshin.commands.imports import carry_out
from hoshin.commands.progress import unswept
from hoshin.errors import Problem, Refused
from hoshin.exchange.cells import clean_text
from hoshin.exchange.columns import COLUMNS
from hoshin.exchange.maps import SheetMap, read_map
from hoshin.exchange.sheets import read_sheets
from hoshin.exchange.tidy import Context, read_wish
from hoshin.model.units import Organisation
from hoshin.queries.units import find_organisation
from hoshin.reports.imports import MOST_LINES, ORDER

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@shell.hoshin.command("import", short_help="Read a tidy CSV or Excel sheet: plan, targets and actuals.")
@click.argument("file", type=FILE)
@click.option("--map", "map_file", type=FILE, help="A TOML file that says which of the sheet's columns are ours.")
@click.option("--dry-run", is_flag=True, help="Print what would be created, changed and left; store nothing.")
@click.option("--recorded-at", metavar="DATE", help="Record everything as known since the start of that day.")
@click.option("--cycle", metavar="CYCLE", default="", help="The cycle of rows without a period: FY2018 or 2018.")
@click.option("--organisation", metavar="NAME", help="The name of a new organisation (default: the file's name).")
@click.pass_obj
def import_(
    obj: shell.Shell,
    file: Path,
    map_file: Path | None,
    *,
    dry_run: bool,
    recorded_at: str | None,
    cycle: str,
    organisation: str | None,
) -> None:
    """Read FILE (CSV in UTF-8, or Excel), one row for each KPI and period, all of it or nothing.

    Only the column kpi is required. The same file again changes nothing; a blank cell never erases. Rows without a
    period speak of the cycle that --cycle names; a file without any period column of the one that holds today.
    `hoshin help columns` explains every column.
    """
    day = _day(recorded_at)
    using = read_map(name=map_file.name, content=map_file.read_bytes()) if map_file else SheetMap()
    known = (*COLUMNS, *using.columns.values())
    with unswept(), obj.opened() as database:
        sheets = read_sheets(name=file.name, content=file.read_bytes(), known=known)
        with database.reading() as session:
            found = find_organisation(session=session)
        zone = ZoneInfo(found.time_zone if found else "UTC")
        context = Context(
            source=file.name,
            today=day or obj.now.astimezone(zone).date(),
            calendar=found.calendar if found else None,
            organisation=_name(organisation if organisation is not None else file.stem),
            named=organisation is not None,
            cycle=cycle,
        )
        wish = read_wish(sheets=sheets, using=using, context=context)
        del sheets
        at = _moment(obj.now, day, found, wish)
        with database.writing() as session:
            outcome = carry_out(session=session, wish=wish, by=obj.actor, at=at)
            if not dry_run:
                session.commit()
    click.echo(summary(outcome=outcome, source=file.name, dry_run=dry_run))


def _name(text: str) -> str:
    try:
        name = clean_text(text=text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--organisation") from error
    if not name or len(name) > 500:
        raise click.BadParameter("a name has 1 to 500 characters", param_hint="--organisation")
    return name


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise click.BadParameter("a day is written like 2018-05-31", param_hint="--recorded-at") from None


def _moment(now: datetime, day: date | None, organisation: Organisation | None, wish: ImportWish) -> datetime:
    """Now, or the start of the day named, in the organisation's time zone."""
    if day is None:
        return now
    zone = ZoneInfo(organisation.time_zone if organisation else wish.settings.get("time_zone", "UTC"))
    at = datetime.combine(day, time(), zone).astimezone(UTC)
    if at > now:
        raise Refused(Problem("that day has not come yet", field="--recorded-at"))
    return at


def summary(*, outcome: ImportOutcome, source: str, dry_run: bool) -> str:
    """What became of the file, for a person: a table, every change, and what to look at."""
    would = "would be " if dry_run else ""
    lines = [f"{source}: {'dry run, nothing is stored' if dry_run else 'imported'}", ""]
    lines.append(f"{'':24}{would + 'created':>18}{would + 'changed':>18}{'left':>10}")
    for what in ORDER:
        counts = [one[what] for one in (outcome.created, outcome.changed, outcome.left)]
        if any(counts):
            lines.append(f"{what:24}{counts[0]:>18}{counts[1]:>18}{counts[2]:>10}")
    if outcome.changes_nothing:
        lines.append("nothing changes: everything in this file stands so already")
    shown = outcome.lines if dry_run else [one for one in outcome.lines if one.startswith("change ")]
    lines += ["", *(f"  {one}" for one in shown[:MOST_LINES])] if shown else []
    if len(shown) > MOST_LINES:
        lines.append(f"  … and {len(shown) - MOST_LINES} more")
    lines += ["", *(f"note: {one}" for one in outcome.notes)] if outcome.notes else []
    return "\n".join(lines)

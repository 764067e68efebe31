"""From the bytes of a tidy file to the wish that it holds, for a page and for the job process."""

from __future__ import annotations

from datetime import date
from pathlib import PurePath

from hoshin.commands.import_wish import ImportWish
from hoshin.commands.progress import Progress, unwatched
from hoshin.exchange.columns import COLUMNS
from hoshin.exchange.maps import SheetMap
from hoshin.exchange.sheets import read_sheets
from hoshin.exchange.tidy import Context, read_wish
from hoshin.model.units import Organisation


def read_upload(
    *, name: str, content: bytes, known: Organisation, today: date, report: Progress = unwatched
) -> ImportWish:
    """What the file asks of an organisation; raises Refused with sheet, row and column of all that is wrong."""
    source = PurePath(name).name or "the file"
    report(what="reading", done=0, of=0)
    sheets = read_sheets(name=source, content=content, known=tuple(COLUMNS))
    context = Context(source=source, today=today, calendar=known.calendar, organisation=known.name)
    return read_wish(sheets=sheets, using=SheetMap(), context=context, report=report)

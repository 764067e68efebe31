"""The journal: who changed what, when and why."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, request
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.engine.plans import Kind
from hoshin.exchange.tables import to_csv
from hoshin.forms.fields import choices_of
from hoshin.forms.journal import JournalForm, subject_choices
from hoshin.queries.journal import JournalWish, count_lines, list_lines, list_subjects, load_names
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.queries.unit_plans import people_names
from hoshin.reports.journal import CSV_HEAD, Entry, csv_rows, entries
from hoshin.web import door
from hoshin.web.addresses import item_address
from hoshin.web.choosing import is_cut, offer, people_to_choose
from hoshin.web.paging import here_with, page_of

bp = Blueprint("journal", __name__)

MOST_ROWS = 10_000


@bp.get("/journal")
@door.allow(read=Act.READ_JOURNAL)
def show() -> Response | tuple[str, int]:
    """The lines the reader may read, the latest first."""
    wish = _wish()
    units = names_of(units=list_units(session=door.session()), archived=True)
    if request.args.get("format") == "csv":
        written = to_csv(head=CSV_HEAD, rows=csv_rows(found=_entries(wish, units, 0, MOST_ROWS)))
        return door.download(written, name="journal.csv", mime="text/csv")
    page = page_of(total=count_lines(session=door.session(), actor=door.actor(), wish=wish))
    return door.page(
        "journal/show.html",
        rows=_entries(wish, units, page.offset, max(page.last - page.offset, 1)),
        page=page,
        form=_form(units),
        address=lambda subject, key: item_address(Kind(subject), key),
        csv=here_with(format="csv"),
    )


def _entries(wish: JournalWish, units: dict[int, str], offset: int, most: int) -> list[Entry]:
    lines = list_lines(session=door.session(), actor=door.actor(), wish=wish, offset=offset, most=most)
    names = load_names(session=door.session(), actor=door.actor(), lines=lines)
    known = door.organisation()
    return entries(
        lines=lines,
        names=names,
        units=units,
        time_zone=known.time_zone if known else "UTC",
        strategy=door.can(Act.READ_STRATEGY),
    )


def _wish() -> JournalWish:
    known = door.organisation()
    zone = ZoneInfo(known.time_zone if known else "UTC")
    since, until = door.day_arg("since"), door.day_arg("until")
    return JournalWish(
        unit_id=door.key_arg("unit"),
        subject=door.text_arg("subject", most=40) or None,
        person_id=door.key_arg("person"),
        since=datetime.combine(since, time(), zone) if since else None,
        before=datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
    )


def _form(units: dict[int, str]) -> JournalForm:
    form = JournalForm(request.args)
    form.unit.choices = choices_of(names=units, empty="Any unit")
    chosen = door.key_arg("person")
    near = people_to_choose(keep=[chosen] if chosen else []) if is_cut() else people_names(session=door.session())
    offer(form.person, near, empty="Anybody")
    form.subject.choices = subject_choices(words=list_subjects(session=door.session()))
    return form

"""A tidy CSV or Excel file is read in: a small one at once, a large one by the job process."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands import jobs
from hoshin.commands.import_wish import ImportWish
from hoshin.commands.imports import bring_in
from hoshin.errors import Problem, Refused
from hoshin.exchange.columns import COLUMNS
from hoshin.exchange.uploads import read_upload
from hoshin.queries.units import get_organisation, top_unit
from hoshin.reports.imports import import_result, refused_result
from hoshin.web import door

bp = Blueprint("imports", __name__)
AT_ONCE = 100 * 1024
"""A file up to this size, some two thousand rows, is read while its sender waits."""


@bp.get("/import")
@door.allow(read=Act.OPEN_SETTINGS)
def upload() -> tuple[str, int]:
    """Choose a file."""
    return _page()


@bp.post("/import")
@door.allow(write=Act.MANAGE_SETTINGS)
def take() -> Response | tuple[str, int]:
    """Read it in, all of it or nothing; a large one is handed to the job process."""
    door.require(Act.AMEND_TARGETS, _whole())
    file = request.files.get("file")
    name, content = (file.filename or "", file.read()) if file else ("", b"")
    if not content:
        return _refused(Refused(Problem("please choose a file")))
    if len(content) > AT_ONCE:
        wish = jobs.OrderWish(
            kind=jobs.IMPORT, title=f"Import of {name}", file=(name, file.mimetype if file else "", content)
        )
        job = door.perform(jobs.order, lambda made: url_for("jobs.show", job_id=made.id), wish=wish)
        return door.done(url_for("jobs.show", job_id=job.id))
    door.forget()  # nobody waits for the database while the file is read
    try:
        outcome = door.perform(bring_in, wish=_wish(name, content))
    except Refused as refusal:
        return _refused(refusal)
    return _page(name=name, result=import_result(outcome=outcome))


def _wish(name: str, content: bytes) -> ImportWish:
    with door.database().reading() as session:
        known = get_organisation(session=session)
    return read_upload(name=name, content=content, known=known, today=door.today())


def _refused(refusal: Refused) -> tuple[str, int]:
    page, _ = _page(result=refused_result(problems=refusal.problems))
    return page, 422


def _page(*, name: str = "", result: dict[str, Any] | None = None) -> tuple[str, int]:
    return door.page(
        "imports/upload.html", name=name, result=result, columns=COLUMNS, at_once=f"{AT_ONCE // 1024} KiB",
        may=door.can(Act.AMEND_TARGETS, _whole()),
    )  # fmt: skip


def _whole() -> Subject:
    """The organisation as a whole: a file may speak of every unit."""
    return Subject(unit=top_unit(session=door.session()).id)

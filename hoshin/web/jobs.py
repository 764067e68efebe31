"""Long work, followed at a page by whoever asked for it: how far it is, stopped, and what came of it."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands import jobs as commands
from hoshin.commands.slates import Slate
from hoshin.errors import Missing
from hoshin.model.jobs import Job, JobState, Order
from hoshin.queries.jobs import get_file, get_order, list_orders
from hoshin.reports.jobs import JobSheet, job_sheet
from hoshin.web import door, fresh

bp = Blueprint("jobs", __name__)


@bp.errorhandler(Missing)
def say_gone(_error: Missing) -> tuple[str, int]:
    """Another's, one that never was and one that is not kept any more look the same."""
    page, _ = door.page("jobs/gone.html")
    return page, HTTPStatus.NOT_FOUND


@bp.get("/jobs")
@door.allow(read=Act.OPEN_OWN_ACCOUNT)
def show_list() -> tuple[str, int]:
    """What this person has asked for within a day."""
    found = list_orders(session=door.session(), person_id=door.actor().person)
    rows = [(job.id, _sheet(order, job)) for order, job in found]
    return door.page("jobs/list.html", rows=rows)


@bp.get("/jobs/<int:job_id>")
@door.allow(read=Act.OPEN_OWN_ACCOUNT)
def show(job_id: int) -> tuple[str, int]:
    """One job, and what came of it."""
    order, job = get_order(session=door.session(), job_id=job_id, person_id=door.actor().person)
    return door.page("jobs/show.html", job_id=job_id, job=_sheet(order, job))


@bp.post("/jobs/<int:job_id>/cancel")
@door.allow(write=Act.CHANGE_OWN_ACCOUNT, looks=True)
def cancel(job_id: int) -> Response:
    """Stop it, also while it keeps everybody else from writing; the page itself says how that goes."""
    _, job = get_order(session=door.session(), job_id=job_id, person_id=door.actor().person)
    stopped = job.state is JobState.CLAIMED and Slate(database=door.database(), job_id=job_id).stop()
    if not stopped:
        stopped = door.perform_apart(commands.cancel, job_id=job_id)
    said = () if stopped else ("It had ended already.", "warning")
    return door.done(url_for("jobs.show", job_id=job_id), *said)


@bp.get("/jobs/<int:job_id>/file")
@door.allow(read=Act.OPEN_OWN_ACCOUNT)
def download(job_id: int) -> Response:
    """The file it made, for who may still see what is in it."""
    _, job = get_order(session=door.session(), job_id=job_id, person_id=door.actor().person)
    _require_seen(job)
    file = get_file(session=door.session(), job_id=job_id, is_result=True)
    return door.download(file.content, name=file.name, mime=file.mime)


def _sheet(order: Order, job: Job) -> JobSheet:
    fresh.unmarked()
    slate = Slate(database=door.database(), job_id=job.id)
    return job_sheet(order=order, job=job, now=door.now(), said=slate.read(), is_stopping=slate.is_stopping)


def _require_seen(job: Job) -> None:
    if "unit" in job.facts:
        door.require(Act.READ_UNIT, Subject(unit=job.facts["unit"]))

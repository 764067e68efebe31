"""Whether this process answers, and whether what it stands on does."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, request
from sqlalchemy.exc import SQLAlchemyError

from hoshin.access.actions import Act
from hoshin.db import is_current
from hoshin.model.heartbeats import JOBS
from hoshin.queries.health import find_heartbeat
from hoshin.web import door

bp = Blueprint("health", __name__)

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
OK = "ok"
QUIET = timedelta(minutes=2)
"""A job process that has not shown itself for so long is not working."""

Answer = tuple[str, dict[str, str]]


@bp.get("/healthz")
@door.allow(read=Act.READ_HEALTH)
def show() -> Answer:
    """Says ok without touching the database."""
    return "ok\n", PLAIN


@bp.get("/readyz")
@door.allow(read=Act.READ_HEALTH)
def ready() -> tuple[dict[str, str], int]:
    """200 when everything works, 503 naming the part that does not.

    A load balancer asks with `?without=jobs`: a server that can answer pages is not taken away for the job process.
    """
    try:
        current = is_current(engine=door.database().engine)
        parts = {"database": OK, "migrations": OK if current else "not the newest: run hoshin migrate"}
        if request.args.get("without") != JOBS:
            parts[JOBS] = _jobs() if current else "unknown"
    except SQLAlchemyError:
        parts = {"database": "does not answer"}
    works = all(said == OK for said in parts.values())
    return parts, HTTPStatus.OK if works else HTTPStatus.SERVICE_UNAVAILABLE


def _jobs() -> str:
    last = find_heartbeat(session=door.session(), name=JOBS)
    if last is None:
        return "the job process has never run: start hoshin jobs run"
    return OK if door.now() - last <= QUIET else f"no sign of life since {last:%Y-%m-%d %H:%M} UTC"

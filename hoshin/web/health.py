"""Whether this process answers at all."""

from __future__ import annotations

from flask import Blueprint

from hoshin.access.actions import Act
from hoshin.web import door

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@door.allow(read=Act.READ_HEALTH)
def show() -> tuple[str, dict[str, str]]:
    """Says ok without touching the database."""
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}
